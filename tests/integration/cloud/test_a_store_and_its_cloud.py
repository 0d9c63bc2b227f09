"""A store's gate and its cloud through a real broker: holds, modes, what the operator is told, and clips to review."""

import time
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from edge.delivery.delivery import Delivery
from edge.events import NewEvent
from edge.evidence.obeying import ClipOrders
from edge.evidence.sealed_clips import SealedClips
from edge.gate.claims import ClaimsInMemory
from edge.gate.gatekeeper import Gatekeeper
from edge.gate.opening import Opening
from edge.modes import Mode, Modes
from edge.node import Node
from edge.perception.networks import Networks
from hardware.lights.logged import LoggedLight
from hardware.ports import Asked, Fault, Observation, Pass, Reading, Restored
from protocol.commands import Command
from protocol.events import Change, Clip, Interaction
from protocol.evidence import digest_of
from protocol.store import Store
from tests.integration.cloud.corner_street import Broker, CloudProcess, eventually
from tests.unit.cloud.corner_shop import HUB, STORE, TOKEN

CAMERA = "camera high"


def shop(**gate: Any) -> Store:
    return Store.model_validate(
        {
            "format": 1, "store": STORE, "name": "Corner", "currency": "EUR", "hub": HUB,
            "cameras": [{"id": "high", "role": "area", "size": [640, 360]}],
            "gate": {"lanes": ["gate"], "open": "when_held", "held_within_s": 20.0, **gate},
        }
    )  # fmt: skip


class Lanes:
    """A gate that remembers what it opened."""

    def __init__(self) -> None:
        self.opened: list[str] = []

    def passes(self) -> Iterator[Pass]:
        return iter(())

    def open(self, lane: str) -> None:
        self.opened.append(lane)


class Storefront:
    """The edge of a small store: gate, node and delivery as `edge run` puts them together, without cameras."""

    def __init__(self, store: Store, folder: Path, broker: str) -> None:
        self.start = datetime.now(UTC)
        self._begun_s = time.monotonic()
        self._mail: deque[Command] = deque()
        self.delivery = Delivery.open(
            folder / "hub.sqlite", store=STORE, device=HUB, broker=broker, heed=self._mail.append
        )
        self.clips = SealedClips(
            folder / "clips", folder / "key", bytes_max=10**6, life_s=3_600, clock=lambda: self._begun_s
        )
        self.node = Node(store, folder, Networks(None, None), f"live {self.start}", self.start)
        self.lanes = Lanes()
        orders = ClipOrders(self.clips, HUB, self.delivery.show)
        self._opening = Opening(self.lanes, LoggedLight(), store.gate, obey=orders.obey)
        self.modes = Modes([CAMERA])
        self._keeper = Gatekeeper(
            store, self.start, None, ClaimsInMemory(), tell=self._opening.refused, modes=self.modes
        )
        self._say = self._opening.saying(lambda _envelope, _at: None)

    @property
    def t_s(self) -> float:
        return time.monotonic() - self._begun_s

    def up(self) -> None:
        self.modes.well(CAMERA)
        self.modes.ask(Mode.UP)

    def enter(self, token: str) -> None:
        self.take(Pass(self.t_s, "gate", "enter", token))

    def exit(self, token: str) -> None:
        self.take(Pass(self.t_s, "gate", "exit", token))

    def take(self, *readings: Reading) -> None:
        for reading in self._opening.showing(self._keeper, readings):
            self.append(self.node.take(reading))

    def append(self, events: tuple[NewEvent, ...]) -> None:
        for envelope in self.delivery.append(events):
            self._say(envelope, 0.0)
        self.delivery.observed(self.start + timedelta(seconds=self.node.observed_until_s))

    def goes_on(self) -> "Storefront":
        """A moment passes; what the cloud asks is done."""
        self.take(Observation(self.t_s, "high", 1, 5.0, 5.0, 0.1, ()))
        while self._mail:
            self.take(Asked(self.t_s, self._mail.popleft()))
        return self

    def interaction(self, p: float, clip: bytes, visit: UUID) -> None:
        at = datetime.now(UTC)
        said = Interaction(
            interaction=UUID(int=77),
            revision=1,
            cameras=("shelf",),
            slot="wall.top.a",
            entered=at - timedelta(seconds=1),
            left=at,
            changes=(Change(type="pick", sku="water", qty=1, slot="wall.top.a", p=p),),
            p=p,
            evidence=(Clip(sha256=digest_of(clip), camera="shelf", size_bytes=len(clip)),),
        )
        self.clips.keep(digest_of(clip), said.interaction, visit, clip)
        self.append((NewEvent(at, visit, said),))

    def close(self) -> None:
        self.delivery.close()
        self.clips.close()


@pytest.fixture
def front(cloud: CloudProcess, broker: Broker, tmp_path: Path) -> Iterator[Storefront]:
    assert cloud is not None
    front = Storefront(shop(), tmp_path / "edge", broker.url)
    yield front
    front.close()


def visits(cloud: CloudProcess) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cloud.get("/visits")["items"]
    return found


def test_the_lane_opens_when_the_money_is_held_and_the_visit_settles(cloud: CloudProcess, front: Storefront) -> None:
    front.up()
    front.enter(TOKEN)
    assert front.lanes.opened == [], "not before the cloud has said so"
    eventually(lambda: front.goes_on().lanes.opened, "the lane's opening")
    assert [visit["state"] for visit in visits(cloud)] == ["open"]
    front.exit(TOKEN)
    eventually(lambda: front.goes_on() is front and visits(cloud)[0]["state"] == "settled", "the settlement")
    assert front.lanes.opened == ["gate"]


def test_a_refused_hold_keeps_the_lane_shut_and_the_operator_is_told_why(
    cloud: CloudProcess, front: Storefront
) -> None:
    front.up()
    front.enter("nobody's token")
    eventually(lambda: front.goes_on() is front and cloud.get("/alerts")["items"], "the alert")
    assert front.lanes.opened == []
    (visit,) = visits(cloud)
    assert (visit["state"], visit["refused_reason"]) == ("refused", "unknown_token")
    (alert,) = [alert for alert in cloud.get("/alerts")["items"] if alert["kind"] == "refused"]
    assert alert["subject"] == "gate: unknown_token"


def test_who_is_not_answered_in_time_is_turned_away_and_no_money_stays_held(
    cloud: CloudProcess, broker: Broker, tmp_path: Path
) -> None:
    cloud.kill()
    front = Storefront(shop(held_within_s=0.2), tmp_path / "edge", broker.url)
    try:
        front.up()
        front.enter(TOKEN)
        eventually(lambda: front.goes_on().t_s > 1.0, "a second")
        assert front.lanes.opened == []
        cloud.start()
        eventually(
            lambda: front.goes_on() is front and visits(cloud) and visits(cloud)[0]["state"] == "settled", "the end"
        )
        account = cloud.get("/accounts/alice")
        assert (account["balance_minor"], account["held_minor"]) == (100_000, 0)
        assert front.lanes.opened == []
    finally:
        front.close()


def test_an_operator_opens_and_closes_the_store_and_is_told_what_is_in_the_way(
    cloud: CloudProcess, front: Storefront
) -> None:
    front.take(Fault(front.t_s, CAMERA, "no pictures any more; look at the cable"))

    def ask(mode: str, key: str) -> dict[str, Any]:
        path = f"/v1/stores/{STORE}/devices/{HUB}/commands"
        answer = cloud.http.post(path, json={"type": "mode", "mode": mode}, headers={"Idempotency-Key": key})
        assert answer.status_code == 201, answer.text
        where = f"/devices/{HUB}/commands/{answer.json()['command']}"
        done = eventually(lambda: _answered(front, cloud, where), "the answer")
        assert (
            cloud.http.post(path, json={"type": "mode", "mode": mode}, headers={"Idempotency-Key": key}).json()[
                "command"
            ]
            == answer.json()["command"]
        ), "asked twice, done once"
        return done

    refused = ask("up", "one")
    assert not refused["done"]
    assert CAMERA in refused["reason"]
    assert "cable" in refused["reason"]
    eventually(lambda: front.goes_on() is front and cloud.get("/trading")["items"], "the mode")
    (trading,) = cloud.get("/trading")["items"]
    assert (trading["mode"], trading["wants_up"], list(trading["in_the_way"])) == ("down", True, [CAMERA])
    front.take(Restored(front.t_s, CAMERA))
    eventually(lambda: front.goes_on() is front and cloud.get("/trading")["items"][0]["mode"] == "up", "UP by itself")
    assert ask("stocking", "two")["done"]
    eventually(lambda: cloud.get("/trading")["items"][0]["mode"] == "stocking", "the mode")
    lasting = cloud.get("/alerts?state=lasting")["items"]
    assert lasting == [], lasting
    assert {alert["kind"] for alert in cloud.get("/alerts")["items"]} == {"fault", "not_trading"}


def _answered(front: Storefront, cloud: CloudProcess, where: str) -> dict[str, Any] | None:
    front.goes_on()
    command = cloud.get(where)
    return command if command["answered_at"] is not None else None


def test_a_reviewer_sees_the_clip_of_a_doubtful_line_and_who_looked_is_written_down(
    cloud: CloudProcess, front: Storefront
) -> None:
    clip = b"RIFF and what follows: a hand, and a bottle, " * 1_500
    front.up()
    front.enter(TOKEN)
    eventually(lambda: front.goes_on().lanes.opened, "the lane's opening")
    visit = UUID(visits(cloud)[0]["visit"])
    front.interaction(0.4, clip, visit)
    front.exit(TOKEN)
    where = f"/visits/{visit}/evidence"
    eventually(lambda: front.goes_on() is front and _here(cloud.get(where)["items"]), "the clip")
    answer = cloud.http.get(f"/v1/stores/{STORE}{where}/{digest_of(clip)}")
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "image/webp", clip)
    assert answer.headers["cache-control"] == "no-store"
    assert clip[:64] not in b"".join(file.read_bytes() for file in cloud.folder.glob("*.db*")), "sealed at rest"
    assert cloud.http.get(f"/v1/stores/{STORE}{where}/{'0' * 64}").status_code == 404


def _here(items: list[dict[str, Any]]) -> bool:
    return [item["state"] for item in items] == ["here"]
