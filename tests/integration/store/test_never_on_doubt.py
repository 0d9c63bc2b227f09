"""From what hands do to what is charged: doubt goes to review, never onto the bill; what is nobody's is nobody's."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from cloud.adapters.database import tables
from cloud.adapters.database.engine import Database
from cloud.adapters.database.migrating import migrate
from edge.delivery.sealing import Owner, seal
from edge.events import NewEvent
from edge.node import Node
from edge.perception.networks import Networks
from edge.shelves.place import spot_of
from edge.shelves.reading import Hypothesis, Reading, SlotChange
from edge.visits.stories.happening import Load
from edge.visits.visits import Hand, Visits
from hardware.ports import Fault, Observation, Pass, Weight
from hardware.ports import Reading as DeviceReading
from protocol.messages import Watermark, encode
from protocol.store import Store
from protocol.topics import Topic
from tests.unit.cloud.corner_shop import HUB, STORE, TOKEN, Shop

START = datetime(2026, 11, 22, 9, tzinfo=UTC)
WATER_G, BREAD_G = 520.0, 400.0
ENTRY = (0.5, 0.5)


def shop() -> Store:
    """Water and bread (150 and 250 minor units), each on a plate of its own, before one area camera."""
    slots = [{"id": "a", "span": [0.0, 0.4]}, {"id": "b", "span": [0.6, 1.0]}]
    return Store.model_validate(
        {
            "format": 1, "store": STORE, "name": "Corner", "currency": "EUR", "hub": HUB,
            "cameras": [
                {"id": "high", "role": "area", "size": [640, 360]},
                {"id": "shelf", "role": "shelf", "size": [640, 360],
                 "views": [{"slot": "wall.top.a", "box": [10, 10, 100, 200]}]},
            ],
            "gondolas": [{"id": "wall", "origin": [2, 4], "width": 1, "depth": 0.4, "shelves": [
                {"id": "top", "height": 1.2, "slots": slots, "plates": slots}]}],
            "products": [
                {"sku": "water", "name": "Water", "weight_g": WATER_G},
                {"sku": "bread", "name": "Bread", "weight_g": BREAD_G},
            ],
            "planogram": [
                {"slot": "wall.top.a", "sku": "water", "stock": 6}, {"slot": "wall.top.b", "sku": "bread", "stock": 6},
            ],
            "zones": [{"id": "in", "kind": "entry", "polygon": [[0, 0], [1, 0], [1, 1], [0, 1]]}],
        }
    )  # fmt: skip


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Shop]:
    database = Database(f"sqlite:///{tmp_path / 'cloud.db'}")
    migrate(database)
    yield Shop(database).furnish()
    database.close()


def settle(cloud: Shop, events: Sequence[NewEvent]) -> tuple[dict[str, int], list[str | None]]:
    """What is charged of the events, and what goes to review."""
    owner = Owner(STORE, HUB)
    sealed = seal(events, owner, 1, 1)
    cloud.hear(*((str(Topic(STORE, HUB, "ev")), each.body) for each in sealed))
    until = max(event.ts for event in events) + timedelta(seconds=1)
    mark = Watermark(device=HUB, epoch=1, first_seq=1, last_seq=len(sealed), observed_until=until)
    cloud.hear((str(Topic(STORE, HUB, "telemetry")), encode(mark)))
    cloud.work()
    lines = cloud.rows(tables.settlement_lines)
    charged = {str(line["sku"]): int(line["qty"]) for line in lines if line["decision"] == "charge"}
    return charged, [line["sku"] for line in lines if line["decision"] == "review"]


class Plates:
    """Two plates, ten times a second, and a shopper who stands before them."""

    def __init__(self) -> None:
        self.loads = {"wall.top.a": 6 * WATER_G, "wall.top.b": 6 * BREAD_G}
        self.readings: list[DeviceReading] = [Pass(0.5, "gate", "enter", TOKEN)]
        self.t_s = 0.0

    def rest(self, seconds: float) -> "Plates":
        for _ in range(int(seconds * 10)):
            for number, (plate, grams) in enumerate(self.loads.items()):
                stirs = 0.8 * ((int(self.t_s * 10) * 7 + number * 3) % 5 - 2)
                self.readings.append(Weight(self.t_s, plate, grams + stirs))
            walked = min(max((self.t_s - 1.0) / 3.5, 0.0), 1.0)
            x, y = 0.5 + walked * 1.7, 0.5 + walked * 2.8
            self.readings.append(Observation(self.t_s, "high", 1, x, y, 0.1, ()))
            self.t_s = round(self.t_s + 0.1, 3)
        return self

    def changes(self, plate: str, grams: float) -> "Plates":
        self.loads[f"wall.top.{plate}"] += grams
        return self

    def leaves(self) -> list[NewEvent]:
        self.readings.append(Pass(self.t_s, "gate", "exit", TOKEN))
        node = Node(shop(), Path(), Networks(None, None), "run", START)
        said = [event for reading in self.readings for event in node.take(reading)]
        return [*said, *node.finish(self.t_s)]


def test_a_bottle_of_the_store_is_charged(cloud: Shop) -> None:
    """So that the others can fail: this one is sure."""
    said = Plates().rest(6.0).changes("a", -WATER_G).rest(6.0).leaves()
    assert settle(cloud, said) == ({"water": 1}, [])


@pytest.mark.parametrize("own_g", [733.0, 1_240.0, 90.0])
def test_a_shopper_s_own_bottle_set_on_a_shelf_and_taken_again_is_never_charged(cloud: Shop, own_g: float) -> None:
    said = Plates().rest(6.0).changes("b", own_g).rest(8.0).changes("b", -own_g).rest(6.0).leaves()
    charged, _ = settle(cloud, said)
    assert charged == {}
    assert cloud.wallet() == (10_000, 0), "and no money stays held"


def test_beside_a_shopper_s_own_bottle_what_is_taken_is_charged(cloud: Shop) -> None:
    said = Plates().rest(6.0).changes("b", 733.0).rest(8.0).changes("a", -WATER_G).rest(6.0).changes("b", -733.0)
    charged, _ = settle(cloud, said.rest(6.0).leaves())
    assert charged.keys() <= {"water"}


def test_a_put_back_leaves_nothing_to_pay(cloud: Shop) -> None:
    said = Plates().rest(6.0).changes("a", -WATER_G).rest(6.0).changes("a", WATER_G).rest(6.0).leaves()
    charged, _ = settle(cloud, said)
    assert charged == {}
    assert cloud.wallet() == (10_000, 0)


@pytest.mark.parametrize("grams", [float("nan"), float("inf"), -1e12])
def test_a_plate_that_says_nonsense_is_nobody_s_bill(cloud: Shop, grams: float) -> None:
    plates = Plates().rest(6.0)
    for step in range(30):
        plates.readings.append(Weight(round(plates.t_s + step / 10, 3), "wall.top.a", grams))
    plates.t_s += 3.0
    charged, _ = settle(cloud, plates.rest(6.0).leaves())
    assert charged == {}


VISIT_HAND = (10.0, 12.0)


def hand_at(store: Store) -> Hand:
    """A hand in the water's slot."""
    spots = (("wall.top.a", spot_of(store, "wall.top.a"), 1.0),)
    return Hand("wall.top.a", *VISIT_HAND, ("shelf",), spots, VISIT_HAND, 11.0)


def seen_and_weighed(sight: Reading | None, grams: float | None) -> list[NewEvent]:
    """One hand in the water's slot, as pictures and plates tell it."""
    store = shop()
    visits = Visits("run", START, ENTRY, store)
    said = list(visits.entered(TOKEN, "gate", 1.0))
    hand = hand_at(store)
    load = None if grams is None else Load("wall.top", grams, (("wall.top.a", 1.0),), 1)
    said += visits.happened(hand, {}, load=load, sight=sight)
    return said + list(visits.exited(TOKEN, "gate", 20.0))


def shown(*changes: SlotChange, p: float) -> Reading:
    rest = Hypothesis(() if changes else (SlotChange("pick", "water"),), 1.0 - p)
    return Reading(Hypothesis(changes, p), (rest,))


TAKEN = SlotChange("pick", "water")


def test_pictures_and_plates_that_agree_are_charged(cloud: Shop) -> None:
    assert settle(cloud, seen_and_weighed(shown(TAKEN, p=0.98), -WATER_G)) == ({"water": 1}, [])


@pytest.mark.parametrize(
    ("sight", "grams"),
    [
        pytest.param(shown(p=0.95), -733.0, id="pictures show a touch, the plate that something unknown went"),
        pytest.param(shown(SlotChange("pick", "bread"), p=0.97), -WATER_G, id="bread was seen, water was weighed"),
        pytest.param(shown(TAKEN, p=0.98), -1_310.0, id="one water was seen, and two and a half weigh as much"),
    ],
)
def test_pictures_and_plates_that_contradict_each_other_are_not_both_charged(
    cloud: Shop, sight: Reading, grams: float
) -> None:
    charged, review = settle(cloud, seen_and_weighed(sight, grams))
    assert "bread" not in charged
    assert sum(charged.values()) <= 1
    assert charged.keys().isdisjoint(sku for sku in review if sku)


def test_a_shelf_camera_that_is_lost_makes_what_was_taken_before_it_a_matter_of_review(cloud: Shop) -> None:
    store = shop()
    visits = Visits("run", START, ENTRY, store)
    said = list(visits.entered(TOKEN, "gate", 1.0))
    hand = hand_at(store)
    said += visits.happened(hand, {}, sight=shown(TAKEN, p=0.98))
    said += visits.unwatched({"wall.top.a"}, 14.0)
    said += visits.exited(TOKEN, "gate", 20.0)
    assert settle(cloud, said) == ({}, ["water"])


def test_a_lost_device_is_told_and_stops_nothing(cloud: Shop) -> None:
    plates = Plates().rest(6.0)
    plates.readings.append(Fault(plates.t_s, "camera shelf", "no pictures any more"))
    charged, review = settle(cloud, plates.changes("b", -BREAD_G).rest(6.0).leaves())
    assert charged == {"bread": 1}
    assert review == []
    assert [alert["subject"] for alert in cloud.rows(tables.alerts)] == ["camera shelf"]


def test_two_who_enter_on_one_token_are_one_bill(cloud: Shop) -> None:
    plates = Plates()
    plates.readings[0] = Pass(0.5, "gate", "enter", TOKEN, party=2)
    said = plates.rest(6.0).changes("a", -WATER_G).rest(6.0).changes("b", -BREAD_G).rest(6.0).leaves()
    charged, _ = settle(cloud, said)
    assert charged == {"bread": 1, "water": 1}
    assert len(cloud.rows(tables.receipts)) == 1
    assert isinstance(cloud.rows(tables.visits)[0]["visit_id"], UUID)
