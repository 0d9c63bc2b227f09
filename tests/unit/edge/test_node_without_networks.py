"""A network that does not run costs the cameras that need it, and nothing else."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from edge.errors import PerceptionError
from edge.node import Node
from edge.perception.detections import Detections
from edge.perception.networks import Networks
from hardware.ports import Frame, Image
from protocol.events import Faulted
from tests.unit.edge.drawn_shelf import HEIGHT, WIDTH, Colours, RedRectangles, area_frame, open_store

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
FEET = (150, 90)


class Failing(RedRectangles):
    """A detector whose device is lost after three pictures."""

    looks = 0

    def detect(self, image: Image) -> Detections:
        self.looks += 1
        if self.looks > 3:
            raise PerceptionError("network 'nanodet': no execution provider works")
        return super().detect(image)


def faults(node: Node, times: int) -> list[Faulted]:
    frames = [area_frame(index / 10, (FEET[0] + 6 * index, FEET[1])) for index in range(times)]
    return [event.event for frame in frames for event in node.take(frame) if isinstance(event.event, Faulted)]


def test_a_network_that_fails_is_said_once_and_its_camera_is_left_alone(tmp_path: Path) -> None:
    detector = Failing()
    node = Node(open_store(tmp_path), tmp_path, Networks(detector, Colours()), "run", START)
    (fault,) = faults(node, 8)
    assert fault.part == "camera area"
    assert "no execution provider works" in fault.reason
    assert detector.looks == 4


def test_without_a_detector_the_area_camera_is_at_fault(tmp_path: Path) -> None:
    node = Node(open_store(tmp_path), tmp_path, Networks(None, Colours()), "run", START)
    (fault,) = faults(node, 3)
    assert (fault.part, "does not run here" in fault.reason) == ("camera area", True)


def test_without_looks_the_shelf_camera_is_at_fault_and_people_are_followed(tmp_path: Path) -> None:
    node = Node(open_store(tmp_path), tmp_path, Networks(RedRectangles(), None), "run", START)
    said = [
        event.event
        for _ in range(2)
        for event in node.take(Frame(0.0, "shelf", 0, np.zeros((HEIGHT, WIDTH, 3), np.uint8)))
    ]
    assert [event.part for event in said if isinstance(event, Faulted)] == ["camera shelf"]
    assert faults(node, 8) == []
    assert node.followed("area")
