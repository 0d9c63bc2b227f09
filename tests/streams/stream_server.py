"""An MJPEG camera over HTTP whose stream misbehaves on command, as real ones do.

    python stream_server.py PORT [WIDTH HEIGHT FPS]

It says `ready PORT` when it listens (PORT 0 takes a free one). Commands come a line each on standard input, and `done`
answers each:

    good                 pictures of noise over a pattern, each another
    black, frozen        black pictures; one picture again and again
    size WIDTH HEIGHT    pictures of another size, with no word about it
    stall                nothing more comes, the connection stays
    drip                 a byte a second
    half                 every picture ends in its middle; the next one follows
    long, short          Content-Length says twice, or half, of what comes
    huge                 the picture's own header claims 60,000 × 60,000 pixels
    reset                connections are reset, and so is every one that comes
    close                the connection is closed in the middle of a picture, and so is every one that comes
    mute                 connections are taken and never answered
    locked, lost         401, 404
    html                 a page instead of pictures
"""

import contextlib
import socket
import struct
import sys
import threading
import time

import cv2
import numpy as np
import numpy.typing as npt

PICTURES = 12
BOUNDARY = b"tillfree"


class Camera:
    """What the camera shows, encoded once: noise, so that pictures differ as a sensor's do."""

    def __init__(self, width: int, height: int) -> None:
        rng = np.random.default_rng(0)
        ground = cv2.resize(rng.integers(40, 200, (9, 16, 3)).astype(np.uint8), (width, height))
        noise = rng.normal(0.0, 6.0, (PICTURES, height, width, 3))
        pictures = [np.clip(ground + each, 0, 255).astype(np.uint8) for each in noise]
        for number, picture in enumerate(pictures):
            cv2.circle(picture, (number * width // PICTURES, height // 2), 12, (0, 0, 255), -1)
        self.good = [_jpeg(picture) for picture in pictures]
        self.black = _jpeg(np.zeros((height, width, 3), np.uint8))

    def picture(self, mode: str, index: int) -> bytes:
        """The JPEG that follows in `mode`."""
        if mode == "black":
            return self.black
        jpeg = self.good[0 if mode == "frozen" else index % PICTURES]
        if mode == "half":
            return jpeg[: len(jpeg) // 2]
        if mode == "huge":
            # The frame header (SOF0): marker, length, precision, height, width.
            at = jpeg.index(b"\xff\xc0")
            return jpeg[: at + 5] + struct.pack(">HH", 60_000, 60_000) + jpeg[at + 9 :]
        return jpeg


class Server:
    """Listens on loopback and serves each connection on a thread of its own."""

    def __init__(self, port: int, width: int, height: int, fps: float) -> None:
        self.cameras = {(width, height): Camera(width, height)}
        self.camera = self.cameras[width, height]
        self.fps = fps
        self.mode = "good"
        self.changed = threading.Condition()
        self.open: set[socket.socket] = set()
        self.listener = socket.create_server(("127.0.0.1", port))
        self.port = self.listener.getsockname()[1]

    def command(self, line: str) -> None:
        """Do as `line` says."""
        word, *rest = line.split()
        if word == "size":
            size = (int(rest[0]), int(rest[1]))
            if size not in self.cameras:
                self.cameras[size] = Camera(*size)
            self.camera, word = self.cameras[size], "good"
        with self.changed:
            self.mode = word
            self.changed.notify_all()
            for connection in list(self.open) if word == "reset" else ():
                _reset(connection)

    def serve(self) -> None:
        """Take connections until the process ends."""
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with self.changed:
            self.open.add(connection)
        try:
            with connection, contextlib.suppress(OSError):
                self._answer(connection)
        finally:
            with self.changed:
                self.open.discard(connection)

    def _answer(self, connection: socket.socket) -> None:
        if self.mode == "reset":
            _reset(connection)
            return
        self._while(lambda: self.mode == "mute")
        connection.recv(4096)
        head = {"locked": b"401 Unauthorized", "lost": b"404 Not Found"}.get(self.mode)
        if head is not None:
            connection.sendall(b"HTTP/1.1 " + head + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        if self.mode == "html":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<h1>It works</h1>" * 20)
            return
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=" + BOUNDARY + b"\r\n\r\n"
        )
        self._stream(connection)

    def _stream(self, connection: socket.socket) -> None:
        due = time.monotonic()
        for index in range(sys.maxsize):
            due = max(due + 1.0 / self.fps, time.monotonic())
            with self.changed:
                self.changed.wait_for(lambda due=due: time.monotonic() >= due, timeout=1.0 / self.fps)  # type: ignore[misc] # bound
            self._while(lambda: self.mode == "stall")
            mode = self.mode
            jpeg = self.camera.picture(mode, index)
            told = {"long": 2 * len(jpeg), "short": len(jpeg) // 2}.get(mode, len(jpeg))
            part = (
                b"--"
                + BOUNDARY
                + b"\r\nContent-Type: image/jpeg\r\nContent-Length: "
                + str(told).encode()
                + b"\r\n\r\n"
            )
            if mode == "drip":
                self._drip(connection, part + jpeg)
            elif mode == "close":
                connection.sendall(part + jpeg[: len(jpeg) // 2])
                return
            else:
                connection.sendall(part + jpeg + b"\r\n")

    def _drip(self, connection: socket.socket, data: bytes) -> None:
        for byte in data:
            if self.mode != "drip":
                return
            connection.sendall(bytes([byte]))
            with self.changed:
                self.changed.wait(1.0)

    def _while(self, holds) -> None:  # type: ignore[no-untyped-def] # a condition without arguments
        with self.changed:
            self.changed.wait_for(lambda: not holds())


def _reset(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RD)
        connection.close()


def _jpeg(picture: npt.NDArray[np.uint8]) -> bytes:
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    port, *rest = sys.argv[1:]
    width, height, fps = (int(number) for number in rest) if rest else (640, 360, 10)
    server = Server(int(port), width, height, fps)
    threading.Thread(target=server.serve, daemon=True).start()
    say(f"ready {server.port}")
    for line in sys.stdin:
        server.command(line)
        say("done")


if __name__ == "__main__":
    main()
