"""Clips, alerts and modes over HTTP: who sees them, what is written down of it, and what is said of what is gone."""

from typing import Any
from uuid import UUID

import pytest

from cloud.adapters.database import tables
from cloud.adapters.database.engine import Database
from cloud.adapters.evidence_seal import EvidenceSeal
from cloud.api.rim import Rim
from cloud.service.evidencing import erase_clips
from cloud.service.ingest import Ingester
from protocol.evidence import ClipSent, digest_of
from protocol.messages import encode
from protocol.topics import Topic
from tests.unit.cloud.asking import api_on
from tests.unit.cloud.corner_shop import HUB, NOW, STORE, Hub, Shop, StandingClock, at
from tests.unit.cloud.staff import CHEAP, OTHER, Asker, add_second_store, hire

pytestmark = pytest.mark.sqlite

CLIP = b"RIFF....WEBP a hand and a bottle"
SHA = digest_of(CLIP)
SEAL = EvidenceSeal(bytes(range(32)))


class Desk:
    """The corner shop with a visit in review whose clip is here, and everybody who may ask."""

    def __init__(self, database: Database, seal: EvidenceSeal | None = SEAL) -> None:
        self.shop, self.hub = Shop(database).furnish(), Hub()
        self.visit = self.hub.visit()
        self.shop.hear(self.hub.enter(self.visit), self._doubtful(), self.hub.leave(self.visit), self.hub.watermark(61))
        self.shop.work()
        add_second_store(database)
        self.askers: dict[str, Asker] = hire(database)
        rim = Rim(database, StandingClock(), passwords=CHEAP, seal=lambda: seal)
        self.http = api_on(rim, api_key="k")

    def _doubtful(self) -> tuple[str, bytes]:
        data = {
            "interaction": str(UUID(int=5)), "revision": 1, "cameras": ["shelf"], "slot": "wall.top.a",
            "entered": at(9).isoformat(), "left": at(10).isoformat(), "p": 0.4,
            "changes": [{"type": "pick", "sku": "water", "qty": 1, "slot": "wall.top.a", "p": 0.4}],
            "evidence": [{"sha256": SHA, "camera": "shelf", "size_bytes": len(CLIP)}],
        }  # fmt: skip
        return self.hub.say("interaction", self.visit, 10, data)

    def sends(self) -> None:
        message = (str(Topic(STORE, HUB, "evidence")), encode(ClipSent(device=HUB, sha256=SHA, clip=CLIP)))
        Ingester(self.shop.database, self.shop.clock, lambda: SEAL).commit([message])

    def get(self, path: str, who: str) -> Any:
        return self.http.get(f"/v1/stores/{STORE}{path}", headers=self.askers[who].headers)

    @property
    def clip(self) -> str:
        return f"/visits/{self.visit}/evidence/{SHA}"

    def looked(self) -> list[tuple[str, str]]:
        """Who looked at the clip, by the audit log."""
        rows = self.shop.rows(tables.audit)
        return [(row["kind"], row["by"]) for row in rows if row["target"].endswith(SHA)]


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


@pytest.mark.parametrize("who", ["owner", "operator", "reviewer", f"reviewer@{STORE}"])
def test_a_reviewer_sees_the_clip_and_that_is_written_down(desk: Desk, who: str) -> None:
    desk.sends()
    answer = desk.get(desk.clip, who)
    assert (answer.status_code, answer.content) == (200, CLIP)
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert desk.looked() == [("operator", who.partition("@")[0])]


@pytest.mark.parametrize(
    "who",
    ["read-only", f"read-only@{STORE}", f"reviewer@{OTHER}", f"alice@{STORE}", f"bob@{STORE}", f"machine@{STORE}"],
)
def test_nobody_else_does(desk: Desk, who: str) -> None:
    desk.sends()
    answer = desk.get(desk.clip, who)
    assert answer.status_code in (403, 404)
    assert CLIP not in answer.content
    assert desk.looked() == []


def test_what_is_still_in_the_store_is_asked_for_and_what_is_gone_says_why(desk: Desk) -> None:
    assert [item["state"] for item in desk.get(f"/visits/{desk.visit}/evidence", "reviewer").json()["items"]] == [
        "in_store"
    ]
    waits = desk.get(desk.clip, "reviewer")
    assert (waits.status_code, waits.json()["type"].rpartition(":")[2]) == (409, "clip-in-store")
    assert [row["type"] for row in desk.shop.rows(tables.commands)] == ["fetch_clip"], "once, however often it is asked"
    desk.sends()
    with desk.shop.database.write() as connection:
        erase_clips(connection, STORE, [desk.visit], by="olga", now=NOW)
    gone = desk.get(desk.clip, "reviewer")
    assert gone.status_code == 410
    assert "erased by olga" in gone.json()["detail"]


def test_another_visit_s_clip_and_one_that_is_none_are_not_known(desk: Desk) -> None:
    desk.sends()
    assert desk.get(f"/visits/{UUID(int=9)}/evidence/{SHA}", "reviewer").status_code == 404
    assert desk.get(f"/visits/{desk.visit}/evidence/{'0' * 64}", "reviewer").status_code == 404
    assert desk.get(f"/visits/{desk.visit}/evidence/..%2F..%2Fetc", "reviewer").status_code in (404, 422)


def test_without_the_right_key_nothing_is_shown(database: Database) -> None:
    desk = Desk(database, seal=EvidenceSeal(bytes(32)))
    desk.sends()
    answer = desk.get(desk.clip, "reviewer")
    assert answer.status_code == 410
    assert "key" in answer.json()["detail"]


def test_alerts_come_in_pages_by_state_and_are_seen_once(desk: Desk) -> None:
    for number in range(5):
        said = {"part": f"camera c{number}", "reason": "no pictures; look at the cable"}
        desk.shop.hear(desk.hub.say("faulted", None, 100 + number, said))
    desk.shop.hear(desk.hub.say("recovered", None, 110, {"part": "camera c0"}))
    desk.shop.work()
    first = desk.get("/alerts?limit=3", "read-only").json()
    rest = desk.get(f"/alerts?limit=3&cursor={first['next']}", "read-only").json()
    assert [alert["subject"] for alert in (*first["items"], *rest["items"])] == [
        f"camera c{n}" for n in (4, 3, 2, 1, 0)
    ]
    assert rest["next"] is None
    assert len(desk.get("/alerts?state=lasting", "read-only").json()["items"]) == 4
    (over,) = desk.get("/alerts?state=over", "read-only").json()["items"]
    path = f"/v1/stores/{STORE}/alerts/{over['alert']}/seen"
    assert desk.http.put(path, headers=desk.askers["read-only"].headers).status_code == 403
    assert desk.http.put(path, headers=desk.askers["operator"].headers).status_code == 204
    assert desk.http.put(path, headers=desk.askers["owner"].headers).status_code == 204
    (over,) = desk.get("/alerts?state=over", "read-only").json()["items"]
    assert over["seen_by"] == "operator"
    unknown = f"/v1/stores/{STORE}/alerts/{UUID(int=1)}/seen"
    assert desk.http.put(unknown, headers=desk.askers["owner"].headers).status_code == 404


@pytest.mark.parametrize("mode", ["sideways", "", None, 7])
def test_a_mode_that_is_none_is_refused(desk: Desk, mode: object) -> None:
    headers = {**desk.askers["owner"].headers, "Idempotency-Key": "m"}
    path = f"/v1/stores/{STORE}/devices/{HUB}/commands"
    assert desk.http.post(path, headers=headers, json={"type": "mode", "mode": mode}).status_code == 422
    unknown = f"/v1/stores/{STORE}/devices/nobody/commands"
    assert desk.http.post(unknown, headers=headers, json={"type": "mode", "mode": "up"}).status_code == 404
