"""One opening of a source, in the capture process: its pictures go into shared memory until it ends or is opened anew.

Source clock and thinning work on each picture; only those that are wanted are turned into pixels, straight into a slot.
"""

import threading
from dataclasses import dataclass

import numpy as np

from hardware.cameras.look import Glance, Look
from hardware.cameras.picture import Driver
from hardware.cameras.shared_pictures import NO_SLOT, PictureWriter, Shot
from hardware.cameras.source_clock import SourceClock
from hardware.cameras.timing import Thinning

NOTHING = Look(0.0, None, None)
"""What is told of a picture that was not looked at."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which pictures: of what size (width, height), and at most how many a second."""

    size: tuple[int, int]
    fps_max: float


def run_session(driver: Driver, wanted: Wanted, writer: PictureWriter, anew: threading.Event) -> None:
    """Hand over the pictures of the open `driver` until `anew` is set. Raises SourceEnded where they cease."""
    clock, thinning, glance = SourceClock(), Thinning(wanted.fps_max), Glance()
    for index, picture in enumerate(driver.pictures()):
        if anew.is_set():
            return
        taken_s = clock.taken_at(picture.own_s, picture.arrived_s)
        if not thinning.wants(taken_s):
            continue
        look, slot = NOTHING, None
        if picture.size == wanted.size:
            slot = writer.take()
            if slot is None:
                continue
            np.copyto(writer.image(slot), picture.image())
            look = glance.look(writer.image(slot))
        shot = Shot(
            NO_SLOT if slot is None else slot,
            picture.size,
            index,
            taken_s,
            picture.arrived_s,
            look,
            clock.offset_s,
            clock.drift,
            clock.jumps,
            writer.passed_over,
        )
        writer.hand_over(shot)
