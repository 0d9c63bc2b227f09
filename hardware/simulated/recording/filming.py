"""Filming a scene: the pictures of some cameras into videos, their times, and the boxes of what is in them."""

import heapq
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from hardware.simulated.recording.boxes import BoxFiles
from hardware.simulated.recording.frames import LabelledFrame, Stage
from hardware.simulated.recording.setup import Hung
from hardware.simulated.recording.truth import items_of, numbers_of
from hardware.simulated.recording.video import VideoWriter

Tell = Callable[[float], None]
"""Is told of every second of a camera that is done."""


@dataclass(frozen=True, slots=True)
class Filmed:
    """What a camera's pictures are: their number, and their rate where they are evenly spaced from 0 on."""

    camera: str
    pictures: int
    fps: float | None


@dataclass(slots=True)
class _Reel:
    """One camera's files while they are written."""

    camera: str
    fps: float
    video: VideoWriter
    times: TextIO
    boxes: BoxFiles
    until_s: float
    pictures: int = 0
    even: bool = True
    last_s: float = field(default=-1.0)

    def take(self, labelled: LabelledFrame) -> None:
        """Write a picture down. One that the camera's clock puts outside the recording is left out."""
        t_s = round(labelled.frame.t_s, 3)
        if not 0.0 <= t_s < self.until_s:
            return
        assert t_s > self.last_s, f"{self.camera}: a picture of {t_s} s comes after one of {self.last_s} s"
        self.even &= abs(t_s - self.pictures / self.fps) < 1e-3
        self.last_s = t_s
        self.pictures += 1
        self.video.write(labelled.frame.image, t_s)
        self.times.write(f"{t_s:.3f}\n")
        self.boxes.write(self.pictures, labelled.labels)


def film(stage: Stage, hung: Hung, folder: Path, cameras: Sequence[str], tell: Tell) -> tuple[Filmed, ...]:
    """Write cameras/<id>.mp4, cameras/<id>.csv and the boxes of `cameras`. OSError where the disk does not take them.

    All of them go through the scene together, moment by moment, so that people are posed once for all of them. What is
    held in memory does not grow with the scene's length.
    """
    (folder / "cameras").mkdir(exist_ok=True)
    seed = hung.scene.seed
    with ExitStack() as open_files:
        reels = [_reel(stage, hung, folder, camera, open_files) for camera in cameras]

        def shots(reel: _Reel) -> Iterator[tuple[float, int, LabelledFrame]]:
            number = reels.index(reel)
            sensor = hung.sensors[reel.camera]
            for shot in stage.frames(reel.camera, sensor, seed, reel.fps, products=reel.boxes.wants_products):
                yield shot.taken_s, number, shot

        told_s = 0.0
        for taken_s, number, shot in heapq.merge(*map(shots, reels), key=lambda each: each[:2]):
            reels[number].take(shot)
            if taken_s >= told_s + 1.0:
                tell((taken_s - told_s) * len(reels))
                told_s = taken_s
    return tuple(_finished(folder, reel) for reel in reels)


def _reel(stage: Stage, hung: Hung, folder: Path, camera: str, open_files: ExitStack) -> _Reel:
    plan = hung.scene.layout.store.camera(camera)
    assert plan is not None, f"{camera} is a camera of this store"
    timeline = stage.world.timeline
    boxes = BoxFiles(folder, plan, numbers_of(timeline), items_of(timeline))
    return _Reel(
        camera=camera,
        fps=plan.fps_max,
        video=open_files.enter_context(VideoWriter(folder / "cameras" / f"{camera}.mp4", plan.size, plan.fps_max)),
        times=open_files.enter_context(_headed(folder / "cameras" / f"{camera}.csv")),
        boxes=open_files.enter_context(boxes),
        until_s=timeline.duration_s,
    )


def _headed(path: Path) -> TextIO:
    stream = path.open("w", encoding="utf-8")
    stream.write("t_s\n")
    return stream


def _finished(folder: Path, reel: _Reel) -> Filmed:
    """Without the list of times where a rate says it all; without the video where nothing came."""
    even = reel.even and reel.pictures > 0
    if even or reel.pictures == 0:
        (folder / "cameras" / f"{reel.camera}.csv").unlink()
    if reel.pictures == 0:
        (folder / "cameras" / f"{reel.camera}.mp4").unlink()
    return Filmed(reel.camera, reel.pictures, reel.fps if even else None)
