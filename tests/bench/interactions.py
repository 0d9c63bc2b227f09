"""What shelves and visits cost while a hand is at a shelf, beside the networks.

    python tests/bench/interactions.py                        the 29 written scenes by signals, from ../shared/data
    python tests/bench/interactions.py --recording DIR        pictures of a shelf camera (tests/recordings/bottle_shelf)

An interaction frame is a picture of a camera while something is open at a shelf: a hand in a slot, a load that moves,
or what happened that is not told yet. Of signals, which have no pictures, it is a tenth of a second of the store
(cameras at 10 a second): plates' samples, people's places and what the stories make of them, together. Given are
processor time of the one thread an interaction frame (median, mean, 99th percentile, worst), and `ratio` to a raw
baseline in the same run: signals written as JSON and read again, which is what a line of a recording costs at least;
pictures decoded.
Networks' bare runs are taken off. Simulated, where it is signals: processor time is what it is.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import cv2
import numpy as np

from edge.area_cameras import Followed, Following, following
from edge.node import Node
from edge.perception.networks import Networks
from edge.tracking.floor import PersonOnFloor
from hardware.playback import readings as playing
from hardware.ports import Frame, Reading
from hardware.simulated.hardship import Hardship, readings_of
from hardware.simulated.world.world import World
from protocol.recording import read_recording
from protocol.store import Store
from tillfree.evaluate.playing import Seeing
from tillfree.evaluate.scenarios import scene_of, scenes_of

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "autocheckout_scenarios"
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
FRAME_S = 0.1
LIMIT_MS = 2.0


class Timed:
    """Following people in pictures, which is none of the shelves' work, with what it takes."""

    spent_ms = 0.0
    """Of all cameras, networks and all."""

    def __init__(self, camera: Following) -> None:
        self._camera = camera

    @property
    def followed(self) -> Sequence[Followed]:
        """As the camera itself says."""
        return self._camera.followed

    def people(self, frame: Frame) -> list[PersonOnFloor]:
        """As the camera itself does."""
        began = time.thread_time()
        found = self._camera.people(frame)
        Timed.spent_ms += 1000.0 * (time.thread_time() - began)
        return found


def timed(store: Store, networks: Networks) -> dict[str, Following]:
    """The store's area cameras."""
    return {name: Timed(camera) for name, camera in following(store, networks).items()}


def say(line: str) -> None:
    """A line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def by_signals(node: Node, readings: Iterable[Reading]) -> Iterator[tuple[float, float]]:
    """The milliseconds of every interaction frame, and those of its baseline."""
    spent_ms = raw_ms = 0.0
    until_s, open_in_it = FRAME_S, False
    for reading in readings:
        while reading.t_s >= until_s:
            if open_in_it:
                yield spent_ms, raw_ms
            spent_ms = raw_ms = 0.0
            until_s, open_in_it = until_s + FRAME_S, False
        began = time.thread_time()
        json.loads(json.dumps(asdict(reading)))
        between = time.thread_time()
        events = node.take(reading)
        spent_ms += 1000.0 * (time.thread_time() - between)
        raw_ms += 1000.0 * (between - began)
        open_in_it |= bool(events) or node.observed_until_s < reading.t_s


def by_pictures(
    node: Node, readings: Iterable[Reading], networks: Networks, areas: frozenset[str]
) -> Iterator[tuple[float, float]]:
    """The same of a recording's pictures; the baseline is the picture decoded.

    What plates and the gate say between two pictures, and what follows from it, is the later picture's. A picture of
    an area camera is a frame, too, but finding and following people in it is the tracking's work and is left out.
    """
    waiting = iter(readings)
    spent_ms = 0.0
    while True:
        before = time.thread_time()
        reading = next(waiting, None)
        if reading is None:
            return
        raw_ms = 1000.0 * (time.thread_time() - before)
        area = isinstance(reading, Frame) and reading.camera in areas
        ran_s, followed_ms = sum(network.run_s for network in networks.opened()), Timed.spent_ms
        began = time.thread_time()
        events = node.take(reading)
        spent_ms += 1000.0 * (time.thread_time() - began) - (Timed.spent_ms - followed_ms)
        if not area:
            # In an area camera's picture networks run within what was taken off already.
            spent_ms -= 1000.0 * (sum(network.run_s for network in networks.opened()) - ran_s)
        if isinstance(reading, Frame):
            if events or node.observed_until_s < reading.t_s:
                yield spent_ms, raw_ms
            spent_ms = 0.0


def table(found: list[tuple[float, float]]) -> None:
    """Print what the interaction frames cost."""
    spent, raw = np.array(found).T
    say(f"{len(spent)} interaction frames; limit {LIMIT_MS:.0f} ms each")
    say(f"median {np.median(spent):.3f} ms, mean {spent.mean():.3f}, p99 {np.percentile(spent, 99):.2f}, ")
    say(f"worst {spent.max():.2f} ms; {np.mean(spent <= LIMIT_MS):.2%} within the limit")
    say(f"baseline {raw.mean():.3f} ms a frame; ratio {spent.sum() / raw.sum():.2f}")


def main() -> None:
    """Play and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recording", type=Path, help="pictures instead of signals")
    parser.add_argument("--scenes", type=int, default=29, help="so many of the written scenes")
    args = parser.parse_args()
    # What other threads do is not in one thread's time.
    cv2.setNumThreads(1)
    found: list[tuple[float, float]] = []
    if args.recording is not None:
        recording = read_recording(args.recording)
        networks = Networks.of(recording.store)
        areas = frozenset(camera.id for camera in recording.store.cameras if camera.role == "area")
        with mock.patch("edge.node.following", timed):
            node = Node(recording.store, recording.store_path.parent, networks, "bench", recording.file.start)
        found += by_pictures(node, playing(recording), networks, areas)
    else:
        for scene in list(scenes_of(DATA / "scenarios.json", DATA, 1, Seeing()))[: args.scenes]:
            world = World(scene_of(scene.premises, scene.store, scene.script, scene.seed))
            node = Node(world.scene.layout.store, Path(), Networks(None, None), "bench", START)
            found += by_signals(node, tuple(readings_of(world, Hardship())))
    table(found)


if __name__ == "__main__":
    main()
