"""What a calibration found, written into the text of a store file that is otherwise left as it stands.

Only the lines of the camera's own keys change: comments, order, indentation and every other line stay, byte for byte.
"""

import re
from collections.abc import Mapping, Sequence

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from edge.calibration.errors import CalibrationError
from edge.calibration.view import View
from protocol.document import parse
from protocol.store import FloorView, Lens, MarkedPoint, Pose
from protocol.store_file import parse_store

_BLANK = re.compile(r"^\s*(#.*)?$")


def lens_of(view: View, *, focal_known: bool = True) -> Lens:
    """The view's lens as the store file tells it."""
    optics = view.optics
    return Lens(
        model="brown" if optics.model == "brown" else "division",
        size=optics.size,
        centre=(round(optics.centre[0], 2), round(optics.centre[1], 2)),
        focal=round(view.focal_px, 2) if focal_known else None,
        coefficients=tuple(round(value, 6) for value in optics.coefficients),
    )


def pose_of(view: View) -> Pose:
    """Where the view's camera hangs, to a tenth of a millimetre."""
    right, _, forward = (tuple(round(float(value), 6) for value in axis) for axis in view.axes)
    x, y, z = (round(float(value), 4) for value in view.eye)
    return Pose(eye=(x, y, z), forward=_three(forward), right=_three(right))


def matrix_of(view: View) -> tuple[tuple[float, float, float], ...]:
    """The view's matrix with nine digits: to a hundredth of a millimetre in any shop."""
    return tuple(_three([float(f"{value:.9g}") for value in row]) for row in view.matrix().tolist())


def _three(values: Sequence[float]) -> tuple[float, float, float]:
    x, y, z = values
    return x, y, z


def with_calibration(
    text: str,
    source: str,
    camera: str,
    parts: Mapping[str, Lens | Pose | FloorView | Sequence[MarkedPoint] | None],
) -> str:
    """`text` with these keys of the camera put in place of those that are there; None takes a key out.

    `left_out` is the one thing that is changed in floor points that stay. Raises CalibrationError where the file is
    written in a way that a part cannot be put into (a camera on one line), FileError where it is no store.
    """
    for key, value in parts.items():
        text = _with_key(text, source, camera, key, None if value is None else _lines(key, value))
    parse_store(text, source)
    return text


def marked_left_out(text: str, source: str, camera: str, left_out: Sequence[int]) -> str:
    """`text` with `left_out: true` at these floor points of the camera and at no others."""
    place = _camera(text, source, camera)
    points = place.get("floor_points") if place is not None else None
    if not isinstance(points, CommentedSeq):
        return text
    lines = text.split("\n")
    for index in reversed(range(len(points))):
        if bool(points[index].get("left_out", False)) == (index in left_out):
            continue
        row = points.lc.item(index)[0]
        if not lines[row].rstrip("\r").split("#")[0].rstrip().endswith("}"):
            raise CalibrationError(
                f"{source}:{row + 1}: write the floor point on one line, {{pixel: […], floor: […]}}, so that it can be "
                "marked as left out"
            )
        plain = re.sub(r",\s*left_out:\s*\w+", "", lines[row])
        lines[row] = re.sub(r"\s*\}", ", left_out: true}", plain, count=1) if index in left_out else plain
    changed = "\n".join(lines)
    parse_store(changed, source)
    return changed


def _camera(text: str, source: str, camera: str) -> CommentedMap | None:
    cameras = parse(text, source).value.get("cameras", ())
    for place in cameras:
        if isinstance(place, CommentedMap) and place.get("id") == camera:
            return place
    return None


def _with_key(text: str, source: str, camera: str, key: str, block: list[str] | None) -> str:
    place = _camera(text, source, camera)
    if place is None:
        raise CalibrationError(f"{source}: there is no camera {camera!r}")
    if place.fa.flow_style():
        raise CalibrationError(
            f"{source}:{place.lc.line + 1}: camera {camera!r} is written on one line, {{…}}; write its keys one below "
            "the other, so that its calibration can be put there"
        )
    ending = "\r\n" if "\r\n" in text else "\n"
    lines = text.split(ending)
    row, column = place.lc.key(next(iter(place)))
    indented = [] if block is None else [" " * column + line for line in block]
    if key in place:
        start = place.lc.key(key)[0]
        end = _end(lines, start, column + 1, key)
        # The camera's first key stands behind the dash of the list.
        if start == row and key == next(iter(place)):
            raise CalibrationError(f"{source}:{row + 1}: let the camera begin with its id")
        lines[start:end] = indented
    elif indented:
        at = _end(lines, row, column, None)
        lines[at:at] = indented
    return ending.join(lines)


def _end(lines: Sequence[str], start: int, column: int, key: str | None) -> int:
    """The line after the block that begins at `start`, whose lines are indented by `column` or more.

    Comments and blank lines at its end belong to what follows.
    """
    end = start + 1
    for row in range(start + 1, len(lines)):
        line = lines[row]
        if _BLANK.match(line):
            continue
        indent = len(line) - len(line.lstrip(" "))
        # A list may stand as far left as the key that it belongs to.
        dash = key is not None and indent == column - 1 and line.lstrip(" ").startswith("- ")
        if indent < column and not dash:
            break
        end = row + 1
    return end


def _lines(key: str, value: Lens | Pose | FloorView | Sequence[MarkedPoint]) -> list[str]:
    if isinstance(value, Lens | Pose | FloorView):
        rows = value.model_dump(exclude_defaults=True)
        lines = [f"{key}:"]
        for name, part in rows.items():
            if name == "matrix":
                lines += ["  matrix:", *(f"    - {_written(row)}" for row in part)]
            else:
                lines.append(f"  {name}: {_written(part)}")
        return lines
    rows_of = [point.model_dump(exclude_defaults=True) for point in value]
    points = ["{" + ", ".join(f"{name}: {_written(part)}" for name, part in row.items()) + "}" for row in rows_of]
    return [f"{key}:", *(f"  - {point}" for point in points)]


def _written(value: object) -> str:
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_written(part) for part in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    return str(value)


def _number(value: float) -> str:
    """As YAML reads it back: 1e-05 without a point is text to some readers."""
    told = repr(value)
    return told.replace("e", ".0e") if "e" in told and "." not in told else told
