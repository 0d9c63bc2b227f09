"""The relay over a network that loses, repeats, delays and reorders messages and acks, and cuts connections.

Always: nothing is deleted that the cloud has not committed, and no more than the window is on its way. And when the
network behaves again, everything gets there, once.
"""

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.delivery.relay import PATIENCE_S_MAX, Relay
from protocol.topics import PAYLOAD_BYTES_MAX

EPOCH = 7
WINDOW_COUNT = 4
WINDOW_BYTES = PAYLOAD_BYTES_MAX


class World:
    """An outbox, a network and a cloud, as simple as can be."""

    def __init__(self) -> None:
        self.relay = Relay(EPOCH, first_seq=1, last_seq=0, window_count=WINDOW_COUNT, window_bytes=WINDOW_BYTES)
        self.sizes: list[int] = []
        self.deleted_upto = 0
        self.committed: set[int] = set()
        self.messages: list[int] = []
        self.acks: list[tuple[int, int]] = []
        self.now_s = 0.0

    @property
    def committed_upto(self) -> int:
        seq = 0
        while seq + 1 in self.committed:
            seq += 1
        return seq

    def append(self, size_bytes: int) -> None:
        self.sizes.append(size_bytes)
        self.relay.appended(len(self.sizes))
        self.publish()

    def publish(self) -> None:
        while batch := self.relay.due(self.now_s):
            assert batch.after_seq >= self.deleted_upto
            taken: list[int] = []
            for seq in range(batch.after_seq + 1, min(batch.after_seq + batch.limit_count, len(self.sizes)) + 1):
                if sum(taken) + self.sizes[seq - 1] > batch.limit_bytes:
                    break
                taken.append(self.sizes[seq - 1])
                self.messages.append(seq)
            if not taken:
                break
            self.relay.sent(taken, self.now_s)
        assert len(self.relay.in_flight_bytes) <= WINDOW_COUNT
        assert sum(self.relay.in_flight_bytes) <= WINDOW_BYTES

    def arrive(self, seq: int) -> None:
        self.committed.add(seq)
        self.acks.append((EPOCH, self.committed_upto))

    def hear(self, epoch: int, seq: int) -> None:
        """What the link does with an ack: the outbox deletes, then the relay moves on."""
        if epoch == EPOCH and seq > self.deleted_upto:
            assert set(range(1, seq + 1)) <= self.committed
            self.deleted_upto = seq
        self.relay.acked(epoch, seq, self.now_s)
        assert self.relay.acked_seq == self.deleted_upto
        self.publish()

    def step(self, kind: str, number: int) -> None:
        if kind == "append":
            self.append(1 + number * 4_001 % PAYLOAD_BYTES_MAX)
        elif kind == "wait":
            self.now_s += number / 10
            self.publish()
        elif kind == "connect":
            self.relay.connected()
            self.publish()
        elif kind == "cut":
            self.relay.disconnected()
        elif kind == "stale ack":
            self.hear(EPOCH - 1, number)
        elif kind.endswith("message") and self.messages:
            at = number % len(self.messages)
            if kind != "lose message":
                self.arrive(self.messages[at])
            if kind != "repeat message":
                del self.messages[at]
        elif kind.endswith("ack") and self.acks:
            at = number % len(self.acks)
            ack = self.acks[at]
            if kind != "repeat ack":
                del self.acks[at]
            if kind != "lose ack":
                self.hear(*ack)

    def behave(self) -> None:
        """A good connection from here on; bounded, so that a relay that stands still is found out."""
        self.relay.connected()
        for _ in range(3 * len(self.sizes) + 3):
            self.publish()
            while self.messages:
                self.arrive(self.messages.pop(0))
            while self.acks:
                self.hear(*self.acks.pop(0))
            if self.relay.wake_s is None:
                break
            assert self.relay.wake_s <= self.now_s + PATIENCE_S_MAX
            self.now_s = self.relay.wake_s


KINDS = (
    ["append", "append", "wait", "connect", "connect", "cut", "stale ack"]
    + ["deliver message", "lose message", "repeat message"] * 2
    + ["deliver ack", "lose ack", "repeat ack"] * 2
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 100)), max_size=150))
def test_everything_is_committed_and_nothing_deleted_before_it(steps: list[tuple[str, int]]) -> None:
    world = World()
    for kind, number in steps:
        world.step(kind, number)
    world.behave()
    assert world.committed == set(range(1, len(world.sizes) + 1))
    assert world.deleted_upto == len(world.sizes)
    assert world.relay.due(world.now_s + 1000) is None
