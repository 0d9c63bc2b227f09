"""What is printed on things: product labels, price strips, posters. Drawn with OpenCV's own fonts, from seeds.

Images are (height, width, 3) uint8, red-green-blue, row 0 at the top.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from hardware.simulated.layout.form import Colour, Form
from hardware.simulated.streams import stream

Image = npt.NDArray[np.uint8]
Ink = tuple[int, int, int]
LABEL_SIZE = (512, 256)
"""Width and height of a label that goes once round a product."""
PAGE = 512
"""Side of the square pages that strips and posters are printed on."""
FONTS = (cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_COMPLEX)


def _bytes(colour: Colour) -> tuple[int, int, int]:
    red, green, blue = (int(255 * part) for part in colour)
    return red, green, blue


def _ink(on: Colour) -> tuple[int, int, int]:
    """White on dark, nearly black on light."""
    light = 0.299 * on[0] + 0.587 * on[1] + 0.114 * on[2]
    return (250, 248, 242) if light < 0.55 else (24, 20, 26)


@dataclass(frozen=True, slots=True)
class Pen:
    """What is written with: a colour, and one of OpenCV's fonts."""

    ink: Ink
    font: int


def write(image: Image, text: str, middle: tuple[int, int], room: tuple[int, int], pen: Pen) -> None:
    """Write `text` about `middle`, as large as fits in `room`, width and height in pixels."""
    (width, height), ink, font = room, pen.ink, pen.font
    (wide, high), _ = cv2.getTextSize(text, font, 1.0, 2)
    scale = min(width / max(wide, 1), height / max(high, 1))
    weight = max(1, round(scale * 2.4))
    (wide, high), _ = cv2.getTextSize(text, font, scale, weight)
    cv2.putText(image, text, (middle[0] - wide // 2, middle[1] + high // 2), font, scale, ink, weight, cv2.LINE_AA)


def label(form: Form) -> Image:
    """The label that goes round a product: its front and its back, a bar code between them."""
    width, height = LABEL_SIZE
    rng = stream(form.print_seed, "label")
    image = np.empty((height, width, 3), np.uint8)
    image[:] = _bytes(form.base)
    _ground(image, form, rng)
    font = FONTS[int(rng.integers(len(FONTS)))]
    emblem = float(rng.uniform(0.55, 0.72)), float(rng.uniform(0.13, 0.2)), int(rng.integers(3))
    for left in (0, width // 2):
        _face(image, left, form, font, emblem)
    _bar_code(image, (width // 2 - 32, int(height * 0.62), 64, int(height * 0.3)), rng)
    return image


def _ground(image: Image, form: Form, rng: np.random.Generator) -> None:
    height, width = image.shape[:2]
    accent = _bytes(form.accent)
    kind = int(rng.integers(5))
    if kind == 0:
        pitch, thick = int(rng.integers(24, 64)), int(rng.integers(5, 16))
        for x in range(-height, width, pitch):
            cv2.line(image, (x, height), (x + height, 0), accent, thick, cv2.LINE_AA)
    elif kind == 1:
        for _ in range(34):
            x, y, radius = int(rng.integers(width)), int(rng.integers(height)), int(rng.integers(5, 22))
            cv2.circle(image, (x, y), radius, accent, -1, cv2.LINE_AA)
    elif kind == 2:
        top, bottom = int(height * rng.uniform(0.35, 0.55)), int(height * rng.uniform(0.65, 0.9))
        cv2.rectangle(image, (0, top), (width, bottom), accent, -1)
    elif kind == 3:
        share = np.linspace(0, 1, height)[:, None, None]
        image[:] = (np.array(_bytes(form.base)) * (1 - share) + np.array(accent) * share).astype(np.uint8)
    else:
        for middle in (width // 4, 3 * width // 4):
            cv2.ellipse(image, (middle, height), (width // 4, int(height * 0.6)), 0, 180, 360, accent, -1, cv2.LINE_AA)


def _face(image: Image, left: int, form: Form, font: int, emblem: tuple[float, float, int]) -> None:
    """One face of the label: the brand large on a plate, what it is, an emblem, the weight."""
    height, width = image.shape[0], image.shape[1] // 2
    middle, inner = left + width // 2, int(width * 0.72)
    words = form.label.split() or [form.sku]
    plate, ink = _bytes(form.accent), _ink(form.accent)
    cv2.rectangle(
        image, (middle - inner // 2, int(height * 0.08)), (middle + inner // 2, int(height * 0.32)), plate, -1
    )
    write(image, words[0], (middle, int(height * 0.2)), (int(inner * 0.86), int(height * 0.15)), Pen(ink, font))
    if len(words) > 1:
        second = " ".join(words[1:]).upper()
        write(image, second, (middle, int(height * 0.41)), (inner, int(height * 0.09)), Pen(_ink(form.base), font))
    at, radius = (middle, int(height * emblem[0])), int(height * emblem[1])
    if emblem[2] == 0:
        cv2.circle(image, at, radius, plate, -1, cv2.LINE_AA)
    elif emblem[2] == 1:
        cv2.ellipse(image, at, (radius + radius // 2, radius), 0, 0, 360, plate, -1, cv2.LINE_AA)
    else:
        turns = np.arange(10) * np.pi / 5
        spoke = np.where(np.arange(10) % 2 == 0, radius, radius * 0.55)
        star = np.stack([at[0] + spoke * np.sin(turns), at[1] - spoke * np.cos(turns)], axis=1).astype(np.int32)
        cv2.fillPoly(image, [star], plate, cv2.LINE_AA)
    cv2.circle(image, at, radius // 2, _bytes(form.base), -1, cv2.LINE_AA)
    weight = f"{round(form.weight_g)} g"
    write(image, weight, (middle, int(height * 0.92)), (inner // 3, int(height * 0.06)), Pen(_ink(form.base), font))


def _bar_code(image: Image, box: tuple[int, int, int, int], rng: np.random.Generator) -> None:
    left, top, width, height = box
    cv2.rectangle(image, (left, top), (left + width, top + height), (250, 250, 250), -1)
    x = left + 5
    while x < left + width - 6:
        bar = int(rng.integers(1, 4))
        cv2.rectangle(image, (x, top + 5), (x + bar - 1, top + height - 14), (12, 12, 12), -1)
        x += bar + int(rng.integers(1, 4))


def price_strip(colour: Colour, seed: int) -> Image:
    """A page whose rows repeat along a shelf's edge every 0.5 m: four price tags on the strip's colour."""
    rng = stream(seed, "strip")
    page = np.empty((PAGE, PAGE, 3), np.uint8)
    page[:] = _bytes(colour)
    for number in range(4):
        left = number * PAGE // 4 + 14
        right = left + PAGE // 4 - 28
        cv2.rectangle(page, (left, 50), (right, PAGE - 50), (246, 244, 236), -1)
        price = f"{int(rng.integers(0, 9))}.{int(rng.integers(0, 9))}9"
        write(page, price, ((left + right) // 2, 200), (84, 200), Pen((30, 30, 34), cv2.FONT_HERSHEY_DUPLEX))
        write(
            page, "per piece", ((left + right) // 2, PAGE - 130), (80, 60), Pen((90, 90, 96), cv2.FONT_HERSHEY_SIMPLEX)
        )
    return page


def poster(seed: int) -> Image:
    """A page with an advertisement: a shape, a promise, a price."""
    rng = stream(seed, "poster")
    page = np.empty((PAGE, PAGE, 3), np.uint8)
    ground, accent = rng.uniform(0.15, 0.95, 3), rng.uniform(0.1, 0.95, 3)
    base = float(ground[0]), float(ground[1]), float(ground[2])
    page[:] = _bytes(base)
    colour = _bytes((float(accent[0]), float(accent[1]), float(accent[2])))
    for _ in range(int(rng.integers(2, 5))):
        at = int(rng.integers(60, PAGE - 60)), int(rng.integers(150, PAGE - 60))
        axes = int(rng.integers(50, 160)), int(rng.integers(40, 120))
        cv2.ellipse(page, at, axes, float(rng.uniform(0, 180)), 0, 360, colour, -1, cv2.LINE_AA)
    headline = ("FRESH", "NEW", "LOCAL", "HALF PRICE", "TRY ME", "ORGANIC")[int(rng.integers(6))]
    write(page, headline, (PAGE // 2, 80), (430, 90), Pen(_ink(base), cv2.FONT_HERSHEY_DUPLEX))
    write(
        page,
        f"{int(rng.integers(1, 9))}.99",
        (PAGE // 2, 420),
        (240, 90),
        Pen((250, 250, 250), cv2.FONT_HERSHEY_TRIPLEX),
    )
    return page
