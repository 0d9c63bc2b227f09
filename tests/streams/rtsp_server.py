# mypy: ignore-errors
# It runs in the system's Python, whose GStreamer has no types.
"""A real RTSP server (GStreamer's) whose camera misbehaves on command. Run by the system's own Python.

    /usr/bin/python3 rtsp_server.py PORT WIDTH HEIGHT FPS [USER PASSWORD]

It says `ready` when it listens. Commands come a line each on standard input, and `done` answers each:

    good      noise over stripes, as a sensor's
    frozen    one picture again and again, encoded anew each time
    black     black pictures
    stall     pictures cease, the connection stays
"""

import random
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstApp, GstRtspServer  # noqa: E402, F401 - after the versions were asked for

PICTURES = 12
LAUNCH = (
    "( appsrc name=source is-live=true format=time do-timestamp=true block=false max-buffers=2 leaky-type=downstream "
    "caps=video/x-raw,format=I420,width={width},height={height},framerate={fps}/1 ! "
    "x264enc tune=zerolatency speed-preset=ultrafast key-int-max={keys} bitrate=2000 ! "
    "rtph264pay name=pay0 pt=96 config-interval=1 )"
)


def pictures(width, height):
    """I420 pictures of noise over stripes: each another, as a sensor's are."""
    rng = random.Random(0)
    colour = bytes([128]) * (width * height // 2)
    stripes = [bytes(min(60 + 3 * (row % 40) + level // 12, 255) for level in range(256)) for row in range(height)]
    for _ in range(PICTURES):
        yield b"".join(rng.randbytes(width).translate(stripes[row]) for row in range(height)) + colour


class Camera(GstRtspServer.RTSPMediaFactory):
    """Makes the stream, one for all who watch, and feeds it."""

    def __init__(self, width, height, fps):
        super().__init__()
        self.launch = LAUNCH.format(width=width, height=height, fps=fps, keys=2 * fps)
        self.pictures = list(pictures(width, height))
        self.black = bytes([16]) * (width * height) + bytes([128]) * (width * height // 2)
        self.mode = "good"
        self.index = 0
        self.sources = []
        self.set_shared(True)
        GLib.timeout_add(round(1000 / fps), self.shoot)

    def do_create_element(self, _url):
        made = Gst.parse_launch(self.launch)
        # A stream that ended takes no more pictures and is forgotten with the third that follows.
        self.sources = [*self.sources[-2:], made.get_by_name("source")]
        return made

    def shoot(self):
        if self.mode == "good":
            self.index = (self.index + 1) % PICTURES
        picture = self.black if self.mode == "black" else self.pictures[self.index]
        for source in self.sources if self.mode != "stall" else ():
            source.emit("push-buffer", Gst.Buffer.new_wrapped(picture))
        return True

    def command(self, line):
        self.mode = line.strip()
        say("done")


def say(word):
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


def main():
    port, width, height, fps, *login = sys.argv[1:]
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    camera = Camera(int(width), int(height), int(fps))
    if login:
        auth, token = GstRtspServer.RTSPAuth(), GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "viewer")
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(*login), token)
        server.set_auth(auth)
        role = "viewer,media.factory.access=(boolean)true,media.factory.construct=(boolean)true"
        camera.add_role_from_structure(Gst.Structure.new_from_string(role))
    server.get_mount_points().add_factory("/camera", camera)
    server.attach(None)
    loop = GLib.MainLoop()

    def listen():
        for line in sys.stdin:
            GLib.idle_add(camera.command, line)
        loop.quit()

    threading.Thread(target=listen, daemon=True).start()
    say("ready")
    loop.run()


if __name__ == "__main__":
    main()
