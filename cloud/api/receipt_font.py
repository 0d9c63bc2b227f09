"""In which font a PDF says a text.

Helvetica is in every reader and needs nothing in the file, but it knows Western European letters alone. What else a
product is called is said in DejaVu Sans, where the machine has it (Debian: fonts-dejavu-core): Latin, Greek, Cyrillic
and more. What neither knows becomes "?".
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFError, TTFont

_FOLDERS = (Path("/usr/share/fonts/truetype/dejavu"), Path("/usr/share/fonts/dejavu-sans-fonts"))
_FILES = {False: "DejaVuSans.ttf", True: "DejaVuSans-Bold.ttf"}
_HELVETICA = {False: "Helvetica", True: "Helvetica-Bold"}


@dataclass(frozen=True, slots=True)
class Said:
    """A text that its font knows every letter of."""

    text: str
    font: str

    def width_pt(self, size: int) -> float:
        """How wide it is, in points."""
        return float(stringWidth(self.text, self.font, size))


def said_in_font(text: str, *, strong: bool = False) -> Said:
    """`text` in a font that knows it; letters that no font here knows are "?"."""
    western = text.encode("cp1252", errors="replace").decode("cp1252")
    wider = _wider(strong) if western != text else None
    if wider is None:
        return Said(western, _HELVETICA[strong])
    known = wider.face.charToGlyph
    return Said("".join(letter if ord(letter) in known else "?" for letter in text), str(wider.fontName))


@cache
def _wider(strong: bool) -> TTFont | None:
    for folder in _FOLDERS:
        file = folder / _FILES[strong]
        try:
            font = TTFont(file.stem, str(file))
        except (OSError, TTFError):
            continue
        registerFont(font)
        return font
    return None
