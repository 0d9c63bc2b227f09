"""The floor plan of a moment: where people truly stood, and where the pipeline said they did."""

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import TypeVar

from protocol.store import Gondola, Store
from protocol.truth import FeetOnFloor
from tillfree.evaluate.watching import Standing

T = TypeVar("T", FeetOnFloor, Standing)

SIZE = 260.0
MARGIN_M = 0.4
NEAR_S = 0.6
"""Places are shown when they are known for no longer ago or ahead than this."""


def floor_plan(
    store: Store, t_s: float, feet: Sequence[FeetOnFloor], standing: Sequence[Standing], names: dict[str, str]
) -> str:
    """The drawing, as SVG; empty where nobody's place is known at `t_s`. `names`: a visit's shopper."""
    true = _at(feet, t_s)
    said = _at(standing, t_s)
    if not true and not said:
        return ""
    outlines = [_corners(gondola) for gondola in store.gondolas]
    points = [point for outline in outlines for point in outline]
    points += [(one.x_m, one.y_m) for one in true] + [(other.x_m, other.y_m) for other in said]
    low = [min(p[axis] for p in points) - MARGIN_M for axis in (0, 1)]
    high = [max(p[axis] for p in points) + MARGIN_M for axis in (0, 1)]
    scale = SIZE / max(high[0] - low[0], high[1] - low[1])

    def at(x: float, y: float) -> tuple[float, float]:
        return (x - low[0]) * scale, (high[1] - y) * scale

    wide, deep = (high[0] - low[0]) * scale, (high[1] - low[1]) * scale
    parts = [f'<svg class="floor" viewBox="0 0 {wide:.0f} {deep:.0f}" style="width:{wide:.0f}px" role="img">']
    for outline in outlines:
        corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*point) for point in outline))
        parts.append(f'<polygon points="{corners}" class="gondola"/>')
    for one in true:
        x, y = at(one.x_m, one.y_m)
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7" class="true"/>')
        parts.append(f'<text x="{x + 10:.1f}" y="{y - 5:.1f}" class="name">{escape(one.shopper[:14])}</text>')
    for other in said:
        x, y = at(other.x_m, other.y_m)
        name = names.get(other.who, "no visit")
        parts.append(f'<path d="M{x - 5:.1f} {y:.1f}h10M{x:.1f} {y - 5:.1f}v10" class="said"/>')
        parts.append(f'<text x="{x + 10:.1f}" y="{y + 12:.1f}" class="name said">{escape(name[:14])}</text>')
    return "".join([*parts, "</svg>"])


def _at(places: Iterable[T], t_s: float) -> list[T]:
    """Those of the moment nearest to `t_s`."""
    near = [(abs(each.t_s - t_s), each) for each in places if abs(each.t_s - t_s) <= NEAR_S]
    first = min((apart for apart, _ in near), default=0.0)
    return [each for apart, each in near if apart == first]


def _corners(gondola: Gondola) -> list[tuple[float, float]]:
    cos, sin = math.cos(math.radians(gondola.yaw_deg)), math.sin(math.radians(gondola.yaw_deg))
    return [
        (gondola.origin[0] + along * cos + out * sin, gondola.origin[1] + along * sin - out * cos)
        for along, out in ((0.0, 0.0), (gondola.width, 0.0), (gondola.width, gondola.depth), (0.0, gondola.depth))
    ]
