"""Devices as they are now: bounded, in order, stoppable, and never dead in silence."""

import threading
import time
from collections.abc import Callable, Iterator
from itertools import count, pairwise
from pathlib import Path

import numpy as np
import pytest

from hardware import live
from hardware.cameras.source import PacedVideo, open_source
from hardware.cameras.timing import Thinning, Timing
from hardware.cameras.video_file import VideoFile
from hardware.errors import CameraError, DeviceError
from hardware.live import QUEUE_MAX, LiveDevices
from hardware.ports import Fault, Frame, Pass, Reading
from protocol.store import Camera as CameraPlan
from protocol.store import Store
from tests.unit.hardware.film import write_film

WITHIN_S = 10.0


class FakeCamera:
    """A camera that gives what it is told to, and knows whether it was let go."""

    def __init__(self, camera: str, pictures: Callable[[], Iterator[tuple[float, tuple[int, int]]]]) -> None:
        self.id = camera
        self._pictures = pictures
        self.closed = threading.Event()

    def frames(self) -> Iterator[Frame]:
        for index, (t_s, (width, height)) in enumerate(self._pictures()):
            yield Frame(t_s, self.id, index, np.zeros((height, width, 3), np.uint8))

    def close(self) -> None:
        self.closed.set()


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


def opened(monkeypatch: pytest.MonkeyPatch, *cameras: FakeCamera) -> Store:
    by_id = {camera.id: camera for camera in cameras}
    monkeypatch.setattr(live, "open_source", lambda plan, folder, clock: by_id[plan.id])
    return store_with(*by_id)


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


def test_pictures_and_passes_come_through(monkeypatch: pytest.MonkeyPatch, stop: threading.Event) -> None:
    camera = FakeCamera("aisle", at(0.1, 0.2, 0.3))
    store = opened(monkeypatch, camera)
    seen = list(LiveDevices(store, Path(), FakeGate(Pass(0.0, "door", "enter", "anna")), lambda: 1.0, stop))
    assert [r.t_s for r in seen if isinstance(r, Frame)] == [0.1, 0.2, 0.3]
    assert faults(seen) == {"camera aisle": "camera 'aisle': its pictures have ended"}
    assert camera.closed.is_set()


def test_a_slow_reader_gets_the_newest_pictures_and_every_pass(
    monkeypatch: pytest.MonkeyPatch, stop: threading.Event
) -> None:
    camera = FakeCamera("aisle", at(*(n / 10 for n in range(200))))
    passes = [Pass(0.0, "door", "enter", f"shopper-{n}") for n in range(30)]
    devices = LiveDevices(opened(monkeypatch, camera), Path(), FakeGate(*passes), lambda: 99.0, stop)
    until(camera.closed.is_set)
    seen = list(devices)
    frames = [r.index for r in seen if isinstance(r, Frame)]
    assert len(frames) <= QUEUE_MAX
    assert frames == list(range(200))[-len(frames) :]
    assert devices.left_out == 200 - len(frames)
    assert [r.token for r in seen if isinstance(r, Pass)] == [p.token for p in passes]
    assert "camera aisle" in faults(seen)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (CameraError("webcam 0 gives no pictures any more"), "webcam 0 gives no pictures any more"),
        (RuntimeError("libusb fell over"), "its driver failed: RuntimeError('libusb fell over')"),
    ],
)
def test_a_camera_that_breaks_is_one_fault_and_the_other_goes_on(
    monkeypatch: pytest.MonkeyPatch, stop: threading.Event, error: Exception, says: str
) -> None:
    def breaking() -> Iterator[tuple[float, tuple[int, int]]]:
        yield 0.1, (64, 48)
        raise error

    broken, sound = FakeCamera("broken", breaking), FakeCamera("sound", at(0.1, 0.2))
    seen = list(LiveDevices(opened(monkeypatch, broken, sound), Path(), None, lambda: 1.0, stop))
    assert faults(seen)["camera broken"] == says
    assert [r.index for r in seen if isinstance(r, Frame) and r.camera == "sound"] == [0, 1]
    assert broken.closed.is_set()


def test_a_picture_of_another_size_is_a_fault(monkeypatch: pytest.MonkeyPatch, stop: threading.Event) -> None:
    store = opened(monkeypatch, FakeCamera("aisle", at(0.1, size=(32, 24))))
    (fault,) = list(LiveDevices(store, Path(), None, lambda: 1.0, stop))
    assert isinstance(fault, Fault)
    assert "gives 32×24 pictures; the store file says 64×48" in fault.reason


def test_a_gate_that_breaks_is_a_fault_and_the_cameras_go_on(
    monkeypatch: pytest.MonkeyPatch, stop: threading.Event
) -> None:
    gate_is_heard = threading.Event()

    def waiting() -> Iterator[tuple[float, tuple[int, int]]]:
        assert gate_is_heard.wait(WITHIN_S)
        yield 0.5, (64, 48)

    devices = LiveDevices(
        opened(monkeypatch, FakeCamera("aisle", waiting)),
        Path(),
        FakeGate(Pass(0.1, "door", "enter", "anna"), breaks=DeviceError("unplugged")),
        lambda: 0.2,
        stop,
    )
    seen = []
    for reading in devices:
        seen.append(reading)
        if isinstance(reading, Fault) and reading.part == "gate":
            gate_is_heard.set()
    assert faults(seen)["gate"] == "unplugged"
    assert any(isinstance(reading, Frame) for reading in seen)


def test_the_stream_goes_on_in_time_whatever_order_the_threads_come_in(
    monkeypatch: pytest.MonkeyPatch, stop: threading.Event
) -> None:
    cameras = [FakeCamera(f"c{n}", at(*(k / 10 + n / 100 for k in range(5)))) for n in range(3)]
    seen = list(LiveDevices(opened(monkeypatch, *cameras), Path(), None, lambda: 0.0, stop))
    assert all(a.t_s <= b.t_s for a, b in pairwise(seen))


def test_it_ends_soon_after_it_is_told_to_stop(monkeypatch: pytest.MonkeyPatch, stop: threading.Event) -> None:
    camera = FakeCamera("aisle", lambda: ((float(n), (64, 48)) for n in count()))
    devices = iter(LiveDevices(opened(monkeypatch, camera), Path(), None, lambda: 0.0, stop))
    next(devices)
    stop.set()
    assert len(list(devices)) <= QUEUE_MAX + 1
    until(camera.closed.is_set)


def test_a_store_without_live_cameras_ends_at_once(stop: threading.Event) -> None:
    seen = list(LiveDevices(store_with("aisle"), Path(), None, lambda: 0.0, stop))
    assert "its source 'recording' is no live camera" in faults(seen)["camera aisle"]


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("webcam:99", "there is no webcam 99, or another program holds it. Found here: "),
        ("webcam:front", "is no live camera; write webcam:0 or video:PATH"),
        ("video:", "is no live camera"),
        ("video:gone.mp4", "no such file"),
        ("rtsp://10.0.0.1/1", "is no live camera"),
    ],
)
def test_a_source_that_cannot_be_opened_is_said(tmp_path: Path, source: str, says: str) -> None:
    plan = CameraPlan(id="aisle", role="area", size=(64, 48), source=source)
    with pytest.raises(CameraError, match="camera 'aisle'") as caught:
        open_source(plan, tmp_path, lambda: 0.0)
    assert says in str(caught.value)


def test_a_film_can_stand_in_for_a_live_camera(tmp_path: Path) -> None:
    write_film(tmp_path / "a.mp4", pictures=4, fps=2)
    now, slept = 100.0, []

    def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(seconds)
        now += seconds

    camera = PacedVideo(VideoFile("aisle", tmp_path / "a.mp4", Timing()), lambda: now, sleep)
    assert [frame.t_s for frame in camera.frames()] == [100.0, 100.5, 101.0, 101.5]
    assert slept == [0.0, 0.5, 0.5, 0.5]
    camera.close()


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
