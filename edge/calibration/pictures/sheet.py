"""The board as it is printed: a PDF in true millimetres, or a PNG that knows its dots per inch.

Under the board stand its measures, a ruler of 100 mm that tells whether the printer scaled it, a cross at its origin
and an arrow along its lower edge: what the installer measures on the floor.
"""

import struct
import zlib
from collections.abc import Mapping

import cv2
import numpy as np
import numpy.typing as npt

from edge.calibration.board import Board
from edge.calibration.errors import CalibrationError
from edge.calibration.pictures.board_seen import DICTIONARY, MARKER_SHARE, charuco

PAPERS_MM: Mapping[str, tuple[float, float]] = {
    "a4": (210.0, 297.0),
    "a3": (297.0, 420.0),
    "a2": (420.0, 594.0),
    "a1": (594.0, 841.0),
    "a0": (841.0, 1189.0),
}
MARGIN_MM = 10.0
FOOT_MM = 24.0
"""Under the board, for ruler and words."""
POINTS_PER_MM = 72.0 / 25.4
DPI = 300.0
Rectangle = tuple[float, float, float, float]
"""Left, bottom, width, height in millimetres from the paper's lower left corner; black."""


def board_for(paper: str, columns: int, rows: int, square_mm: float | None) -> Board:
    """The board that fits the paper, its squares as large as whole 5 mm allow, or as asked for."""
    if paper not in PAPERS_MM:
        raise CalibrationError(f"no paper is called {paper!r}; there are: {', '.join(PAPERS_MM)}")
    if not (2 <= columns <= 12 and 2 <= rows <= 12 and columns * rows >= 6):
        raise CalibrationError(f"a board has 2 to 12 squares each way, and 6 or more; {columns}×{rows} is none")
    width, height = PAPERS_MM[paper]
    room = min((width - 2 * MARGIN_MM) / columns, (height - 2 * MARGIN_MM - FOOT_MM) / rows)
    largest = room // 5.0 * 5.0
    chosen = largest if square_mm is None else square_mm
    if not 0.0 < chosen <= room:
        raise CalibrationError(
            f"{columns}×{rows} squares of {chosen:g} mm do not fit {paper}: {largest:g} mm is the largest; take fewer "
            "squares or larger paper"
        )
    return Board(columns, rows, chosen)


def pdf(board: Board, paper: str) -> bytes:
    """One page of `paper`, vectors only: it prints as sharp as the printer can, in true size at 100 %."""
    width, height = (side * POINTS_PER_MM for side in PAPERS_MM[paper])
    drawing = ["0 g"]
    drawing += [
        f"{x * POINTS_PER_MM:.3f} {y * POINTS_PER_MM:.3f} {w * POINTS_PER_MM:.3f} {h * POINTS_PER_MM:.3f} re f"
        for x, y, w, h in (*_cells(board, paper), *_marks(board, paper))
    ]
    for x, y, size, text in _words(board, paper):
        drawing.append(f"BT /F {size:g} Tf {x * POINTS_PER_MM:.2f} {y * POINTS_PER_MM:.2f} Td ({text}) Tj ET")
    content = "\n".join(drawing).encode("latin-1")
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width:.3f} {height:.3f}] /Contents 5 0 R "
        f"/Resources << /Font << /F 4 0 R >> >> >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
    ]
    return _pdf_file(parts)


def png(board: Board, paper: str) -> bytes:
    """The same page as a picture of `DPI` dots per inch, which it says itself, so that it prints in true size."""
    dots = DPI / 25.4
    width, height = (round(side * dots) for side in PAPERS_MM[paper])
    page = np.full((height, width), 255, np.uint8)
    for x, y, w, h in (*_cells(board, paper), *_marks(board, paper)):
        top, bottom = round(height - (y + h) * dots), round(height - y * dots)
        page[top:bottom, round(x * dots) : round((x + w) * dots)] = 0
    for x, y, size, text in _words(board, paper):
        at = (round(x * dots), round(height - y * dots))
        # Hershey letters are 22 units high at scale 1; a point is 1/72 inch.
        cv2.putText(page, text, at, cv2.FONT_HERSHEY_SIMPLEX, size * DPI / 72.0 / 30.0, (0.0,), 3, cv2.LINE_AA)
    _, encoded = cv2.imencode(".png", page)
    return _with_dpi(encoded.tobytes())


def picture(board: Board, square_px: int) -> npt.NDArray[np.uint8]:
    """The board alone, (rows · square_px, columns · square_px), as OpenCV draws it: what the page must show."""
    size = (board.columns * square_px, board.rows * square_px)
    return np.asarray(charuco(board).generateImage(size), np.uint8)


def _corner(board: Board, paper: str) -> tuple[float, float]:
    """The board's origin on the paper."""
    return (PAPERS_MM[paper][0] - board.size_mm[0]) / 2.0, MARGIN_MM + FOOT_MM


def _cells(board: Board, paper: str) -> list[Rectangle]:
    """Black squares, and the black cells of the markers in white ones."""
    left, bottom = _corner(board, paper)
    side, marker = board.square_mm, board.square_mm * MARKER_SHARE
    dictionary = cv2.aruco.getPredefinedDictionary(DICTIONARY)
    cells = dictionary.markerSize + 2
    found: list[Rectangle] = []
    number = 0
    for row in range(board.rows):
        for column in range(board.columns):
            x, y = left + column * side, bottom + (board.rows - 1 - row) * side
            if (row + column) % 2 == 0:
                found.append((x, y, side, side))
                continue
            bits = dictionary.generateImageMarker(number, cells)
            number += 1
            rim, cell = (side - marker) / 2.0, marker / cells
            found += [
                (x + rim + j * cell, y + rim + (cells - 1 - i) * cell, cell, cell)
                for i, j in np.argwhere(bits == 0).tolist()
            ]
    return found


def _marks(board: Board, paper: str) -> list[Rectangle]:
    """The cross at the origin, the arrow along the lower edge, the ruler of 100 mm."""
    left, bottom = _corner(board, paper)
    thin = 0.4
    cross = [(left - 6.0, bottom - thin / 2, 5.0, thin), (left - thin / 2, bottom - 6.0, thin, 5.0)]
    arrow = [(left + 4.0, bottom - 4.0, 26.0, thin)]
    arrow += [(left + 30.0 - n * 0.4, bottom - 3.8 - n * 0.2, 0.4, 0.4 * n) for n in range(6)]
    ruler_y = bottom - 12.0
    ruler = [(left, ruler_y, 100.0, thin)]
    ruler += [(left + 10.0 * n - thin / 2, ruler_y, thin, 4.0 if n % 5 == 0 else 2.0) for n in range(11)]
    return [*cross, *arrow, *ruler]


def _words(board: Board, paper: str) -> list[tuple[float, float, float, str]]:
    """Left, bottom (mm), size (points) and words."""
    left, bottom = _corner(board, paper)
    measures = f"tillfree board, {board.columns}x{board.rows} squares of {board.square_mm:g} mm"
    return [
        (left + 32.0, bottom - 5.5, 9.0, "x: along this edge. The cross at its left end is the origin."),
        (left + 103.0, bottom - 13.0, 9.0, "100 mm, if printed at 100 %"),
        (left, bottom - 20.0, 9.0, f"{measures}. Lay it flat. --squares {board.columns}x{board.rows} "
                                   f"--square-mm {board.square_mm:g}"),
    ]  # fmt: skip


def _pdf_file(parts: list[bytes]) -> bytes:
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, part in enumerate(parts, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, start)
    return bytes(out)


def _with_dpi(encoded: bytes) -> bytes:
    """A PNG with the chunk that says how many dots a metre has (PNG specification, section 11.3.5.3)."""
    head_end = 8 + 25
    body = b"pHYs" + struct.pack(">IIB", round(DPI / 0.0254), round(DPI / 0.0254), 1)
    chunk = struct.pack(">I", 9) + body + struct.pack(">I", zlib.crc32(body))
    return encoded[:head_end] + chunk + encoded[head_end:]
