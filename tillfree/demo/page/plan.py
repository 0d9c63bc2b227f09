"""The store file as the page draws it."""

import math
from typing import Any

from protocol.store import Gondola, Store

MARGIN_M = 0.8


def plan_of(store: Store) -> dict[str, Any]:
    """Outlines in metres on the plan (x right, y up), names, and the rectangle that holds them all."""
    gondolas = [{"id": gondola.id, "outline": outline(gondola)} for gondola in store.gondolas]
    zones = [{"id": zone.id, "kind": zone.kind, "outline": [list(p) for p in zone.polygon]} for zone in store.zones]
    points = [point for gondola in store.gondolas for point in outline(gondola)]
    points += [list(point) for zone in store.zones for point in zone.polygon]
    points = points or [[0.0, 0.0], [1.0, 1.0]]
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    return {
        "name": store.name,
        "currency": store.currency,
        "bounds": [min(xs) - MARGIN_M, min(ys) - MARGIN_M, max(xs) + MARGIN_M, max(ys) + MARGIN_M],
        "gondolas": gondolas,
        "zones": zones,
        "cameras": [{"id": camera.id, "role": camera.role} for camera in store.cameras],
        "products": {product.sku: product.name for product in store.products},
    }


def outline(gondola: Gondola) -> list[list[float]]:
    """The gondola's four corners on the floor, its back left one first, then along its back."""
    turn = math.radians(gondola.yaw_deg)
    corners = ((0.0, 0.0), (gondola.width, 0.0), (gondola.width, -gondola.depth), (0.0, -gondola.depth))
    return [
        [
            gondola.origin[0] + x * math.cos(turn) - y * math.sin(turn),
            gondola.origin[1] + x * math.sin(turn) + y * math.cos(turn),
        ]
        for x, y in corners
    ]
