"""All scores of tracks together, sequence by sequence and over all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tillfree.errors import EvaluationError
from tillfree.evaluate.tracks.clear import Clear, clear_of
from tillfree.evaluate.tracks.hota import Hota, hota_of
from tillfree.evaluate.tracks.identity import Identity, identity_of
from tillfree.evaluate.tracks.meetings import Meetings, meetings
from tillfree.evaluate.tracks.mot import read_tracks, read_truth_boxes


@dataclass(frozen=True, slots=True)
class TrackScore:
    """The sums from which every score is made; they add up over sequences."""

    hota: Hota
    identity: Identity
    clear: Clear
    tracks: int

    def __add__(self, other: "TrackScore") -> "TrackScore":
        return TrackScore(
            self.hota + other.hota,
            self.identity + other.identity,
            self.clear + other.clear,
            self.tracks + other.tracks,
        )

    def to_json(self) -> dict[str, float | int]:
        """As reports write it: shares in per cent, the rest in numbers."""
        return {
            "hota": round(100 * self.hota.hota, 3),
            "idf1": round(100 * self.identity.idf1, 3),
            "mota": round(100 * self.clear.mota, 3),
            "id_switches": self.clear.switches,
            "deta": round(100 * self.hota.deta, 3),
            "assa": round(100 * self.hota.assa, 3),
            "loca": round(100 * self.hota.loca, 3),
            "found": self.clear.found,
            "missed": self.clear.missed,
            "false": self.clear.false,
            "breaks": self.clear.breaks,
            "persons": self.clear.persons,
            "persons_mostly_tracked": self.clear.mostly,
            "persons_hardly_tracked": self.clear.hardly,
            "tracks": self.tracks,
        }


def score_of(sequence: Meetings) -> TrackScore:
    """The score of one sequence."""
    return TrackScore(hota_of(sequence), identity_of(sequence), clear_of(sequence), sequence.said_ids)


def evaluate_tracks(truths: Sequence[Path], tracks: Sequence[Path], *, excuse: bool) -> dict[str, Any]:
    """The scores of each sequence and of all together; `excuse` as in `read_truth_boxes`.

    EvaluationError where the files are not as many of each, or cannot be read.
    """
    if len(truths) != len(tracks):
        raise EvaluationError(
            f"{len(truths)} of --truth and {len(tracks)} of --tracks: a sequence needs one of both, in the same order"
        )
    scores = [
        score_of(meetings(read_truth_boxes(truth, excuse=excuse), read_tracks(said)))
        for truth, said in zip(truths, tracks, strict=True)
    ]
    total = scores[0]
    for score in scores[1:]:
        total = total + score
    each = [
        {"truth": str(truth), "tracks_file": str(said), **score.to_json()}
        for truth, said, score in zip(truths, tracks, scores, strict=True)
    ]
    return {**total.to_json(), "sequences": each}
