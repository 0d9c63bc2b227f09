"""Devices as they are now: bounded, in order, stoppable, and never dead in silence."""

import threading
import time
from collections.abc import Callable, Generator, Iterator
from itertools import count, pairwise, takewhile
from pathlib import Path

import numpy as np
import pytest

from hardware.cameras.health import CameraHealth
from hardware.cameras.live_camera import Clock, LiveCamera
from hardware.cameras.timing import Thinning
from hardware.errors import CameraError, DeviceError
from hardware.live import QUEUE_MAX, LiveDevices, Watched
from hardware.ports import Fault, Frame, Pass, Reading, Restored
from protocol.store import Camera as CameraPlan
from protocol.store import Store

WITHIN_S = 10.0


class FakeCamera:
    """A camera that gives what it is told to, and knows whether it was let go."""

    def __init__(self, camera: str, pictures: Callable[[], Iterator[tuple[float, tuple[int, int]] | Fault | Restored]]):
        self.id = camera
        self._pictures = pictures
        self.closed = threading.Event()

    def readings(self) -> Generator[Frame | Fault | Restored, None, None]:
        try:
            for index, each in enumerate(self._pictures()):
                if isinstance(each, Fault | Restored):
                    yield each
                else:
                    t_s, (width, height) = each
                    yield Frame(t_s, self.id, index, np.zeros((height, width, 3), np.uint8))
        finally:
            self.closed.set()

    def health(self) -> CameraHealth:
        return CameraHealth(self.id, "over" if self.closed.is_set() else "live")


class FakeGate:
    def __init__(self, *passes: Pass, breaks: Exception | None = None) -> None:
        self._passes = passes
        self._breaks = breaks

    def passes(self) -> Iterator[Pass]:
        yield from self._passes
        if self._breaks is not None:
            raise self._breaks

    def open(self, lane: str) -> None:
        pass


def store_with(*cameras: str) -> Store:
    plans = tuple(CameraPlan(id=camera, role="area", size=(64, 48)) for camera in cameras)
    return Store(format=1, store="corner", name="Corner", currency="EUR", cameras=plans)


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def live_with(
    *cameras: FakeCamera, gate: FakeGate | None = None, clock_s: float = 0.0, stop: threading.Event
) -> LiveDevices:
    by_id = {camera.id: camera for camera in cameras}
    return LiveDevices(
        store_with(*by_id), Path(), gate, lambda: clock_s, stop, hang=lambda plan, folder, clock, stop: by_id[plan.id]
    )


def until(condition: Callable[[], bool]) -> None:
    """Wait for what another thread does, not longer than a deadline."""
    deadline = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.001)


def at(*times: float, size: tuple[int, int] = (64, 48)) -> Callable[[], Iterator[tuple[float, tuple[int, int]]]]:
    return lambda: ((t_s, size) for t_s in times)


def faults(seen: list[Reading]) -> dict[str, str]:
    return {reading.part: reading.reason for reading in seen if isinstance(reading, Fault)}


def test_pictures_and_passes_come_through(stop: threading.Event) -> None:
    camera = FakeCamera("aisle", at(0.1, 0.2, 0.3))
    gate = FakeGate(Pass(0.0, "door", "enter", "anna"))
    seen = list(live_with(camera, gate=gate, clock_s=1.0, stop=stop))
    assert [r.t_s for r in seen if isinstance(r, Frame)] == [0.1, 0.2, 0.3]
    assert camera.closed.is_set()


def test_a_slow_reader_gets_the_newest_pictures_and_every_pass(stop: threading.Event) -> None:
    camera = FakeCamera("aisle", at(*(n / 10 for n in range(200))))
    passes = [Pass(0.0, "door", "enter", f"shopper-{n}") for n in range(30)]
    devices = live_with(camera, gate=FakeGate(*passes), clock_s=99.0, stop=stop)
    until(camera.closed.is_set)
    seen = list(devices)
    frames = [r.index for r in seen if isinstance(r, Frame)]
    assert len(frames) <= QUEUE_MAX
    assert frames == list(range(200))[-len(frames) :]
    assert devices.left_out == 200 - len(frames)
    assert [r.token for r in seen if isinstance(r, Pass)] == [p.token for p in passes]


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (CameraError("its cable is out"), "its cable is out"),
        (RuntimeError("libusb fell over"), "its driver failed: RuntimeError('libusb fell over')"),
    ],
)
def test_a_camera_that_breaks_is_one_fault_and_the_other_goes_on(
    stop: threading.Event, error: Exception, says: str
) -> None:
    def breaking() -> Iterator[tuple[float, tuple[int, int]]]:
        yield 0.1, (64, 48)
        raise error

    broken, sound = FakeCamera("broken", breaking), FakeCamera("sound", at(0.1, 0.2))
    seen = list(live_with(broken, sound, clock_s=1.0, stop=stop))
    assert faults(seen) == {"camera broken": says}
    assert [r.index for r in seen if isinstance(r, Frame) and r.camera == "sound"] == [0, 1]
    assert broken.closed.is_set()


def test_faults_and_recoveries_are_never_left_out(stop: threading.Event) -> None:
    def flickering() -> Iterator[tuple[float, tuple[int, int]] | Fault | Restored]:
        for number in range(60):
            yield Fault(number / 10, "camera aisle", "gone")
            yield Restored(number / 10 + 0.05, "camera aisle")
            yield number / 10 + 0.06, (64, 48)

    camera = FakeCamera("aisle", flickering)
    devices = live_with(camera, stop=stop)
    until(camera.closed.is_set)
    seen = list(devices)
    assert sum(isinstance(r, Fault) for r in seen) == sum(isinstance(r, Restored) for r in seen) == 60
    assert sum(isinstance(r, Frame) for r in seen) <= QUEUE_MAX


def test_a_gate_that_breaks_is_a_fault_and_the_cameras_go_on(stop: threading.Event) -> None:
    gate_is_heard = threading.Event()

    def waiting() -> Iterator[tuple[float, tuple[int, int]]]:
        assert gate_is_heard.wait(WITHIN_S)
        yield 0.5, (64, 48)

    gate = FakeGate(Pass(0.1, "door", "enter", "anna"), breaks=DeviceError("unplugged"))
    seen = []
    for reading in live_with(FakeCamera("aisle", waiting), gate=gate, clock_s=0.2, stop=stop):
        seen.append(reading)
        if isinstance(reading, Fault) and reading.part == "gate":
            gate_is_heard.set()
    assert faults(seen)["gate"] == "unplugged"
    assert any(isinstance(reading, Frame) for reading in seen)


def test_the_stream_goes_on_in_time_whatever_order_the_threads_come_in(stop: threading.Event) -> None:
    cameras = [FakeCamera(f"c{n}", at(*(k / 10 + n / 100 for k in range(5)))) for n in range(3)]
    seen = list(live_with(*cameras, stop=stop))
    assert all(a.t_s <= b.t_s for a, b in pairwise(seen))


def test_it_ends_soon_after_it_is_told_to_stop(stop: threading.Event) -> None:
    def endless() -> Iterator[tuple[float, tuple[int, int]]]:
        return ((float(n), (64, 48)) for n in takewhile(lambda _: not stop.is_set(), count()))

    camera = FakeCamera("aisle", endless)
    devices = live_with(camera, stop=stop)
    readings = iter(devices)
    next(readings)
    stop.set()
    assert len(list(readings)) <= QUEUE_MAX + 1
    devices.close()
    assert camera.closed.is_set()


@pytest.mark.parametrize("source", ["recording", "webcam:front", "video:", "rtsp:camera", "ftp://10.0.0.1/1"])
def test_a_source_that_is_no_live_camera_is_one_fault_and_the_others_go_on(stop: threading.Event, source: str) -> None:
    plans = tuple(CameraPlan(id=each, role="area", size=(64, 48), source=source) for each in ("aisle", "door"))
    store = store_with("sound").model_copy(
        update={"cameras": (*plans, CameraPlan(id="sound", role="area", size=(64, 48)))}
    )

    def hang(plan: CameraPlan, folder: Path, clock: Clock, stop: threading.Event) -> Watched:
        return FakeCamera("sound", at(0.1)) if plan.id == "sound" else LiveCamera(plan, folder, clock, stop)

    devices = LiveDevices(store, Path(), None, lambda: 0.0, stop, hang=hang)
    seen = list(devices)
    assert set(faults(seen)) == {"camera aisle", "camera door"}
    assert "is no live camera; write webcam:0, rtsp://HOST/" in faults(seen)["camera aisle"]
    assert any(isinstance(reading, Frame) for reading in seen)
    health = {each.camera: each for each in devices.health()}
    assert health["aisle"].state == "over"
    assert "is no live camera" in str(health["aisle"].reason)


def test_a_store_whose_cameras_are_all_none_ends_at_once(stop: threading.Event) -> None:
    seen = list(LiveDevices(store_with("aisle"), Path(), None, lambda: 0.0, stop))
    assert "its source 'recording' is no live camera" in faults(seen)["camera aisle"]


@pytest.mark.parametrize(
    ("times", "wanted"),
    [
        ((0.0, 0.03, 0.06, 0.1, 0.13, 0.2), (0.0, 0.1, 0.2)),
        ((7.0, 7.01, 7.02, 7.1), (7.0, 7.1)),
        ((0.0, 5.0, 5.01, 5.1), (0.0, 5.0, 5.1)),
        ((0.0, 0.5, 1.0), (0.0, 0.5, 1.0)),
        ((0.0, 0.08, 0.16, 0.24, 0.32, 0.4), (0.0, 0.16, 0.24, 0.32, 0.4)),
    ],
)
def test_thinning_keeps_the_mean_rate_and_lets_no_burst_through(times: tuple[float, ...], wanted: object) -> None:
    thinning = Thinning(10.0)
    assert tuple(t_s for t_s in times if thinning.wants(t_s)) == wanted
