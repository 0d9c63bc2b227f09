"""Whether plates can be believed: one that sticks, falls silent, or says what is no load is noticed, and told once.

    a plate that works      on                                                      becomes broken: it …
                            a sample that is no number                              says what is no number
                            a sample far beneath nothing, or beyond its capacity    says an impossible load
                            the same value so often that chance is out of question  sticks
                            silence, far longer than it ever was silent before      is silent
    a plate that is broken  nothing of the kind for `GOOD_S`, and a new value       works again

A plate may say nothing while it rests, so silence counts only of one that has spoken steadily for `STEADY_S`; and one
whose numbers are coarse may say the same for long, so how often it repeated itself before is what sticking is held to.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

BENEATH_G = 500.0
"""Farther beneath nothing than any zero drifts."""
BEYOND = 1.2
"""Times its capacity: more breaks it."""
GOOD_S = 5.0
STEADY_S, STEADY_MAX_S = 60.0, 5.0
SILENT_S, SILENT_TIMES = 30.0, 10.0
STUCK_MIN, STUCK_LOG_P = 100, math.log(1e-12)
CHANGES_MIN = 50
"""Only of a plate that has stirred can it be said that it stirs no more."""
REPEATS_MAX = 0.95
"""Of a plate that repeats itself more often than so, nobody can tell whether it sticks."""
CHECK_S = 1.0
STRANGERS_MAX = 20


@dataclass(frozen=True, slots=True)
class Trouble:
    """A plate broke (`reason`) or works again (None)."""

    plate: str
    reason: str | None


@dataclass(slots=True)
class _State:
    capacity_g: float
    first_s: float = 0.0
    last_s: float = -math.inf
    longest_s: float = 0.0
    value: float | None = None
    same: int = 0
    changes: int = 0
    repeats: float = 0.5
    samples: int = 0
    bad_s: float = -math.inf
    reason: str | None = None


class PlateHealth:
    """Watches all plates of a store; `capacities_g` is by path."""

    def __init__(self, capacities_g: dict[str, float]) -> None:
        self._states = {plate: _State(capacity_g) for plate, capacity_g in capacities_g.items()}
        self._strangers: set[str] = set()
        self._news: list[Trouble] = []
        self._checked_s = -math.inf

    @property
    def broken(self) -> frozenset[str]:
        """The plates that cannot be believed now."""
        return frozenset(plate for plate, state in self._states.items() if state.reason is not None)

    def hear(self, plate: str, t_s: float, grams: float) -> bool:
        """Take in a sample, in the order of time; whether it says anything of a load."""
        state = self._states.get(plate)
        if state is None:
            if plate not in self._strangers and len(self._strangers) < STRANGERS_MAX:
                self._strangers.add(plate)
                self._news.append(
                    Trouble(plate, "it weighs, but the store file has no such plate: add it, or unplug it")
                )
            return False
        if not state.samples:
            state.first_s = t_s
        elif t_s > state.last_s:
            state.longest_s = max(state.longest_s, t_s - state.last_s)
        state.last_s = t_s
        state.samples += 1
        reason = _impossible(grams, state.capacity_g) or self._sticks(state, grams)
        if reason is not None:
            state.bad_s = t_s
            if state.reason is None:
                state.reason = reason
                self._news.append(Trouble(plate, reason))
        elif state.reason is not None and t_s - state.bad_s >= GOOD_S:
            state.reason = None
            self._news.append(Trouble(plate, None))
        return reason is None

    def news(self, t_s: float) -> tuple[Trouble, ...]:
        """What has changed since this was asked last."""
        if t_s - self._checked_s >= CHECK_S:
            self._checked_s = t_s
            self._news += self._silent(t_s)
        news, self._news = tuple(self._news), []
        return news

    def _silent(self, t_s: float) -> Iterator[Trouble]:
        for plate, state in self._states.items():
            steady = state.last_s - state.first_s >= STEADY_S and state.longest_s <= STEADY_MAX_S
            limit_s = max(SILENT_S, SILENT_TIMES * state.longest_s)
            if steady and state.reason is None and t_s - state.last_s > limit_s:
                state.reason = f"it has said nothing for {limit_s:.0f} s: is it plugged in?"
                state.bad_s = state.last_s = t_s
                yield Trouble(plate, state.reason)

    @staticmethod
    def _sticks(state: _State, grams: float) -> str | None:
        repeated = grams == state.value
        state.value = grams
        if not repeated:
            # How often it repeats itself is learnt from what it says while it does not stick.
            for _ in range(min(state.same, STUCK_MIN)):
                state.repeats += 0.01 * (1.0 - state.repeats)
            state.repeats -= 0.01 * state.repeats
            state.same = 0
            state.changes += 1
            return None
        state.same += 1
        chance = state.same * math.log(max(state.repeats, 1e-3))
        stirs = state.changes >= CHANGES_MIN and state.repeats < REPEATS_MAX
        if state.same >= STUCK_MIN and stirs and chance < STUCK_LOG_P:
            return f"it has said {grams:g} g {state.same} times in a row: does something jam it, or is its line dead?"
        return None


def _impossible(grams: float, capacity_g: float) -> str | None:
    if not math.isfinite(grams):
        return "it says what is no number: look at its cable and its amplifier"
    if grams < -BENEATH_G or grams > BEYOND * capacity_g:
        return f"it says {grams:.0f} g, which no load of it can be: set its zero anew, or look at its cell"
    return None
