"""Which detections can be meant: a tracker that took a NaN would hand it on for ever."""

from collections import Counter

import numpy as np

from edge.perception.detections import Detections, Floats

PIXEL_MAX = 1e5
"""No picture is as wide; beyond, squares lose their sense."""
NOT_FINITE, NO_AREA, FAR_OUTSIDE, NO_SCORE = (
    "box or score is not a finite number",
    "box without width or height",
    f"box lies beyond ±{PIXEL_MAX:.0f} pixels",
    "score is not in 0–1",
)
Sound = tuple[Floats, Floats, Floats | None]


def sound(detections: Detections, looks: Floats | None, score_min: float, refused: Counter[str]) -> Sound:
    """Boxes (n, 4), scores (n,) and looks (n, k) of what can be meant and reaches `score_min`, the surest first.

    What cannot is left out and counted in `refused`, by reason. The order does not depend on the detections' own.
    """
    boxes, scores = detections.boxes, detections.scores
    finite = np.isfinite(boxes).all(axis=1) & np.isfinite(scores)
    with np.errstate(invalid="ignore"):
        within = (np.abs(boxes) <= PIXEL_MAX).all(axis=1)
        area = (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
        score = (scores >= 0.0) & (scores <= 1.0)
        enough = scores >= score_min
    good = finite & within & area & score
    if not good.all():
        for reason, fault in (
            (NOT_FINITE, ~finite),
            (FAR_OUTSIDE, finite & ~within),
            (NO_AREA, finite & within & ~area),
            (NO_SCORE, finite & within & area & ~score),
        ):
            if fault.any():
                refused[reason] += int(fault.sum())
    kept = np.flatnonzero(good & enough)
    order = kept[np.lexsort((*boxes[kept].T, -scores[kept]))]
    if looks is not None:
        assert len(looks) == len(scores), f"{len(looks)} looks of {len(scores)} detections"
        looks = looks[order]
    return boxes[order], scores[order], looks
