"""What live cameras cost: processor, latency and memory, over a while.

    python tests/bench/camera_cost.py --minutes 12 [--rtsp 1] [--mjpeg 1] [--fps 10] [--json FILE]

Servers run on the same machine and are not counted. Latency is from the arrival of a picture's last bytes in the
capture process (before it is decoded) to the picture in the reader's hands. Memory is what is a process's own
(anonymous pages; a camera's three shared pictures come to it), of this process and each capture process, its growth
the slope of a line through the samples after the first quarter, and what the last tenth of them has on the first.
"""

import argparse
import contextlib
import json
import os
import sys
import threading
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from hardware.live import LiveDevices
from hardware.ports import Frame
from protocol.store import Camera, Store
from tests.streams.served import mjpeg, rtsp

SIZE = (640, 360)
TICKS = os.sysconf("SC_CLK_TCK")


def processor_s(pid: int) -> float:
    """The processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_mb(pid: int) -> float:
    """The memory that is the process's own: what it shares depends on who else runs."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Anonymous:"):
            return int(line.split()[1]) / 1024.0
    raise ValueError(pid)


def slope(points: list[tuple[float, float]]) -> float:
    """Per second, of a straight line through (seconds, value)."""
    times, values = (np.array(each) for each in zip(*points, strict=True))
    return float(np.polyfit(times - times[0], values, 1)[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--rtsp", type=int, default=1)
    parser.add_argument("--mjpeg", type=int, default=1)
    parser.add_argument("--fps", type=int, default=10)
    parser.add_argument("--json", type=Path)
    wanted = parser.parse_args()
    with contextlib.ExitStack() as stack:
        served = [stack.enter_context(rtsp(*SIZE, wanted.fps)) for _ in range(wanted.rtsp)]
        served += [stack.enter_context(mjpeg(*SIZE, wanted.fps)) for _ in range(wanted.mjpeg)]
        cameras = tuple(
            Camera(id=f"{each.url[:4]}-{n}", role="area", source=each.url, size=SIZE, fps_max=wanted.fps)
            for n, each in enumerate(served)
        )
        store = Store(format=1, store="bench", name="Bench", currency="EUR", cameras=cameras)
        report = measure(store, wanted.minutes * 60.0, wanted.fps)
    print(json.dumps(report, indent=2))  # noqa: T201 - a figure for whoever asked
    if wanted.json is not None:
        wanted.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def measure(store: Store, seconds: float, fps: int) -> dict[str, object]:
    """Read the store's cameras for so long."""
    began_s, stop = time.monotonic(), threading.Event()
    devices = LiveDevices(store, Path(), None, lambda: time.monotonic() - began_s, stop)
    # Made and touched beforehand, so that the figures do not grow the memory that is measured.
    room = int(seconds * fps * 1.5)
    delays = {camera.id: np.ones(room) for camera in store.cameras}
    counts = dict.fromkeys(delays, 0)
    # By process: one that was started anew begins its own line.
    memory: dict[tuple[str, int], list[tuple[float, float]]] = {}
    processor: dict[tuple[str, int], tuple[float, float]] = {}
    next_s = 10.0
    for reading in devices:
        now_s = time.monotonic() - began_s
        if isinstance(reading, Frame) and now_s > 10.0:
            health = {each.camera: each for each in devices.health()}
            delays[reading.camera][counts[reading.camera] % room] = health[reading.camera].delay_s
            counts[reading.camera] += 1
        if now_s >= next_s:
            next_s = now_s + 5.0
            for each in (*((one.camera, one.pid) for one in devices.health()), ("store", os.getpid())):
                name, pid = each
                # A process that has just ended is no more to be asked.
                with contextlib.suppress(OSError):
                    if pid is not None:
                        memory.setdefault((name, pid), []).append((now_s, resident_mb(pid)))
                        processor.setdefault((name, pid), (now_s, processor_s(pid)))
        if now_s > seconds:
            break
    now_s = time.monotonic() - began_s
    last = {each.camera: each for each in devices.health()}
    result: dict[str, object] = {"seconds": round(now_s, 1), "size": SIZE, "fps": fps, "load": os.getloadavg()}
    for name in {name: None for name, _ in memory}:
        # Of several processes of one camera, the one that lived longest.
        pid = max((pid for camera, pid in memory if camera == name), key=lambda pid: len(memory[name, pid]))
        points = memory[name, pid]
        settled = points[len(points) // 4 :]
        grows = slope(settled) * 3600.0
        tenth = max(len(settled) // 10, 1)
        ends = [float(np.median([mb for _, mb in part])) for part in (settled[:tenth], settled[-tenth:])]
        figures: dict[str, object] = {
            "lived_s": round(points[-1][0] - points[0][0], 1),
            "memory_mb": round(settled[-1][1], 2),
            "first_and_last_tenth_mb": [round(end, 3) for end in ends],
            "growth_mb_per_hour": round(grows, 3),
            "growth_percent_per_hour": round(100.0 * grows / settled[0][1], 3),
        }
        with contextlib.suppress(OSError):
            first_s, used_s = processor[name, pid]
            figures["processor_percent"] = round(100.0 * (processor_s(pid) - used_s) / (now_s - first_s), 2)
        if name in last:
            p50, p99 = np.percentile(delays[name][: min(counts[name], room)], [50, 99])
            figures |= {
                "pictures": last[name].pictures,
                "passed_over": last[name].passed_over,
                "faults": last[name].faults,
                "starts": last[name].starts,
                "delay_ms_p50": round(1000.0 * float(p50), 2),
                "delay_ms_p99": round(1000.0 * float(p99), 2),
                "drift_ppm": round(last[name].drift_ppm, 1),
            }
        result[name] = figures
    stop.set()
    devices.close()
    return result


if __name__ == "__main__":
    main()
