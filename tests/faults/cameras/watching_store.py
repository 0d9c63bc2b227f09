"""A store's process that watches one camera and is to be killed: says the capture process's id, then reads on."""

import signal
import sys
import threading
import time
from pathlib import Path

from hardware.cameras.live_camera import LiveCamera
from hardware.ports import Frame
from protocol.store import Camera

# Whoever runs the tests in the background has it ignored, and children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
plan = Camera(id="aisle", role="area", source=sys.argv[1], size=(320, 180), fps_max=10)
camera = LiveCamera(plan, Path(), time.monotonic, threading.Event())
said = False
for reading in camera.readings():
    if isinstance(reading, Frame) and not said:
        said = True
        sys.stdout.write(f"{camera.health().pid}\n")
        sys.stdout.flush()
