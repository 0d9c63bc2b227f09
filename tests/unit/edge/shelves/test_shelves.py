"""The shelves as a whole: every slot watched, the stock followed, and where people stand before them."""

from pathlib import Path

import numpy as np
import pytest

from edge.shelves.interaction import Interaction
from edge.shelves.place import ABOVE_M, BEFORE_M, OUT_M, over, spot_of
from edge.shelves.shelves import Shelves
from edge.shelves.sight import SlotSight
from edge.shelves.stay import Stay
from protocol.events import Change
from tests.unit.edge.drawn_shelf import LEFT, MIDDLE, RIGHT, STORE, open_store

CROP = np.zeros((8, 8, 3), np.uint8)


def interaction_in(slot: str, *, doubtful: bool = False) -> Stay:
    return Stay.of((Interaction(slot, "shelf", 1.0, 2.0, 2.5, CROP, CROP, doubtful),))


def sight(slot: str, t_s: float, reach: float) -> SlotSight:
    return SlotSight(slot, "shelf", t_s, reach, reach, CROP)


def test_the_stock_follows_what_is_said(tmp_path: Path) -> None:
    shelves = Shelves(open_store(tmp_path))
    shelves.follow([Change(type="pick", sku="water", qty=1, slot=LEFT, p=0.9)])
    assert shelves.stock.held(LEFT) == {}
    shelves.follow([Change(type="put_back", sku="water", qty=1, slot=RIGHT, p=0.9)])
    assert shelves.stock.held(RIGHT) == {"water": 1}
    shelves.follow([Change(type="pick", sku=None, qty=1, slot=RIGHT, p=0.9)])
    assert shelves.stock.held(RIGHT) == {"water": 1}


def test_the_watermark_waits_for_the_oldest_open_slot(tmp_path: Path) -> None:
    shelves = Shelves(open_store(tmp_path))
    shelves.observe([sight(LEFT, 1.0, 0.0), sight(MIDDLE, 1.0, 0.5)])
    shelves.observe([sight(LEFT, 1.1, 0.5), sight(MIDDLE, 1.1, 0.5)])
    assert shelves.undecided_since_s == {LEFT: 1.1, MIDDLE: 1.0}
    shelves.observe([sight(LEFT, 1.2, 0.5), sight(MIDDLE, 1.2, 0.5)])
    assert [lost.slot for lost in shelves.lost("shelf", 1.3)] == [LEFT, MIDDLE]
    assert shelves.lost("area", 1.4) == ()


def test_nothing_holds_the_watermark_where_nothing_is_open(tmp_path: Path) -> None:
    shelves = Shelves(open_store(tmp_path))
    shelves.observe([sight(LEFT, 1.0, 0.5)])
    shelves.lost("shelf", 1.3)
    assert shelves.undecided_since_s == {}


@pytest.mark.parametrize(
    ("yaw_deg", "place"),
    [
        (0, (0.15, -0.3 - BEFORE_M)),
        (90, (0.3 + BEFORE_M, 0.15)),
        (180, (-0.15, 0.3 + BEFORE_M)),
        (-90, (-0.3 - BEFORE_M, -0.15)),
    ],
)
def test_people_stand_before_the_gondola_however_it_is_turned(
    tmp_path: Path, yaw_deg: float, place: tuple[float, float]
) -> None:
    turned = STORE.replace("depth: 0.3", f"depth: 0.3\n    yaw_deg: {yaw_deg}")
    assert spot_of(open_store(tmp_path, turned), LEFT).before == pytest.approx(place)


def test_a_hand_in_a_slot_has_its_wrist_there(tmp_path: Path) -> None:
    spot = spot_of(open_store(tmp_path), LEFT)
    x, front_y = spot.before[0], -0.3
    assert spot.away_m(x, front_y, spot.heights[0] + 0.1) == 0.0
    assert spot.away_m(x, front_y - OUT_M - 0.2, spot.heights[0] + 0.1) == pytest.approx(0.2)
    assert spot.away_m(x, front_y, spot.heights[0] + ABOVE_M + 0.3) == pytest.approx(0.3)
    assert spot.away_m(spot.span[1] + 0.4, front_y, spot.heights[0]) == pytest.approx(0.4)


def test_the_slots_over_a_part_of_a_board_share_it(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    span = spot_of(store, LEFT).span
    slot, share = over(store, LEFT.rpartition(".")[0], span)[0]
    assert slot == LEFT
    assert share == pytest.approx(1.0)
    assert over(store, LEFT.rpartition(".")[0], (50.0, 51.0)) == ()
