"""What an installer does on the first day: slots boxed in the cameras' pictures, products photographed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hardware.ports import Image
from hardware.simulated.errors import SimulationError
from hardware.simulated.layout.calibration import calibrated
from hardware.simulated.layout.form import Form
from hardware.simulated.layout.layout import Layout, Viewpoint
from hardware.simulated.sensor.lens import Lens
from hardware.simulated.sensor.sensor import PERFECT, Sensor
from hardware.simulated.streams import stream
from hardware.simulated.world.state import Item, WorldState
from protocol.store import Box, Camera, Photo, SlotView

if TYPE_CHECKING:
    from hardware.simulated.render.renderer import Renderer

Sensors = Mapping[str, Sensor]
"""By camera; one without a sensor sees perfectly."""

MARGIN = 0.2
"""Of the thing's size, left around it on each side: it is put back a little beside where it stood."""
SIDE_MIN_PX = 8.0


def enrolled(layout: Layout, empty: WorldState, sensors: Sensors) -> Layout:
    """The layout with floor points for its area cameras, `views` for its shelf cameras, a photo for every product.

    `empty` is the shop with everything in its place and nobody in it. All is measured in the pictures that the cameras
    really give, bent by their lenses. Each slot belongs to the first shelf camera that sees its things whole. Photos
    are boxes in pictures named `CAMERA.png`, which `photographs` makes. SimulationError where a slot is seen by none.
    """
    lenses = {camera: sensor.lens for camera, sensor in sensors.items()}
    cameras: list[Camera] = []
    photos: dict[str, Photo] = {}
    for camera in calibrated(layout, lenses).store.cameras:
        if camera.role != "shelf":
            cameras.append(camera)
            continue
        boxes = _boxes(layout, layout.viewpoint(camera.id), camera.size, lenses.get(camera.id, Lens()), empty)
        views = tuple(SlotView(slot=slot, box=box) for slot, box in boxes.items() if slot not in photos)
        cameras.append(camera.model_copy(update={"views": views}))
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


def photographs(layout: Layout, renderer: "Renderer", empty: WorldState, sensors: Sensors) -> dict[str, Image]:
    """What the shelf cameras see of the `empty` shop, by file name: the products' photos are cut from these."""
    from hardware.simulated.cameras import SimulatedCamera

    pictures: dict[str, Image] = {}
    for plan in layout.store.cameras:
        if plan.role == "shelf":
            sensor, rng = sensors.get(plan.id, PERFECT), stream(layout.seed, "photograph", plan.id)
            # One picture on the first day, whatever the network loses on others.
            sensor = replace(sensor, delivery=PERFECT.delivery)
            camera = SimulatedCamera(plan.id, layout, lambda _: empty, renderer, sensor, rng, fps=1.0, duration_s=1.0)
            (frame,) = camera.frames()
            pictures[f"{plan.id}.png"] = frame.image
    return pictures


def _boxes(
    layout: Layout, viewpoint: Viewpoint, size: tuple[int, int], lens: Lens, empty: WorldState
) -> dict[str, Box]:
    """Where the picture shows the things of each slot that is whole in it."""
    corners: dict[str, list[tuple[float, float, float]]] = {}
    for item in empty.items:
        if item.place == "slot":
            corners.setdefault(item.where, []).extend(_corners(item, layout.forms[item.sku]))
    found: dict[str, Box] = {}
    for slot, points in corners.items():
        pixels, depth = lens.project(viewpoint, size, np.array(points))
        low, high = pixels.min(axis=0), pixels.max(axis=0)
        inside = bool((low >= 0).all()) and bool((high <= size).all()) and bool((depth > 0).all())
        if inside and float((high - low).min()) >= SIDE_MIN_PX:
            wide = MARGIN * (high - low)
            left, top = (float(value) for value in np.maximum(np.round(low - wide), 0.0))
            right, bottom = (float(value) for value in np.minimum(np.round(high + wide), np.array(size)))
            found[slot] = (left, top, right - left, bottom - top)
    return found


def box_of(item: Item, form: Form, viewpoint: Viewpoint, size: tuple[int, int], lens: Lens) -> Box | None:
    """Where the picture shows a standing item, whole pixels; None where it is not whole in it."""
    pixels, depth = lens.project(viewpoint, size, np.array(_corners(item, form)))
    low, high = np.floor(pixels.min(axis=0)), np.ceil(pixels.max(axis=0))
    if bool((low < 0).any()) or bool((high > size).any()) or bool((depth <= 0).any()):
        return None
    return float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])


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
