"""One look may be wrong: what is said of a camera's view, and when it is looked at."""

import pytest

from edge.calibration.knock_watch import AGAIN_S, CALM_S, EVERY_S, KNOCKED_LOOKS, UNTOLD_S, KnockWatch
from edge.calibration.knocked import Askew

GOOD = Askew(0.1, 0.1, 0.0, 0.0, 1.0, 1.0, 300, 500)
KNOCKED = Askew(3.0, 3.0, 0.0, 0.0, 20.0, 30.0, 120, 500)
ELSEWHERE = Askew(6.0, -6.0, 0.0, 0.0, 40.0, 60.0, 120, 500)
TREMBLING = Askew(0.5, 0.5, 0.0, 0.0, 4.0, 5.0, 300, 500)
DARK = Askew(None, agreed=3, remembered=500)


def said(*looks: Askew, every_s: float = 20.0) -> list[str]:
    watch = KnockWatch("aisle")
    heard = []
    for number, askew in enumerate(looks):
        what = watch.looked(number * every_s, askew)
        if what is not None:
            heard.append("well" if what.reason is None else what.reason.split(":")[0].split("(")[0].strip())
    return heard


WELL, FALLEN, MOVED_ON = "well", "camera aisle was knocked askew", "camera aisle was knocked askew"


@pytest.mark.parametrize(
    ("looks", "heard"),
    [
        ([GOOD] * 5, []),
        ([KNOCKED], [FALLEN]),
        ([KNOCKED, GOOD, GOOD], [FALLEN, WELL]),
        ([GOOD, KNOCKED, KNOCKED], []),
        ([GOOD, KNOCKED, GOOD, KNOCKED, GOOD, KNOCKED], []),
        ([GOOD, KNOCKED, KNOCKED, KNOCKED], [FALLEN]),
        ([GOOD, KNOCKED, ELSEWHERE, KNOCKED, ELSEWHERE], []),
        ([GOOD, *[KNOCKED] * 9], [FALLEN]),
        ([GOOD, *[KNOCKED] * 3, *[ELSEWHERE] * 3], [FALLEN, MOVED_ON]),
        ([GOOD, *[KNOCKED] * 3, GOOD], [FALLEN]),
        ([GOOD, *[KNOCKED] * 3, GOOD, GOOD, GOOD], [FALLEN, WELL]),
        ([GOOD, *[KNOCKED] * 3, *[DARK] * 90, GOOD, GOOD], [FALLEN, WELL]),
        ([GOOD, *[TREMBLING] * 9], []),
        ([GOOD, DARK, DARK, GOOD, DARK, DARK], []),
    ],
)
def test_only_looks_that_agree_are_believed(looks: list[Askew], heard: list[str]) -> None:
    assert said(*looks) == heard


def test_a_camera_of_which_nothing_can_be_told_for_long_is_told_of_once() -> None:
    looks = [GOOD, *[DARK] * 90, GOOD, GOOD]
    assert said(*looks) == [
        "for 10 minutes it has not been possible to tell whether camera aisle was knocked askew",
        "well",
    ]


def test_it_is_not_told_of_before_its_time() -> None:
    assert said(GOOD, *[DARK] * round(UNTOLD_S / 20.0)) == []


def test_from_what_cannot_be_told_a_knock_is_told() -> None:
    assert said(GOOD, *[DARK] * 40, *[KNOCKED] * 3)[-1] == FALLEN


def test_doubts_are_looked_into_soon_and_people_are_waited_for() -> None:
    watch = KnockWatch("aisle")
    assert watch.due(0.0, people=True), "the first look waits for nobody"
    watch.looked(0.0, GOOD)
    watch.looked(AGAIN_S, GOOD)
    at_s = AGAIN_S + EVERY_S
    assert not watch.due(at_s - 0.1, people=False)
    assert watch.due(at_s, people=False)
    assert not watch.due(at_s, people=True)
    assert watch.due(at_s + CALM_S, people=True), "a shop that is never empty is looked at all the same"
    watch.looked(at_s, KNOCKED)
    assert watch.due(at_s + AGAIN_S, people=False)


def test_what_is_kept_of_looks_is_bounded() -> None:
    watch = KnockWatch("aisle")
    for number in range(10_000):
        watch.looked(float(number), GOOD)
    assert len(watch._run) == KNOCKED_LOOKS


def test_a_refusal_is_said_once_and_taken_back() -> None:
    watch = KnockWatch("aisle")
    assert watch.refused(0.0, "of another shape") is not None
    assert watch.refused(30.0, "of another shape") is None
    assert watch.health().state == "untold"
    watch.looked(60.0, GOOD)
    back = watch.looked(65.0, GOOD)
    assert back is not None
    assert back.reason is None
    assert watch.health().turned_deg == 0.1
