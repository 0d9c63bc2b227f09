"""Drivers of devices that are not here, against stand-ins with the same calls; and files played as if live."""

import os
import sys
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import pytest

from hardware.cameras import webcam
from hardware.cameras.jetson import jetson_pipeline
from hardware.cameras.picamera import PiCamera
from hardware.cameras.picture import SourceEnded
from hardware.cameras.played_files import PlayedFiles
from hardware.cameras.webcam import Webcam
from tests.unit.hardware.film import write_film

SIZE = (64, 48)


class FakeRequest:
    """A picture of picamera2, which must be given back."""

    def __init__(self, camera: "FakePicamera2") -> None:
        self._camera = camera
        camera.out += 1

    def make_array(self, stream: str) -> np.ndarray[Any, Any]:
        assert stream == "main"
        return np.full((SIZE[1], SIZE[0], 3), 7, np.uint8)

    def get_metadata(self) -> dict[str, int]:
        self._camera.number += 1
        return {"SensorTimestamp": self._camera.number * 100_000_000}

    def release(self) -> None:
        self._camera.out -= 1


class FakePicamera2:
    """picamera2.Picamera2, as far as it is called: one camera, which breaks after three pictures."""

    made: "FakePicamera2"

    def __init__(self, which: int) -> None:
        assert which == 0
        FakePicamera2.made = self
        self.number, self.out, self.log = 0, 0, ["made"]

    @staticmethod
    def global_camera_info() -> list[dict[str, str]]:
        return [{"Model": "imx708"}]

    def create_video_configuration(self, main: dict[str, Any], controls: dict[str, float]) -> dict[str, Any]:
        return {"main": main, "controls": controls}

    def configure(self, configuration: dict[str, Any]) -> None:
        assert configuration == {"main": {"size": SIZE, "format": "RGB888"}, "controls": {"FrameRate": 10.0}}
        self.log.append("configured")

    def start(self) -> None:
        self.log.append("started")

    def capture_request(self) -> FakeRequest:
        if self.number == 3:
            raise RuntimeError("Camera frontend has timed out!")
        return FakeRequest(self)

    def stop(self) -> None:
        self.log.append("stopped")

    def close(self) -> None:
        self.log.append("closed")


@pytest.fixture
def picamera2(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("picamera2")
    module.Picamera2 = FakePicamera2  # type: ignore[attr-defined] # a stand-in for a module that is not here
    monkeypatch.setitem(sys.modules, "picamera2", module)


@pytest.mark.usefixtures("picamera2")
def test_a_csi_camera_gives_pictures_with_the_sensor_s_times_and_says_when_it_breaks() -> None:
    camera = PiCamera(0, SIZE, 10.0)
    camera.open(5.0)
    pictures = camera.pictures()
    seen = list(islice(pictures, 3))
    assert [picture.own_s for picture in seen] == [0.1, 0.2, 0.3]
    assert {picture.size for picture in seen} == {SIZE}
    assert int(seen[0].image()[0, 0, 0]) == 7
    with pytest.raises(SourceEnded, match="broke off: Camera frontend has timed out"):
        next(pictures)
    assert FakePicamera2.made.out == 0, "every picture was given back"
    camera.close()
    camera.close()
    assert FakePicamera2.made.log == ["made", "configured", "started", "stopped", "closed"]


@pytest.mark.usefixtures("picamera2")
def test_a_csi_camera_that_is_not_there_is_said() -> None:
    with pytest.raises(SourceEnded, match="there is no CSI camera 1 here; 1 found"):
        PiCamera(1, SIZE, 10.0).open(5.0)


def test_without_picamera2_it_is_said_how_to_get_it() -> None:
    with pytest.raises(SourceEnded, match="apt-get install python3-picamera2") as told:
        PiCamera(0, SIZE, 10.0).open(5.0)
    assert told.value.retry == "later"


def test_a_jetson_s_pipeline_asks_for_size_and_rate() -> None:
    words = jetson_pipeline(1, (1280, 720), 14.7)
    assert words.startswith("nvarguscamerasrc sensor-id=1 ! ")
    assert "framerate=15/1" in words
    assert words.endswith("format=I420,width=1280,height=720")


class FakeCapture:
    """cv2.VideoCapture: a camera that drops pictures now and then, and then is gone."""

    def __init__(self, number: int) -> None:
        self.reads = 0

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return True

    def set(self, key: int, value: float) -> bool:
        return True

    def get(self, key: int) -> float:
        assert key == cv2.CAP_PROP_POS_MSEC
        return 1000.0 + self.reads

    def read(self) -> tuple[bool, np.ndarray[Any, Any] | None]:
        self.reads += 1
        good = self.reads % 3 != 0 and self.reads < 9
        return good, np.zeros((SIZE[1], SIZE[0], 3), np.uint8) if good else None

    def release(self) -> None:
        pass


def test_a_webcam_that_drops_pictures_goes_on_and_one_that_gives_none_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webcam, "found", lambda: [0])
    monkeypatch.setattr(os, "open", lambda path, flags: 99)
    monkeypatch.setattr(os, "close", lambda descriptor: None)
    monkeypatch.setattr(cv2, "VideoCapture", FakeCapture)
    camera = Webcam("0", SIZE, 10.0)
    camera.open(5.0)
    pictures = camera.pictures()
    seen = [picture.own_s for picture in islice(pictures, 6)]
    with pytest.raises(SourceEnded, match="gives no pictures any more"):
        next(pictures)
    assert seen == [1.001, 1.002, 1.004, 1.005, 1.007, 1.008]
    camera.close()


@pytest.mark.parametrize(
    ("error", "says", "retry"),
    [
        (FileNotFoundError(2, "No such file"), "there is no webcam 3 here. Found here: /dev/video0", "soon"),
        (PermissionError(13, "Permission denied"), "add it to the group `video`", "later"),
        (OSError(16, "Device or resource busy"), "Device or resource busy", "soon"),
    ],
)
def test_a_webcam_that_cannot_be_opened_is_said_with_those_that_are_there(
    monkeypatch: pytest.MonkeyPatch, error: OSError, says: str, retry: str
) -> None:
    def fails(path: Path, flags: int) -> int:
        raise error

    monkeypatch.setattr(webcam, "found", lambda: [0])
    monkeypatch.setattr(os, "open", fails)
    with pytest.raises(SourceEnded) as told:
        Webcam("3", SIZE, 10.0).open(5.0)
    assert says in str(told.value)
    assert told.value.retry == retry


@pytest.mark.parametrize("kind", ["video", "images"])
def test_files_play_when_their_pictures_are_due_and_end_for_good(tmp_path: Path, kind: Any) -> None:
    if kind == "video":
        path = write_film(tmp_path / "a.mp4", pictures=4, fps=2)
    else:
        path = tmp_path
        for number in range(4):
            cv2.imwrite(str(path / f"{number}.png"), np.full((48, 64, 3), number, np.uint8))
    now, slept = 100.0, []

    def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(seconds)
        now += seconds

    files = PlayedFiles("aisle", kind, path, 2.0, clock=lambda: now, sleep=sleep)
    files.open(5.0)
    pictures = files.pictures()
    arrived = [picture.arrived_s for picture in islice(pictures, 4)]
    with pytest.raises(SourceEnded, match="its pictures have ended") as told:
        next(pictures)
    assert arrived == [100.0, 100.5, 101.0, 101.5]
    assert slept == [0.0, 0.5, 0.5, 0.5]
    assert told.value.retry == "never"
    files.close()
