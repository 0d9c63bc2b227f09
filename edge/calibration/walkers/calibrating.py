"""A camera by people whom a calibrated one saw too; or two cameras by nothing but the people whom both saw.

Theory of operation. Each camera's own people tell roughly how it is tilted and how high it hangs (alone.py); so each
has people at places of a floor of its own, and the two floors are laid on each other, with the clocks' offset
(meeting.py). The likeliest few beginnings are followed to the cameras that they lead to (following.py); that with the
most pairs that agree is taken, and improved on everything. What it then leaves open is told in centimetres on the floor
(doubt.py), and where that is too much, or the people walked nowhere, nothing is told at all.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from edge.calibration.errors import CalibrationError
from edge.calibration.optics import Optics, Size
from edge.calibration.view import View
from edge.calibration.walkers.alone import hung_alone
from edge.calibration.walkers.at_once import at_once
from edge.calibration.walkers.body import TALL_M
from edge.calibration.walkers.doubt import Lay, as_found, doubted_cm
from edge.calibration.walkers.following import Believed, Camera, Followed, followed
from edge.calibration.walkers.heights import heights
from edge.calibration.walkers.meeting import OFFSET_MAX_S, Laid, laid
from edge.calibration.walkers.placing import placed_alone
from edge.calibration.walkers.seen import Boxes, measured
from edge.calibration.walkers.strides import strode

Doubles = npt.NDArray[np.float64]

EVERY_S = 0.25
"""Boxes of one person that are nearer in time say hardly more."""
BOXES_MAX = 900
SEARCHED_MAX = 220
"""Boxes of a camera that the search looks at; all are used in the end."""
STARTS = 4
SEARCH_ROUNDS, ROUNDS = 2, 4
AGREE_MIN = 0.6
"""Share of the moments at which both saw somebody that must agree in the end."""
AREA_MIN_M2 = 1.0
"""What the walkers must cover between them; a camera from one straight way is a guess about the rest."""
METRES_CM = 300.0
DOUBT_MAX_CM = 60.0
"""Half of the floor may be off by so much at the most: an arm's length."""


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What one camera saw: its name, the size of its pictures, its people, and its lens where a pattern told it."""

    camera: str
    size: Size
    boxes: Boxes
    lens: Optics | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PeopleView:
    """A camera, and the other one: as it was given, or as it was found and laid on the plan.

    `offset_s` is what is added to the one's times to have the other's; `errors_cm` are what may be missed on the
    floor that it shows, `other_errors_cm` the same of the other (empty where it was given); `pairs` is at how many
    moments both agreed, `stood` (n, 2) where people were then, `tall_m` how tall the one in the middle is.
    """

    view: View
    other: View
    offset_s: float
    errors_cm: Doubles
    other_errors_cm: Doubles
    pairs: int
    stood: Doubles
    tall_m: float


def calibrate_by_people(
    mine: Sight, theirs: Sight, their_view: View | None, *, tall_m: float = TALL_M, lay: Lay = as_found
) -> PeopleView:
    """The camera that saw `mine`, while the other saw the same people as `theirs`; `their_view` None: neither is known.

    People are about `tall_m`; `lay` lays the two on the plan. Raises CalibrationError where the two saw nobody at once,
    too few, only along a line, or so that the floor is anybody's guess.
    """
    whose = f"cameras {mine.camera!r} and {theirs.camera!r}: the people whom both saw"
    for blind, seeing in ((mine, theirs), (theirs, mine)):
        if not len(blind.boxes):
            raise CalibrationError(
                f"camera {blind.camera!r} saw nobody: let people walk where it and {seeing.camera!r} both look"
            )
    one, two = _camera(mine), _camera(theirs)
    own = hung_alone(one.seen, mine.size, mine.lens, tall_m)
    other = their_view or hung_alone(two.seen, theirs.size, theirs.lens, tall_m)
    one, two = _striding(one, own, tall_m).thinned(BOXES_MAX), _striding(two, other, tall_m)
    best = _searched(one, own, two, other, their_view_is_known=their_view is not None, tall_m=tall_m)
    if best is not None:
        # By cameras that are nearly right it is known better how people walk.
        one, two = _striding(one, best.believed.mine, tall_m), _striding(two, best.believed.theirs, tall_m)
        best = followed(
            best.believed, one, two, their_view_is_known=their_view is not None, usual_m=tall_m, rounds=ROUNDS
        )
    if best is None or abs(best.believed.offset_s) > OFFSET_MAX_S + 0.5:
        raise CalibrationError(
            f"{whose} are not the same: at no clock offset up to {OFFSET_MAX_S:.0f} s do feet and heads agree. Let one "
            "person alone walk slowly all over the floor that both see, for a minute or two"
        )
    return _told(best, (one, two), whose, tall_m, lay)


def _striding(camera: Camera, view: View, tall_m: float) -> Camera:
    """The same, with the shoes where people who walk as they do have them."""
    return replace(camera, seen=strode(view, camera.boxes, camera.seen, tall_m))


def _camera(sight: Sight) -> Camera:
    boxes = sight.boxes.paced(EVERY_S)
    return Camera(boxes, measured(boxes, sight.size), sight.lens)


def _searched(
    one: Camera, own: View, two: Camera, other: View, *, their_view_is_known: bool, tall_m: float
) -> Followed | None:
    """The likeliest beginning, followed some way; `own` and `other` are the cameras by themselves."""
    here, _ = placed_alone(own, one.seen, heights(own, one.boxes, one.seen, one.alike, tall_m))
    there, _ = placed_alone(other, two.seen, heights(other, two.boxes, two.seen, two.alike, tall_m))
    few = one.thinned(SEARCHED_MAX)
    best: Followed | None = None
    for start in laid(one.boxes, here, two.boxes, there)[:STARTS]:
        begun = Believed(other, _moved(own, start), start.offset_s)
        answer = followed(
            begun, few, two, their_view_is_known=their_view_is_known, usual_m=tall_m, rounds=SEARCH_ROUNDS
        )
        if answer is not None and (best is None or answer.score > best.score):
            best = answer
    return best


def _moved(own: View, start: Laid) -> View:
    """The camera over its own floor, with that floor laid on the other's."""
    stretch, turn = abs(start.turn), math.atan2(start.turn.imag, start.turn.real)
    about = np.array([[math.cos(turn), -math.sin(turn), 0.0], [math.sin(turn), math.cos(turn), 0.0], [0.0, 0.0, 1.0]])
    eye = about @ (own.eye * stretch) + np.array([start.shift.real, start.shift.imag, 0.0])
    # Half of a stretched floor is a camera too low, the other half one that looks too flat.
    eye[2] = float(own.eye[2]) * math.sqrt(stretch)
    return View(own.optics, own.focal_px, own.axes @ about.T, eye)


def _told(best: Followed, cameras: tuple[Camera, Camera], whose: str, usual_m: float, lay: Lay) -> PeopleView:
    mine, theirs = cameras
    believed, pairs = best.believed, best.pairs
    tall_m = heights(believed.theirs, theirs.boxes, theirs.seen, theirs.alike, usual_m)
    tall = pairs.between(tall_m[:, None])[:, 0]
    stood, _ = placed_alone(believed.theirs, pairs.theirs(theirs.seen), tall)
    together = _moments_together(mine, theirs, believed.offset_s)
    if len(pairs) < AGREE_MIN * together:
        raise CalibrationError(
            f"{whose} agree at {len(pairs)} of {together} moments: too few to be sure of. "
            "Let one person alone walk where both see the floor itself"
        )
    _refuse_narrow(stood, whose)
    their_view, view = lay((believed.theirs, believed.mine))
    others_cm, errors_cm = doubted_cm(best.unknowns, best.fit, lay)
    half_cm = float(np.median(errors_cm)) if len(errors_cm) else math.inf
    if half_cm > DOUBT_MAX_CM:
        off = f"{half_cm:.0f} cm" if half_cm < METRES_CM else "metres"
        raise CalibrationError(
            f"{whose} tell too little: half of the floor could be off by more than {off}, from {len(pairs)} "
            "moments. Walk longer, and all over the floor that both see, near to the cameras too"
        )
    return PeopleView(
        view=view,
        other=their_view,
        offset_s=believed.offset_s,
        errors_cm=errors_cm,
        other_errors_cm=others_cm,
        pairs=len(pairs),
        stood=stood,
        tall_m=float(np.median(tall)),
    )


def _moments_together(mine: Camera, theirs: Camera, offset_s: float) -> int:
    """How many of this camera's boxes have anybody of the other's beside them."""
    return len(np.unique(at_once(mine.boxes, theirs.boxes, offset_s).mine))


def _refuse_narrow(stood: Doubles, whose: str) -> None:
    spread = np.linalg.svd(stood - stood.mean(axis=0), compute_uv=False) / math.sqrt(len(stood))
    # An even field of a × b metres spreads by a / √12 and b / √12.
    area = 12.0 * float(spread[0] * spread[1])
    if area < AREA_MIN_M2 or spread[1] < 0.06 * spread[0]:
        raise CalibrationError(
            f"{whose} cover {area:.1f} m², nearly on a line: walk to and fro and across, all over the floor that both "
            "see"
        )
