"""What an installer does on the first day: slots boxed in the cameras' pictures, products photographed."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hardware.ports import Image
from hardware.simulated.errors import SimulationError
from hardware.simulated.layout.form import Form
from hardware.simulated.layout.layout import Layout, Viewpoint
from hardware.simulated.layout.projection import project
from hardware.simulated.world.state import Item, WorldState
from protocol.store import Box, Camera, Photo, SlotView

if TYPE_CHECKING:
    from hardware.simulated.render.renderer import Renderer

MARGIN = 0.2
"""Of the thing's size, left around it on each side: it is put back a little beside where it stood."""
SIDE_MIN_PX = 8.0


def enrolled(layout: Layout, empty: WorldState) -> Layout:
    """The layout with `views` for the cameras that look at slots, and with a photo for every product.

    `empty` is the shop with everything in its place and nobody in it. A camera that is not for the floor becomes a
    shelf camera when it sees a slot's things whole; each slot belongs to the first camera that sees it. Photos are
    boxes in pictures named `CAMERA.png`, which `photographs` makes. SimulationError where a slot is seen by none.
    """
    cameras: list[Camera] = []
    photos: dict[str, Photo] = {}
    for camera in layout.store.cameras:
        if camera.role == "area":
            cameras.append(camera)
            continue
        boxes = _boxes(layout, layout.viewpoint(camera.id), camera.size, empty)
        views = tuple(SlotView(slot=slot, box=box) for slot, box in boxes.items() if slot not in photos)
        if views:
            cameras.append(camera.model_copy(update={"role": "shelf", "views": views}))
            photos |= {view.slot: Photo(file=f"{camera.id}.png", box=view.box) for view in views}
    unseen = [facing.slot for facing in layout.store.planogram if facing.slot not in photos]
    if unseen:
        raise SimulationError(f"{layout.store.store}: no camera sees the slot {unseen[0]!r} whole")
    slot_of = {facing.sku: facing.slot for facing in reversed(layout.store.planogram)}
    products = tuple(
        product.model_copy(update={"photos": (photos[slot_of[product.sku]],)}) if product.sku in slot_of else product
        for product in layout.store.products
    )
    store = layout.store.model_copy(update={"cameras": tuple(cameras), "products": products})
    return replace(layout, store=store)


def photographs(layout: Layout, renderer: "Renderer", empty: WorldState) -> dict[str, Image]:
    """What the shelf cameras see of the `empty` shop, by file name: the products' photos are cut from these."""
    pictures: dict[str, Image] = {}
    for camera in layout.store.cameras:
        if camera.role == "shelf":
            shot = renderer.shoot_from(empty, layout.viewpoint(camera.id), camera.size, ids=False)
            assert shot.image is not None, "a picture was asked for"
            pictures[f"{camera.id}.png"] = shot.image
    return pictures


def _boxes(layout: Layout, viewpoint: Viewpoint, size: tuple[int, int], empty: WorldState) -> dict[str, Box]:
    """Where the picture shows the things of each slot that is whole in it."""
    corners: dict[str, list[tuple[float, float, float]]] = {}
    for item in empty.items:
        if item.place == "slot":
            corners.setdefault(item.where, []).extend(_corners(item, layout.forms[item.sku]))
    found: dict[str, Box] = {}
    for slot, points in corners.items():
        pixels, depth = project(viewpoint, size, np.array(points))
        low, high = pixels.min(axis=0), pixels.max(axis=0)
        inside = bool((low >= 0).all()) and bool((high <= size).all()) and bool((depth > 0).all())
        if inside and float((high - low).min()) >= SIDE_MIN_PX:
            wide = MARGIN * (high - low)
            left, top = (float(value) for value in np.maximum(np.round(low - wide), 0.0))
            right, bottom = (float(value) for value in np.minimum(np.round(high + wide), np.array(size)))
            found[slot] = (left, top, right - left, bottom - top)
    return found


def _corners(item: Item, form: Form) -> list[tuple[float, float, float]]:
    """The corners of the box around a standing item, metres in the store's frame."""
    cos, sin = np.cos(item.yaw), np.sin(item.yaw)
    x, y, z = item.at
    # Seen from the item its front lies along its yaw, and its width across it.
    return [
        (float(x + out * cos - across * sin), float(y + out * sin + across * cos), float(z + up))
        for out in (-form.depth_m / 2, form.depth_m / 2)
        for across in (-form.width_m / 2, form.width_m / 2)
        for up in (0.0, form.height_m)
    ]
