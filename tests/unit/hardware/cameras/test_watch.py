"""Watching a camera: the table of watch.py, and what holds whatever a camera, a driver and the clock do."""

import random
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.cameras.picture import Retry
from hardware.cameras.sight import Problem
from hardware.cameras.watch import (
    BACKOFF_MAX_S,
    GOOD_S,
    HUNG_S,
    JITTER,
    KERNEL_S,
    KNOCKS,
    LATER_MAX_S,
    LATER_S,
    OPEN_PATIENT_S,
    OPEN_S,
    OPEN_SLACK_S,
    STALL_MAX_S,
    STALL_S,
    START_S,
    Action,
    Distrust,
    Kill,
    Open,
    Start,
    Trust,
    Watch,
)

BLACK = Problem("black", "black")
FROZEN = Problem("frozen", "frozen")
STEP_S = 0.1


@dataclass
class Tried:
    """A watch and its clock, driven by hand; remembers what it asked for and when."""

    now_s: float = 100.0
    said: list[tuple[float, Action | str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.watch = Watch(self.now_s, random.Random(1))

    def note(self, actions: list[Action]) -> list[Action]:
        self.said += [(self.now_s, action) for action in actions]
        return actions

    def on(self, seconds: float) -> list[Action]:
        """Let time go on, ticking at each deadline on the way as the thread does."""
        until_s, found = self.now_s + seconds, []
        while self.watch.deadline_s <= until_s:
            # A watch that asks to be woken and then does nothing would be woken for ever.
            before_s, self.now_s = self.now_s, max(self.watch.deadline_s, self.now_s)
            did = self.note(self.watch.tick(self.now_s))
            found += did
            assert did or self.watch.deadline_s > before_s
        self.now_s = until_s
        return found

    def pictures(self, count: int, problem: Problem | None = None, every_s: float = STEP_S) -> list[Action]:
        found = []
        for _ in range(count):
            found += self.on(every_s)
            found += self.note(self.watch.picture(self.now_s, problem))
        return found

    def ended(self, reason: str = "refused", retry: Retry = "soon") -> list[Action]:
        return self.note(self.watch.ended(self.now_s, reason, retry))

    def died(self) -> list[Action]:
        return self.note(self.watch.died(self.now_s, "killed"))


def seeing() -> Tried:
    tried = Tried()
    tried.on(0.0)
    tried.pictures(10)
    return tried


def test_a_camera_is_started_opened_and_shown() -> None:
    tried = Tried()
    assert tried.on(0.0) == [Start(), Open(OPEN_PATIENT_S)]
    assert not tried.watch.shows
    assert tried.pictures(5) == []
    assert (tried.watch.phase, tried.watch.shows) == ("seeing", True)


def test_a_source_that_says_why_it_cannot_be_opened_is_faulted_once_and_tried_again() -> None:
    tried = Tried()
    tried.on(0.0)
    assert tried.ended("refused") == [Distrust("refused")]
    assert [type(action) for action in tried.on(BACKOFF_MAX_S)] == [Open]
    assert tried.ended("refused") == []
    assert tried.watch.faults == 1


def test_a_source_that_says_nothing_is_killed_and_started_again() -> None:
    tried = Tried()
    tried.on(0.0)
    assert [type(a) for a in tried.on(OPEN_PATIENT_S + OPEN_SLACK_S + START_S)] == [Distrust, Kill]
    assert tried.watch.phase == "ending"
    assert tried.died() == []
    assert [type(a) for a in tried.on(BACKOFF_MAX_S)] == [Start, Open]


def test_pictures_that_cease_are_a_fault_in_time_and_come_back_without_opening() -> None:
    tried = seeing()
    (fault,) = tried.on(STALL_S + 0.1)
    assert isinstance(fault, Distrust)
    assert "no picture for 1.2 s" in fault.reason
    assert tried.said[-1][0] - tried.watch._last_s == pytest.approx(STALL_S)
    assert not tried.watch.shows
    assert tried.pictures(4) == [Trust()]
    assert tried.watch.shows


def test_a_driver_that_hangs_is_killed() -> None:
    tried = seeing()
    assert [type(a) for a in tried.on(STALL_S + HUNG_S + 0.1)] == [Distrust, Kill]


def test_a_process_that_even_a_kill_does_not_end_is_named_and_not_followed_by_another() -> None:
    tried = seeing()
    tried.on(STALL_S + HUNG_S)
    assert tried.watch.phase == "ending"
    assert tried.on(3.0 * KERNEL_S) == []
    assert "hangs in the system's kernel" in tried.watch.latest_reason
    tried.died()
    assert [type(a) for a in tried.on(BACKOFF_MAX_S * 2)] == [Start, Open]


def test_a_process_that_dies_is_a_fault_and_is_replaced() -> None:
    tried = seeing()
    assert tried.died() == [Distrust("killed")]
    assert [type(a) for a in tried.on(BACKOFF_MAX_S)] == [Start, Open]
    assert tried.pictures(4) == [Trust()]


def test_what_shows_nothing_is_faulted_kept_from_the_store_and_opened_anew_after_a_while() -> None:
    tried = seeing()
    assert tried.pictures(1, BLACK) == [Distrust("black")]
    assert not tried.watch.shows
    opened = [type(a) for a in tried.pictures(600, BLACK)]
    assert set(opened) == {Open}
    assert 2 <= len(opened) <= 5, "less often each time"
    assert tried.pictures(4) == [Trust()]


def test_light_that_comes_back_is_seen_without_opening_anew() -> None:
    tried = seeing()
    tried.pictures(5, BLACK)
    assert tried.pictures(4) == [Trust()]


def test_a_few_good_pictures_among_bad_ones_restore_nothing() -> None:
    tried = seeing()
    tried.pictures(1, FROZEN)
    for _ in range(5):
        assert Trust() not in tried.pictures(2) + tried.pictures(1, FROZEN)


def test_a_camera_that_fails_again_at_once_must_show_more() -> None:
    tried = seeing()
    needed = []
    for _ in range(5):
        tried.pictures(1, BLACK)
        needed.append(next(count for count in range(1, 100) if tried.pictures(1) == [Trust()]))
    assert needed == sorted(needed)
    assert needed[0] <= 1.0 + GOOD_S / STEP_S + 1.0
    assert needed[-1] * STEP_S <= 2.2
    tried.pictures(100)
    tried.pictures(1, BLACK)
    assert next(count for count in range(1, 100) if tried.pictures(1) == [Trust()]) == needed[0]


def test_what_only_a_person_can_help_is_asked_ever_less_often() -> None:
    tried = Tried()
    tries = 0
    for _ in range(6000):
        tries += sum(isinstance(action, Open) for action in tried.on(1.0))
        tried.ended("401", "later")
    assert 6000 / (LATER_MAX_S * (1 + JITTER)) - 1 <= tries <= 6000 / (LATER_MAX_S * (1 - JITTER)) + 10


def test_a_password_that_was_right_before_is_tried_a_few_times_before_the_pauses_grow() -> None:
    tried = seeing()
    tried.ended("401", "later")
    pauses = []
    for _ in range(KNOCKS + 4):
        began_s = tried.now_s
        tried.on(tried.watch.deadline_s - tried.now_s)
        pauses.append(tried.now_s - began_s)
        tried.ended("401", "later")
    assert max(pauses[:KNOCKS]) <= LATER_S * (1 + JITTER) + 1e-9
    for number, pause_s in enumerate(pauses[KNOCKS:], start=1):
        assert pause_s <= LATER_S * 2.0**number * (1 + JITTER) + 1e-9, "each at most twice as long as the one before"
    assert pauses[-1] > 10.0


def test_what_ends_for_good_is_over() -> None:
    tried = seeing()
    assert tried.ended("its pictures have ended", "never") == [Distrust("its pictures have ended"), Kill()]
    assert tried.on(1000.0) == tried.pictures(3) == tried.ended() == tried.died() == []
    assert tried.watch.phase == "over"


def test_a_source_that_needs_long_is_waited_for_now_and_then_until_it_was_open() -> None:
    tried = Tried()
    allowed = []
    for _ in range(8):
        allowed += [action.within_s for action in tried.on(BACKOFF_MAX_S * 2) if isinstance(action, Open)]
        tried.ended("nothing has come")
    assert allowed == [OPEN_PATIENT_S, OPEN_S, OPEN_S, OPEN_S] * 2
    tried.on(BACKOFF_MAX_S * 2)
    tried.now_s += 4.0
    tried.note(tried.watch.picture(tried.now_s, None))
    tried.ended()
    (again,) = tried.on(BACKOFF_MAX_S * 2)
    assert isinstance(again, Open)
    assert 8.0 <= again.within_s <= OPEN_PATIENT_S


@pytest.mark.parametrize(("every_s", "limit_s"), [(0.033, STALL_S), (0.2, STALL_S), (1.0, 4.0), (30.0, STALL_MAX_S)])
def test_a_slow_camera_is_late_later(every_s: float, limit_s: float) -> None:
    tried = seeing()
    for _ in range(300):
        tried.now_s += every_s
        tried.note(tried.watch.picture(tried.now_s, None))
    assert tried.watch.deadline_s - tried.now_s == pytest.approx(limit_s, rel=0.05)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("vain_tries", [1, 2, 3, 8])
def test_from_coming_back_to_being_taken_up_five_seconds_are_enough(seed: int, vain_tries: int) -> None:
    """The worst moment: just after a try began that will fail. Opening takes half a second, pictures come at 10 fps."""
    tried = seeing()
    tried.watch._chance = random.Random(seed)
    tried.died()
    back_s = tried.now_s
    for _ in range(vain_tries):
        tried.on(tried.watch.deadline_s - tried.now_s)
        back_s = tried.now_s
        tried.on(OPEN_S)
        tried.ended("nothing has come")
    tried.on(tried.watch.deadline_s - tried.now_s + 0.5)
    tried.pictures(6)
    assert tried.watch.fault is None
    assert tried.now_s - back_s <= 5.0


EVENTS = st.one_of(
    st.tuples(st.just("wait"), st.floats(0.0, 20.0)),
    st.tuples(st.just("pictures"), st.integers(1, 12)),
    st.tuples(st.just("ill"), st.sampled_from([BLACK, FROZEN, Problem("size", "size")])),
    st.tuples(st.just("ended"), st.sampled_from(["soon", "later"])),
    st.tuples(st.just("died"), st.none()),
)


@settings(max_examples=200)
@given(st.lists(EVENTS, max_size=40))
def test_whatever_happens_faults_and_recoveries_take_turns_and_nothing_hangs(
    events: list[tuple[str, float | int | Problem | str | None]],
) -> None:
    tried = Tried()
    tried.on(0.0)
    for what, value in events:
        match what, value:
            case "wait", float(seconds):
                tried.on(seconds)
            case "pictures", int(count):
                tried.pictures(count)
            case "ill", Problem() as problem:
                tried.pictures(3, problem)
            case "ended", ("soon" | "later") as retry:
                tried.ended("ended", retry)
            case _:
                # A process can only die where there is one.
                if sum(isinstance(a, Start) for _, a in tried.said) > sum(a == "died" for _, a in tried.said):
                    tried.died()
                    tried.said.append((tried.now_s, "died"))
    told = [type(a) for _, a in tried.said if isinstance(a, Distrust | Trust)]
    assert told == [Distrust if n % 2 == 0 else Trust for n in range(len(told))]
    lives = 0
    for _, action in tried.said:
        lives += isinstance(action, Start) - (action == "died")
        assert 0 <= lives <= 1, "never two processes for one camera"
    # Wherever it got to: with a source that is well from now on, it is trusted before long.
    for _ in range(2 * int(LATER_MAX_S / STEP_S)):
        tried.pictures(1)
        if tried.watch.phase == "ending":
            tried.died()
    assert tried.watch.shows


@given(st.lists(st.sampled_from(["soon", "later"]), min_size=1, max_size=60))
def test_retries_are_bounded_in_rate(retries: list[Retry]) -> None:
    tried = Tried()
    for retry in retries:
        tried.on(tried.watch.deadline_s - tried.now_s)
        tried.ended("no", retry)
        pause_s = tried.watch.deadline_s - tried.now_s
        longest_s = LATER_MAX_S if retry == "later" else BACKOFF_MAX_S
        assert 0.1 < pause_s <= longest_s * (1 + JITTER) + 1e-9
