"""How exact calibrations are, by each method, and which knocked cameras are found. Simulated stores; figures by hand.

    python tests/bench/calibration.py --layouts 10 [--methods points,board,knock | day] [--sensor good] [--json]

Every area camera of each generated layout has a lens that bends (hardware/simulated/sensor); its true pose is known.
Printed: by how much floor places that the camera sees, up to 8 m away, are missed (cm), and what the method itself said
(cross-validated).

- points: 12 marks all over the floor that it sees, clicked with σ 1 px, measured with σ 1 cm. `homography`: the same
  marks without a lens, as a baseline.
- board: a board of 3×4 squares at four places, drawn into the rendered picture through the true lens, with the sensor's
  blur and noise; its places told with σ 1 cm and 1°. The pictures are 1280×720, the board as large as --board-mm says.
- day: the node's own watch (edge/calibration/pictures/watching.py) over a simulated day: a camera of each layout, three
  pictures for each of 24 looks, with people, goods that are sold and restocked, and light from dawn to lamps; nobody
  touches the camera by day, and at its end it is turned by 3°, then put back. Every other method is off for it.
- knock: references of five pictures with people; later pictures with other people, three tenths of the goods gone and
  other light; turned by nothing (false alarms), 1°, 2° and 5° in random ways.
"""

import argparse
import json
import math
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from edge.calibration.board import Board, Place, Seen, calibrate_by_board
from edge.calibration.errors import CalibrationError
from edge.calibration.knocked import compare
from edge.calibration.pictures.board_seen import find_board
from edge.calibration.pictures.reference import features_of
from edge.calibration.pictures.sheet import picture
from edge.calibration.pictures.watching import APART_S, PICTURES, Watching
from edge.calibration.plane import homography, mapped
from edge.calibration.points import calibrate
from edge.calibration.view import View
from hardware.ports import Fault, Frame, Image
from hardware.simulated.layout.generate import generate_layout
from hardware.simulated.layout.layout import Layout, Viewpoint
from hardware.simulated.render.renderer import Renderer
from hardware.simulated.scene.crowd import crowd
from hardware.simulated.sensor.faults import Knock
from hardware.simulated.sensor.lens import Lens
from hardware.simulated.sensor.presets import sensor_of
from hardware.simulated.sensor.sensor import Film, Sensor
from hardware.simulated.world.state import WorldState
from hardware.simulated.world.world import World
from protocol.store import Camera

Doubles = npt.NDArray[np.float64]
Size = tuple[int, int]
FAR_M = 8.0
MARKS = 12
BOARD_SIZE = (1280, 720)
LATER_S = 40.0
LOOKS_BY_DAY, LOOKS_AFTER, LOOK_EVERY_S = 24, 4, 60.0


@dataclass(frozen=True, slots=True)
class Hung:
    """One area camera of a layout."""

    layout: Layout
    plan: Camera
    viewpoint: Viewpoint
    sensor: Sensor

    @property
    def lens(self) -> Lens:
        """Its lens."""
        return self.sensor.lens

    def seen(self, size: Size) -> tuple[Doubles, Doubles]:
        """Floor places (n, 2) in a raster of 25 cm that it shows within 8 m, and their pixels (n, 2)."""
        room, eye = self.layout.room, np.array(self.viewpoint.eye)
        x, y = np.meshgrid(
            np.arange(room.x + 0.1, room.x + room.width_m, 0.25), np.arange(room.y + 0.1, room.y + room.depth_m, 0.25)
        )
        places = np.column_stack([x.ravel(), y.ravel(), np.zeros(x.size)])
        pixels, depth = self.lens.project(self.viewpoint, size, places)
        inside = (depth > 0.1) & (pixels >= 0.0).all(axis=1) & (pixels <= np.array(size)).all(axis=1)
        kept = inside & (np.linalg.norm(places - eye, axis=1) < FAR_M)
        return places[kept, :2], pixels[kept]

    def shoot(self, renderer: Renderer, state: WorldState, size: Size, knock: Knock | None, seed: int) -> Image:
        """Its picture."""
        viewpoint = self.viewpoint if knock is None else knock.viewpoint(self.viewpoint, 1.0)
        canvas, fov_deg = self.lens.canvas(size, viewpoint.fov_deg)
        shot = renderer.shoot_from(state, replace(viewpoint, fov_deg=fov_deg), canvas, ids=False)
        assert shot.image is not None
        return Film(self.sensor, np.random.default_rng(seed)).develop(shot.image, viewpoint.fov_deg, 0.0, size)


def hung_in(layout: Layout, sensor: str) -> list[Hung]:
    """The area cameras of a layout that see enough of the floor to be calibrated by it."""
    found = []
    for plan in layout.store.cameras:
        if plan.role == "area":
            viewpoint = layout.viewpoint(plan.id)
            hung = Hung(layout, plan, viewpoint, sensor_of(sensor, viewpoint, plan.size, layout.seed))
            if len(hung.seen(plan.size)[0]) >= 60:
                found.append(hung)
    return found


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one camera by one method; centimetres."""

    method: str
    layout: int
    camera: str
    p50: float
    p90: float
    said50: float | None
    said90: float | None


def judged(method: str, hung: Hung, floor: Callable[[Doubles], Doubles], size: Size, said: Doubles | None) -> Row:
    """The row of a camera whose pixels look at `floor`."""
    places, pixels = hung.seen(size)
    off = 100.0 * np.hypot(*(floor(pixels) - places).T)
    off = np.where(np.isfinite(off), off, 1e4)
    told = None if said is None else said[np.isfinite(said)]
    p50, p90 = (None, None) if told is None or not len(told) else np.percentile(told, [50, 90]).tolist()
    half, most = np.percentile(off, [50, 90]).tolist()
    return Row(method, hung.layout.seed, hung.plan.id, half, most, p50, p90)


def marks_of(hung: Hung, size: Size, rng: np.random.Generator) -> tuple[Doubles, Doubles]:
    """Pixels and metres of `MARKS` marks spread over what it sees, as an installer clicks and measures them."""
    places, pixels = hung.seen(size)
    chosen = [int(rng.integers(len(places)))]
    while len(chosen) < MARKS:
        # Each farthest from those before, in the picture: all over it.
        apart = np.min([np.hypot(*(pixels - pixels[n]).T) for n in chosen], axis=0)
        chosen.append(int((apart * rng.uniform(0.5, 1.0, len(apart))).argmax()))
    clicked = np.clip(pixels[chosen] + rng.normal(0.0, 1.0, (MARKS, 2)), 0.0, np.array(size, np.float64))
    return clicked, places[chosen] + rng.normal(0.0, 0.01, (MARKS, 2))


def by_points(hung: Hung) -> tuple[list[Row], View]:
    """Rows of the method and its baseline, and the camera."""
    size = hung.plan.size
    pixels, metres = marks_of(hung, size, np.random.default_rng(hung.layout.seed))
    matrix = homography(pixels, metres, "baseline")
    found = calibrate(pixels, metres, size, hung.plan.id)
    rows = [
        judged("homography", hung, lambda each: mapped(matrix, each), size, None),
        judged("points", hung, found.view.floor, size, found.errors_cm),
    ]
    return rows, found.view


def by_board(hung: Hung, renderer: Renderer, world: World, board: Board) -> Row:
    """The board at four places of the floor, of those where it is seen."""
    rng = np.random.default_rng(hung.layout.seed + 1)
    empty = hung.shoot(renderer, world.state(0.0), BOARD_SIZE, None, 0)
    places, _ = hung.seen(BOARD_SIZE)
    seen: list[Seen] = []
    told: list[Place] = []
    for _ in range(60):
        if len(seen) == 4:
            break
        x, y = places[int(rng.integers(len(places)))]
        true = Place(float(x), float(y), float(rng.uniform(-180.0, 180.0)))
        if any(math.dist((x, y), (other.x_m, other.y_m)) < 1.0 for other in told):
            continue
        image = laid(hung, empty, board, true)
        try:
            found = find_board(image, board, "board", hung.plan.id) if image is not None else None
        except CalibrationError:
            continue
        if found is not None:
            seen.append(found)
            off = rng.normal(0.0, 1.0, 3) * (0.01, 0.01, 1.0)
            told.append(Place(true.x_m + off[0], true.y_m + off[1], true.yaw_deg + off[2]))
    if len(seen) < 2:
        raise CalibrationError(f"the board was read at {len(seen)} places")
    view = calibrate_by_board(seen, told, BOARD_SIZE, hung.plan.id)
    return judged("board", hung, view.view.floor, BOARD_SIZE, view.errors_cm)


def laid(hung: Hung, empty: Image, board: Board, place: Place) -> Image | None:
    """The picture with the board lying there; None where it reaches out of it. Nothing of the shop hides it."""
    square_px = 40
    sheet = cv2.copyMakeBorder(picture(board, square_px), 20, 20, 20, 20, cv2.BORDER_CONSTANT, value=(255.0,))
    rim = 20 / square_px * board.square_mm / 1000.0
    width, height = (side / 1000.0 for side in board.size_mm)
    turn = math.radians(place.yaw_deg)
    along, up = np.array([math.cos(turn), math.sin(turn)]), np.array([-math.sin(turn), math.cos(turn)])
    origin = np.array([place.x_m, place.y_m])
    corners = [origin + a * along + b * up for a in (-rim, width + rim) for b in (-rim, height + rim)]
    floor = np.column_stack([np.array(corners), np.zeros(4)])
    pixels, depth = hung.lens.project(hung.viewpoint, BOARD_SIZE, floor)
    if depth.min() < 0.3 or (pixels < 2.0).any() or (pixels > np.array(BOARD_SIZE) - 2.0).any():
        return None
    low, high = np.floor(pixels.min(axis=0)).astype(int) - 6, np.ceil(pixels.max(axis=0)).astype(int) + 6
    low, high = np.maximum(low, 0), np.minimum(high, np.array(BOARD_SIZE))
    fine = 4
    u, v = np.meshgrid(
        np.arange(low[0], high[0], 1 / fine) + 0.5 / fine, np.arange(low[1], high[1], 1 / fine) + 0.5 / fine
    )
    places = on_floor(hung, np.column_stack([u.ravel(), v.ravel()])) - origin
    across = (places @ along + rim) / (board.square_mm / 1000.0) * square_px - 0.5
    down = (height + rim - places @ up) / (board.square_mm / 1000.0) * square_px - 0.5
    maps = (across.reshape(u.shape).astype(np.float32), down.reshape(u.shape).astype(np.float32))
    patch = cv2.remap(sheet, *maps, cv2.INTER_LINEAR, borderValue=(0.0,))
    covers = cv2.remap(np.full_like(sheet, 255), *maps, cv2.INTER_NEAREST, borderValue=(0.0,))
    shape = (high[0] - low[0], high[1] - low[1])
    patch = cv2.resize(patch, shape, interpolation=cv2.INTER_AREA).astype(np.float64)
    alpha = cv2.resize(covers, shape, interpolation=cv2.INTER_AREA).astype(np.float64)[..., None] / 255.0
    grey = 30.0 + 170.0 * patch[..., None] / 255.0
    image = empty.astype(np.float64)
    part = image[low[1] : high[1], low[0] : high[0]]
    blurred = cv2.GaussianBlur(alpha * grey + (1.0 - alpha) * part, (0, 0), 0.6)
    noisy = blurred + np.random.default_rng(7).normal(0.0, 2.0, blurred.shape)
    image[low[1] : high[1], low[0] : high[0]] = noisy
    return np.clip(image, 0.0, 255.0).astype(np.uint8)


def on_floor(hung: Hung, pixels: Doubles) -> Doubles:
    """Where on the floor pixels of the board's size look, by the true camera."""
    return true_view(hung, BOARD_SIZE).floor(pixels)


def true_view(hung: Hung, size: Size) -> View:
    """The camera as it is."""
    from edge.calibration.optics import Optics
    from hardware.simulated.layout.projection import axes

    focal_px = size[0] / 2.0 / math.tan(math.radians(hung.viewpoint.fov_deg) / 2.0)
    optics = Optics(size, (size[0] / 2.0, size[1] / 2.0), focal_px, "brown", (hung.lens.k1, hung.lens.k2))
    return View(optics, focal_px, axes(hung.viewpoint), np.array(hung.viewpoint.eye))


def knocks(hung: Hung, renderer: Renderer, world: World, view: View) -> list[tuple[float, str]]:
    """By how many degrees it was turned, and what was said: `found`, `nothing`, or `cannot tell`."""
    rng = np.random.default_rng(hung.layout.seed + 3)
    size = hung.plan.size
    was = features_of(
        [hung.shoot(renderer, world.state(t_s), size, None, n) for n, t_s in enumerate((1, 4, 7, 10, 13))]
    )
    answers = []
    for turned_deg in (0.0, 0.0, 0.0, 1.0, 2.0, 5.0):
        state = world.state(LATER_S + float(rng.uniform(0.0, 15.0)))
        kept = rng.random(len(state.items)) > 0.3
        state = replace(state, items=tuple(item for item, stays in zip(state.items, kept, strict=True) if stays))
        way = float(rng.uniform(0.0, math.tau))
        knock = Knock(0.0, turned_deg * math.cos(way), turned_deg * math.sin(way)) if turned_deg else None
        tone = replace(hung.sensor.tone, ev=hung.sensor.tone.ev + float(rng.uniform(-0.6, 0.6)))
        lit = replace(hung, sensor=replace(hung.sensor, tone=tone))
        now = features_of([lit.shoot(renderer, state, size, knock, int(rng.integers(1 << 30)))])
        askew = compare(was, now, view.optics, view.matrix(), hung.plan.id)
        answers.append(
            (turned_deg, "cannot tell" if askew.turned_deg is None else "found" if askew.knocked else "nothing")
        )
    return answers


@dataclass(frozen=True, slots=True)
class Day:
    """What the watch said over a day: while nobody touched the camera, after it was turned, after it was put back."""

    false: int
    told_after_looks: int | None
    cleared: bool


def day(hung: Hung, renderer: Renderer, world: World) -> Day:
    """A camera's simulated day; pictures are drawn for the watch's looks alone."""
    rng = np.random.default_rng(hung.layout.seed + 4)
    size = hung.plan.size
    was = features_of([hung.shoot(renderer, world.state(t_s), size, None, n) for n, t_s in enumerate((1, 6, 11))])
    watching = Watching(hung.layout.store, {hung.plan.id: was})
    turned = Knock(0.0, 3.0, 0.0)
    said: list[tuple[int, bool]] = []
    t_s, shot = 0.0, 0
    for look in range(LOOKS_BY_DAY + 2 * LOOKS_AFTER):
        # Dawn, noon, clouds and lamps: the camera's own exposure evens most of it out.
        light = -0.8 + 1.6 * math.sin(math.pi * min(look / LOOKS_BY_DAY, 1.0)) + float(rng.uniform(-0.3, 0.3))
        sold = 0.5 * ((look % 8) / 8.0)
        tone = replace(hung.sensor.tone, ev=hung.sensor.tone.ev + 0.6 * light)
        lit = replace(hung, sensor=replace(hung.sensor, tone=tone))
        knock = turned if LOOKS_BY_DAY <= look < LOOKS_BY_DAY + LOOKS_AFTER else None
        t_s += LOOK_EVERY_S
        for nth in range(PICTURES):
            state = world.state(float(rng.uniform(2.0, LATER_S)))
            kept = rng.random(len(state.items)) > sold
            state = replace(state, items=tuple(item for item, stays in zip(state.items, kept, strict=True) if stays))
            shot += 1
            frame = Frame(t_s + nth * APART_S, hung.plan.id, shot, lit.shoot(renderer, state, size, knock, shot))
            said += [
                (look, isinstance(each, Fault)) for each in watching.readings([frame]) if not isinstance(each, Frame)
            ]
    told = [look - LOOKS_BY_DAY for look, fault in said if fault and LOOKS_BY_DAY <= look < LOOKS_BY_DAY + LOOKS_AFTER]
    cleared = any(not fault and look >= LOOKS_BY_DAY + LOOKS_AFTER for look, fault in said)
    return Day(sum(fault for look, fault in said if look < LOOKS_BY_DAY), told[0] + 1 if told else None, cleared)


def tell(line: str) -> None:
    """A line of the table."""
    print(line, file=sys.stderr if "--json" in sys.argv else sys.stdout, flush=True)


def main() -> None:
    """Go through the layouts and print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--layouts", type=int, default=10)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--sensor", default="good")
    parser.add_argument("--methods", default="points,board,knock")
    parser.add_argument("--board-mm", type=float, default=90.0)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    methods = set(given.methods.split(","))
    rows: list[Row] = []
    refused: list[str] = []
    knocked: list[tuple[float, str]] = []
    days: list[Day] = []
    tell(f"simulated, sensor {given.sensor!r}; cm on the floor within {FAR_M:.0f} m")
    tell("method      layout  camera       p50     p90   said p50  said p90")

    def add(row: Row) -> None:
        rows.append(row)
        said = "".join("         –" if value is None else f"{value:10.1f}" for value in (row.said50, row.said90))
        tell(f"{row.method:10s}  {row.layout:6d}  {row.camera:8s}  {row.p50:7.1f}  {row.p90:6.1f} {said}")

    for seed in range(given.first, given.first + given.layouts):
        layout = generate_layout(seed)
        cameras = hung_in(layout, given.sensor)
        world = World(crowd(layout, shoppers=6, minutes=1.0, seed=seed))
        drawn = methods & {"board", "knock", "day"}
        renderer = Renderer(layout) if drawn else None
        views: dict[str, View] = {}
        for hung in cameras:
            found, views[hung.plan.id] = by_points(hung)
            for row in found if "points" in methods else ():
                add(row)
            if renderer is None:
                continue
            try:
                if "board" in methods:
                    add(by_board(hung, renderer, world, Board(3, 4, given.board_mm)))
            except CalibrationError as error:
                refused.append(f"board, layout {seed}, {hung.plan.id}: {error}")
            if "day" in methods and hung is cameras[seed % len(cameras)]:
                passed = day(hung, renderer, world)
                days.append(passed)
                tell(
                    f"day         {seed:6d}  {hung.plan.id:8s}  false {passed.false}, told after "
                    f"{passed.told_after_looks} looks, cleared: {passed.cleared}"
                )
            if "knock" in methods:
                knocked += knocks(hung, renderer, world, views[hung.plan.id])
        if renderer is not None:
            renderer.release()
    result = summed(rows, refused, knocked)
    if days:
        result["days"] = {
            "cameras": len(days),
            "false": sum(each.false for each in days),
            "told": sum(each.told_after_looks is not None for each in days),
            "cleared": sum(each.cleared for each in days),
        }
        tell(f"days: {result['days']}")
    if given.json:
        sys.stdout.write(json.dumps(result, indent=2) + "\n")


def summed(rows: list[Row], refused: list[str], knocked: list[tuple[float, str]]) -> dict[str, Any]:
    """The tables of what all layouts have in common."""
    result: dict[str, Any] = {"methods": {}, "refused": refused, "knocks": {}}
    tell("\nmethod      cameras  p50 (mean)  p90 (mean)  p50 (worst)  p90 (worst)   said p50 (mean)")
    for method in dict.fromkeys(row.method for row in rows):
        mine = [row for row in rows if row.method == method]
        said = [row.said50 for row in mine if row.said50 is not None]
        told = {
            "cameras": len(mine),
            "p50_cm": statistics.fmean(row.p50 for row in mine),
            "p90_cm": statistics.fmean(row.p90 for row in mine),
            "p50_worst_cm": max(row.p50 for row in mine),
            "p90_worst_cm": max(row.p90 for row in mine),
            "said_p50_cm": statistics.fmean(said) if said else None,
        }
        result["methods"][method] = told
        last = "–" if told["said_p50_cm"] is None else f"{told['said_p50_cm']:.1f}"
        tell(
            f"{method:10s}  {told['cameras']:7.0f}  {told['p50_cm']:10.1f}  {told['p90_cm']:10.1f}  "
            f"{told['p50_worst_cm']:11.1f}  {told['p90_worst_cm']:11.1f}   {last:>15s}"
        )
    for line in refused:
        tell(f"refused: {line}")
    if knocked:
        tell("\nturned by   times   found   nothing   cannot tell")
        for turned_deg in sorted({each for each, _ in knocked}):
            answers = [answer for each, answer in knocked if each == turned_deg]
            counts = [answers.count(what) for what in ("found", "nothing", "cannot tell")]
            result["knocks"][f"{turned_deg:g}"] = dict(zip(("found", "nothing", "cannot_tell"), counts, strict=True))
            tell(f"{turned_deg:8.0f}°  {len(answers):6d}  {counts[0]:6d}  {counts[1]:8d}  {counts[2]:12d}")
    return result


if __name__ == "__main__":
    main()
