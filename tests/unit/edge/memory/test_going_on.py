"""A hub that is killed in the middle of trading goes on with the same people, carts, stock and weights."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from edge.events import NewEvent
from edge.gate.holding import Waiting
from edge.memory.memory import Kept
from edge.memory.resuming import AWAY_MAX_S, Away, Moment, away
from edge.memory.sealed import Kind, MemoryUnusable, seal, unseal
from edge.node import Node
from edge.perception.networks import Networks
from hardware.ports import Pass, Reading
from hardware.simulated.scene.crowd import crowd
from hardware.simulated.sightings import Sightings, SightNoise
from hardware.simulated.signals import readings
from hardware.simulated.world.plates import Plates
from hardware.simulated.world.world import World
from protocol.events import Interaction
from protocol.store import Store
from tests.unit.hardware.simulated.scenes import shop

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
THEN = Moment(1_000.0, 50.0, "a")
LAYOUT = shop()
STORE = LAYOUT.store


@pytest.fixture(scope="module")
def day() -> list[Reading]:
    """A minute of a shop with scales and two shoppers, as its devices tell it."""
    world = World(crowd(LAYOUT, 2, 1.0, 3))
    timeline = world.timeline
    gate = [Pass(line.t_s, line.lane, line.event, line.token, line.party) for line in timeline.gate]
    return list(readings(Plates(timeline), Sightings(world, SightNoise()), gate, timeline.duration_s))


def fresh(kept: Kept | None = None) -> Node:
    memory = None if kept is None else kept.memory
    return Node(STORE, Path(), Networks(None, None), "run", START, memory=memory)


def play(node: Node, said: Sequence[Reading]) -> list[NewEvent]:
    return [event for reading in said for event in node.take(reading)]


@pytest.fixture(scope="module")
def whole(day: list[Reading]) -> list[NewEvent]:
    """What is said of the day where nobody is killed."""
    return play(fresh(), day)


def killed_at(day: list[Reading], at: int, kind: Kind) -> tuple[list[NewEvent], Node]:
    """What was said before, and another process's node that knows what the first one knew."""
    node = fresh()
    before = play(node, day[:at])
    sealed = seal(Kept(node.remember(), THEN), kind)
    return before, fresh(unseal(sealed, kind))


@pytest.fixture(scope="module")
def kind() -> Kind:
    return Kind.of(STORE)


def test_visits_go_on_with_what_was_taken_before(day: list[Reading], whole: list[NewEvent], kind: Kind) -> None:
    taken = next(
        index for index, event in enumerate(whole) if isinstance(event.event, Interaction) and event.event.changes
    )
    moment = (whole[taken].ts - START).total_seconds()
    at = next(index for index, reading in enumerate(day) if reading.t_s > moment + 1.0)
    before, node = killed_at(day, at, kind)
    after = play(node, day[at:])
    # Each visit begins once and ends once, under the same id on both sides of the break.
    for of in ("entered", "exited"):
        visits = [event.visit for event in (*before, *after) if event.event.type == of]
        assert len(visits) == len(set(visits))
        assert set(visits) == {event.visit for event in whole if event.event.type == of}
    early, late = ([event.event for event in part if isinstance(event.event, Interaction)] for part in (before, after))
    revisions = [(said.interaction, said.revision) for said in (*early, *late)]
    assert len(revisions) == len(set(revisions)), "nothing is said twice under one revision"
    assert {said.interaction for said in late} - {said.interaction for said in early}, "what comes later is seen"


@pytest.mark.parametrize("share", [0.3, 0.6])
def test_people_keep_their_numbers_and_their_visits(day: list[Reading], kind: Kind, share: float) -> None:
    at = int(len(day) * share)
    node = fresh()
    play(node, day[:at])
    knew = {person.person: visit for person, visit in node.standing(day[at - 1].t_s)}
    sealed = seal(Kept(node.remember(), THEN), kind)
    other = fresh(unseal(sealed, kind))
    assert {person.person: visit for person, visit in other.standing(day[at - 1].t_s)} == knew
    assert other.now().stock == node.now().stock


def test_what_was_taken_is_in_doubt_after_a_time_when_nobody_watched(
    day: list[Reading], whole: list[NewEvent], kind: Kind
) -> None:
    exits = [(event.ts - START).total_seconds() for event in whole if event.event.type == "exited"]
    at = next(index for index, reading in enumerate(day) if reading.t_s > exits[0] - 1.0)
    before, node = killed_at(day, at, kind)
    doubted = node.unwatched_until(day[at].t_s + 8.0, cameras=True)
    open_visits = {event.visit for event in before if event.event.type == "entered"} - {
        event.visit for event in before if event.event.type == "exited"
    }
    assert doubted
    for event in doubted:
        assert isinstance(event.event, Interaction)
        assert event.visit in open_visits
        assert all(change.p <= 0.5 for change in event.event.changes)


def test_what_is_kept_is_small(day: list[Reading], kind: Kind) -> None:
    node = fresh()
    play(node, day[: len(day) // 2])
    assert len(seal(Kept(node.remember(), THEN), kind)) < 200_000


def test_who_waits_at_a_lane_is_remembered(kind: Kind) -> None:
    waiting = (Waiting(UUID(int=7), "gate", "tf:MFXG4YJO", 3.5, may_offline=True),)
    sealed = seal(Kept(fresh().remember(), THEN, waiting), kind)
    assert unseal(sealed, kind).waiting == waiting


@pytest.mark.parametrize("at", [0, 3, 20, 60, 90, 110, -1])
def test_a_damaged_memory_is_not_gone_on_with(kind: Kind, at: int) -> None:
    sealed = bytearray(seal(Kept(fresh().remember(), THEN), kind))
    sealed[at] ^= 1
    with pytest.raises(MemoryUnusable):
        unseal(bytes(sealed), kind)


@pytest.mark.parametrize("length", [0, 4, 90, 100, 400])
def test_a_memory_that_was_cut_off_is_not_gone_on_with(kind: Kind, length: int) -> None:
    with pytest.raises(MemoryUnusable):
        unseal(seal(Kept(fresh().remember(), THEN), kind)[:length], kind)


def test_another_version_s_and_another_layout_s_memory_is_said_to_be_so(kind: Kind) -> None:
    sealed = seal(Kept(fresh().remember(), THEN), kind)
    with pytest.raises(MemoryUnusable, match="another version"):
        unseal(sealed, replace(kind, version=bytes(32)))
    fewer = Store.model_validate({**STORE.model_dump(), "planogram": STORE.model_dump()["planogram"][1:]})
    with pytest.raises(MemoryUnusable, match="store file"):
        unseal(sealed, Kind.of(fewer))
    policies = {**STORE.model_dump()["policies"], "charge_threshold": 0.5}
    other = Store.model_validate({**STORE.model_dump(), "policies": policies})
    assert unseal(sealed, Kind.of(other)).at == THEN, "a policy may change"


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        import os

        return os.system, ("touch /tmp/tillfree-was-here",)


def test_a_memory_that_would_run_something_is_refused(kind: Kind) -> None:
    import hashlib
    import pickle
    import zlib

    body = zlib.compress(pickle.dumps(Evil()))
    sealed = b"TFM1" + kind.version + kind.layout + hashlib.sha256(body).digest() + body
    with pytest.raises(MemoryUnusable, match=r"system has no place in it"):
        unseal(sealed, kind)


@pytest.mark.parametrize(
    ("now", "seconds"),
    [
        (Moment(1_003.0, 53.0, "a"), 3.0),
        (Moment(-5_000.0, 53.0, "a"), 3.0),  # The wall's clock was put back, the machine stayed on.
        (Moment(9_999.0, 53.0, "a"), 3.0),
        (Moment(1_060.0, 2.0, "b"), 60.0),
        (Moment(900.0, 2.0, "b"), None),  # Switched off and on, with a clock that went back.
        (Moment(1_007.0, 60.0, ""), 7.0),
    ],
)
def test_how_long_nobody_watched(now: Moment, seconds: float | None) -> None:
    assert away(THEN, now) == Away(seconds)


def test_what_nobody_watched_for_long_or_for_nobody_knows_how_long_is_over() -> None:
    assert Away(None).too_long
    assert Away(AWAY_MAX_S + 1).too_long
    assert not Away(60.0).too_long
    assert Away(60.0).doubtful
    assert not Away(0.5).doubtful
