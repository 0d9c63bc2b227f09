"""Where a live camera's pictures come from, as the store file's `source` says it, and how to speak of it.

A source may hold a password. It is never said: `str()` of an address, and whatever went through `hide`, show the place
without user, password and query.
"""

import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote, urlsplit

from hardware.errors import CameraError

Kind = Literal["webcam", "rtsp", "http", "picamera", "jetson", "gstreamer", "video", "images", "simulated"]

FORMS = (
    "webcam:0, rtsp://HOST/…, http://HOST/…, picamera:0, jetson:0, gstreamer:PIPELINE, video:PATH, images:PATH "
    "or simulated:LAYOUT/CAMERA"
)

_NUMBERED: dict[str, Kind] = {"picamera": "picamera", "jetson": "jetson"}
_NAMED: dict[str, Kind] = {"gstreamer": "gstreamer", "video": "video", "images": "images", "simulated": "simulated"}
_URLS: dict[str, Kind] = {"rtsp": "rtsp", "rtsps": "rtsp", "http": "http", "https": "http"}

_USER_INFO = re.compile(r"://\S*@")
_QUERY = re.compile(r"(://[^\s?]*)\?\S*")
_NAMED_SECRET = re.compile(
    r"(?i)\b((?:[\w-]*_)?(?:user-id|user-pw|pass(?:word|wd|phrase)?|pwd|pw|secret|token|auth)\w*)([=:])(\"[^\"]*\"|[^\s/&_\"]+)"
)


@dataclass(frozen=True, slots=True)
class Address:
    """A source, taken apart: `text` is what follows the kind; of a URL it is the whole."""

    kind: Kind
    text: str = field(repr=False)

    def __str__(self) -> str:
        shown = self.text if self.kind in ("rtsp", "http") else f"{self.kind}:{self.text}"
        return self.hide(shown)

    @property
    def stands_in(self) -> bool:
        """Whether it is no device, but a stand-in for one that is drawn or read on this machine."""
        return self.kind in ("video", "images", "simulated")

    def hide(self, message: str) -> str:
        """`message` without what of this address is secret, or looks as if it were."""
        for secret in self._secrets():
            message = message.replace(secret, "…")
        message = _QUERY.sub(r"\1?…", _USER_INFO.sub("://…@", message))
        return _NAMED_SECRET.sub(r"\1\2…", message)

    def _secrets(self) -> list[str]:
        """The password of a URL in each form in which a library may repeat it. Short ones would blot out words."""
        if self.kind not in ("rtsp", "http"):
            return []
        user_info = self.text.partition("://")[2].rpartition("@")[0]
        password = user_info.partition(":")[2]
        return [secret for secret in {password, unquote(password)} if len(secret) > 3]


def parse_source(source: str) -> Address:
    """The address that a store file's `source` means; CameraError where it is none of a live camera."""
    kind, colon, rest = source.partition(":")
    if kind in _URLS and rest.startswith("//"):
        return Address(_URLS[kind], _checked_url(source))
    if kind == "webcam" and (_is_number(rest) or rest.startswith("/dev/")):
        return Address("webcam", rest)
    if kind in _NUMBERED and _is_number(rest):
        return Address(_NUMBERED[kind], rest)
    if kind in _NAMED and rest.strip():
        return Address(_NAMED[kind], rest)
    shown = Address("rtsp", source).hide(source if colon else kind)
    raise CameraError(f"its source {shown!r} is no live camera; write {FORMS}, or play a recording")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 3


def _checked_url(url: str) -> str:
    shown = Address("rtsp", url)
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise CameraError(f"its source {shown} is no live camera: {shown.hide(str(error))}") from None
    if not host:
        raise CameraError(f"its source {shown} is no live camera: it names no host")
    return url
