"""Many recordings, several at once; one that cannot be scored does not end the others."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from protocol.document import FileError
from protocol.errors import TillfreeError
from protocol.recording import read_recording
from tillfree.evaluate.recording import RecordingScore, score_recording

Progress = Callable[[float, float], None]


@dataclass(frozen=True, slots=True)
class Refused:
    """A recording that could not be scored, and why."""

    folder: Path
    reason: str


Outcome = RecordingScore | Refused


def score_recordings(folders: Sequence[Path], jobs: int, progress: Progress, *, keep_crops: bool) -> list[Outcome]:
    """Every recording in the order given. `progress` is told how many of how many seconds of recording are done.

    With `jobs` above 1 as many processes play at once, each with its own networks; the scores are the same.
    """
    lengths_s = [_length_s(folder) for folder in folders]
    total_s = sum(lengths_s)
    if jobs == 1 or len(folders) == 1:
        outcomes = []
        for number, folder in enumerate(folders):
            before_s = sum(lengths_s[:number])
            outcomes.append(
                _attempt(folder, keep_crops, lambda done, _, before_s=before_s: progress(before_s + done, total_s))  # type: ignore[misc]
            )
            progress(before_s + lengths_s[number], total_s)
        return outcomes
    done_s = 0.0
    by_place: dict[int, Outcome] = {}
    # Spawned: a forked process would share onnxruntime's threads and locks.
    with ProcessPoolExecutor(min(jobs, len(folders)), mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(_attempt, folder, keep_crops): place for place, folder in enumerate(folders)}
        for future in as_completed(waiting):
            place = waiting[future]
            by_place[place] = future.result()
            done_s += lengths_s[place]
            progress(done_s, total_s)
    return [by_place[place] for place in range(len(folders))]


def _attempt(folder: Path, keep_crops: bool, progress: Progress = lambda _done, _total: None) -> Outcome:
    try:
        return score_recording(folder, progress, keep_crops=keep_crops)
    except TillfreeError as error:
        return Refused(folder, str(error))


def _length_s(folder: Path) -> float:
    """How long the recording is; 0 where that cannot be read, which scoring will say."""
    try:
        return read_recording(folder).file.duration_s
    except FileError:
        return 0.0
