"""Where photos to enrol come from: files, and what a shelf camera shows of a slot now or showed in a recording."""

import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from edge.errors import PerceptionError
from edge.perception.gallery import cut
from hardware.cameras.image_folder import SUFFIXES, read_image
from hardware.cameras.video_file import picture_at
from hardware.errors import CameraError
from hardware.playback import open_camera
from hardware.ports import Image
from protocol.recording import read_recording
from protocol.store import Box, Camera, Store
from tillfree.calibrate.pictures import LIVE, pictures_of, refuse_size, still
from tillfree.products.errors import EnrolmentError
from tillfree.products.keeping import Taken

_FRAME = re.compile(r"^(?P<video>.+)#(?:frame=)?(?P<index>\d+)$")
_BOX = re.compile(r"^\s*\d+(\.\d+)?(\s*,\s*\d+(\.\d+)?){3}\s*$")
BYTES_MAX = 20_000_000


def box_of(text: str) -> Box:
    """`x,y,width,height` in pixels. EnrolmentError where it is none."""
    if _BOX.match(text):
        x, y, width, height = (float(part) for part in text.split(","))
        if width >= 1 and height >= 1:
            return x, y, width, height
    raise EnrolmentError(f"--box {text}: a box is x,y,width,height in pixels, such as 60,120,180,300")


def from_file(name: str, box: Box | None) -> tuple[Image, Taken]:
    """A picture file, or `VIDEO#N` for picture N (from 0) of a video. EnrolmentError names what is wrong with it."""
    found = _FRAME.match(name)
    path = Path(found["video"] if found else name)
    try:
        if found is None and path.suffix.lower() not in SUFFIXES:
            raise EnrolmentError(f"{name}: no picture ({', '.join(sorted(SUFFIXES))}); of a video, say which: {name}#0")
        image = read_image(path) if found is None else picture_at(path, int(found["index"]))
        if found is None and box is None and path.stat().st_size <= BYTES_MAX:
            # As it was taken: compressing it anew would lose some of it.
            return image, Taken(path.read_bytes(), path.suffix.lower())
        shown = image if box is None else cut(image, box, name)
    except (CameraError, PerceptionError) as error:
        raise EnrolmentError(str(error)) from None
    except OSError as error:
        raise EnrolmentError(f"{path}: {error.strerror}") from None
    return shown, Taken.of(shown)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a camera shows of a `slot`, or within `box`."""

    camera: str
    slot: str | None = None
    box: Box | None = None
    seen: str | None = None
    """A picture, a video or a folder of pictures; without it, and without a recording, what it sees now."""
    recording: Path | None = None
    """The camera's pictures in this recording instead: the first one from `at_s` on."""
    at_s: float = 0.0

    def photo(self, store: Store, folder: Path) -> tuple[Image, Taken]:
        """The photo; EnrolmentError says why there is none. Paths of the store's cameras are relative to `folder`."""
        plan = store.camera(self.camera)
        if plan is None:
            raise EnrolmentError(
                f"there is no camera {self.camera!r}; the store has {_named([each.id for each in store.cameras])}"
            )
        box = self._box(plan)
        try:
            whole = (
                still(pictures_of(self.seen or LIVE, plan, folder)) if self.recording is None else self._recorded(plan)
            )
            image = cut(whole, box, f"camera {self.camera!r}")
        except PerceptionError as error:
            raise EnrolmentError(str(error)) from None
        return image, Taken.of(image)

    def _recorded(self, plan: Camera) -> Image:
        assert self.recording is not None
        played = read_recording(self.recording)
        recorded = next((each for each in played.file.cameras if each.id == plan.id), None)
        if recorded is None:
            raise EnrolmentError(f"{self.recording}: the recording has no pictures of camera {plan.id!r}")
        with closing(open_camera(self.recording, recorded, plan, played.file.duration_s)) as opened:
            frame = next((frame for frame in opened.frames() if frame.t_s >= self.at_s), None)
        if frame is None:
            raise EnrolmentError(f"{self.recording}: camera {plan.id!r} has no picture at or after {self.at_s:g} s")
        refuse_size(frame.image, plan, str(self.recording))
        return frame.image

    def _box(self, plan: Camera) -> Box:
        if self.box is not None:
            return self.box
        if self.slot is None:
            raise EnrolmentError(f"camera {plan.id!r}: say which --slot, or where in its picture: --box x,y,w,h")
        view = next((view for view in plan.views if view.slot == self.slot), None)
        if view is None:
            known = _named([each.slot for each in plan.views])
            raise EnrolmentError(f"camera {plan.id!r} does not see slot {self.slot!r}; it sees {known}")
        return view.box


def _named(names: Sequence[str]) -> str:
    return ", ".join(names) if names else "none"
