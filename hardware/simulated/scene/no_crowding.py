"""A shop that lets in only so many: who comes when it is full waits outside until somebody leaves."""

from dataclasses import replace

from hardware.simulated.errors import SimulationError
from hardware.simulated.scene.scene import Member, Scene
from hardware.simulated.world.world import World

AFTER_S = 1.0
"""Between somebody's leaving and the next one's coming in."""
ROUNDS_MAX = 400


def no_more_than(scene: Scene, inside_max: int) -> Scene:
    """The scene with arrivals put off so that at most `inside_max` people are inside at any time.

    It is played again after each arrival that is put off, for people stand in each other's way. SimulationError where
    that comes to no end.
    """
    for _ in range(ROUNDS_MAX):
        late = _first_too_many(scene, inside_max)
        if late is None:
            return scene
        name, free_s = late
        scene = _put_off(scene, name, free_s + AFTER_S)
    raise SimulationError(f"{scene.name}: more than {inside_max} inside whatever is put off; let somebody leave")


def _first_too_many(scene: Scene, inside_max: int) -> tuple[str, float] | None:
    """Who comes in first while the shop is full, and when somebody has left; None where nobody does."""
    truth = World(scene).timeline.truth
    exits = {event.shopper: event.t_s for event in truth if event.type == "exit"}
    inside: list[float] = []
    for t_s, name in sorted((event.t_s, event.shopper) for event in truth if event.type == "enter"):
        inside = [left_s for left_s in inside if left_s > t_s]
        if len(inside) >= inside_max:
            return name, min(inside)
        inside.append(exits[name])
    return None


def _put_off(scene: Scene, name: str, at_s: float) -> Scene:
    """The scene in which `name`, and everybody after them, comes as much later as it takes for `name` to come then."""
    member = next(member for member in scene.cast if member.name == name)
    leads = member.companion_of or member.behind or name
    was_s = next(member.plan[0].at_s for member in scene.cast if member.name == leads)
    if was_s is None:
        raise SimulationError(f"{scene.name}: {leads} has no time to come at that could be put off")
    by_s = max(at_s - was_s, 0.1)

    def later(member: Member) -> Member:
        first = member.plan[0]
        if first.at_s is None or first.at_s < was_s:
            return member
        return replace(member, plan=(replace(first, at_s=round(first.at_s + by_s, 1)), *member.plan[1:]))

    return replace(scene, cast=tuple(later(member) for member in scene.cast))
