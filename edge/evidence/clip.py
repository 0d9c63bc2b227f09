"""A few pictures as one animated WebP, never larger than a message takes."""

import itertools
from collections.abc import Sequence

import cv2
import numpy as np

from hardware.ports import Image
from protocol.events import CLIP_BYTES_MAX

PICTURES_MAX = 12
QUALITIES = (60, 40, 25)
SHOWN_MS = (100, 2_000)
"""How long one picture is shown, at least and at most."""


def animated(pictures: Sequence[Image], times_s: Sequence[float]) -> bytes | None:
    """`pictures` of one size, taken at `times_s`, as a clip; None where there are none, or they will not get small."""
    chosen = list(range(len(pictures)))
    if len(chosen) > PICTURES_MAX:
        chosen = sorted({round(at) for at in np.linspace(0, len(pictures) - 1, PICTURES_MAX)})
    while chosen:
        for quality in QUALITIES:
            clip = _encoded([pictures[at] for at in chosen], [times_s[at] for at in chosen], quality)
            if len(clip) <= CLIP_BYTES_MAX:
                return clip
        chosen = chosen[::2] if len(chosen) > 1 else []
    return None


def _encoded(pictures: Sequence[Image], times_s: Sequence[float], quality: int) -> bytes:
    shown_ms = [1000.0 * (after - before) for before, after in itertools.pairwise(times_s)]
    animation = cv2.Animation()
    animation.frames = list(pictures)
    animation.durations = np.clip([*shown_ms, 1_000.0], *SHOWN_MS).astype(np.int32).tolist()
    _, clip = cv2.imencodeanimation(".webp", animation, [cv2.IMWRITE_WEBP_QUALITY, quality])
    return bytes(np.asarray(clip, np.uint8).tobytes())
