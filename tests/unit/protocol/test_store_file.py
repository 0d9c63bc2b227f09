"""The store file: a whole one is read, and whatever is wrong with one is said with file, line and key."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.document import FileError, read_text
from protocol.store import Store
from protocol.store_file import parse_store, read_store

CORNER = """\
format: 1
store: corner
name: The corner shop
currency: EUR
cameras:
  - id: shelf-1
    role: shelf
    size: [640, 360]
    views:
      - {slot: wall.top.left, box: [50, 100, 80, 200]}
      - {slot: wall.top.right, box: [276, 100, 80, 200]}
  - id: area-1
    role: area
    size: [1280, 720]
    floor_points:
      - {pixel: [0, 700], floor: [0, 0]}
      - {pixel: [1200, 700], floor: [4, 0]}
      - {pixel: [900, 300], floor: [4, 4]}
      - {pixel: [300, 300], floor: [0, 4]}
gondolas:
  - id: wall
    origin: [0, 0]
    width: 1.0
    depth: 0.4
    shelves:
      - id: top
        height: 1.2
        slots:
          - {id: left, span: [0.0, 0.4]}
          - {id: right, span: [0.5, 0.9]}
        plates:
          - {id: p1, span: [0.0, 1.0]}
products:
  - {sku: water-500, name: Still water, price_minor: 120}
  - {sku: cola-330, name: Cola, price_minor: 150}
planogram:
  - {slot: wall.top.left, sku: water-500, stock: 3}
  - {slot: wall.top.right, sku: cola-330}
zones:
  - {id: in, kind: entry, polygon: [[0, 0], [1, 0], [1, 1]]}
gate:
  lanes: [door]
policies:
  charge_threshold: 0.9
"""


def problems(text: str) -> list[str]:
    with pytest.raises(FileError) as caught:
        parse_store(text, "store.yaml")
    return str(caught.value).split("\n")


def problems_if_any(text: str) -> list[str]:
    try:
        parse_store(text, "store.yaml")
    except FileError as error:
        return str(error).split("\n")
    return []


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.split("\n"), start=1) if part in line)


def test_a_whole_store_is_read() -> None:
    store = parse_store(CORNER, "store.yaml")
    assert list(store.slots()) == ["wall.top.left", "wall.top.right"]
    assert store.camera("area-1") is store.cameras[1]
    assert store.camera("nobody") is None
    assert store.policies.charge_threshold == 0.9
    assert Store.model_validate_json(store.model_dump_json()) == store


@pytest.mark.parametrize(
    ("was", "becomes", "at", "says"),
    [
        # What a person types wrong.
        ("    role: shelf\n", "    rolle: shelf\n", "rolle", "cameras[0].rolle: unknown key; did you mean 'role'?"),
        ("currency: EUR", "curency: EUR", "curency", "curency: unknown key; did you mean 'currency'?"),
        ("height: 1.2", "hight: 1.2", "hight", "gondolas[0].shelves[0].hight: unknown key; did you mean 'height'?"),
        ("stock: 3", "stok: 3", "stok", "planogram[0].stok: unknown key; did you mean 'stock'?"),
        ("lanes: [door]", "xyzzy: 1", "xyzzy", "gate.xyzzy: unknown key; known here: exits"),
        ("charge_threshold: 0.9", "charge_treshold: 0.9", "treshold", "did you mean 'charge_threshold'?"),
        ("role: shelf", "role: shlef", "shlef", "cameras[0].role: "),
        ("currency: EUR", "currency: euro", "euro", "currency: 'euro' does not fit the pattern"),
        ("format: 1", "format: 2", "format", "format: "),
        ("store: corner", "store: Corner Shop", "Corner Shop", "store: 'Corner Shop' does not fit the pattern"),
        ("size: [640, 360]", "size: [640]", "size: [640]", "cameras[0].size[1]: is missing"),
        ("size: [640, 360]", "size: [640, wide]", "wide", "cameras[0].size[1]: "),
        ("price_minor: 120", "price_minor: 1.20", "1.20", "products[0].price_minor: "),
        ("sku: cola-330, name", "sku: 4006381333931, name", "4006", "products[1].sku: should be text, and 400638"),
        ("charge_threshold: 0.9", "charge_threshold: 90", "threshold: 90", "policies.charge_threshold: "),
        ("width: 1.0", "width: .nan", ".nan", "gondolas[0].width: "),
        ("width: 1.0", "width: -1", "width: -1", "gondolas[0].width: "),
        ("span: [0.5, 0.9]", "span: [0.9, 0.5]", "[0.9, 0.5]", "begins before it ends"),
        ("box: [50, 100, 80, 200]", "box: [50, 100, 0.4, 200]", "0.4, 200", "cameras[0].views[0].box[2]: "),
        ("  lanes: [door]", "  lanes: []", "lanes: []", "gate.lanes: "),
        # What only the whole can show.
        ("sku: cola-330}", "sku: cola-33}", "sku: cola-33}", "planogram[1].sku: no product has the SKU"),
        ("slot: wall.top.right, sku", "slot: wall.top.middle, sku", "middle", "planogram[1].slot: there is no slot"),
        ("slot: wall.top.right, box", "slot: wall.low.right, box", "wall.low", "cameras[0].views[1].slot: there is no"),
        ("slot: wall.top.right, sku", "slot: wall.top.left, sku", "cola-330}", "planogram[1]: a second facing for"),
        ("span: [0.5, 0.9]", "span: [0.3, 0.9]", "[0.3, 0.9]", "gondolas[0].shelves[0].slots[1].span: overlaps 'left'"),
        ("span: [0.5, 0.9]", "span: [0.5, 1.1]", "[0.5, 1.1]", "slots[1].span: [0.5, 1.1] reaches outside the shelf"),
        ("id: right, span", "id: left, span", "id: left, span: [0.5", "slots[1]: a second slot 'left'; the"),
        ("id: area-1", "id: shelf-1", "role: area", "cameras[1]: a second camera 'shelf-1'"),
        ("sku: cola-330, name", "sku: water-500, name", "name: Cola", "products[1]: a second product 'water-500'"),
        ("lanes: [door]", "lanes: [door, door]", "lanes", "gate.lanes[1]: a second lane 'door'"),
        ("box: [276, 100, 80, 200]", "box: [600, 100, 80, 200]", "[600", "views[1].box: reaches outside the"),
        ("box: [276, 100, 80, 200]", "box: [60, 100, 80, 200]", "[60,", "views[1].box: overlaps the view of"),
        ("slot: wall.top.right, box", "slot: wall.top.left, box", "[276", "views[1]: a second view of slot"),
        ("pixel: [0, 700]", "pixel: [0, 721]", "721", "cameras[1].floor_points[0]: lies outside the"),
        ("      - {pixel: [300, 300], floor: [0, 4]}\n", "", "floor_points", "floor_points: 3 points: mark 4"),
        ("    role: area", "    role: shelf", "role: shelf\n    size: [1280", "cameras[1].role: shelf camera"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_file_line_and_key(was: str, becomes: str, at: str, says: str) -> None:
    assert CORNER.count(was) == 1, was
    text = CORNER.replace(was, becomes)
    line = text[: text.index(at)].count("\n") + 1
    found = problems(text)
    # A repeated thing is named where it begins.
    near = range(line - 1, line + 1) if "second" in says else [line]
    assert any(f.startswith(f"store.yaml:{n}: ") and says in f for f in found for n in near), found


def test_every_problem_is_said_at_once_in_the_order_of_lines() -> None:
    text = (
        CORNER.replace("currency: EUR", "currency: euro").replace("stock: 3", "stock: -3").replace("id: p1", "id: P1")
    )
    assert [line.split(": ")[0:2] for line in problems(text)] == [
        ["store.yaml:4", "currency"],
        ["store.yaml:32", "gondolas[0].shelves[0].plates[0].id"],
        ["store.yaml:37", "planogram[0].stock"],
    ]


def test_an_empty_list_of_cameras_is_no_store() -> None:
    head = CORNER[: CORNER.index("cameras:")]
    assert problems(head) == ["store.yaml:1: cameras: is missing"]
    assert problems(head + "cameras: []\n")[0].startswith("store.yaml:5: cameras: ")


def test_two_cameras_may_watch_one_slot() -> None:
    views = "    views: [{slot: wall.top.left, box: [0, 0, 50, 50]}]\n"
    store = parse_store(CORNER.replace("    role: area\n", "    role: shelf\n" + views), "store.yaml")
    assert [view.slot for camera in store.cameras for view in camera.views].count("wall.top.left") == 2


def test_scales_under_a_gondola_lie_within_it_and_are_not_called_as_a_shelf() -> None:
    text = CORNER.replace("    shelves:\n", "    plates: [{id: top, span: [0, 9]}]\n    shelves:\n", 1)
    said = " ".join(problems(text))
    assert "gondolas[0].plates[0].span: [0.0, 9.0] reaches outside" in said
    assert "gondolas[0].plates[0].id: 'top' is a shelf's id already" in said


def test_only_a_shelf_camera_has_views() -> None:
    text = CORNER.replace(
        "    role: area\n", "    role: area\n    views: [{slot: wall.top.left, box: [0, 0, 50, 50]}]\n"
    )
    assert any("cameras[1].views: only a shelf camera has views; 'area-1' is for area" in p for p in problems(text))


def test_only_an_area_camera_is_looked_at_in_tiles() -> None:
    parse_store(CORNER.replace("    role: area\n", "    role: area\n    tiles: [3, 2]\n"), "store.yaml")
    shelf = problems(CORNER.replace("    role: shelf\n", "    role: shelf\n    tiles: [3, 2]\n"))
    assert any(".tiles: only an area camera has tiles" in problem for problem in shelf)
    many = problems(CORNER.replace("    role: area\n", "    role: area\n    tiles: [30, 0]\n"))
    assert len([problem for problem in many if ".tiles" in problem]) == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "store.yaml:1: the file should be a mapping"),
        ("- a\n- b\n", "store.yaml:1: the file should be a mapping"),
        ("format: 1\n\tstore: x\n", "store.yaml:2: "),
        ("format: 1\nformat: 1\n", "store.yaml:2: found duplicate key"),
        ("a: *nowhere\n", "store.yaml:1: found undefined alias"),
        ("a: [1, 2\nb: 3\n", "store.yaml:2: "),
        ("a: 1\n---\nb: 2\n", "store.yaml:2: "),
        ("a: 2026-13-45\n", "store.yaml:1: month"),
        ("a: 1\nb: \x00", "store.yaml:2: a character that YAML does not allow (0x0)"),
        ("[" * 1200, "store.yaml:1: brackets within brackets"),
        ("a: &a [*a]\n", "store.yaml:1: a: unknown key"),
    ],
    ids=[
        "empty",
        "list",
        "tab",
        "twice",
        "alias",
        "bracket",
        "two documents",
        "no day",
        "zero byte",
        "deep",
        "endless",
    ],
)
def test_what_is_no_yaml_mapping_is_refused_where_it_breaks(text: str, says: str) -> None:
    assert problems(text)[0].startswith(says)


@settings(max_examples=50, deadline=None)
@given(
    st.integers(0, len(CORNER) - 1),
    st.integers(0, 12),
    st.sampled_from(["", "\t", ":", "- ", "[", "'", "&a ", "ü", "#", "\n"]),
)
def test_however_a_file_is_mangled_it_is_read_or_refused_with_a_line(at: int, cut: int, put: str) -> None:
    text = CORNER[:at] + put + CORNER[at + cut :]
    for problem in problems_if_any(text):
        number = problem.removeprefix("store.yaml:").split(":")[0]
        assert 1 <= int(number) <= text.count("\n") + 2, problem


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_whatever_the_text_there_is_a_store_or_a_clear_error(text: str) -> None:
    assert all(problem.startswith("store.yaml:") for problem in problems_if_any(text))


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"store\.yaml: No such file"):
        read_store(tmp_path / "store.yaml")
    with pytest.raises(FileError, match="Is a directory"):
        read_store(tmp_path)
    (tmp_path / "latin.yaml").write_bytes(b"name: caf\xe9\n")
    with pytest.raises(FileError, match=r"not UTF-8 text \(byte 9\)"):
        read_text(tmp_path / "latin.yaml")


@pytest.mark.parametrize("source", ["webcam:0", "rtsp://viewer:secret@10.0.0.1/1", "gstreamer:v4l2src"])
def test_two_cameras_of_one_source_are_refused_without_telling_its_password(source: str) -> None:
    text = CORNER.replace("    role: ", f"    source: {source}\n    role: ")
    with pytest.raises(FileError, match=r"cameras\[1\]\.source: camera 'shelf-1' has this source") as told:
        parse_store(text, "store.yaml")
    assert "secret" not in str(told.value)


@pytest.mark.parametrize("source", ["recording", "video:shop.mp4"])
def test_two_cameras_may_play_one_recording(source: str) -> None:
    text = CORNER.replace("    role: ", f"    source: {source}\n    role: ")
    assert len(parse_store(text, "store.yaml").cameras) == 2


CABINET = """\
format: 1
store: office
name: The cabinet in the office
currency: EUR
cameras:
  - id: inside
    role: shelf
    size: [640, 480]
    fps_max: 1
    views:
      - {slot: cabinet.top.free, box: [0, 60, 640, 400]}
gondolas:
  - id: cabinet
    origin: [0, 0]
    width: 0.9
    depth: 0.5
    shelves:
      - id: top
        height: 1.1
        free: true
products:
  - {sku: water-500, name: Still water}
  - {sku: cola-330, name: Cola}
planogram:
  - {slot: cabinet.top.free, sku: water-500, stock: 3}
  - {slot: cabinet.top.free, sku: cola-330, stock: 2}
"""


def test_a_free_shelf_holds_several_products_over_all_of_its_width() -> None:
    store = parse_store(CABINET, "store.yaml")
    ((path, (_, shelf, slot)),) = store.slots().items()
    assert (path, shelf.free, slot.span) == ("cabinet.top.free", True, (0.0, 0.9))
    assert store.free() == {"cabinet.top.free"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "        free: true\n",
            "        free: true\n        slots:\n          - {id: a, span: [0, 0.3]}\n",
            "on a free shelf things stand anywhere: it has no slots",
        ),
        ("free, sku: cola-330", "free, sku: water-500", "a second facing for slot 'cabinet.top.free of water-500'"),
        (
            "slot: cabinet.top.free, sku: cola",
            "slot: cabinet.top.left, sku: cola",
            "there is no slot 'cabinet.top.left'",
        ),
        ("free: true", "free: perhaps", "free"),
        (
            "gondolas:\n",
            "  - id: second\n    role: shelf\n    size: [640, 480]\n    views:\n"
            "      - {slot: cabinet.top.free, box: [0, 0, 640, 400]}\ngondolas:\n",
            "camera 'inside' watches the free shelf 'cabinet.top.free' already",
        ),
    ],
)
def test_what_cannot_be_of_a_free_shelf_is_said_with_its_line(old: str, new: str, message: str) -> None:
    assert old in CABINET
    text = CABINET.replace(old, new, 1)
    with pytest.raises(FileError) as refused:
        parse_store(text, "store.yaml")
    assert message in str(refused.value)
    assert str(refused.value).startswith("store.yaml:")
