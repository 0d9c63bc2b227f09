"""What simulated shelf cameras say of slots: covered by whoever stands before them, and then what changed."""

from dataclasses import replace

import pytest

from hardware.simulated.layout.rig import two_cameras_and_a_scale
from hardware.simulated.looks import LookNoise, Looks
from hardware.simulated.scene.file import open_scene
from hardware.simulated.scene.scene import Outage, Scene
from hardware.simulated.world.world import World
from protocol.recording import LookLine

CLEAR = LookNoise(late=0.0, missed=0.0, spilled=0.0, halved=0.0)


def rigged(name: str, seed: int = 0) -> Scene:
    scene = open_scene(name, seed)
    return replace(scene, layout=two_cameras_and_a_scale(scene.layout))


def lines_of(scene: Scene, noise: LookNoise = CLEAR) -> list[LookLine]:
    return list(Looks(World(scene), noise).lines())


@pytest.fixture(scope="module")
def picks() -> list[LookLine]:
    return lines_of(rigged("pick-and-put-back"))


def test_the_same_scene_says_the_same_and_another_seed_something_else(picks: list[LookLine]) -> None:
    assert lines_of(rigged("pick-and-put-back")) == picks
    assert lines_of(rigged("pick-and-put-back", 1)) != picks


def test_what_is_covered_is_seen_again_before_it_is_covered_anew(picks: list[LookLine]) -> None:
    open_slots: set[tuple[str, str]] = set()
    for line in picks:
        key = (line.camera, line.slot)
        assert line.covered != (key in open_slots)
        open_slots ^= {key}


def test_every_pick_and_put_back_is_told_by_a_camera_and_nothing_else_is(picks: list[LookLine]) -> None:
    world = World(rigged("pick-and-put-back"))
    true = [event for event in world.timeline.truth if event.type in ("pick", "put_back")]
    changed = [line for line in picks if line.changed]
    assert true
    for event in true:
        assert any(
            line.slot == event.slot and line.from_s is not None and line.from_s <= event.t_s <= line.t_s
            for line in changed
        )
    assert {line.slot for line in changed} == {event.slot for event in true}


def test_a_slot_where_nothing_changed_is_compared_with_nothing(picks: list[LookLine]) -> None:
    assert all(not line.before and not line.after for line in picks if not line.changed)
    shown = [line for line in picks if line.changed and not line.covered]
    assert all(set(line.before) == set(line.after) != set() for line in shown)


def test_bodies_hide_slots_that_nobody_touches(picks: list[LookLine]) -> None:
    assert len({line.slot for line in picks}) > len({line.slot for line in picks if line.changed})


def test_a_lost_camera_says_nothing() -> None:
    scene = rigged("pick-and-put-back")
    lost = replace(scene, outages=(Outage("left-fridge", 0.0, 60.0), Outage("left-rack", 0.0, 60.0)))
    cameras = {line.camera for line in lines_of(lost)}
    assert cameras <= {"right-fridge", "right-rack"}
    assert cameras


def test_noise_misses_changes_and_makes_others_up() -> None:
    scene = rigged("pick-and-put-back")
    assert not any(line.changed for line in lines_of(scene, replace(CLEAR, missed=1.0)))
    made_up = lines_of(scene, replace(CLEAR, spilled=1.0))
    assert all(line.changed >= 0.02 for line in made_up if not line.covered)


def test_free_shelves_are_not_told_of() -> None:
    assert lines_of(rigged("cabinet")) == []
