"""Reading a store file: its YAML, its types, and what only the whole can show to be wrong."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from pathlib import Path

from protocol.document import Problem, parse, read_as, read_text
from protocol.store import FREE, Box, Camera, Gondola, Plate, Shelf, Slot, Store

OVERLAP_MAX = 0.45
"""Share of the smaller of two views that may lie under the other: slots seen from the side lie before each other."""
POINTS_MIN = 4
"""A homography has eight unknowns, and a marked point gives two equations."""
SHAPE_OFF_MAX = 0.01
"""By how much the ratio of width to height may differ: sizes are whole pixels."""


def parse_store(text: str, source: str) -> Store:
    """The store that `text` describes; FileError lists every problem as `source:line: key: what`."""
    document = parse(text, source)
    store = read_as(Store, document)
    document.complain(problems_of(store))
    return store


def read_store(path: Path) -> Store:
    """The store in the file at `path`; FileError where it cannot be read or does not hold together."""
    return parse_store(read_text(path), str(path))


def problems_of(store: Store) -> Iterator[Problem]:
    """What is wrong between the parts of a store whose parts are each well formed."""
    yield from _repeated(("cameras",), "camera", [camera.id for camera in store.cameras])
    yield from _one_source(store)
    yield from _repeated(("gondolas",), "gondola", [gondola.id for gondola in store.gondolas])
    yield from _repeated(("products",), "product", [product.sku for product in store.products])
    yield from _repeated(("gate", "lanes"), "lane", store.gate.lanes)
    yield from _repeated(("zones",), "zone", [zone.id for zone in store.zones])
    for g, gondola in enumerate(store.gondolas):
        where = ("gondolas", g, "shelves")
        yield from _repeated(where, "shelf", [shelf.id for shelf in gondola.shelves])
        for s, shelf in enumerate(gondola.shelves):
            yield from _shelf_problems((*where, s), gondola, shelf)
        yield from _scale_problems(("gondolas", g), gondola)
    yield from _planogram_problems(store)
    yield from _free_problems(store)
    for c, camera in enumerate(store.cameras):
        yield from _camera_problems(("cameras", c), store, camera)


def _repeated(path: tuple[str | int, ...], what: str, ids: Iterable[str]) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for index, name in enumerate(ids):
        if name in seen:
            yield Problem((*path, index), f"a second {what} {name!r}; the first is number {seen[name] + 1}")
        seen.setdefault(name, index)


def _one_source(store: Store) -> Iterator[Problem]:
    """Two cameras that read one device: the second finds it busy, or sees what the first does. Files may be shared."""
    seen: dict[str, str] = {}
    for index, camera in enumerate(store.cameras):
        if camera.source.startswith(("recording", "video:", "images:")):
            continue
        if (first := seen.setdefault(camera.source, camera.id)) != camera.id:
            # Which source is not said: it may hold a password.
            yield Problem(("cameras", index, "source"), f"camera {first!r} has this source; give each its own")


def _scale_problems(path: tuple[str | int, ...], gondola: Gondola) -> Iterator[Problem]:
    """What is under the whole gondola: a shelf's problems, and no name of a shelf, with which its path would begin."""
    shelves = {shelf.id for shelf in gondola.shelves}
    yield from _spans_problems(path, gondola, "plates", gondola.plates)
    for index, plate in enumerate(gondola.plates):
        if plate.id in shelves:
            yield Problem((*path, "plates", index, "id"), f"{plate.id!r} is a shelf's id already; take another")


def _shelf_problems(path: tuple[str | int, ...], gondola: Gondola, shelf: Shelf) -> Iterator[Problem]:
    parts: tuple[tuple[str, Sequence[Slot | Plate]], ...] = (("slots", shelf.slots), ("plates", shelf.plates))
    for part, items in parts:
        yield from _spans_problems(path, gondola, part, items)
    if shelf.free and shelf.slots:
        yield Problem(
            (*path, "slots"),
            f"on a free shelf things stand anywhere: it has no slots. Take out `free`, or the slots and name the shelf "
            f"`{gondola.id}.{shelf.id}.{FREE}` in planogram and views",
        )


def _spans_problems(
    path: tuple[str | int, ...], gondola: Gondola, part: str, items: Sequence[Slot | Plate]
) -> Iterator[Problem]:
    """Things beside each other along a gondola: each once, within it, and none over another."""
    yield from _repeated((*path, part), part.removesuffix("s"), [item.id for item in items])
    for index, item in enumerate(items):
        if item.span[0] < 0 or item.span[1] > gondola.width:
            yield Problem(
                (*path, part, index, "span"),
                f"{list(item.span)} reaches outside the shelf, which runs from 0 to {gondola.width} m",
            )
    for (_, a), (j, b) in combinations(enumerate(items), 2):
        if min(a.span[1], b.span[1]) - max(a.span[0], b.span[0]) > 1e-9:
            yield Problem((*path, part, j, "span"), f"overlaps {a.id!r}, which spans {list(a.span)} m")


def _planogram_problems(store: Store) -> Iterator[Problem]:
    slots, skus, free = store.slots(), {product.sku for product in store.products}, store.free()
    # A free shelf has a facing for each product, and so has its path and the product's SKU for a name.
    named = [f"{each.slot} of {each.sku}" if each.slot in free else each.slot for each in store.planogram]
    yield from _repeated(("planogram",), "facing for slot", named)
    for index, facing in enumerate(store.planogram):
        if facing.slot not in slots:
            yield Problem(("planogram", index, "slot"), f"there is no slot {facing.slot!r}; {_known(slots)}")
        if facing.sku not in skus:
            yield Problem(("planogram", index, "sku"), f"no product has the SKU {facing.sku!r}; {_known(skus)}")


def _free_problems(store: Store) -> Iterator[Problem]:
    """A second camera on a free shelf: that what one counts is what the other counts, nobody could tell."""
    watching: dict[str, str] = {}
    free = store.free()
    for c, camera in enumerate(store.cameras):
        for v, view in enumerate(camera.views):
            if view.slot in free and (first := watching.setdefault(view.slot, camera.id)) != camera.id:
                yield Problem(
                    ("cameras", c, "views", v, "slot"),
                    f"camera {first!r} watches the free shelf {view.slot!r} already; one camera counts a free shelf",
                )


def _camera_problems(path: tuple[str | int, ...], store: Store, camera: Camera) -> Iterator[Problem]:
    width, height = camera.size
    kept = sum(not point.left_out for point in camera.floor_points)
    if len(camera.floor_points) > 0 and kept < POINTS_MIN and camera.floor_view is None:
        yield Problem((*path, "floor_points"), f"{kept} points: mark {POINTS_MIN} or more")
    yield from _calibration_problems(path, camera)
    for index, point in enumerate(camera.floor_points):
        if not (0 <= point.pixel[0] <= width and 0 <= point.pixel[1] <= height):
            yield Problem((*path, "floor_points", index), f"lies outside the picture of {width}×{height} pixels")
    if camera.role == "shelf" and not camera.views:
        yield Problem((*path, "role"), f"shelf camera {camera.id!r} sees no slot: give it `views`")
    if camera.role != "shelf" and camera.views:
        yield Problem((*path, "views"), f"only a shelf camera has views; {camera.id!r} is for {camera.role}")
    if camera.role != "area" and camera.tiles is not None:
        yield Problem((*path, "tiles"), f"only an area camera has tiles; {camera.id!r} is for {camera.role}")
    yield from _repeated((*path, "views"), "view of slot", [view.slot for view in camera.views])
    slots = store.slots()
    for index, view in enumerate(camera.views):
        x, y, w, h = view.box
        if view.slot not in slots:
            yield Problem((*path, "views", index, "slot"), f"there is no slot {view.slot!r}; {_known(slots)}")
        if x + w > width or y + h > height:
            yield Problem((*path, "views", index, "box"), f"reaches outside the picture of {width}×{height} pixels")
    for (_, a), (j, b) in combinations(enumerate(camera.views), 2):
        if _overlap(a.box, b.box) > OVERLAP_MAX:
            yield Problem((*path, "views", j, "box"), f"overlaps the view of {a.slot!r}: draw the slots apart")


def _calibration_problems(path: tuple[str | int, ...], camera: Camera) -> Iterator[Problem]:
    """A lens or a view of the floor that was calibrated with pictures of another shape: what was cut off is unknown."""
    width, height = camera.size
    for key, part in (("lens", camera.lens), ("floor_view", camera.floor_view)):
        if part is not None and abs(part.size[0] * height / (part.size[1] * width) - 1.0) > SHAPE_OFF_MAX:
            yield Problem(
                (*path, key),
                f"was calibrated with pictures of {part.size[0]}×{part.size[1]} pixels, which have another shape than "
                f"{width}×{height}: calibrate camera {camera.id!r} anew, or set it back",
            )
    if camera.pose is not None and (camera.lens is None or camera.lens.focal is None):
        yield Problem((*path, "pose"), "says nothing without a lens whose focal length is known")


def _overlap(a: Box, b: Box) -> float:
    """The share of the smaller box that lies under the other one."""
    across = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    down = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    return max(across, 0.0) * max(down, 0.0) / min(a[2] * a[3], b[2] * b[3])


def _known(names: Iterable[str]) -> str:
    listed = sorted(names)
    shown = ", ".join(listed[:8]) + (" …" if len(listed) > 8 else "")
    return f"known: {shown}" if listed else "none is defined"
