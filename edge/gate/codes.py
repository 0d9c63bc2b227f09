"""QR codes out of a gate camera's pictures.

A picture is read as it is first, which suffices for nearly every phone. What zxing-cpp cannot read so (a small, soft or
dark code) it often reads from an enlarged region that was sharpened, or whose lens was undone: a lens out of focus is
nearly a Gaussian, and Wiener's filter is its inverse as far as noise allows. Trying all of that on each picture would
take longer than the pictures come, so `CodeReader` makes one further attempt a picture, another one each time: the work
of a picture is bounded by pixels, not by a clock, so that a recording gives the same codes each time, and a phone that
is held up for a second before a camera of 640 × 480 gets every attempt. `read_still` makes all of them on one picture.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp

from hardware.ports import Image

Grey = npt.NDArray[np.uint8]
"""Height × width, 0–255."""

QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
SIDE_MAX = 2_560
"""A larger picture is made smaller before anything else: its codes have pixels enough."""
TILE = (640, 480)
"""Width and height of a region that is enlarged: what an attempt costs is bounded by it."""
OVERLAP = 0.25
CODES_MAX = 8
"""What is told of one picture at most; a wall of codes is no shopper."""
ENLARGED = 2.0
CLIP, GRID = 2.0, (8, 8)
"""How far local contrast is raised, and over how many fields of a region."""
BLUR_PX, SHARPEN = 3.0, 2.0
"""Of an enlarged region, what is finer than this is a module's edge; it is raised so much."""
UNDONE_PX, NOISE = (1.3, 2.0), 0.003
"""Standard deviations of the blurs that are undone, in pixels before enlarging, and the noise's share of the power."""
UNDOING_SIDE = 25
"""Pixels beyond which what undoes a blur is as good as nothing."""
SMALL = (427, 320)
"""A picture no larger than this is enlarged thrice, too: that costs no more than a tile does."""
THRICE, THRICE_BLUR_PX = 3.0, 4.0
MORE_TILES_MAX = 6
"""Of a picture with more tiles there are attempts enough without undoing blurs: in turn they take seconds."""
SPECKLE = 5
"""Side of the median that takes a small sensor's noise out of an enlarged region."""
FINE_BLUR_PX = 1.0
"""What a screen's own pixels beat against a camera's is finer than a module."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A region (x, y, width, height in pixels) and what is done to it before it is read."""

    region: tuple[int, int, int, int]
    undo_px: float = 0.0
    """The blur that is undone first, its standard deviation; 0 for none."""
    enlarge: float = 1.0
    contrast: bool = False
    sharpen_px: float = 0.0
    """What is finer than this is raised; 0 for nothing."""
    despeckle: bool = False
    soften: bool = False


def attempts(width: int, height: int) -> tuple[Attempt, ...]:
    """What is tried on a picture of that size after it was read as it is; what helps most often comes first."""
    whole = (0, 0, width, height)
    tiles = [(x, y, w, h) for y, h in _cuts(height, TILE[1]) for x, w in _cuts(width, TILE[0])]
    soft, softer = UNDONE_PX
    small = width <= SMALL[0] and height <= SMALL[1]
    more = tiles if len(tiles) <= MORE_TILES_MAX else []
    return (
        *(Attempt(tile, enlarge=ENLARGED, sharpen_px=BLUR_PX) for tile in tiles),
        *(Attempt(tile, enlarge=ENLARGED, contrast=True) for tile in tiles),
        *(Attempt(tile, enlarge=ENLARGED, undo_px=soft) for tile in more),
        Attempt(whole, soften=True),
        *([Attempt(whole, enlarge=THRICE, sharpen_px=THRICE_BLUR_PX)] if small else []),
        *(Attempt(tile, enlarge=ENLARGED, despeckle=True) for tile in more),
        *(Attempt(tile, enlarge=ENLARGED, undo_px=softer) for tile in more),
        *([Attempt(whole, enlarge=THRICE, undo_px=soft)] if small else []),
    )


def _cuts(length: int, most: int) -> Iterator[tuple[int, int]]:
    """Where pieces of at most `most` begin, and how long they are, overlapping, with nothing left out."""
    if length <= most:
        yield 0, length
        return
    pieces = 1 + int(np.ceil((length - most) / (most * (1.0 - OVERLAP))))
    for number in range(pieces):
        yield round(number * (length - most) / (pieces - 1)), most


def grey_of(image: Image) -> Grey:
    """The picture without its colours, no side longer than `SIDE_MAX`."""
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
    scale = SIDE_MAX / max(grey.shape)
    if scale >= 1.0:
        return grey
    return np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def as_it_is(grey: Grey) -> tuple[str, ...]:
    """The texts of the codes in a picture, each once, at most `CODES_MAX`."""
    found = zxingcpp.read_barcodes(grey, formats=QR, text_mode=zxingcpp.TextMode.Plain)
    return tuple(dict.fromkeys(code.text for code in found))[:CODES_MAX]


def after(grey: Grey, attempt: Attempt) -> tuple[str, ...]:
    """What is read when `attempt` has been done to the picture."""
    x, y, width, height = attempt.region
    cut: cv2.typing.MatLike = grey[y : y + height, x : x + width]
    if attempt.undo_px:
        cut = cv2.filter2D(cut, cv2.CV_8U, _undoing(attempt.undo_px), borderType=cv2.BORDER_REPLICATE)
    if attempt.enlarge > 1.0:
        cut = cv2.resize(cut, None, fx=attempt.enlarge, fy=attempt.enlarge, interpolation=cv2.INTER_CUBIC)
    if attempt.contrast:
        cut = cv2.createCLAHE(CLIP, GRID).apply(cut)
    if attempt.sharpen_px:
        soft = cv2.GaussianBlur(cut, (0, 0), attempt.sharpen_px)
        cut = cv2.addWeighted(cut, 1.0 + SHARPEN, soft, -SHARPEN, 0.0)
    if attempt.despeckle:
        cut = cv2.normalize(cv2.medianBlur(cut, SPECKLE), cut, 0, 255, cv2.NORM_MINMAX)
    if attempt.soften:
        cut = cv2.GaussianBlur(cut, (0, 0), FINE_BLUR_PX)
    return as_it_is(np.ascontiguousarray(cut, np.uint8))


@lru_cache(len(UNDONE_PX))
def _undoing(blur_px: float) -> npt.NDArray[np.float32]:
    """Wiener's filter for a Gaussian blur, as a kernel of which the sum is 1: (side, side)."""
    size = 4 * UNDOING_SIDE
    across = np.fft.fftfreq(size)
    passes = np.exp(-2.0 * (np.pi * blur_px) ** 2 * (across[:, None] ** 2 + across[None, :] ** 2))
    kernel = np.fft.fftshift(np.fft.ifft2(passes / (passes**2 + NOISE)).real)
    middle, reach = size // 2, UNDOING_SIDE // 2
    kernel = kernel[middle - reach : middle + reach + 1, middle - reach : middle + reach + 1]
    return np.asarray(kernel / kernel.sum(), np.float32)


class CodeReader:
    """Reads the pictures of one camera, one after the other."""

    def __init__(self) -> None:
        self._turn = 0

    def read(self, image: Image) -> tuple[str, ...]:
        """The texts of the codes in `image`, as far as one reading and one attempt find them."""
        grey = grey_of(image)
        found = as_it_is(grey)
        if found:
            return found
        plan = attempts(grey.shape[1], grey.shape[0])
        attempt = plan[self._turn % len(plan)]
        self._turn += 1
        return after(grey, attempt)


def read_still(image: Image) -> tuple[str, ...]:
    """The texts of the codes in a single picture, with every attempt until one finds something."""
    grey = grey_of(image)
    found = as_it_is(grey)
    for attempt in attempts(grey.shape[1], grey.shape[0]):
        if found:
            break
        found = after(grey, attempt)
    return found
