"""Whether those who stand in a store are of the right visit: `python tests/bench/whose_visit.py RECORDING...`.

Each recording with pictures is played by the whole pipeline. Every half second, of everybody who is truly inside (from
2 s after they came in, until 1 s before they leave), it is asked whether somebody of their own visit is said to stand
within 60 cm of them; else whether somebody of another visit is, or somebody whom no visit knows. A companion is of the
visit of whom they came with. Where the recordings are simulated, so are the figures.
"""

import argparse
import math
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from uuid import UUID

from edge.events import NewEvent
from edge.node import Node
from edge.perception.networks import Networks
from edge.tracking.joining.joining import Person
from hardware.playback import readings
from protocol.document import FileError
from protocol.recording import Recording, TruthEvent, read_recording
from protocol.truth import FeetOnFloor, read_checked_truth
from tillfree.evaluate.shoppers import shoppers_of

EVERY_S, NEAR_M = 0.5, 0.6
IN_S, OUT_S = 2.0, 1.0
COMPANION = "-with"

Standing = tuple[tuple[Person, UUID | None], ...]


def played(recording: Recording) -> tuple[list[NewEvent], dict[int, Standing]]:
    """What is said of a recording, and where everybody was said to stand after each `EVERY_S`, by its number."""
    node = Node(recording.store, recording.folder, Networks.of(recording.store), "whose-visit", recording.file.start)
    events: list[NewEvent] = []
    standing: dict[int, Standing] = {}
    for reading in readings(recording):
        number = int(reading.t_s / EVERY_S)
        if number not in standing:
            standing[number] = node.standing(reading.t_s)
            sys.stderr.write(f"\r{recording.folder.name}: {reading.t_s:.0f} of {recording.file.duration_s:.0f} s")
        events += node.take(reading)
    sys.stderr.write("\n")
    return events + list(node.finish(recording.file.duration_s)), standing


def inside(events: tuple[TruthEvent, ...]) -> dict[str, tuple[float, float]]:
    """From when until when each shopper is asked about."""
    came = {event.shopper: event.t_s + IN_S for event in events if event.type == "enter"}
    left = {event.shopper: event.t_s - OUT_S for event in events if event.type == "exit"}
    return {shopper: (since_s, left.get(shopper, math.inf)) for shopper, since_s in came.items()}


def who_is_near(feet: FeetOnFloor, standing: Standing, names: dict[UUID, str], shopper: str) -> str:
    """What is said of whoever stands where the shopper does."""
    near = [visit for person, visit in standing if math.hypot(person.x_m - feet.x_m, person.y_m - feet.y_m) <= NEAR_M]
    if any(visit is not None and names.get(visit) == shopper for visit in near):
        return "own"
    if not near:
        return "nobody"
    return "other" if any(visit is not None for visit in near) else "without a visit"


def counted(folder: Path) -> Counter[str]:
    """A recording's moments, by who is said to stand there."""
    recording = read_recording(folder)
    truth = read_checked_truth(recording)
    events, standing = played(recording)
    names = shoppers_of(events, truth.events or (), recording.file.start, truth.receipts or ())
    times = inside(truth.events or ())
    counts: Counter[str] = Counter()
    for before, feet in pairwise(sorted(truth.floor or (), key=lambda feet: (feet.shopper, feet.t_s))):
        number = int(feet.t_s / EVERY_S)
        if before.shopper == feet.shopper and int(before.t_s / EVERY_S) == number:
            continue
        shopper = feet.shopper.removesuffix(COMPANION)
        since_s, until_s = times.get(feet.shopper, times.get(shopper, (math.inf, 0.0)))
        if since_s <= feet.t_s <= until_s:
            counts[who_is_near(feet, standing.get(number, ()), names, shopper)] += 1
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recordings", nargs="+", type=Path)
    total: Counter[str] = Counter()
    for folder in parser.parse_args().recordings:
        try:
            counts = counted(folder)
        except FileError as error:
            parser.error(str(error))
        total += counts
        sys.stdout.write(f"{folder.name}  " + said(counts) + "\n")
    sys.stdout.write("together  " + said(total) + "\n")


def said(counts: Counter[str]) -> str:
    moments = max(counts.total(), 1)
    kinds = ("own", "other", "without a visit", "nobody")
    return ", ".join(f"{kind} {100.0 * counts[kind] / moments:.1f} %" for kind in kinds) + f" of {counts.total()}"


if __name__ == "__main__":
    main()
