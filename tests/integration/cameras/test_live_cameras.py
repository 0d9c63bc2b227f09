"""Live cameras on real streams: what a fault says, that the camera is taken up again, and that the others go on."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from hardware.cameras.source import open_source
from hardware.errors import CameraError
from hardware.live import LiveDevices
from hardware.ports import Fault, Frame, Restored
from protocol.store import Camera, Store
from tests.streams.served import Served, free_port, has_rtsp_server, mjpeg, rtsp

SIZE = (320, 180)
WITHIN_S = 60.0


class Watched:
    """Live devices, read on a thread; tests wait on what has come."""

    def __init__(self, **sources: str) -> None:
        self.stop = threading.Event()
        cameras = tuple(
            Camera(id=name, role="area", source=source, size=SIZE, fps_max=30) for name, source in sources.items()
        )
        store = Store(format=1, store="s", name="S", currency="EUR", cameras=cameras)
        self.devices = LiveDevices(store, Path(), None, time.monotonic, self.stop)
        self.changed = threading.Condition()
        self.frames = dict.fromkeys(sources, 0)
        self.faults: dict[str, list[str]] = {name: [] for name in sources}
        self.restored = dict.fromkeys(sources, 0)
        self.last: dict[str, Frame] = {}
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self) -> None:
        for reading in self.devices:
            with self.changed:
                match reading:
                    case Frame():
                        self.frames[reading.camera] += 1
                        self.last[reading.camera] = reading
                    case Fault():
                        self.faults[reading.part.removeprefix("camera ")].append(reading.reason)
                    case Restored():
                        self.restored[reading.part.removeprefix("camera ")] += 1
                self.changed.notify_all()

    def wait(self, condition: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(condition, WITHIN_S), (self.frames, self.faults, self.restored)

    def more(self, camera: str, count: int = 3) -> None:
        """Wait for so many pictures more."""
        wanted = self.frames[camera] + count
        self.wait(lambda: self.frames[camera] >= wanted)

    def faulted(self, camera: str, number: int = 1) -> str:
        """Wait for the camera's fault of that number, and give its reason."""
        self.wait(lambda: len(self.faults[camera]) >= number)
        return self.faults[camera][number - 1]

    def pid(self, camera: str) -> int:
        pid = next(each.pid for each in self.devices.health() if each.camera == camera)
        assert pid is not None
        return pid

    def close(self) -> None:
        self.stop.set()
        self.reader.join()
        self.devices.close()


def alive_in(group: int) -> list[str]:
    """The processes of a group that run; those that only wait to be reaped do not."""
    stats = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            stats.append(path.read_text(encoding="ascii").rpartition(")")[2].split())
    return [fields[1] for fields in stats if int(fields[2]) == group and fields[0] not in "ZX"]


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def watched(stack: ExitStack, **sources: str) -> Watched:
    made = Watched(**sources)
    stack.callback(made.close)
    return made


@pytest.fixture
def http(stack: ExitStack) -> Served:
    return stack.enter_context(mjpeg(*SIZE))


@pytest.fixture
def real(stack: ExitStack) -> Served:
    if not has_rtsp_server():
        reason = "needs GStreamer's RTSP server: bash tests/debian-packages.sh installs it"
        if os.environ.get("TILLFREE_REQUIRE_DATA") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return stack.enter_context(rtsp(*SIZE))


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("stall", "has given no picture for"),
        ("drip", "has given no picture for"),
        ("half", "has given no picture for"),
        ("huge", "has given no picture for"),
        ("long", ""),
        ("short", ""),
        ("reset", "broke the connection off"),
        ("close", "broke off"),
        ("black", "its pictures are black"),
        ("size 160 96", "gives 160×96 pictures; the store file says 320×180"),
    ],
)
def test_a_stream_that_misbehaves_is_said_and_taken_up_again_while_another_goes_on(
    stack: ExitStack, http: Served, fault: str, says: str
) -> None:
    other = stack.enter_context(mjpeg(*SIZE))
    live = watched(stack, aisle=http.url, door=other.url)
    live.more("aisle")
    http.tell(fault)
    assert says in live.faulted("aisle")
    live.more("door")
    http.tell("size 320 180" if fault.startswith("size") else "good")
    live.wait(lambda: live.restored["aisle"] == 1)
    live.more("aisle")
    assert live.faults["door"] == []


@pytest.mark.parametrize(
    ("mode", "says"),
    [
        ("locked", "another user or password (401 or 403)"),
        ("lost", "nothing at this path (404)"),
        ("html", "no pictures that can be read; is its path right?"),
        ("mute", "nothing has come for"),
    ],
)
def test_a_camera_that_cannot_be_opened_says_why_and_no_password(
    stack: ExitStack, http: Served, mode: str, says: str
) -> None:
    http.tell(mode)
    live = watched(stack, aisle=http.url.replace("//", "//viewer:hunter22@"))
    reason = live.faulted("aisle")
    assert says in reason
    assert "hunter22" not in reason
    assert "viewer" not in reason


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("rtsp://no-such-camera.invalid/1", "there is no host 'no-such-camera.invalid'"),
        ("http://127.0.0.1:{port}/x", "refuses the connection"),
        ("webcam:99", "there is no webcam 99"),
        ("webcam:/dev/null", "is no webcam"),
        ("video:gone.mp4", "no such file"),
        ("images:gone", "no such folder"),
        ("gstreamer:nosuchelement", "GStreamer"),
        ("picamera:0", "picamera2 is not here"),
        ("simulated:shop/corner1", "names no layout"),
        ("simulated:3/nowhere", "layout 3 has no camera 'nowhere'"),
    ],
)
def test_a_source_that_is_not_there_is_said_and_the_others_go_on(
    stack: ExitStack, http: Served, source: str, says: str
) -> None:
    live = watched(stack, aisle=source.format(port=free_port()), door=http.url)
    assert says in live.faulted("aisle")
    live.more("door", 10)
    assert live.faults["door"] == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV])
def test_a_capture_process_that_dies_or_hangs_is_replaced(
    stack: ExitStack, http: Served, number: signal.Signals
) -> None:
    live = watched(stack, aisle=http.url)
    live.more("aisle")
    first = live.pid("aisle")
    os.kill(first, number)
    live.faulted("aisle")
    live.wait(lambda: live.restored["aisle"] == 1)
    live.more("aisle")
    assert live.pid("aisle") != first
    assert not Path(f"/proc/{first}").exists()


def test_a_real_rtsp_camera_is_read_with_its_own_times(stack: ExitStack, real: Served) -> None:
    live = watched(stack, aisle=real.url)
    live.more("aisle", 20)
    (health,) = live.devices.health()
    assert health.state == "live"
    assert health.offset_s != 0.0, "its times begin elsewhere than ours"
    assert live.last["aisle"].image.shape == (SIZE[1], SIZE[0], 3)


@pytest.mark.parametrize("fault", ["black", "stall"])
def test_a_real_rtsp_camera_that_fails_is_taken_up_again(stack: ExitStack, real: Served, fault: str) -> None:
    live = watched(stack, aisle=real.url)
    live.more("aisle")
    real.tell(fault)
    live.faulted("aisle")
    real.tell("good")
    live.wait(lambda: live.restored["aisle"] == 1)
    live.more("aisle")


def test_a_real_rtsp_camera_that_is_switched_off_and_on_is_taken_up_again(stack: ExitStack, real: Served) -> None:
    live = watched(stack, aisle=real.url)
    live.more("aisle")
    real.kill()
    live.faulted("aisle")
    real.start()
    live.wait(lambda: live.restored["aisle"] == 1)
    live.more("aisle")


def test_a_frozen_real_camera_is_found_by_its_noise(stack: ExitStack, real: Served) -> None:
    live = watched(stack, aisle=real.url)
    live.more("aisle", 130)
    real.tell("frozen")
    assert "one and the same again and again" in live.faulted("aisle")
    real.tell("good")
    live.wait(lambda: live.restored["aisle"] == 1)


def test_a_wrong_rtsp_password_is_said_without_it(stack: ExitStack, real: Served) -> None:
    locked = stack.enter_context(rtsp(*SIZE, login=("viewer", "right-one")))
    live = watched(stack, aisle=locked.url.replace("//", "//viewer:wrong-one@"), door=real.url)
    reason = live.faulted("aisle")
    assert "another user or password" in reason
    assert "wrong-one" not in reason
    live.more("door")


def test_the_right_rtsp_password_opens(stack: ExitStack, real: Served) -> None:
    locked = stack.enter_context(rtsp(*SIZE, login=("viewer", "right-one")))
    live = watched(stack, aisle=locked.url.replace("//", "//viewer:right-one@"))
    live.more("aisle")
    assert live.faults["aisle"] == []


def test_a_gstreamer_pipeline_is_a_camera_and_ends_with_its_reader(stack: ExitStack, real: Served) -> None:
    del real
    pipeline = f"gstreamer:videotestsrc is-live=true ! video/x-raw,width={SIZE[0]},height={SIZE[1]},framerate=10/1"
    live = watched(stack, aisle=pipeline)
    live.more("aisle", 10)
    group = os.getpgid(live.pid("aisle"))
    live.close()
    live.wait(lambda: not alive_in(group))


def test_a_look_takes_whatever_size_a_camera_gives(http: Served) -> None:
    camera = open_source(Camera(id="a", role="area", source=http.url, size=(640, 480)), Path(), time.monotonic)
    frame = next(camera.frames())
    camera.close()
    assert frame.image.shape == (SIZE[1], SIZE[0], 3)


def test_a_look_says_what_is_wrong(tmp_path: Path) -> None:
    camera = open_source(Camera(id="a", role="area", source="video:gone.mp4", size=SIZE), tmp_path, time.monotonic)
    with pytest.raises(CameraError, match=r"camera 'a': .*no such file"):
        next(camera.frames())
