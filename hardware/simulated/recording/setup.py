"""What an installer has done before a recording begins: cameras hang and are calibrated, products photographed."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hardware.ports import Image
from hardware.simulated.enrolment import box_of
from hardware.simulated.errors import SimulationError
from hardware.simulated.layout.calibration import calibrated
from hardware.simulated.layout.layout import Layout, Viewpoint, facing_yaw, on_floor
from hardware.simulated.layout.standing import EDGE_M
from hardware.simulated.render.ids import Ids
from hardware.simulated.render.renderer import Renderer
from hardware.simulated.render.visible import visible
from hardware.simulated.scene.scene import Outage, Scene
from hardware.simulated.sensor.lens import Lens, Size
from hardware.simulated.sensor.presets import sensor_of
from hardware.simulated.sensor.sensor import Film, Sensor
from hardware.simulated.streams import stream
from hardware.simulated.world.state import Item, WorldState
from protocol.store import Camera, Facing, Photo, Store

CLOSE_M = 0.45
"""From where a product is photographed that no shelf camera sees: before its slot, level with it."""
CLOSE_SIZE = (192, 192)
CLOSE_MARGIN_PX = 4
PIECES_MAX = 3
"""Of a product on a free shelf, so many pieces are cut out where they stand."""
PHOTOS = "photos"


@dataclass(frozen=True, slots=True)
class Filming:
    """How a scene is filmed. `cameras` by id, all where it is empty; `size` and `fps` instead of the cameras' own."""

    cameras: tuple[str, ...] = ()
    fps: float | None = None
    size: Size | None = None
    sensor: str = "good"


@dataclass(frozen=True, slots=True)
class Hung:
    """A scene whose store has the chosen cameras only, calibrated for their sensors, which are by camera."""

    scene: Scene
    sensors: Mapping[str, Sensor]


def hang(scene: Scene, filming: Filming) -> Hung:
    """The scene as it is to be filmed. SimulationError for a camera that is not there, or that nobody can draw."""
    layout = scene.layout
    cameras = tuple(_as_asked(camera, filming) for camera in _chosen(layout, filming.cameras))
    viewpoints = {camera.id: layout.viewpoint(camera.id) for camera in cameras}
    sensors = {
        camera.id: _with_gaps(
            sensor_of(filming.sensor, viewpoints[camera.id], camera.size, scene.seed), camera.id, scene.outages
        )
        for camera in cameras
    }
    store = layout.store.model_copy(update={"cameras": cameras})
    hung = replace(layout, store=store, viewpoints=tuple(viewpoints.values()))
    hung = calibrated(hung, {camera: sensor.lens for camera, sensor in sensors.items()})
    return Hung(replace(scene, layout=hung), sensors)


def _chosen(layout: Layout, wanted: Sequence[str]) -> list[Camera]:
    """The cameras to film with, in the order of the store file."""
    known = {camera.id for camera in layout.store.cameras}
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise SimulationError(f"the store has no camera {unknown[0]!r}; it has: {', '.join(sorted(known))}")
    chosen = [camera for camera in layout.store.cameras if not wanted or camera.id in wanted]
    drawn = {viewpoint.camera for viewpoint in layout.viewpoints}
    for camera in chosen:
        if camera.id not in drawn:
            raise SimulationError(
                f"camera {camera.id!r} comes from a store file, which does not say where it hangs: it cannot be drawn. "
                "Take `cameras: simulated` in the scene, or --signals"
            )
    return chosen


def _as_asked(camera: Camera, filming: Filming) -> Camera:
    return camera.model_copy(
        update={"size": filming.size or camera.size, "fps_max": filming.fps or camera.fps_max, "source": "recording"}
    )


def _with_gaps(sensor: Sensor, camera: str, outages: Sequence[Outage]) -> Sensor:
    """The sensor, giving nothing while the scene says that its camera is lost."""
    gaps = tuple((outage.from_s, outage.to_s) for outage in outages if outage.camera == camera)
    return replace(sensor, delivery=replace(sensor.delivery, gaps=gaps))


def empty_shop(state: WorldState) -> WorldState:
    """The shop of `state` with nobody in it."""
    return replace(state, people=())


def photographed(
    layout: Layout, sensors: Mapping[str, Sensor], renderer: Renderer, empty: WorldState, seed: int
) -> tuple[Store, dict[str, Image]]:
    """The store file with a photo of every product, and the pictures that these are cut from, by file name.

    A product that a shelf camera sees is cut from what that one gives of the `empty` shop; another is photographed by
    hand where it stands. Without any shelf camera nobody needs photos, and none are taken.
    """
    pictures: dict[str, Image] = {}
    photos: dict[str, tuple[Photo, ...]] = {}
    free = layout.store.free()
    sku_of = {facing.slot: facing.sku for facing in layout.store.planogram}
    shelf_cameras = [camera for camera in layout.store.cameras if camera.role == "shelf" and camera.views]
    for camera in shelf_cameras:
        name = f"{PHOTOS}/{camera.id}.png"
        film = Film(sensors[camera.id], stream(seed, "photos", camera.id))
        pictures[name] = _seen(layout, camera, film, renderer, empty)
        for view in camera.views:
            if view.slot in free:
                photos |= _standing(
                    layout, camera, sensors[camera.id].lens, [each for each in empty.items if each.where == view.slot]
                )
            elif view.slot in sku_of:
                photos.setdefault(sku_of[view.slot], (Photo(file=name, box=view.box),))
    for facing in layout.store.planogram if shelf_cameras else ():
        if facing.sku not in photos and (close := _close_up(layout, facing, renderer, empty)) is not None:
            name = f"{PHOTOS}/{facing.sku}.png"
            pictures[name], photos[facing.sku] = close, (Photo(file=name),)
    products = tuple(
        product.model_copy(update={"photos": photos[product.sku]}) if product.sku in photos else product
        for product in layout.store.products
    )
    return layout.store.model_copy(update={"products": products}), pictures


def _standing(layout: Layout, camera: Camera, lens: Lens, items: Sequence[Item]) -> dict[str, tuple[Photo, ...]]:
    """Of the pieces on a free shelf that the camera sees whole, those of each product that stand in front."""
    boxes: dict[str, list[tuple[float, Photo]]] = {}
    for item in items:
        box = box_of(item, layout.forms[item.sku], layout.viewpoint(camera.id), camera.size, lens)
        if item.place == "slot" and box is not None:
            photo = Photo(file=f"{PHOTOS}/{camera.id}.png", box=box)
            boxes.setdefault(item.sku, []).append((-box[1] - box[3], photo))
    return {
        sku: tuple(photo for _, photo in sorted(each, key=lambda at: at[0])[:PIECES_MAX]) for sku, each in boxes.items()
    }


def _seen(layout: Layout, camera: Camera, film: Film, renderer: Renderer, empty: WorldState) -> Image:
    """What the camera gives of the empty shop."""
    home = layout.viewpoint(camera.id)
    drawn, fov_deg = film.sensor.lens.canvas(camera.size, home.fov_deg)
    shot = renderer.shoot_from(empty, replace(home, fov_deg=fov_deg), drawn, ids=False)
    assert shot.image is not None, "a picture was asked for"
    return film.develop(shot.image, home.fov_deg, empty.t_s, camera.size)


def _close_up(layout: Layout, facing: Facing, renderer: Renderer, empty: WorldState) -> Image | None:
    """A photo of the front piece of a slot, cut out; None where the slot is empty."""
    gondola, shelf, slot = layout.store.slots()[facing.slot]
    form = layout.forms[facing.sku]
    here = [item for item in empty.items if item.place == "slot" and item.where == facing.slot]
    if not here:
        return None
    front = min(here, key=lambda item: (-_out_m(item.at, gondola.origin, facing_yaw(gondola)), item.at[2], item.id))
    along = sum(slot.span) / 2.0
    up = shelf.height + form.height_m / 2.0
    eye = (*on_floor(gondola, along, gondola.depth - EDGE_M + CLOSE_M), up + 0.1)
    viewpoint = Viewpoint("by hand", eye, (front.at[0], front.at[1], up), 55.0)
    shot = renderer.shoot_from(empty, viewpoint, CLOSE_SIZE)
    assert shot.image is not None, "a picture was asked for"
    assert shot.ids is not None, "ids were asked for"
    boxes = {each.id: each.box for each in visible(shot.ids, Ids.of(empty))}
    if front.id not in boxes:
        return None
    x, y, width, height = boxes[front.id]
    top, left = max(y - CLOSE_MARGIN_PX, 0), max(x - CLOSE_MARGIN_PX, 0)
    return shot.image[top : y + height + CLOSE_MARGIN_PX, left : x + width + CLOSE_MARGIN_PX].copy()


def _out_m(at: tuple[float, float, float], origin: tuple[float, float], facing: float) -> float:
    """How far out towards the shopper a piece stands; `facing` is the way that the shopper looks."""
    return -((at[0] - origin[0]) * math.cos(facing) + (at[1] - origin[1]) * math.sin(facing))
