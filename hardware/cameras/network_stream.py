"""A network camera: RTSP over TCP, or MJPEG (or whatever else FFmpeg knows) over HTTP.

Read with PyAV, whose time-outs end a read that would wait for ever; OpenCV's do not (opencv/opencv #22677). RTSP
pictures carry the camera's own times (RTP, RFC 3550). Of MJPEG over HTTP the times are FFmpeg's invention and are not
used.
"""

import errno
import socket
import time
from collections.abc import Iterator
from functools import partial
from urllib.parse import SplitResult, urlsplit

import av

from hardware.cameras.address import Address
from hardware.cameras.picture import Picture, Retry, SourceEnded
from hardware.cameras.pixels import Pixels

READ_S = 10.0
"""The longest wait for one packet. Who watches ends it long before; the slowest cameras need it."""
PIXELS_MAX = 64_000_000
"""A picture that claims to be larger is damaged, and its claim is not to take the memory."""
INVENTED_TIMES = frozenset({"mpjpeg", "mjpeg", "jpeg_pipe", "image2"})
_PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}


class NetworkStream:
    """The stream at the URL that `address` names."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._container: av.container.InputContainer | None = None

    def open(self, within_s: float) -> None:
        """Connect, and learn what is sent. SourceEnded says whether name, network, password or path failed."""
        parts = urlsplit(self._address.text)
        began_s = time.monotonic()
        _reach(parts, within_s)
        left_s = max(within_s - (time.monotonic() - began_s), 0.1)
        # What FFmpeg would find out by watching for a second, the first picture says. What it has read by then is kept
        # ("nobuffer" would throw it away): else the wait would be for the next key picture.
        options = {"analyzeduration": "1000", "fpsprobesize": "0", "max_pixels": str(PIXELS_MAX)}
        if parts.scheme.startswith("rtsp"):
            options |= {"rtsp_transport": "tcp", "allowed_media_types": "video"}
        try:
            self._container = av.open(self._address.text, options=options, timeout=(left_s, READ_S))
        except (av.FFmpegError, OSError) as error:
            raise self._ended(error, within_s, opening=True) from None
        if not self._container.streams.video:
            raise SourceEnded(f"{self._address} sends no pictures; is its path right?", "later")

    def pictures(self) -> Iterator[Picture]:
        """Pictures until the stream ends, stalls or breaks. What cannot be decoded is left out."""
        container = self._container
        assert container is not None, "open comes first"
        stream = container.streams.video[0]
        # One thread: more would hold back as many pictures, and the cores belong to the networks.
        stream.thread_type = "NONE"
        stream.codec_context.options = {"err_detect": "explode"}
        tells_time = container.format.name.split(",")[0] not in INVENTED_TIMES
        pixels = Pixels()
        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                raise SourceEnded(f"{self._address} has closed the connection") from None
            except (av.FFmpegError, OSError) as error:
                raise self._ended(error, READ_S) from None
            arrived_s = time.monotonic()
            try:
                decoded = packet.decode()
            except (av.error.InvalidDataError, av.error.EOFError):
                continue
            for picture in decoded:
                if not picture.is_corrupt:
                    own_s = picture.time if tells_time else None
                    yield Picture(own_s, arrived_s, (picture.width, picture.height), partial(pixels.of, picture))

    def close(self) -> None:
        """Hang up."""
        container, self._container = self._container, None
        if container is not None:
            container.close()

    def _ended(self, error: Exception, within_s: float, *, opening: bool = False) -> SourceEnded:
        what, retry = _said(error, within_s)
        if opening and isinstance(error, av.error.InvalidDataError | av.error.EOFError | OSError) and retry == "soon":
            # FFmpeg has many words for a page, an empty answer or a stream of something else.
            what = what if _is_late(error) else "it sends no pictures that can be read; is its path right?"
        return SourceEnded(f"{self._address}: {what}", retry)


def _reach(parts: SplitResult, within_s: float) -> None:
    """See that the host has a name and answers: FFmpeg says «Input/output error» to both."""
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    try:
        socket.create_connection((host, port), timeout=within_s).close()
    except socket.gaierror:
        raise SourceEnded(f"there is no host {host!r}; correct the source, or see that the name resolves") from None
    except TimeoutError:
        raise SourceEnded(
            f"{host}:{port} does not answer within {within_s:.1f} s; is the camera on, and in this network?"
        ) from None
    except ConnectionRefusedError:
        raise SourceEnded(
            f"{host}:{port} refuses the connection; is the camera starting, or is the port another one?"
        ) from None
    except OSError as error:
        raise SourceEnded(f"{host}:{port} cannot be reached: {error.strerror}") from None


def _is_late(error: Exception) -> bool:
    return isinstance(error, av.error.ExitError | TimeoutError)


def _said(error: Exception, within_s: float) -> tuple[str, Retry]:
    """What `error` means for a person. FFmpeg's own text may hold the URL, so only its kind is told."""
    told = next(((what, retry) for kinds, what, retry in _MEANINGS if isinstance(error, kinds)), None)
    if told is not None:
        return told[0].format(within_s=within_s), told[1]
    if isinstance(error, OSError) and error.errno in (errno.ECONNRESET, errno.EPIPE):
        return "it broke the connection off", "soon"
    return f"it broke off ({getattr(error, 'strerror', None) or type(error).__name__})", "soon"


_MEANINGS: tuple[tuple[tuple[type[Exception], ...], str, Retry], ...] = (
    (
        (av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError),
        "it wants another user or password (401 or 403); correct them in `source`",
        "later",
    ),
    (
        (av.error.HTTPNotFoundError,),
        "it has nothing at this path (404); the camera's manual tells the right one",
        "soon",
    ),
    ((av.error.ExitError, TimeoutError), "nothing has come for {within_s:.1f} s", "soon"),
    ((av.error.InvalidDataError,), "what it sends cannot be read as video; is its path right?", "soon"),
    ((av.error.EOFError,), "it closed the connection", "soon"),
)
