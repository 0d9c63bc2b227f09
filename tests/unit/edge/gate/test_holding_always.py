"""Whatever comes in whatever order: whoever waits is decided once, and offline no more come in than are allowed."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from edge.gate.holding import WAITING_MAX, Decided, Holding, Waiting
from protocol.store import Gate

WITHIN_S, OFFLINE = 5.0, 3
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.integers(0, 8), st.booleans()),
        st.tuples(st.just("answer"), st.integers(0, 8), st.booleans()),
        st.tuples(st.just("pass"), st.integers(0, 80), st.booleans()),
    ),
    max_size=60,
)


@given(ACTS)
def test_each_is_decided_once_and_in_time(acts: list[tuple[str, int, bool]]) -> None:
    holding = Holding(Gate(open="when_held", held_within_s=WITHIN_S, offline_entries=OFFLINE))
    t_s, began, decided, offline = 0.0, {}, [], 0

    def note(one: Decided) -> None:
        nonlocal offline
        assert one.waiting.visit in began
        assert one.waiting.visit not in decided, "once"
        decided.append(one.waiting.visit)
        if one.offline and one.turned_away is None:
            offline += 1
            assert one.waiting.may_offline
        assert offline <= OFFLINE

    for number, (act, value, flag) in enumerate(acts):
        if act == "wait":
            visit = UUID(int=1_000 * value + number)
            began[visit] = t_s
            holding.wait(Waiting(visit, "gate", "token", t_s, flag))
        elif act == "answer":
            waiting = holding.waiting
            visit = waiting[value % len(waiting)].visit if waiting else UUID(int=1)
            answered = holding.answered(visit, held=flag, reason=None)
            offline = 0
            assert (answered is None) is (not waiting)
            if answered is not None:
                assert (answered.turned_away is None) is flag
                note(answered)
        else:
            t_s += value / 10
            for each in holding.due(t_s):
                note(each)
            assert all(t_s - one.since_s < WITHIN_S for one in holding.waiting)
        assert {one.visit for one in holding.waiting} == began.keys() - set(decided)


def test_a_crowd_at_the_lanes_is_bounded() -> None:
    holding = Holding(Gate(open="when_held"))
    for number in range(3 * WAITING_MAX):
        holding.wait(Waiting(UUID(int=number), "gate", "token", 0.0, may_offline=False))
        holding.due(0.0)
        assert len(holding.waiting) <= WAITING_MAX
