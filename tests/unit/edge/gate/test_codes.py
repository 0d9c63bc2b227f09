"""Codes that a gate camera reads: as they are, small and soft, several, none."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.gate.codes import CODES_MAX, TILE, CodeReader, after, as_it_is, attempts, grey_of, read_still
from edge.gate.drawing import draw
from edge.gate.scans import AGAIN_S, Scans
from edge.gate.scans import CODES_MAX as REMEMBERED
from hardware.ports import Image
from tests.unit.edge.gate.keyed import EDDSA_KEY, HMAC_KEY, token


def shown(text: str, tmp_path: Path, *, width_px: int = 200, soft_px: float = 0.0) -> Image:
    """A 640×480 picture with the code of `text` in it, `width_px` wide, blurred."""
    draw(text, tmp_path / "code.png")
    code = cv2.imread(str(tmp_path / "code.png"), cv2.IMREAD_COLOR)
    assert code is not None
    picture = np.full((480, 640, 3), 60, np.uint8)
    picture[100 : 100 + width_px, 200 : 200 + width_px] = cv2.resize(
        code, (width_px, width_px), interpolation=cv2.INTER_AREA
    )
    return picture if not soft_px else np.asarray(cv2.GaussianBlur(picture, (0, 0), soft_px), np.uint8)


@pytest.mark.parametrize("key", [HMAC_KEY, EDDSA_KEY], ids=["hmac", "eddsa"])
def test_a_token_on_a_phone_is_read(key: object, tmp_path: Path) -> None:
    text = token(key=HMAC_KEY if key is HMAC_KEY else EDDSA_KEY)
    assert CodeReader().read(shown(text, tmp_path)) == (text,)


def test_a_code_has_as_many_modules_as_the_docs_say(tmp_path: Path) -> None:
    assert draw(token(), tmp_path / "a.png")[0] == 29
    assert draw(token(key=EDDSA_KEY), tmp_path / "b.png")[0] == 41


def test_a_small_soft_code_is_read_within_as_many_pictures_as_there_are_attempts(tmp_path: Path) -> None:
    picture = shown(token(), tmp_path, width_px=62, soft_px=0.9)
    grey = grey_of(picture)
    assert as_it_is(grey) == (), "else this shows nothing"
    assert read_still(picture) == (token(),)
    reader = CodeReader()
    assert any(reader.read(picture) == (token(),) for _ in attempts(640, 480))


@pytest.mark.parametrize(("width_px", "soft_px"), [(90, 1.6), (100, 2.0)])
def test_a_code_out_of_focus_is_read_when_the_blur_is_undone(width_px: int, soft_px: float, tmp_path: Path) -> None:
    picture = shown(token(), tmp_path, width_px=width_px, soft_px=soft_px)
    grey = grey_of(picture)
    others = [attempt for attempt in attempts(640, 480) if not attempt.undo_px]
    assert all(after(grey, attempt) == () for attempt in others), "else this shows nothing"
    assert read_still(picture) == (token(),)


def test_an_empty_picture_has_none_and_the_same_pictures_give_the_same() -> None:
    empty = np.random.default_rng(0).integers(0, 255, (480, 640, 3)).astype(np.uint8)
    assert read_still(empty) == ()
    first, second = CodeReader(), CodeReader()
    assert [first.read(empty) for _ in range(7)] == [second.read(empty) for _ in range(7)]


@pytest.mark.parametrize(
    "size", [(640, 480), (641, 480), (1280, 720), (1920, 1080), (2560, 2560), (16, 16), (100, 2000)]
)
def test_attempts_leave_no_pixel_out_and_none_is_larger_than_a_tile(size: tuple[int, int]) -> None:
    width, height = size
    seen = np.zeros((height, width), bool)
    plan = attempts(width, height)
    for attempt in plan:
        x, y, w, h = attempt.region
        assert 0 <= x <= x + w <= width
        assert 0 <= y <= y + h <= height
        if attempt.enlarge > 1.0:
            assert (w, h) <= TILE
            assert h <= TILE[1]
            seen[y : y + h, x : x + w] = True
    assert seen.all()
    assert len(plan) <= 2 * 6 * 8 + 1


def test_a_wall_of_codes_is_told_up_to_a_limit(tmp_path: Path) -> None:
    rows = []
    for row in range(4):
        tiles = []
        for column in range(4):
            draw(f"CODE {row} {column}", tmp_path / "code.png")
            code = cv2.imread(str(tmp_path / "code.png"), cv2.IMREAD_COLOR)
            assert code is not None
            tiles.append(cv2.resize(code, (160, 160), interpolation=cv2.INTER_AREA))
        rows.append(np.hstack(tiles))
    assert len(CodeReader().read(np.asarray(np.vstack(rows), np.uint8))) == CODES_MAX


def test_a_phone_that_is_held_up_is_one_scan_and_a_poster_one_for_ever() -> None:
    scans = Scans()
    assert [scans.fresh("a", 0.1 * tick) for tick in range(100)] == [True] + [False] * 99
    assert not scans.fresh("a", 9.9 + AGAIN_S)
    assert scans.fresh("a", 9.9 + 2 * AGAIN_S + 0.1)


def test_two_phones_are_two_scans_and_what_is_remembered_is_bounded() -> None:
    scans = Scans()
    assert [scans.fresh(code, 0.0) for code in "abab"] == [True, True, False, False]
    for number in range(REMEMBERED):
        scans.fresh(str(number), 0.1)
    assert scans.fresh("a", 0.2), "seen longest ago, it was forgotten"


@pytest.mark.data("qr_photos")
def test_photographed_codes_are_read(data: Path) -> None:
    from tillfree.evaluate.qr import evaluate_qr

    result = evaluate_qr(data / "qr_photos" / "labels.csv", lambda done, total: None)
    assert result["total"] == 61
    assert result["read"] >= 59
