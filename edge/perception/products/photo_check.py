"""Whether a photo is good enough to know a product by."""

import cv2
import numpy as np

from hardware.ports import Image

SIDE_MIN_PX = 24
"""Fewer pixels across show a colour and no product."""
COMPARED_SIDE_PX = 128
"""Sharpness is looked at in pictures of this size: what the network sees is little larger."""
SHARPNESS_MIN = 12.0
"""Standard deviation of the Laplacian, in levels, over that of the grey levels, in per cent."""
LIGHT_MIN = 45
"""Level, of 255, that the brightest tenth of the picture reaches."""
BURNT_LEVEL = 250
BURNT_MAX = 0.5
CONTRAST_MIN = 6.0
"""Standard deviation of the grey levels: beneath it there is nothing to see."""


def wrong_with(image: Image) -> tuple[str, ...]:
    """What is wrong with a photo, in words that follow "the photo is"; nothing where it will do."""
    height, width = image.shape[:2]
    if min(height, width) < SIDE_MIN_PX:
        return (f"too small: {width}×{height} pixels, and it takes {SIDE_MIN_PX} each way; go nearer",)
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    wrong = []
    if (light := float(np.percentile(grey, 90))) < LIGHT_MIN:
        wrong.append(f"too dark: its brightest tenth is at {light:.0f} of 255, and it takes {LIGHT_MIN}; add light")
    if (burnt := float((grey >= BURNT_LEVEL).mean())) > BURNT_MAX:
        wrong.append(f"too bright: {burnt:.0%} of it is burnt out; less light, or a darker ground")
    contrast = float(grey.std())
    if contrast < CONTRAST_MIN:
        return (*wrong, f"empty: its grey levels differ by {contrast:.1f} only; is the product in it?")
    if (sharp := sharpness(image)) < SHARPNESS_MIN:
        wrong.append(
            f"blurred: sharpness {sharp:.0f}, and it takes {SHARPNESS_MIN:.0f}; hold still, focus, wipe the lens"
        )
    return tuple(wrong)


def sharpness(image: Image) -> float:
    """How fine the picture's detail is: its Laplacian's deviation in per cent of its own.

    Both are taken at `COMPARED_SIDE_PX`, so that it says the same of a picture and of one twice its size.
    """
    scale = COMPARED_SIDE_PX / max(image.shape[:2])
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    size = (max(round(image.shape[1] * scale), 8), max(round(image.shape[0] * scale), 8))
    seen = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if scale < 1.0 else cv2.INTER_LINEAR)
    return 100.0 * float(cv2.Laplacian(seen, cv2.CV_32F).std()) / max(float(seen.std()), 1.0)
