"""A recording's events over time: what was true above each shopper's line, what was said beneath it."""

from collections.abc import Sequence
from html import escape

from tillfree.evaluate.events import EventMatch, Occurrence

WIDTH, ROW, LEFT, TOP = 960, 54, 120, 24
MARKS = {"pick": "▲", "put_back": "▼", "touch": "●", "enter": "⇥", "exit": "⇤"}
SHOPPERS_MAX = 40
NOBODY = "nobody known"


def timeline(match: EventMatch, duration_s: float) -> str:
    """The drawing, as SVG."""
    everything = [*match.right, *match.false, *match.missed]
    shoppers = sorted({each.shopper or NOBODY for each in everything})[:SHOPPERS_MAX]
    height = TOP + ROW * len(shoppers) + 8
    parts = [f'<svg class="timeline" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="events over time">']
    parts += _axis(duration_s, height)
    for number, shopper in enumerate(shoppers):
        y = TOP + ROW * number + ROW // 2
        parts.append(f'<text x="{LEFT - 10}" y="{y + 4}" class="who">{escape(shopper[:16])}</text>')
        parts.append(f'<line x1="{LEFT}" y1="{y}" x2="{WIDTH - 10}" y2="{y}" class="axis"/>')
        for occurrences, kind, offset in (
            (match.right, "right", 17),
            (match.false, "false", 17),
            (match.missed, "missed", -7),
        ):
            mine = [each for each in occurrences if (each.shopper or NOBODY) == shopper]
            parts += [_mark(each, kind, y + offset, duration_s) for each in _shown(mine, match)]
    return "".join([*parts, "</svg>"])


def _shown(occurrences: Sequence[Occurrence], match: EventMatch) -> list[Occurrence]:
    return [each for each in occurrences if each.type != "touch" or match.touches_scored]


def _mark(each: Occurrence, kind: str, y: int, duration_s: float) -> str:
    x = _x((each.from_s + each.to_s) / 2, duration_s)
    told = f"{kind}: {each.type} {each.sku or ''} {each.slot or ''} at {each.from_s:.1f} s".replace("  ", " ")
    return f'<text x="{x:.1f}" y="{y}" class="mark {kind}"><title>{escape(told)}</title>{MARKS[each.type]}</text>'


def _axis(duration_s: float, height: int) -> list[str]:
    step = next(
        s for s in (1, 2, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 86_400) if duration_s / s <= 12 or s == 86_400
    )
    parts = []
    for tick in range(0, int(duration_s) + 1, step):
        x = _x(tick, duration_s)
        parts.append(f'<line x1="{x:.1f}" y1="{TOP - 6}" x2="{x:.1f}" y2="{height}" class="grid"/>')
        parts.append(f'<text x="{x:.1f}" y="12" class="tick">{tick} s</text>')
    return parts


def _x(t_s: float, duration_s: float) -> float:
    return LEFT + (WIDTH - LEFT - 20) * min(max(t_s / duration_s, 0.0), 1.0)
