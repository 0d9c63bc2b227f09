"""Between the broker's thread and the ingester's: what does not fit waits unread, so that the broker keeps it."""

import threading
from collections.abc import Callable

import pytest

from cloud.adapters.mqtt.intake import Delivery, Intake

PATIENCE_S = 30.0


def delivery(number: int, qos: int = 1) -> Delivery:
    return Delivery("tf/1/corner/dev/corner-hub/ev", b"12345", qos, number, 1)


class Offering:
    """Somebody who offers in a thread of their own, and what they are told."""

    def __init__(self, intake: Intake, number: int) -> None:
        self.taken: bool | None = None
        self._thread = threading.Thread(target=self._offer, args=(intake, number))
        self._thread.start()

    def _offer(self, intake: Intake, number: int) -> None:
        self.taken = intake.offer(delivery(number), PATIENCE_S)

    def told(self) -> bool | None:
        self._thread.join(PATIENCE_S)
        return self.taken


@pytest.mark.parametrize("full", [lambda: Intake(count_max=2), lambda: Intake(bytes_max=10)])
def test_who_waits_gets_in_once_something_is_taken(full: Callable[[], Intake]) -> None:
    intake = full()
    assert intake.offer(delivery(1))
    assert intake.offer(delivery(2))
    waiting = Offering(intake, 3)
    taken = intake.take(1, 0) + intake.take(2, PATIENCE_S)
    assert waiting.told() is True
    taken += intake.take(1, 0)
    assert [each.mid for each in taken] == [1, 2, 3]
    assert not intake.overflowed()


def test_nobody_waits_for_a_connection_that_ends() -> None:
    intake = Intake(count_max=1)
    assert intake.offer(delivery(1))
    waiting = Offering(intake, 2)
    intake.be_patient(patient=False)
    assert waiting.told() is False
    assert not intake.overflowed(), "the broker delivers it again on the next connection anyway"
    intake.be_patient(patient=True)
    assert [each.mid for each in intake.take(5, 0)] == [1]
    assert intake.offer(delivery(3))


@pytest.mark.parametrize(("qos", "asked_again"), [(0, False), (1, True)])
def test_what_is_refused_in_the_end_is_to_be_asked_for_again(qos: int, asked_again: bool) -> None:
    intake = Intake(count_max=1)
    assert intake.offer(delivery(1))
    assert not intake.offer(delivery(2, qos))
    assert intake.overflowed() is asked_again
    assert not intake.overflowed()
