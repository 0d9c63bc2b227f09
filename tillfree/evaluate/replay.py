"""A recording played through the real pipeline as fast as it goes, without broker or cloud."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from edge.events import NewEvent
from edge.node import Node
from edge.perception.networks import Networks
from hardware.playback import readings
from hardware.ports import Frame
from protocol.recording import Recording

IDENTITY = "evaluation"
"""Names the run: the ids in a report are the same each time."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What the pipeline said of a recording, and what the saying cost."""

    events: tuple[NewEvent, ...]
    frames: int
    wall_s: float
    processor_s: float
    networks_s: float
    """Of `processor_s`, what the networks' bare runs took."""

    @property
    def own_s(self) -> float:
        """Processor time of everything but the networks: decoding, tracking, shelves, visits.

        Processor time, because everything runs on one thread, and the clock on the wall also counts what other programs
        do.
        """
        return self.processor_s - self.networks_s


def replay(recording: Recording, networks: Networks, progress: Callable[[float], None]) -> Replay:
    """Play `recording`. `progress` is told, now and then, how many of its seconds are done."""
    networks_before_s = sum(network.run_s for network in networks.opened())
    node = Node(recording.store, recording.store_path.parent, networks, IDENTITY, recording.file.start)
    # Enrolling belongs to opening the store, not to its running.
    enrolled_s = sum(network.run_s for network in networks.opened()) - networks_before_s
    events: list[NewEvent] = []
    frames = 0
    began, began_processor = time.perf_counter(), time.thread_time()
    for reading in readings(recording):
        events += node.take(reading)
        if isinstance(reading, Frame):
            frames += 1
            progress(reading.t_s)
    events += node.finish(recording.file.duration_s)
    wall_s, processor_s = time.perf_counter() - began, time.thread_time() - began_processor
    networks_s = sum(network.run_s for network in networks.opened()) - networks_before_s - enrolled_s
    return Replay(tuple(events), frames, wall_s, processor_s, networks_s)
