"""A look through every camera of a store file for some seconds: what comes, how it comes, what is wrong."""

import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from hardware.live import LiveDevices
from hardware.ports import Fault, Frame, Image
from protocol.store import Store

OPENING_S = 12.0
"""A camera may need as long to give its first picture."""


@dataclass(frozen=True, slots=True)
class CameraCheck:
    """What one camera gave: `fps` is counted, `first_s` the time to its first picture, `problems` what was wrong.

    `behind_ms` lies between a picture's own time and its arrival, `offset_s` and `drift_ppm` are its clock's beside
    ours.
    """

    camera: str
    size: tuple[int, int] | None
    fps: float
    pictures: int
    first_s: float | None
    behind_ms: float
    offset_s: float
    drift_ppm: float
    problems: tuple[str, ...]
    last: Image | None

    def to_json(self) -> dict[str, Any]:
        """Without the picture."""
        told = asdict(replace(self, last=None))
        del told["last"]
        return told


def check_cameras(
    store: Store, folder: Path, seconds: float, snapshots: Path | None, advance: Callable[[float, float], None]
) -> list[CameraCheck]:
    """Open all cameras of `store` at once, and watch each for `seconds` from its first picture."""
    stop, began_s = threading.Event(), time.monotonic()
    devices = LiveDevices(store, folder, None, lambda: time.monotonic() - began_s, stop)
    frames: dict[str, list[Frame]] = {camera.id: [] for camera in store.cameras}
    counts = dict.fromkeys(frames, 0)
    faults: dict[str, list[str]] = {name: [] for name in frames}
    ender = threading.Timer(seconds + OPENING_S, stop.set)
    ender.start()
    try:
        for reading in devices:
            if isinstance(reading, Frame):
                # The first and the last tell the rate; more are not kept.
                counts[reading.camera] += 1
                frames[reading.camera] = [*frames[reading.camera][:1], reading]
            elif isinstance(reading, Fault) and reading.part.startswith("camera "):
                faults[reading.part.removeprefix("camera ")].append(reading.reason)
            spans = [seen[-1].t_s - seen[0].t_s if seen else 0.0 for seen in frames.values()]
            done = [span >= seconds or bool(faults[name]) for name, span in zip(frames, spans, strict=True)]
            advance(sum(done), len(done))
            if all(done):
                break
    finally:
        ender.cancel()
        health = {each.camera: each for each in devices.health()}
        stop.set()
        devices.close()
    found = []
    for name, seen in frames.items():
        how = health[name]
        span_s = seen[-1].t_s - seen[0].t_s if seen else 0.0
        problems = list(faults[name])
        if not problems and not seen:
            problems.append("it gave no picture in the time")
        last = seen[-1].image if seen else None
        found.append(
            CameraCheck(
                camera=name,
                size=how.size,
                fps=round((counts[name] - 1) / span_s, 2) if span_s > 0.0 else 0.0,
                pictures=counts[name],
                first_s=round(seen[0].t_s, 2) if seen else None,
                behind_ms=round(1000.0 * how.behind_s, 1),
                offset_s=round(how.offset_s, 3),
                drift_ppm=round(how.drift_ppm, 1),
                problems=tuple(problems),
                last=last,
            )
        )
        if snapshots is not None and last is not None:
            _write(snapshots / f"{name}.png", last)
    return found


def _write(path: Path, image: Image) -> None:
    import cv2

    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", image)[1].tobytes())
