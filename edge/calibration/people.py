"""A camera from people who walk: it sees the feet that a calibrated camera sees too.

Theory of operation. The calibrated camera tells where on the floor people stood, this one at which pixels; the two
clocks may differ. Moments at which each saw one person pair up by themselves. They may still be two different persons,
or boxes that end at a shelf and not at the feet; so among small samples of the pairs, and over a range of clock
offsets, the homography is taken that most sightings agree on. From it cameras are made and improved by least squares,
the clock's offset with them, and pairs are drawn anew among all persons of each moment, as long as feet and height
agree: people are as tall as people are, which tells the tilt as well. Blocks of time are then left out and foretold.

The lower edge of a box is not where a person stands but the nearest of their shoes: `SHOE_M` towards the camera that
looks. With two cameras that look from opposite sides this matters, and it is taken out on both.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge.calibration.errors import CalibrationError
from edge.calibration.least_squares import Fit, Rows, fit
from edge.calibration.optics import Optics, Size
from edge.calibration.view import BEND_SIGMA, Unknown, View, first_views, leftover_of

Doubles = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

OFFSET_MAX_S = 2.0
"""How far two cameras' clocks may be apart; more is a wrong clock, not a slow cable."""
OFFSET_STEP_S = 0.2
GAP_MAX_S = 0.6
"""Between two sightings of one person that a place is drawn a line through."""
PACE_MAX_M_S = 2.5
SHOE_M = 0.12
"""Median over drawn people who walk and stand, 1,577 boxes; real ones of the motion lab agree best at 0.05 to 0.1."""
SAMPLES, SAMPLE = 400, 5
STARTS_MAX, STARTS_EACH, STARTS_MIN = 8, 2, 14
"""Beginnings that are followed to their ends; of a clock offset; pairs that a beginning needs."""
ROUNDS = 4
SAMPLED_MAX = 500
ALONE_MIN = 16
"""Moments at which each camera saw one person; with fewer all pairs are drawn from."""
TALL_M, TALL_SIGMA_M = 1.68, 0.14
"""How tall people are, shoes and hair included."""
HUNG_M, HUNG_SIGMA = 2.8, 0.35
"""How high cameras hang, and the standard deviation of its logarithm: from 1.4 to 5.6 m without a word."""
TOLD = 40.0
"""Pairs count as so many together: boxes err alike from one moment to the next, and what is expected keeps a say."""
CROWD = 20.0
"""Heights count as of so many people together, however often each was seen."""
PAIRS_MIN = 24
AGREE_MIN = 0.4
"""Share of the sightings at which both saw somebody that must agree in the end."""
AREA_MIN_M2 = 1.0
"""What the walkers' feet must cover between them; a camera from one straight way is a guess about the rest."""
FEET = 0.03
"""Of a box's height: how far its lower edge is beside the feet."""
FEET_MIN_PX = 1.5
FAR_SIGMAS = 4.0
TALL_SIGMAS = 3.0
"""A box that is so much higher or lower than people is cut off by a shelf, or two persons."""
FOLDS = 5
PAIRS_MAX = 1500
OFFSET_SIGMA_S = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Feet:
    """What the camera to be calibrated saw: times (n,), lower middles of boxes in pixels (n, 2), their heights (n,)."""

    t_s: Doubles
    pixels: Doubles
    heights_px: Doubles


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """What a calibrated camera saw, by its own clock: times (n,), metres (n, 2), their standard deviations (n,).

    `eye` is where that camera hangs over the plan, where the places are those of the nearest shoes and not yet of who
    wears them. `tracks` (n,) are its own numbers of the people.
    """

    t_s: Doubles
    metres: Doubles
    sigma_m: Doubles
    tracks: npt.NDArray[np.int64]
    eye: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PeopleView:
    """A camera from people: `offset_s` is what is added to its times to have the other's.

    `errors_cm` is by how much left-out feet are foretold away from where the other camera has them: what the two
    detections are wrong by is in it. `pairs` is how many pairs agreed.
    """

    view: View
    fit: Fit
    unknown: Unknown
    offset_s: float
    errors_cm: Doubles
    pairs: int


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Sightings of one moment: rows of `Feet`, and where the other camera had somebody then, and how fast they went."""

    rows: Indices
    metres: Doubles
    pace: Doubles
    sigma_m: Doubles
    alone: npt.NDArray[np.bool_]

    def only(self, chosen: npt.NDArray[np.bool_] | Indices) -> "_Pairs":
        return _Pairs(
            self.rows[chosen], self.metres[chosen], self.pace[chosen], self.sigma_m[chosen], self.alone[chosen]
        )


def calibrate_by_people(
    feet: Feet, places: Places, size: Size, camera: str, *, other: str, known: Optics | None = None
) -> PeopleView:
    """The camera of pictures of `size` that saw `feet`, while `other` saw the same people at `places`.

    Raises CalibrationError where the two saw nobody at once, too few, or only along a line.
    """
    whose = f"camera {camera!r}: the feet that it and {other!r} saw"
    tracks = _tracks(places)
    if not len(feet.t_s) or not tracks:
        who = camera if not len(feet.t_s) else other
        raise CalibrationError(f"camera {who!r} saw nobody: let people walk where {camera!r} and {other!r} both look")
    optics = Optics.straight(size) if known is None else known
    best: _Answer | None = None
    for offset_s, pairs in _begin(feet, tracks, optics):
        answer = _followed(feet, tracks, places, _Start(offset_s, pairs, optics, whose))
        if answer is not None and (best is None or len(answer.pairs.rows) > len(best.pairs.rows)):
            best = answer
    if best is None:
        raise CalibrationError(
            f"{whose} are not the same: at no clock offset up to {OFFSET_MAX_S:.0f} s do {PAIRS_MIN} moments agree. "
            "Let one person alone walk slowly all over the floor that both see, for a minute or two"
        )
    together = len(np.unique(_at_once(feet, tracks, best.offset_s).rows))
    if len(best.pairs.rows) < AGREE_MIN * together:
        raise CalibrationError(
            f"{whose} agree at {len(best.pairs.rows)} of {together} moments: too few to be sure of. "
            "Where shelves hide feet nothing agrees: let one person alone walk where both see the floor itself"
        )
    offset_s, pairs, found, unknown = best.offset_s, best.pairs, best.found, best.unknown
    offset_s += float(found.unknowns[-1])
    _refuse_narrow(pairs, whose)
    view = unknown.view(found.unknowns[:-1])
    errors_cm = _foretold_cm(unknown, found, feet, pairs, places)
    return PeopleView(view, found, unknown, offset_s, errors_cm, len(pairs.rows))


@dataclass(frozen=True, slots=True, eq=False)
class _Start:
    """Where a search begins."""

    offset_s: float
    pairs: _Pairs
    optics: Optics
    whose: str


@dataclass(frozen=True, slots=True, eq=False)
class _Answer:
    """Where a search ended."""

    offset_s: float
    pairs: _Pairs
    found: Fit
    unknown: Unknown


def _followed(
    feet: Feet, tracks: Sequence[tuple[Doubles, Doubles, Doubles]], places: Places, start: _Start
) -> _Answer | None:
    """From one beginning to the camera that it leads to; None where it leads to none."""
    offset_s, pairs, known = start.offset_s, start.pairs, start.optics if start.optics.focal_px is not None else None
    try:
        found, unknown = _first(feet, pairs, places, start.optics, start.whose)
    except CalibrationError:
        return None
    for _ in range(ROUNDS):
        offset_s += float(found.unknowns[-1])
        view = unknown.view(found.unknowns[:-1])
        if abs(offset_s) > OFFSET_MAX_S + OFFSET_STEP_S:
            return None
        pairs = _agreeing(_at_once(feet, tracks, offset_s), feet, view, places.eye)
        if len(pairs.rows) < PAIRS_MIN:
            return None
        unknown = Unknown(view, known)
        found = _improved(unknown, feet, pairs, places)
    return _Answer(offset_s, pairs, found, unknown)


def whole(view: View, pixels: Doubles, heights_px: Doubles) -> npt.NDArray[np.bool_]:
    """Which boxes of a calibrated camera are as high as people there are: their feet are not behind a shelf; (n,)."""
    stood = view.floor(pixels)
    seen = np.asarray(np.isfinite(stood).all(axis=1), np.bool_)
    tall = _taller(view, np.where(seen[:, None], stood, 0.0), pixels, heights_px)
    return np.asarray(seen & (np.abs(tall) < TALL_SIGMAS))


def _tracks(places: Places) -> list[tuple[Doubles, Doubles, Doubles]]:
    """By track: times, metres and sigmas in the order of time."""
    found = []
    for number in np.unique(places.tracks):
        rows = np.flatnonzero(places.tracks == number)
        rows = rows[np.argsort(places.t_s[rows], kind="stable")]
        if len(rows) > 1:
            found.append((places.t_s[rows], places.metres[rows], places.sigma_m[rows]))
    return found


def _at_once(feet: Feet, tracks: Sequence[tuple[Doubles, Doubles, Doubles]], offset_s: float) -> _Pairs:
    """Every sighting with everybody whom the other camera followed at that moment."""
    shares = []
    t_s = feet.t_s + offset_s
    for times, metres, sigmas in tracks:
        after = np.searchsorted(times, t_s).clip(1, len(times) - 1)
        gap = times[after] - times[after - 1]
        inside = (t_s >= times[0]) & (t_s <= times[-1]) & (gap <= GAP_MAX_S) & (gap > 0.0)
        rows = np.flatnonzero(inside)
        share = ((t_s[rows] - times[after[rows] - 1]) / gap[rows])[:, None]
        step = metres[after[rows]] - metres[after[rows] - 1]
        pace = step / gap[rows][:, None]
        calm = np.hypot(*pace.T) < 2.0 * PACE_MAX_M_S
        there = metres[after[rows] - 1] + share * step
        shares.append((rows[calm], there[calm], pace[calm], sigmas[after[rows]][calm]))
    rows = np.concatenate([one[0] for one in shares])
    counts = np.bincount(rows, minlength=len(t_s))
    moments = np.unique(feet.t_s)
    mine = np.searchsorted(moments, feet.t_s)
    seen_by_me = np.bincount(mine)[mine]
    alone = (counts[rows] == 1) & (seen_by_me[rows] == 1)
    return _Pairs(
        rows,
        np.concatenate([one[1] for one in shares]),
        np.concatenate([one[2] for one in shares]),
        np.concatenate([one[3] for one in shares]),
        alone,
    )


def _begin(
    feet: Feet, tracks: Sequence[tuple[Doubles, Doubles, Doubles]], optics: Optics
) -> list[tuple[float, _Pairs]]:
    """Clock offsets and the pairs that one homography agrees with, the likeliest first; `STARTS_MAX` of them."""
    straight = optics.straighten(feet.pixels)
    near = 2.5 * _feet_px(feet) + 0.01 * max(optics.size)
    found: list[tuple[float, float, _Pairs]] = []
    steps = round(OFFSET_MAX_S / OFFSET_STEP_S)
    for step in range(-steps, steps + 1):
        pairs = _at_once(feet, tracks, step * OFFSET_STEP_S)
        if len(pairs.rows) < PAIRS_MIN:
            continue
        rng = np.random.Generator(np.random.PCG64(len(pairs.rows)))
        if len(pairs.rows) > SAMPLED_MAX:
            pairs = pairs.only(np.sort(rng.choice(len(pairs.rows), SAMPLED_MAX, replace=False)))
        alone = pairs.only(pairs.alone)
        drawn = alone if len(alone.rows) >= ALONE_MIN else pairs
        matrices = _sampled(drawn.metres, straight[drawn.rows], rng)
        missed = _missed_px(matrices, pairs.metres, straight[pairs.rows]) / near[pairs.rows]
        # Of all that it may be paired with, a sighting counts with the one that fits best.
        fits = np.zeros((len(matrices), len(feet.t_s)))
        for index, row in enumerate(pairs.rows.tolist()):
            np.maximum(fits[:, row], 1.0 - missed[:, index] ** 2, out=fits[:, row])
        scores = fits.sum(axis=1) / len(np.unique(pairs.rows))
        for top in np.argsort(-scores, kind="stable")[:STARTS_EACH].tolist():
            agreed = missed[top] < 1.0
            if agreed.sum() >= STARTS_MIN:
                found.append((float(scores[top]), step * OFFSET_STEP_S, pairs.only(agreed)))
    return [(offset_s, pairs) for _, offset_s, pairs in sorted(found, key=lambda each: -each[0])[:STARTS_MAX]]


def _sampled(metres: Doubles, pixels: Doubles, rng: np.random.Generator) -> Doubles:
    """Homographies from the floor to the picture through `SAMPLE` pairs each, (SAMPLES, 3, 3)."""
    chosen = np.stack([rng.choice(len(metres), SAMPLE, replace=False) for _ in range(SAMPLES)])
    low, spread = metres.mean(axis=0), max(float(metres.std()), 1e-3)
    middle, wide = pixels.mean(axis=0), max(float(pixels.std()), 1e-3)
    x, y = np.moveaxis((metres[chosen] - low) / spread, -1, 0)
    u, v = np.moveaxis((pixels[chosen] - middle) / wide, -1, 0)
    one, none = np.ones_like(x), np.zeros_like(x)
    across = np.stack([x, y, one, none, none, none, -u * x, -u * y, -u], axis=-1)
    down = np.stack([none, none, none, x, y, one, -v * x, -v * y, -v], axis=-1)
    _, _, directions = np.linalg.svd(np.concatenate([across, down], axis=1))
    flat = directions[:, 8].reshape(-1, 3, 3)
    into = np.array([[1.0 / spread, 0.0, -low[0] / spread], [0.0, 1.0 / spread, -low[1] / spread], [0.0, 0.0, 1.0]])
    out = np.array([[wide, 0.0, middle[0]], [0.0, wide, middle[1]], [0.0, 0.0, 1.0]])
    return np.asarray(out @ flat @ into)


def _missed_px(matrices: Doubles, metres: Doubles, pixels: Doubles) -> Doubles:
    """By how much each homography misses each pair, pixels, (matrices, pairs)."""
    seen = np.einsum("sij,nj->sni", matrices, np.column_stack([metres, np.ones(len(metres))]))
    with np.errstate(divide="ignore", invalid="ignore"):
        off = np.hypot(*np.moveaxis(seen[..., :2] / seen[..., 2:] - pixels, -1, 0))
    # A true one has all its points on one side of the horizon.
    ahead = np.sign(seen[..., 2]) == np.sign(np.median(seen[..., 2], axis=1))[:, None]
    return np.asarray(np.where(ahead & np.isfinite(off), off, 1e6))


def _first(feet: Feet, pairs: _Pairs, places: Places, optics: Optics, whose: str) -> tuple[Fit, Unknown]:
    known = optics if optics.focal_px is not None else None
    tries = []
    for view in first_views(feet.pixels[pairs.rows], pairs.metres, optics.size, known, whose):
        unknown = Unknown(view, known)
        tries.append((_improved(unknown, feet, pairs, places), unknown))
    above = [(found, unknown) for found, unknown in tries if unknown.view(found.unknowns[:-1]).eye[2] > 0.0]
    if not above:
        raise CalibrationError(f"{whose} contradict each other: no camera above the floor sees them so")
    return min(above, key=lambda each: each[0].cost)


def _improved(unknown: Unknown, feet: Feet, pairs: _Pairs, places: Places) -> Fit:
    """Camera and clock by least squares; the last unknown is the clock's further offset in seconds."""
    if len(pairs.rows) > PAIRS_MAX:
        pairs = pairs.only(np.linspace(0, len(pairs.rows) - 1, PAIRS_MAX).astype(np.intp))
    pixels = feet.pixels[pairs.rows]
    sigma_px = np.hypot(_feet_px(feet)[pairs.rows], _px_of(unknown.base, pairs))
    # Neighbours in time err alike: as if there were fewer of them, so that what is expected of a lens keeps a say.
    sigma_px = sigma_px * math.sqrt(max(1.0, len(pairs.rows) / TOLD))

    def leftover(numbers: Doubles) -> Rows:
        own = numbers[:-1]
        stood = _stood(pairs, places.eye, float(numbers[-1]))
        shown = _shoes(stood, unknown.view(own).eye)
        missed = leftover_of(unknown, own, pixels, np.column_stack([shown, np.zeros(len(shown))]), sigma_px)
        tall = _taller(unknown.view(own), stood, pixels, feet.heights_px[pairs.rows]) * math.sqrt(CROWD / len(stood))
        lens = unknown.expected(own, (0.0, BEND_SIGMA))
        measured = np.concatenate([missed, np.column_stack([tall, np.zeros(len(tall))])])
        hung = math.log(max(float(own[-1]), 0.1) / HUNG_M) / HUNG_SIGMA
        return Rows(measured, np.concatenate([lens, [hung, numbers[-1] / OFFSET_SIGMA_S]]))

    return fit(leftover, np.concatenate([unknown.start, [0.0]]))


def _stood(pairs: _Pairs, eye: tuple[float, float] | None, later_s: float) -> Doubles:
    """Where the people stood: a shoe farther from the camera that saw them than it says."""
    there = pairs.metres + later_s * pairs.pace
    return there if eye is None else _away(there, np.array(eye), SHOE_M)


def _taller(view: View, stood: Doubles, pixels: Doubles, heights_px: Doubles) -> Doubles:
    """By how much boxes are lower than people there are, in standard deviations of people's heights; (n,)."""
    count = len(stood)
    heads = [view.pixels(np.column_stack([stood, np.full(count, tall)]))[0][:, 1] for tall in (TALL_M, TALL_M - 0.1)]
    px_per_m = np.maximum(np.abs(heads[1] - heads[0]) / 0.1, 1.0)
    off_m = ((pixels[:, 1] - heights_px) - heads[0]) / px_per_m
    # Seen from straight above a box's upper edge is no head, and a metre of height is hardly a pixel.
    steep = px_per_m < 0.3 * heights_px / TALL_M
    sigma_m = np.hypot(TALL_SIGMA_M, FEET * heights_px / px_per_m)
    return np.asarray(np.where(steep, 0.0, np.clip(off_m / sigma_m, -10.0, 10.0)))


def _shoes(stood: Doubles, eye: Doubles) -> Doubles:
    """What a camera at `eye` sees lowest of people who stand there."""
    return _away(stood, eye[:2], -SHOE_M)


def _away(floor: Doubles, from_: Doubles, by_m: float) -> Doubles:
    way = floor - from_
    far = np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-6)
    # Right under a camera there is no nearer shoe.
    return np.asarray(floor + by_m * way / far * np.minimum(far / 1.0, 1.0))


def _feet_px(feet: Feet) -> Doubles:
    return np.maximum(FEET * feet.heights_px, FEET_MIN_PX)


def _px_of(view: View, pairs: _Pairs) -> Doubles:
    """The other camera's own error, as this one sees it; pixels (n,)."""
    points = np.column_stack([pairs.metres, np.zeros(len(pairs.metres))])
    here, depth = view.pixels(points)
    beside = [view.pixels(points + 0.05 * way)[0] - here for way in np.eye(3)[:2]]
    px_per_m = np.hypot(*(np.hypot(*step.T) for step in beside)) / 0.05 / 2.0**0.5
    return np.asarray(np.where(depth > 0.1, np.minimum(px_per_m * pairs.sigma_m, 0.1 * max(view.size)), 0.0))


def _agreeing(pairs: _Pairs, feet: Feet, view: View, eye: tuple[float, float] | None) -> _Pairs:
    """Of all pairs of each moment, those that agree with the view, each sighting and each place once."""
    shown = _shoes(_stood(pairs, eye, 0.0), view.eye)
    pixels, depth = view.pixels(np.column_stack([shown, np.zeros(len(shown))]))
    sigma = np.hypot(_feet_px(feet)[pairs.rows], _px_of(view, pairs))
    missed = np.hypot(*(pixels - feet.pixels[pairs.rows]).T) / sigma
    stood = _stood(pairs, eye, 0.0)
    tall = np.abs(_taller(view, stood, feet.pixels[pairs.rows], feet.heights_px[pairs.rows]))
    missed = np.where((depth > 0.1) & (tall < TALL_SIGMAS), missed, np.inf)
    kept: list[int] = []
    rows_taken: set[int] = set()
    for index in np.argsort(missed, kind="stable").tolist():
        if missed[index] >= FAR_SIGMAS:
            break
        if int(pairs.rows[index]) not in rows_taken:
            rows_taken.add(int(pairs.rows[index]))
            kept.append(index)
    return pairs.only(np.array(sorted(kept), np.intp))


def _refuse_narrow(pairs: _Pairs, whose: str) -> None:
    spread = np.linalg.svd(pairs.metres - pairs.metres.mean(axis=0), compute_uv=False) / math.sqrt(len(pairs.rows))
    # An even field of a × b metres spreads by a / √12 and b / √12.
    area = 12.0 * float(spread[0] * spread[1])
    if area < AREA_MIN_M2 or spread[1] < 0.06 * spread[0]:
        raise CalibrationError(
            f"{whose} cover {area:.1f} m², nearly on a line: walk to and fro and across, all over the floor that both "
            "see"
        )


def _foretold_cm(unknown: Unknown, found: Fit, feet: Feet, pairs: _Pairs, places: Places) -> Doubles:
    """By how much feet are foretold beside where the other camera has them, block of time by block; cm (n,)."""
    order = np.argsort(feet.t_s[pairs.rows], kind="stable")
    view = unknown.view(found.unknowns[:-1])
    errors: list[Doubles] = []
    for fold in np.array_split(order, FOLDS):
        others = np.setdiff1d(order, fold)
        if len(others) < PAIRS_MIN:
            continue
        again = Unknown(view, unknown.known)
        without = again.view(_improved(again, feet, pairs.only(others), places).unknowns[:-1])
        here = without.floor(feet.pixels[pairs.rows[fold]])
        stood = _stood(pairs.only(fold), places.eye, float(found.unknowns[-1]))
        # What this camera sees is a shoe nearer than where they stand.
        errors.append(100.0 * np.hypot(*(_away(here, without.eye[:2], SHOE_M) - stood).T))
    told = np.concatenate(errors) if errors else np.zeros(0)
    return np.asarray(told[np.isfinite(told)])
