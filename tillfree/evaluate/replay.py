"""A recording played through the real pipeline as fast as it goes, without broker or cloud."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from edge.events import NewEvent
from edge.node import Node
from edge.perception.networks import Networks
from hardware.playback import readings
from hardware.ports import Frame
from protocol.events import Exited
from protocol.recording import Recording
from tillfree.evaluate.delay import ExitClock, ExitDelay
from tillfree.evaluate.watching import Notes, Seen, Standing

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
    delays: tuple[ExitDelay, ...]
    seen: dict[str, Seen]
    """What each area camera's tracker said."""
    standing: tuple[Standing, ...]
    """Where people were said to stand at the moments asked for."""
    crops: dict[UUID, tuple[bytes, bytes]]
    """Of interactions that a camera saw: the slot before and after, as JPEG."""

    @property
    def own_s(self) -> float:
        """Processor time of everything but the networks: decoding, tracking, shelves, visits.

        Processor time, because everything runs on one thread, and the clock on the wall also counts what other programs
        do.
        """
        return self.processor_s - self.networks_s


def replay(
    recording: Recording,
    networks: Networks,
    progress: Callable[[float], None],
    *,
    moments: Sequence[float] = (),
    keep_crops: bool = False,
) -> Replay:
    """Play `recording`. `progress` is told, now and then, how many of its seconds are done.

    `moments` (seconds, rising): when to note where people stand; `keep_crops`: keep what interactions looked like.
    """
    networks_before_s = sum(network.run_s for network in networks.opened())
    notes, exits = Notes(moments, keep_crops), ExitClock()
    node = Node(
        recording.store,
        recording.store_path.parent,
        networks,
        IDENTITY,
        recording.file.start,
        witness=notes.witnessed,
    )
    # Enrolling belongs to opening the store, not to its running.
    enrolled_s = sum(network.run_s for network in networks.opened()) - networks_before_s
    start, duration_s = recording.file.start, recording.file.duration_s
    events: list[NewEvent] = []
    frames = 0
    began, began_processor = time.perf_counter(), time.thread_time()
    taking = began
    for reading in readings(recording):
        notes.before(node, reading.t_s)
        said = node.take(reading)
        events += said
        for event in said:
            if isinstance(event.event, Exited):
                exits.exited((event.ts - start).total_seconds(), taking)
        taking = time.perf_counter()
        exits.observed(node.observed_until_s, reading.t_s, taking)
        if isinstance(reading, Frame):
            frames += 1
            notes.saw(node, reading)
            progress(reading.t_s)
    notes.before(node, float("inf"))
    events += node.finish(duration_s)
    exits.ended(duration_s, time.perf_counter())
    wall_s, processor_s = time.perf_counter() - began, time.thread_time() - began_processor
    networks_s = sum(network.run_s for network in networks.opened()) - networks_before_s - enrolled_s
    return Replay(
        tuple(events),
        frames,
        wall_s,
        processor_s,
        networks_s,
        tuple(exits.delays),
        notes.seen(),
        tuple(notes.standing),
        notes.crops,
    )
