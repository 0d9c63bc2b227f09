"""The world of a scene: where everybody and everything is at any moment, whatever moment was asked for before."""

from bisect import bisect_right
from collections.abc import Sequence

from hardware.simulated.scene.scene import Scene
from hardware.simulated.world.play import play
from hardware.simulated.world.pose import palm, person_at
from hardware.simulated.world.state import Item, Person, Point, WorldState
from hardware.simulated.world.timeline import Life, Move, Thing, Timeline

BUCKET_S = 20.0


class World:
    """A played scene. Everything it says is a pure function of the scene and the time."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.timeline: Timeline = play(scene)
        self._lives = _by_time(self.timeline.lives)
        self._resting = {
            thing.id: _item(thing, thing.moves[0], thing.moves[0].at)
            for thing in self.timeline.things
            if len(thing.moves) == 1
        }

    def state(self, t_s: float) -> WorldState:
        """Everybody and everything at `t_s`."""
        people = self.people(t_s)
        by_name = {person.id: person for person in people}
        items = [
            item
            for thing in self.timeline.things
            if (item := self._resting.get(thing.id) or self._moving(thing, t_s, by_name)) is not None
        ]
        return WorldState(t_s, people, tuple(items))

    def people(self, t_s: float) -> tuple[Person, ...]:
        """Everybody in the store at `t_s`, in the cast's order."""
        lives = self._lives.get(int(t_s // BUCKET_S), ())
        found = (person_at(life, t_s) for life in lives)
        return tuple(person for person in found if person is not None)

    def stock(self, t_s: float) -> dict[str, dict[str, int]]:
        """What stands in each slot at `t_s`: slot → SKU → count."""
        counts: dict[str, dict[str, int]] = {path: {} for path in self.scene.layout.store.slots()}
        for thing in self.timeline.things:
            move = _last(thing, t_s)
            if move is not None and move.place == "slot":
                held = counts[move.where]
                held[thing.sku] = held.get(thing.sku, 0) + 1
        return counts

    def _moving(self, thing: Thing, t_s: float, people: dict[str, Person]) -> Item | None:
        move = _last(thing, t_s)
        if move is None:
            return None
        if move.place == "slot":
            return _item(thing, move, move.at)
        person = people.get(move.where)
        if person is None:
            # It has left with whoever carries it.
            return None
        return _item(thing, move, _carried(thing, move, person), person.yaw)


def _by_time(lives: Sequence[Life]) -> dict[int, list[Life]]:
    """Who is there in each stretch of `BUCKET_S`: of a day's hundreds of people only a few are, at any moment."""
    found: dict[int, list[Life]] = {}
    for life in lives:
        for bucket in range(int(life.from_s // BUCKET_S), int(life.to_s // BUCKET_S) + 1):
            found.setdefault(bucket, []).append(life)
    return found


def _last(thing: Thing, t_s: float) -> Move | None:
    """The item's latest move; None before there is one."""
    index = bisect_right([move.t_s for move in thing.moves], t_s)
    return thing.moves[index - 1] if index else None


def _carried(thing: Thing, move: Move, person: Person) -> Point:
    if move.place == "bag":
        return person.x, person.y, 0.5 * person.height_m
    hands = [hand for hand in (person.left, person.right) if hand is not None]
    for hand in hands:
        if hand.holds == thing.id:
            return hand.at
    # The second and third piece of a handful are pressed against the first.
    x, y, z = hands[0].at if hands else palm(person, "right")
    return x, y, z + 0.06


def _item(thing: Thing, move: Move, at: Point, yaw: float | None = None) -> Item:
    return Item(thing.id, thing.sku, at, move.yaw if yaw is None else yaw, move.place, move.where)
