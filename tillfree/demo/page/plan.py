"""The store file as the page draws it."""

import math
from collections.abc import Mapping
from typing import Any

from protocol.store import Gondola, Store

MARGIN_M = 0.8


def plan_of(store: Store, accounts: Mapping[str, str]) -> dict[str, Any]:
    """Outlines in metres on the plan (x right, y up), names, and the rectangle that holds them all.

    `accounts` are the names that people know accounts by.
    """
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
        "plates": [
            {"id": path, "gondola": gondola.id, "outline": outline(gondola, plate.span)}
            for path, (gondola, plate) in store.plates().items()
        ],
        "depths": {gondola.id: gondola.depth for gondola in store.gondolas},
        "cameras": [{"id": camera.id, "role": camera.role, "size": list(camera.size)} for camera in store.cameras],
        "accounts": dict(accounts),
        "products": {product.sku: product.name for product in store.products},
    }


def outline(gondola: Gondola, span: tuple[float, float] | None = None) -> list[list[float]]:
    """The gondola's four corners on the floor, its back left one first, then along its back; or of a `span` of it."""
    turn = math.radians(gondola.yaw_deg)
    left, right = span or (0.0, gondola.width)
    corners = ((left, 0.0), (right, 0.0), (right, -gondola.depth), (left, -gondola.depth))
    return [
        [
            gondola.origin[0] + x * math.cos(turn) - y * math.sin(turn),
            gondola.origin[1] + x * math.sin(turn) + y * math.cos(turn),
        ]
        for x, y in corners
    ]
