"""People followed through a file's detections, or through a film's pictures, with the time it took."""

import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edge.perception.certainty import certain
from edge.perception.clothing import clothing
from edge.perception.detections import Detections, Floats
from edge.perception.persons import PersonDetector
from edge.tracking.refining import Picture, Refiner
from edge.tracking.tracker import Track, Tracker
from hardware.cameras.timing import Timing
from hardware.cameras.video_file import VideoFile
from tillfree.track.detections_file import DetectionsFile
from tillfree.track.errors import TrackError
from tillfree.track.stopwatch import Stopwatch
from tillfree.track.tracks_file import TracksFile

Report = dict[str, float | int | bool]


@dataclass(frozen=True, slots=True, eq=False)
class Follower:
    """A tracker, and whoever looks again later; with `online` nobody does."""

    online: bool
    tracker: Tracker
    refiner: Refiner

    @staticmethod
    def of(*, online: bool) -> "Follower":
        """A follower that has seen nothing yet."""
        return Follower(online, Tracker(), Refiner())

    def take(self, detections: Detections, t_s: float, looks: Floats | None = None) -> tuple[Picture, ...]:
        """The pictures that are settled when the one at `t_s` has been taken in: each comes once, in order."""
        tracks = self.tracker.update(detections, t_s, looks)
        return (_at_once(tracks, t_s),) if self.online else self.refiner.add(self.tracker.moment())

    def finish(self) -> tuple[Picture, ...]:
        """The pictures that were waiting to be settled."""
        return self.refiner.finish()


def follow_detections(found: DetectionsFile, fps: float, out: Path, *, online: bool) -> Report:
    """Follow people through detections, `fps` pictures a second. TrackError where `out` cannot be written.

    `ms_per_frame` is processor time of the tracker, from detections to settled tracks; files are not in it.
    """
    follower, watch = Follower.of(online=online), Stopwatch()
    with TracksFile(out) as file:
        for index, detections in enumerate(found.pictures()):
            with watch:
                pictures = follower.take(detections, index / fps)
            file.add_all(pictures)
        with watch:
            pictures = follower.finish()
        file.add_all(pictures)
    return {**_report(file, watch, online=online), "scores_divided_by": found.divided_by}


def follow_video(video: Path, detector: PersonDetector, out: Path, *, online: bool) -> Report:
    """Follow people through the film at `video`. CameraError where it is none, TrackError for `out`.

    `ms_per_frame` is processor time of everything, from the film's bytes to the tracks', on the one thread there is.
    """
    cv2.setNumThreads(1)
    follower, watch = Follower.of(online=online), Stopwatch()
    frames = VideoFile(video.name, video, Timing()).frames()
    with TracksFile(out) as file, watch:
        last_s = -math.inf
        for frame in frames:
            if frame.t_s < last_s:
                raise TrackError(f"{video}: picture {frame.index} is from before the one before it; record it again")
            last_s = frame.t_s
            detections = certain(detector.detect(frame.image))
            looks = clothing(frame.image, detections.boxes)
            file.add_all(follower.take(detections, frame.t_s, looks))
        file.add_all(follower.finish())
    network_ms = round(1000.0 * detector.network.run_s / max(file.frames, 1), 3)
    return {**_report(file, watch, online=online), "network_ms_per_frame": network_ms}


def _at_once(tracks: tuple[Track, ...], t_s: float) -> Picture:
    seen = [track for track in tracks if track.confirmed and track.seen]
    return Picture(
        t_s,
        np.array([track.number for track in seen], np.int64),
        np.array([track.box for track in seen], np.float32).reshape(-1, 4),
        np.array([track.support for track in seen], np.float32),
    )


def _report(file: TracksFile, watch: Stopwatch, *, online: bool) -> Report:
    frames = max(file.frames, 1)
    return {
        "frames": file.frames,
        "ms_per_frame": round(1000.0 * watch.processor_s / frames, 3),
        "wall_ms_per_frame": round(1000.0 * watch.wall_s / frames, 3),
        "tracks": file.tracks,
        "boxes": file.rows,
        "online": online,
    }
