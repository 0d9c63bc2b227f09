"""Whom cameras follow and where people stand, against the truth.

Each area camera is scored on the pictures that it showed, with the boxes of truth/boxes; a track on a box that is not
to be scored (conf 0: hardly visible) neither helps nor hurts. Store-wide, everybody's place is compared with
truth/floor.csv at its moments: a visit is one person, whichever cameras see them, and two places are alike by
1 − distance / 2 m, so that a metre apart is the half that counts as met (as MOTChallenge's 3D task has it).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from protocol.document import FileError
from protocol.truth import FeetOnFloor
from tillfree.evaluate.tracks.meetings import Floats, Meetings, best_pairs, meetings
from tillfree.evaluate.tracks.mot import Boxes, Role, read_labelled
from tillfree.evaluate.tracks.score import TrackScore, score_of
from tillfree.evaluate.watching import Seen, Standing

FAR_M = 2.0
MET_M = FAR_M / 2.0


@dataclass(frozen=True, slots=True)
class PeopleScore:
    """`cameras`: each area camera that has truth; `store`: all of them together on the floor, None without truth.

    `feet_m`: how far from the truth everybody was said to stand who was met; `not_met`: how often nobody was.
    """

    cameras: dict[str, TrackScore]
    store: TrackScore | None
    feet_m: tuple[float, ...]
    not_met: int


def score_people(
    boxes: Mapping[str, Path],
    seen: Mapping[str, Seen],
    pictures: Mapping[str, int],
    floor: Sequence[FeetOnFloor] | None,
    standing: Sequence[Standing],
) -> PeopleScore:
    """`pictures` says how many each camera has. FileError where truth names one that is not there."""
    cameras = {}
    for camera, path in sorted(boxes.items()):
        truth = read_labelled(path, excuse=True)
        _check(path, truth, pictures[camera])
        if camera in seen:
            cameras[camera] = score_of(meetings(_shown(truth, seen[camera].frames), seen[camera].boxes()))
    if floor is None:
        return PeopleScore(cameras, None, (), 0)
    met = _on_floor(floor, standing)
    feet, not_met = _feet(met)
    return PeopleScore(cameras, score_of(met), tuple(feet), not_met)


def _check(path: Path, truth: Boxes, pictures: int) -> None:
    if truth.last_frame > pictures:
        line = truth.lines[int(np.argmax(truth.frames))]
        raise FileError(f"{path}:{line}: frame {truth.last_frame}, and the camera has {pictures} pictures")


def _shown(truth: Boxes, frames: frozenset[int]) -> Boxes:
    """The truth of the pictures that were shown: those beyond the store file's rate are nobody's fault."""
    kept = np.isin(truth.frames, sorted(frames))
    return Boxes(truth.frames[kept], truth.ids[kept], truth.boxes[kept], truth.roles[kept], truth.lines[kept])


def _on_floor(floor: Sequence[FeetOnFloor], standing: Sequence[Standing]) -> Meetings:
    moments = {t_s: number for number, t_s in enumerate(sorted({feet.t_s for feet in floor}), start=1)}
    true = [(moments[feet.t_s], feet.shopper, feet.x_m, feet.y_m) for feet in floor]
    said = [(moments[one.t_s], one.who, one.x_m, one.y_m) for one in standing]
    return meetings(_places(true), _places(said), _near)


def _places(rows: Sequence[tuple[int, str, float, float]]) -> Boxes:
    """Places as boxes whose rows are x and y in metres."""
    numbers = {who: number for number, who in enumerate(sorted({row[1] for row in rows}))}
    return Boxes(
        np.array([row[0] for row in rows], np.int64),
        np.array([numbers[row[1]] for row in rows], np.int64),
        np.array([row[2:] for row in rows], np.float64).reshape(-1, 2),
        np.full(len(rows), Role.SCORED, np.int8),
        np.arange(1, len(rows) + 1),
    )


def _near(true: Floats, said: Floats) -> Floats:
    apart: Floats = np.hypot(*(true[:, None, :] - said[None, :, :]).transpose(2, 0, 1))
    return np.clip(1.0 - apart / FAR_M, 0.0, 1.0)


def _feet(met: Meetings) -> tuple[list[float], int]:
    distances: list[float] = []
    for frame in met.frames:
        rows, columns = best_pairs(frame.likeness)
        apart_m = (1.0 - frame.likeness[rows, columns]) * FAR_M
        distances += apart_m[apart_m <= MET_M].tolist()
    return distances, met.true_boxes - len(distances)
