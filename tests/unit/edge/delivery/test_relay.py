import pytest

from edge.delivery.relay import PATIENCE_S, PATIENCE_S_MAX, WINDOW_BYTES, WINDOW_COUNT, Batch, Relay
from protocol.topics import PAYLOAD_BYTES_MAX


def connected(first_seq: int = 1, last_seq: int = 0) -> Relay:
    relay = Relay(7, first_seq=first_seq, last_seq=last_seq)
    relay.connected()
    return relay


def publish(relay: Relay, now_s: float, size_bytes: int = 100) -> list[int]:
    """Publish all that is due, each event of `size_bytes`; the numbers published."""
    published: list[int] = []
    while batch := relay.due(now_s):
        count = min(batch.limit_count, batch.limit_bytes // size_bytes)
        if count == 0:
            break
        relay.sent([size_bytes] * count, now_s)
        published += range(batch.after_seq + 1, batch.after_seq + 1 + count)
    return published


def test_nothing_is_due_without_a_connection_or_without_events() -> None:
    assert Relay(7, first_seq=1, last_seq=3).due(0.0) is None
    assert connected().due(0.0) is None
    assert connected().wake_s is None


def test_a_new_event_is_due_at_once() -> None:
    relay = connected()
    relay.appended(1)
    assert relay.due(5.0) == Batch(0, 1, WINDOW_BYTES)
    assert publish(relay, 5.0) == [1]
    assert relay.wake_s == 5.0 + PATIENCE_S


def test_what_was_left_from_before_is_sent_from_the_first_unacked_on() -> None:
    assert publish(connected(first_seq=41, last_seq=43), 0.0) == [41, 42, 43]


def test_the_window_is_bounded_in_number_and_in_bytes() -> None:
    assert len(publish(connected(last_seq=1000), 0.0)) == WINDOW_COUNT
    assert len(publish(connected(last_seq=1000), 0.0, PAYLOAD_BYTES_MAX)) == WINDOW_BYTES // PAYLOAD_BYTES_MAX


def test_an_ack_moves_the_window_on_and_renews_patience() -> None:
    relay = connected(last_seq=100)
    publish(relay, 0.0)
    relay.acked(7, 10, 1.5)
    assert publish(relay, 1.5) == list(range(65, 75))
    assert relay.wake_s == 1.5 + PATIENCE_S
    relay.acked(7, 74, 1.6)
    relay.acked(7, 100, 1.7)
    assert relay.wake_s is None


@pytest.mark.parametrize(("epoch", "seq"), [(6, 50), (8, 50), (7, 10), (7, 3), (7, 101)])
def test_an_ack_that_says_nothing_new_changes_nothing(epoch: int, seq: int) -> None:
    relay = connected(last_seq=100)
    publish(relay, 0.0)
    relay.acked(7, 10, 1.0)
    relay.acked(epoch, seq, 1.9)
    assert (relay.acked_seq, relay.wake_s) == (10, 1.0 + PATIENCE_S)


def test_when_no_ack_comes_it_goes_back_and_waits_twice_as_long_each_time() -> None:
    relay = connected(last_seq=3)
    now_s, waits_s = 0.0, []
    for _ in range(7):
        assert publish(relay, now_s) == [1, 2, 3]
        assert relay.wake_s is not None
        assert relay.due(relay.wake_s - 0.001) is None
        waits_s.append(relay.wake_s - now_s)
        now_s = relay.wake_s
    assert waits_s == [2, 4, 8, 16, PATIENCE_S_MAX, PATIENCE_S_MAX, PATIENCE_S_MAX]
    stalled = [relay.stalled]
    relay.acked(7, 1, now_s - 0.001)
    stalled.append(relay.stalled)
    assert stalled == [True, False]
    assert publish(relay, now_s) == []
    assert relay.wake_s == now_s - 0.001 + PATIENCE_S
    assert publish(relay, relay.wake_s) == [2, 3]


def test_a_late_ack_of_events_sent_before_going_back_counts() -> None:
    relay = connected(last_seq=3)
    publish(relay, 0.0)
    assert relay.due(2.0) is not None
    relay.acked(7, 2, 2.0)
    assert publish(relay, 2.0) == [3]


def test_a_new_connection_goes_back_at_once() -> None:
    relay = connected(last_seq=3)
    publish(relay, 0.0)
    relay.acked(7, 1, 0.1)
    relay.disconnected()
    relay.appended(4)
    assert relay.due(0.2) is None
    assert relay.wake_s is None
    relay.connected()
    assert publish(relay, 0.3) == [2, 3, 4]


def test_a_connection_that_replaces_one_whose_end_was_not_heard_goes_back_too() -> None:
    relay = connected(last_seq=3)
    assert publish(relay, 0.0) == [1, 2, 3]
    relay.connected()
    assert publish(relay, 0.1) == [1, 2, 3]
