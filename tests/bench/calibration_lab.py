"""Calibrations of four real cameras whose calibration is known: a motion lab's (data/four_cameras_calibrated_lab).

    python tests/bench/calibration_lab.py ../shared/data/four_cameras_calibrated_lab [--people]

The lab's own calibration (an XML file; the formula stands in the data's SOURCE.md) is the truth. Real are the lenses,
the poses (one camera is rolled by 24°) and the foot pixels; the marks are the lab's floor, projected by the lab's whole
model (five lens terms), clicked with σ 1.5 px and measured with σ 1 cm, twelve a camera, ten draws.

- marks: by how much floor places within 8 m that the camera shows are missed, cm.
- feet: by how much the places of the labelled persons' feet differ from the lab's, cm.
- apart: how far two cameras have the feet of one person apart, by the lab's calibration and by ours, cm: that is the
  boxes' error, the shoes', and the beam's, on which the man stands above the floor.
- people (--people): the walking man, found and followed by the edge's own network and tracker, calibrates each camera
  by its neighbour. He only balances along one beam, so a refusal is right, and any answer is measured.
"""

import argparse
import itertools
import json
from pathlib import Path
from xml.etree import ElementTree

import av
import numpy as np
import numpy.typing as npt

from edge.calibration.errors import CalibrationError
from edge.calibration.optics import Optics
from edge.calibration.plane import homography, mapped
from edge.calibration.points import calibrate
from edge.calibration.view import View
from edge.calibration.walkers.calibrating import Sight, calibrate_by_people
from edge.calibration.walkers.seen import Boxes

Doubles = npt.NDArray[np.float64]
FPS = 60.0


def lab_view(camera: ElementTree.Element, size: tuple[int, int]) -> View:
    """The camera as the lab tells it, in metres."""
    placed, lens = camera.find("transform"), camera.find("intrinsic")
    assert placed is not None
    assert lens is not None
    turn = np.array([[float(placed.attrib[f"r{row}{column}"]) for column in (1, 2, 3)] for row in (1, 2, 3)])
    eye = np.array([float(placed.attrib[axis]) for axis in "xyz"]) / 1000.0
    focal_px = (float(lens.attrib["focalLengthU"]) + float(lens.attrib["focalLengthV"])) / 128.0
    centre = float(lens.attrib["centerPointU"]) / 64.0, float(lens.attrib["centerPointV"]) / 64.0
    names = ("radialDistortion1", "radialDistortion2", "tangentalDistortion1", "tangentalDistortion2")
    bend = tuple(float(lens.attrib[name]) for name in names)
    return View(Optics(size, centre, focal_px, "brown", bend), focal_px, np.diag([1.0, -1.0, -1.0]) @ turn, eye)


def floor_seen(view: View) -> tuple[Doubles, Doubles]:
    """Places of the floor (n, 2) within 8 m that the camera shows, and their pixels (n, 2)."""
    x, y = np.meshgrid(np.arange(-9.0, 9.0, 0.25), np.arange(-9.0, 9.0, 0.25))
    places = np.column_stack([x.ravel(), y.ravel(), np.zeros(x.size)])
    pixels, depth = view.pixels(places)
    inside = (depth > 0.2) & (pixels > 0.0).all(axis=1) & (pixels < np.array(view.size)).all(axis=1)
    kept = inside & (np.linalg.norm(places - view.eye, axis=1) < 8.0)
    return places[kept, :2], pixels[kept]


def marks(view: View, rng: np.random.Generator) -> tuple[Doubles, Doubles]:
    """Twelve marks, as an installer clicks and measures them."""
    places, pixels = floor_seen(view)
    chosen = [int(rng.integers(len(places)))]
    while len(chosen) < 12:
        apart = np.min([np.hypot(*(pixels - pixels[n]).T) for n in chosen], axis=0)
        chosen.append(int((apart * rng.uniform(0.5, 1.0, len(apart))).argmax()))
    clicked = np.clip(pixels[chosen] + rng.normal(0.0, 1.5, (12, 2)), 0.0, np.array(view.size, np.float64))
    return clicked, places[chosen] + rng.normal(0.0, 0.01, (12, 2))


def two(values: Doubles) -> str:
    """Half below, nine in ten below."""
    half, most = np.percentile(values, [50, 90])
    return f"{half:6.1f} {most:6.1f}"


def tell(line: str) -> None:
    """A line of the table."""
    print(line, flush=True)  # noqa: T201 - a bench's table


def by_marks(views: dict[str, View], feet: dict[str, list[tuple[str, str, Doubles]]]) -> dict[str, View]:
    """The table of marks and feet; the last draw's cameras."""
    tell("camera   marks: p50    p90   (homography)   said p50    p90   feet: p50    p90   cm")
    ours: dict[str, View] = {}
    for name, view in views.items():
        places, pixels = floor_seen(view)
        missed, plain, said, at_feet = [], [], [], []
        for seed in range(10):
            clicked, measured = marks(view, np.random.default_rng(seed))
            found = calibrate(clicked, measured, view.size, name)
            missed.append(100.0 * np.hypot(*(found.view.floor(pixels) - places).T))
            plain.append(100.0 * np.hypot(*(mapped(homography(clicked, measured, name), pixels) - places).T))
            said.append(found.errors_cm[np.isfinite(found.errors_cm)])
            lower = np.array([pixel for _, _, pixel in feet[name]])
            at_feet.append(100.0 * np.hypot(*(found.view.floor(lower) - view.floor(lower)).T))
            ours[name] = found.view
        columns = [two(np.concatenate(each)) for each in (missed, plain, said, at_feet)]
        tell(f"{name}   {columns[0]}   ({columns[1]})  {columns[2]}   {columns[3]}")
    return ours


def apart_cm(views: dict[str, View], feet: dict[str, list[tuple[str, str, Doubles]]]) -> Doubles:
    """How far two cameras have one person's feet apart."""
    found = []
    for one, other in itertools.combinations(views, 2):
        for frame, person, pixel in feet[one]:
            for frame_there, person_there, pixel_there in feet[other]:
                if (frame, person) == (frame_there, person_there):
                    here, there = views[one].floor(pixel[None])[0], views[other].floor(pixel_there[None])[0]
                    found.append(100.0 * float(np.hypot(*(here - there))))
    return np.array(found)


def followed(path: Path) -> Doubles:
    """Who is followed in a video: t_s, number, left, top, right, bottom (n, 6)."""
    from edge.perception.certainty import certain
    from edge.perception.needs import PERSONS
    from edge.perception.persons import PersonDetector
    from edge.tracking.tracker import Tracker
    from models.cache import onnx_path

    detector, tracker, rows = PersonDetector(onnx_path(PERSONS)), Tracker(), []
    with av.open(str(path)) as container:
        for index, picture in enumerate(container.decode(video=0)):
            image = np.ascontiguousarray(picture.to_ndarray(format="bgr24"), dtype=np.uint8)
            for track in tracker.update(certain(detector.detect(image)), index / FPS):
                if track.confirmed and track.seen:
                    rows.append([index / FPS, track.number, *(float(side) for side in track.box)])
    return np.array(rows, np.float64).reshape(-1, 6)


def by_people(views: dict[str, View], folder: Path) -> None:
    """Each camera by its neighbour."""
    names = list(views)
    boxes = {name: followed(folder / f"{name}.mp4") for name in names}
    for name, other in zip(names, names[1:] + names[:1], strict=True):
        mine = Sight(name, views[name].size, Boxes.of(boxes[name]))
        theirs = Sight(other, views[other].size, Boxes.of(boxes[other]))
        try:
            found = calibrate_by_people(mine, theirs, views[other])
        except CalibrationError as error:
            tell(f"people: refused: {error}")
            continue
        floor, pixels = floor_seen(views[name])
        said = two(found.errors_cm)
        off = two(100.0 * np.hypot(*(found.view.floor(pixels) - floor).T))
        tell(f"people: {name} by {other}: {off} cm, said {said}, {found.pairs} moments")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--people", action="store_true")
    given = parser.parse_args()
    labels = json.loads((given.folder / "coco.json").read_text(encoding="utf-8"))
    images = {image["id"]: image for image in labels["images"]}
    sizes = {image["file_name"].partition(".")[0]: (image["width"], image["height"]) for image in images.values()}
    root = ElementTree.parse(given.folder / "calibration.qca.xml").getroot()
    views = {each.attrib["serial"]: lab_view(each, sizes[each.attrib["serial"]]) for each in root.iter("camera")}
    feet: dict[str, list[tuple[str, str, Doubles]]] = {name: [] for name in views}
    for box in labels["annotations"]:
        name, _, frame = images[box["image_id"]]["file_name"].partition(".mp4#")
        x, y, width, height = box["bbox"]
        feet[name].append((frame, box["person"], np.array([x + width / 2.0, y + height])))
    ours = by_marks(views, feet)
    tell(f"apart, by the lab's calibration: {two(apart_cm(views, feet))} cm; by ours: {two(apart_cm(ours, feet))} cm")
    if given.people:
        by_people(views, given.folder)


if __name__ == "__main__":
    main()
