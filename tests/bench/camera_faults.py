"""A hundred random faults over several cameras: how soon each is noticed, and how soon the camera is taken up again.

    python tests/bench/camera_faults.py --faults 100 --seed 0 [--json FILE]

Four cameras (two MJPEG over HTTP, two RTSP) on servers of this machine are read at once. A fault is drawn for a
camera that has been well for a while, lasts 1 to 8 s, and ends. Noticed: from the moment the fault begins to the
event that says so. Taken up again: from the moment the source is well (a server that was killed listens again; a
capture process that was killed was well at once) to the first picture that the store gets. A fault of the connection
alone (`mute`, `locked`, `lost`, `html`) only shows to who connects, so it comes together with a reset. `none hangs`:
every camera gave pictures in the end, and none was without them after its recovery.
"""

import argparse
import contextlib
import json
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from hardware.live import LiveDevices
from hardware.ports import Fault, Frame
from protocol.store import Camera, Store
from tests.streams.served import Served, mjpeg, rtsp

SIZE, FPS = (640, 360), 10
WELL_S = 13.0
"""So long a camera must have been well before its next fault: a freeze is told by 10 s of noise before it."""
LIMIT_S = 40.0
BOTH = ("black", "frozen", "stall", "halt the server", "kill the server", "kill the capture", "halt the capture")
SENT = ("size 320 240", "drip", "half", "long", "short", "huge", "reset", "close")
CONNECTING = ("mute", "locked", "lost", "html")
HTTP = (*BOTH, *SENT, *CONNECTING)


@dataclass
class Tested:
    """One camera under test: when its last fault was said, and its last picture came."""

    served: Served
    fault_s: float = -1.0
    picture_s: float = -1.0
    well_since_s: float = 0.0

    def is_well(self) -> bool:
        """Whether it has been well for long enough to be tried again."""
        return self.picture_s > self.fault_s and time.monotonic() - self.well_since_s > WELL_S


class Trial:
    """All cameras, their devices, and the thread that reads them."""

    def __init__(self, cameras: dict[str, Tested]) -> None:
        self.cameras = cameras
        self.stop = threading.Event()
        plans = tuple(
            Camera(id=name, role="area", source=each.served.url, size=SIZE, fps_max=FPS)
            for name, each in cameras.items()
        )
        store = Store(format=1, store="bench", name="Bench", currency="EUR", cameras=plans)
        self.devices = LiveDevices(store, Path(), None, time.monotonic, self.stop)
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        for reading in self.devices:
            now_s = time.monotonic()
            with self.changed:
                if isinstance(reading, Frame):
                    camera = self.cameras[reading.camera]
                    if camera.picture_s < camera.fault_s:
                        camera.well_since_s = now_s
                    camera.picture_s = now_s
                elif isinstance(reading, Fault):
                    self.cameras[reading.part.removeprefix("camera ")].fault_s = now_s
                self.changed.notify_all()

    def wait(self, condition: Callable[[], bool]) -> bool:
        """Until `condition`, or for LIMIT_S; whether it came."""
        with self.changed:
            return self.changed.wait_for(condition, LIMIT_S)

    def capture_of(self, name: str) -> int:
        """The process id of a camera's capture."""
        pid = next(each.pid for each in self.devices.health() if each.camera == name)
        assert pid is not None, "a camera that is well has a process"
        return pid

    def one(self, name: str, kind: str, lasts_s: float) -> dict[str, object]:
        """Bring one fault about, and measure."""
        camera = self.cameras[name]
        began_s = time.monotonic()
        undo = self._begin(name, camera.served, kind)
        if kind.endswith("the capture"):
            lasts_s = 0.0
        noticed = self.wait(lambda: camera.fault_s >= began_s)
        noticed_s = camera.fault_s - began_s if noticed else None
        left_s = began_s + lasts_s - time.monotonic()
        if left_s > 0:
            threading.Event().wait(left_s)
        undo()
        back_s = began_s if kind.endswith("the capture") else time.monotonic()
        # A picture that the store got after the fault was said and the source was well again.
        after_s = max(back_s, camera.fault_s)
        taken_up = self.wait(lambda: camera.picture_s > max(after_s, camera.fault_s))
        return {
            "camera": name,
            "fault": kind,
            "lasted_s": round(lasts_s, 2),
            "noticed_s": None if noticed_s is None else round(noticed_s, 3),
            "recovered_s": round(camera.picture_s - back_s, 3) if taken_up else None,
        }

    def _begin(self, name: str, served: Served, kind: str) -> Callable[[], None]:
        match kind:
            case "halt the server":
                served.halt()
                return served.go_on
            case "kill the server":
                served.kill()
                return served.start
            case "kill the capture":
                os.kill(self.capture_of(name), signal.SIGKILL)
                return lambda: None
            case "halt the capture":
                os.kill(self.capture_of(name), signal.SIGSTOP)
                return lambda: None
            case "size 320 240":
                served.tell(kind)
                return lambda: served.tell(f"size {SIZE[0]} {SIZE[1]}")
            case _ if kind in CONNECTING:
                served.tell("reset")
                served.tell(kind)
                return lambda: served.tell("good")
            case _:
                served.tell(kind)
                return lambda: served.tell("good")


def run(trial: Trial, faults: int, seed: int) -> list[dict[str, object]]:
    """Bring `faults` faults about, several cameras at a time."""
    chance, results, lock = random.Random(seed), [], threading.Lock()
    plans: dict[str, list[tuple[str, float]]] = {name: [] for name in trial.cameras}
    for number in range(faults):
        name = list(plans)[number % len(plans)]
        kinds = HTTP if name.startswith("http") else BOTH
        plans[name].append((chance.choice(kinds), chance.uniform(1.0, 8.0)))

    def work(name: str) -> None:
        for kind, lasts_s in plans[name]:
            trial.wait(trial.cameras[name].is_well)
            result = trial.one(name, kind, lasts_s)
            with lock:
                results.append(result)
                print(json.dumps(result), flush=True)  # noqa: T201 - progress for whoever watches

    workers = [threading.Thread(target=work, args=(name,)) for name in plans]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return results


def summary(results: list[dict[str, object]], alive: bool) -> dict[str, object]:
    """The figures of all faults."""

    def figures(key: str) -> dict[str, float | int]:
        values = [float(str(each[key])) for each in results if each[key] is not None]
        return {
            "p50": round(float(np.median(values)), 3),
            "p95": round(float(np.percentile(values, 95)), 3),
            "max": round(max(values), 3),
            "never": sum(each[key] is None for each in results),
        }

    def within(key: str, limit_s: float) -> int:
        return sum(each[key] is not None and float(str(each[key])) <= limit_s for each in results)

    return {
        "faults": len(results),
        "noticed_s": figures("noticed_s"),
        "recovered_s": figures("recovered_s"),
        "noticed_within_2_s": within("noticed_s", 2.0),
        "recovered_within_5_s": within("recovered_s", 5.0),
        "none_hangs": alive,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faults", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    wanted = parser.parse_args()
    with contextlib.ExitStack() as stack:
        cameras = {f"http-{n}": Tested(stack.enter_context(mjpeg(*SIZE, FPS))) for n in range(2)}
        cameras |= {f"rtsp-{n}": Tested(stack.enter_context(rtsp(*SIZE, FPS))) for n in range(2)}
        for each in cameras.values():
            if each.served.url.startswith("http"):
                # Its pictures of the other size are drawn once; that is not to be measured.
                each.served.tell("size 320 240")
                each.served.tell(f"size {SIZE[0]} {SIZE[1]}")
        trial = Trial(cameras)
        results = run(trial, wanted.faults, wanted.seed)
        now_s = time.monotonic()
        alive = trial.wait(lambda: all(each.picture_s > now_s for each in cameras.values()))
        trial.stop.set()
        trial.devices.close()
    report = summary(results, alive)
    print(json.dumps(report, indent=2))  # noqa: T201 - a figure for whoever asked
    if wanted.json is not None:
        wanted.json.write_text(json.dumps({**report, "each": results}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
