"""Where a live camera's pictures come from, and that its password is never said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.cameras.address import parse_source
from hardware.errors import CameraError


@pytest.mark.parametrize(
    ("source", "kind", "shown"),
    [
        ("webcam:0", "webcam", "webcam:0"),
        ("webcam:/dev/v4l/by-id/usb-046d-video-index0", "webcam", "webcam:/dev/v4l/by-id/usb-046d-video-index0"),
        ("rtsp://10.0.0.1/1", "rtsp", "rtsp://10.0.0.1/1"),
        ("rtsp://viewer:secret@10.0.0.1:8554/1", "rtsp", "rtsp://…@10.0.0.1:8554/1"),
        ("rtsps://viewer:se@cret/x@10.0.0.1/1", "rtsp", "rtsps://…@10.0.0.1/1"),
        ("http://cam.local/video.cgi?user=admin&pwd=1234", "http", "http://cam.local/video.cgi?…"),
        ("https://cam.local/mjpeg", "http", "https://cam.local/mjpeg"),
        (
            "rtsp://10.0.0.1/user=admin_password=tlJwpbo6_channel=1.sdp",
            "rtsp",
            "rtsp://10.0.0.1/user=admin_password=…_channel=1.sdp",
        ),
        ("picamera:1", "picamera", "picamera:1"),
        ("jetson:0", "jetson", "jetson:0"),
        ("gstreamer:videotestsrc ! video/x-raw", "gstreamer", "gstreamer:videotestsrc ! video/x-raw"),
        (
            'gstreamer:rtspsrc location=rtsp://10.0.0.1 user-id=admin user-pw="se cret" ! decodebin',
            "gstreamer",
            "gstreamer:rtspsrc location=rtsp://10.0.0.1 user-id=… user-pw=… ! decodebin",
        ),
        ("video:shop.mp4", "video", "video:shop.mp4"),
        ("images:frames", "images", "images:frames"),
        ("simulated:3/corner1", "simulated", "simulated:3/corner1"),
    ],
)
def test_a_source_is_taken_apart_and_shown_without_its_secrets(source: str, kind: str, shown: str) -> None:
    address = parse_source(source)
    assert (address.kind, str(address)) == (kind, shown)
    assert "secret" not in repr(address)


@pytest.mark.parametrize(
    "source",
    [
        "recording",
        "webcam:",
        "webcam:front",
        "webcam:-1",
        "webcam:²",
        "picamera:",
        "jetson:left",
        "video:",
        "video: ",
        "rtsp:camera",
        "rtsp://",
        "http://:80/x",
        "rtsp://host:port/1",
        "ftp://viewer:secret@10.0.0.1/1",
        "/dev/video0",
        "shop.mp4",
    ],
)
def test_what_is_no_live_camera_is_refused_without_its_secrets(source: str) -> None:
    with pytest.raises(CameraError, match="is no live camera") as told:
        parse_source(source)
    assert "secret" not in str(told.value)


WORDS = st.text(
    st.characters(codec="ascii", categories=["L", "N"], include_characters="!$*-.@/:%"), min_size=4, max_size=20
)


@given(password=WORDS)
def test_whatever_the_password_no_message_tells_it(password: str) -> None:
    url = f"rtsp://viewer:{password}@10.9.8.7/stream"
    try:
        shown = str(parse_source(url))
    except CameraError as error:
        shown = str(error)
    assert f":{password}@" not in shown
    assert "viewer:" not in shown


@given(password=WORDS.filter(lambda text: text not in "could not open rtsp://…@10.9.8.7/stream: refused (said )"))
def test_a_library_s_message_is_cleaned(password: str) -> None:
    try:
        address = parse_source(f"rtsp://viewer:{password}@10.9.8.7/stream")
    except CameraError:
        return
    said = address.hide(f"could not open {address.text}: refused (said {password})")
    assert password not in said.replace("…", "\0")
