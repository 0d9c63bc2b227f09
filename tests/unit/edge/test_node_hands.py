"""Of two who stand before a slot, the one whose hand a shelf camera sees in it took what went."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from heapq import merge
from pathlib import Path

import numpy as np
import pytest

from edge.node import Node
from edge.perception.arms_network import Arms, ArmsNetwork, Part
from edge.perception.head_place import HEAD_M
from edge.perception.wrist_place import Rays
from hardware.ports import Frame, Image, Pass, Reading
from protocol.events import Entered, Interaction
from protocol.store import Camera, Lens, Pose, Store
from tests.unit.edge.drawn_shelf import HEIGHT, LEFT, START, WIDTH, NoNetwork, Reach, Shelf, area_frame, networks
from tests.unit.edge.drawn_shelf import open_store as drawn_store

Place = tuple[float, float]
ANN, BERT = (-0.1, -0.7), (0.45, -0.7)
THERE_S, REACH = 4.5, Reach(LEFT, 5.0, 7.0, None)
DOWN = float(np.sqrt(0.5))
HANGS = {
    "lens": Lens(model="division", size=(WIDTH, HEIGHT), centre=(160.0, 90.0), focal=150.0, coefficients=(0.0,)),
    "pose": Pose(eye=(0.2, -2.2, 2.4), forward=(0.0, DOWN, -DOWN), right=(1.0, 0.0, 0.0)),
}


def open_store(folder: Path) -> Store:
    """The drawn store, with a shelf camera of which it is known where it hangs."""
    store = drawn_store(folder)
    cameras = tuple(each.model_copy(update=HANGS) if each.role == "shelf" else each for each in store.cameras)
    return store.model_copy(update={"cameras": cameras})


class Told(ArmsNetwork):
    """Sees who is there from `THERE_S` on, and `reaches`' hand in the slot while the other's is beside it."""

    def __init__(self, camera: Camera, reaches: Place | None) -> None:
        self.network = NoNetwork()
        self.reaches, self.now_s = reaches, 0.0
        rays = Rays.of(camera)
        assert rays is not None
        self.rays = rays
        left, top, width, height = next(view.box for view in camera.views if view.slot == LEFT)
        self.inside, self.away = (left + width / 2.0, top + height / 2.0), (left + 3.0 * width, top + height)

    def look(self, picture: Image) -> Arms:
        if self.now_s < THERE_S:
            return Arms((), ())
        heads = tuple(self._part(place) for place in (ANN, BERT))
        if self.reaches is None or not REACH.from_s <= self.now_s <= REACH.to_s:
            return Arms((), heads)
        other = ANN if self.reaches == BERT else BERT
        hands = (replace(self._part(self.reaches), at=self.inside), replace(self._part(other), at=self.away))
        return Arms(hands, heads)

    def _part(self, owner: Place) -> Part:
        """Their head."""
        pixels, depth = self.rays.pixels(np.array([(*owner, HEAD_M), (*owner, 0.0)]))
        assert (depth > 0.0).all()
        head, stands = (tuple(map(float, pixel)) for pixel in pixels)
        return Part(head, head, stands, 0.9)  # type: ignore[arg-type]  # two of each


def feet(t_s: float) -> list[tuple[int, int]]:
    """Anna comes at once, Bert after two seconds; both stand still from `THERE_S` on."""

    def on_the_way(place: Place, begins_s: float) -> tuple[int, int]:
        end = (64.0 * (place[0] + 2.0), 180.0 - 40.0 * (place[1] + 4.0))
        along = min(max(t_s - begins_s, 0.0) / 2.0, 1.0)
        return round(20 + along * (end[0] - 20)), round(170 + along * (end[1] - 170))

    return [on_the_way(ANN, 0.8)] if t_s < 2.2 else [on_the_way(ANN, 0.8), on_the_way(BERT, 2.5)]


@pytest.mark.parametrize(("reaches", "took"), [(ANN, "anna"), (BERT, "bert"), (None, None)])
def test_whose_hand_a_shelf_camera_sees_took_it(tmp_path: Path, reaches: Place | None, took: str | None) -> None:
    store = open_store(tmp_path)
    camera = store.camera("shelf")
    assert camera is not None
    arms = Told(camera, reaches)
    node = Node(store, tmp_path, replace(networks(), arms=arms), "test", START)

    def shelf() -> Iterator[Frame]:
        for frame in Shelf([REACH]).frames(10):
            arms.now_s = frame.t_s
            yield frame

    enter = [Pass(0.5, "gate", "enter", "anna"), Pass(2.4, "gate", "enter", "bert")]
    area = (area_frame(n / 15, *feet(n / 15)) for n in range(150))
    streams: tuple[Iterable[Reading], ...] = (enter, area, shelf())
    said = [event for each in merge(*streams, key=lambda each: each.t_s) for event in node.take(each)]
    said += node.finish(10.0)
    visits = {event.visit: event.event.token for event in said if isinstance(event.event, Entered)}
    picked = [event for event in said if isinstance(event.event, Interaction) and event.event.changes][-1]
    assert isinstance(picked.event, Interaction)
    assert node.people == 2
    if took is None:
        assert picked.event.reasons["who"] < 0.6
    else:
        assert picked.visit is not None
        assert visits[picked.visit] == took
        assert picked.event.reasons["who"] > 0.6
