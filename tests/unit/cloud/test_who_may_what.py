"""No role reads or changes another's: every route, asked by everybody, in their own store and in another's."""

from dataclasses import dataclass
from itertools import count

import pytest

from cloud.adapters.database.engine import Database
from cloud.api.permissions import RULES, Rule, place_of
from cloud.api.rim import Rim
from cloud.domain.access import SCOPES_OF, Role, Scope
from tests.unit.cloud.asking import ApiHttp, api_on
from tests.unit.cloud.corner_shop import STORE, Hub, Shop, StandingClock
from tests.unit.cloud.staff import CHEAP, OTHER, Asker, add_second_store, hire

pytestmark = pytest.mark.sqlite

ROUTES = sorted(RULES)
NAMES = [
    *(role.value for role in Role),
    *(f"{role}@{store}" for role in Role for store in (STORE, OTHER)),
    *(f"{who}@{store}" for who in ("machine", "everything", "alice", "bob") for store in (STORE, OTHER)),
]
SECRETS = ("alice", "Still water")


@dataclass
class House:
    http: ApiHttp
    askers: dict[str, Asker]
    values: dict[str, str]

    def path(self, template: str) -> str:
        """The path of what is Alice's in the corner shop."""
        period = "?since=2024-05-01T00:00:00Z" if "/reports/" in template else ""
        return template.format(**self.values) + period


@pytest.fixture(scope="module")
def house(migrated_copy: Database) -> House:
    database = migrated_copy
    shop, hub = Shop(database).furnish(), Hub()
    visit = hub.visit()
    shop.hear(hub.enter(visit), hub.pick(visit, 5), hub.pick(visit, 9, sku="bread", p=0.6), hub.leave(visit))
    shop.hear(hub.watermark(61))
    shop.work()
    add_second_store(database)
    askers = hire(database)
    # Everybody takes a minute between two requests: this is about who may, not about how fast they may.
    minutes = count(0.0, 60.0)
    http = api_on(Rim(database, StandingClock(), passwords=CHEAP, seconds=lambda: next(minutes)), api_key="k")
    values = {
        "store": STORE,
        "visit": str(visit),
        "account": "alice",
        "sku": "water",
        "line": "1",
        "number": "1",
        "device": "corner-hub",
        "promotion": "three",
        "category": "food",
        "operator": "reviewer",
        "dispute": str(visit),
        "key_id": "0" * 16,
        "hook": "0" * 16,
        "delivery": str(visit),
        "alert": str(visit),
        "command": str(visit),
        "sha256": "0" * 64,
        "token_sha256": "0" * 64,
    }
    return House(http, askers, values)


def expected(asker: Asker, rule: Rule) -> str:
    """What the table says about `asker` and what is Alice's in the corner shop, in our own words."""
    if rule.public:
        return "let in"
    if rule.all_stores and asker.store != "":
        return "forbidden"
    return "let in" if rule.scope is None or rule.scope in asker.scopes else "forbidden"


@pytest.mark.parametrize(("method", "template"), ROUTES, ids=[f"{method} {path}" for method, path in ROUTES])
def test_everybody_at_every_route(house: House, method: str, template: str) -> None:
    rule, path = RULES[method, template], house.path(template)
    # A body that cannot be right: what is let in fails behind the door, and nothing changes for the next one.
    body = {} if method in ("GET", "DELETE") else {"content": b"{"}
    asked = [(method, path, {"headers": house.askers[name].headers, **body}) for name in NAMES]
    for name, answer in zip(NAMES, house.http.request_all(asked), strict=True):
        asker = house.askers[name]
        foreign = "{store}" in template and asker.store not in ("", STORE)
        if asker.account is not None and not rule.public and rule.scope is not None:
            mine = rule.own is not None and name == f"alice@{STORE}"
            wanted = "let in" if mine else "hidden" if rule.own is not None and not foreign else "forbidden"
        else:
            wanted = "forbidden" if foreign else expected(asker, rule)
        if wanted == "hidden":
            assert answer.status_code == 404, (name, answer.text)
            assert "no-receipt" not in answer.text, name
            continue
        got = {403: "forbidden", 401: "nobody"}.get(answer.status_code, "let in")
        assert got == wanted, (name, method, template, answer.status_code, answer.text)
        if wanted == "let in" and method == "GET":
            assert answer.status_code in (200, 404), (name, answer.text)
        if wanted == "let in" and asker.store == OTHER:
            assert "Corner" not in answer.text, name


def may(role: Role) -> set[str]:
    """What a role may do but read, and what of reading is for few."""
    allowed = {f"{method} {path}" for (method, path), rule in RULES.items() if rule.scope in SCOPES_OF[role]}
    return {each for each in allowed if not each.startswith("GET") or each in FOR_FEW}


FOR_FEW = {
    "GET /v1/stores/{store}/visits/{visit}/evidence/{sha256}",
    "GET /v1/stores/{store}/operators",
    "GET /v1/stores/{store}/keys",
    "GET /v1/stores/{store}/audit",
}
STAFF_ONLY = {
    *FOR_FEW - {"GET /v1/stores/{store}/visits/{visit}/evidence/{sha256}"},
    "PUT /v1/operators/{operator}",
    "PUT /v1/stores/{store}/operators/{operator}",
    "POST /v1/stores/{store}/keys",
    "POST /v1/stores/{store}/keys/{key_id}/rotation",
    "DELETE /v1/stores/{store}/keys/{key_id}",
}


def test_a_reviewer_decides_and_does_nothing_else() -> None:
    assert may(Role.REVIEWER) == {
        "GET /v1/stores/{store}/visits/{visit}/evidence/{sha256}",
        "POST /v1/stores/{store}/reviews/{visit}/{line}/claim",
        "POST /v1/stores/{store}/reviews/{visit}/{line}/decision",
        "POST /v1/stores/{store}/disputes/{dispute}/decision",
    }


def test_who_only_reads_changes_nothing_and_sees_no_clip() -> None:
    assert may(Role.READ_ONLY) == set()


def test_an_operator_does_all_but_what_decides_who_may_what() -> None:
    assert may(Role.OWNER) - may(Role.OPERATOR) == STAFF_ONLY


@pytest.mark.parametrize("paid", ["refunds", "top-ups", "attempts", "write-off"])
def test_whoever_moves_money_needs_the_right_to(paid: str) -> None:
    found = {rule.scope for (method, path), rule in RULES.items() if method == "POST" and path.endswith(paid)}
    assert found == {Scope.MONEY_WRITE}


STRANGERS: dict[str, dict[str, str]] = {
    "nothing": {},
    "nonsense": {"Authorization": "Bearer x"},
    "another scheme": {"Authorization": "Basic k"},
    "no session": {"Cookie": "tillfree_session=.x"},
}


@pytest.mark.parametrize(("method", "template"), ROUTES, ids=[f"{method} {path}" for method, path in ROUTES])
def test_a_stranger_gets_nowhere(house: House, method: str, template: str) -> None:
    path = house.path(template)
    asked = [(method, path, {"headers": headers, "content": b"{"}) for headers in STRANGERS.values()]
    wanted = 422 if RULES[method, template].public else 401
    for who, answer in zip(STRANGERS, house.http.request_all(asked), strict=True):
        assert answer.status_code == wanted, who
        assert "alice" not in answer.text or "alice" in answer.request.url.path, who


def test_every_route_has_a_rule_and_every_rule_a_route(house: House) -> None:
    served = {
        (method.upper(), path)
        for path, methods in house.http.app.openapi()["paths"].items()
        for method in methods
        if path.startswith("/v1/")
    }
    assert served == set(RULES)


@pytest.mark.parametrize("path", ["/v1/stores/", "/v1/stores\n", "/v1//stores", "/v1/stores/corner/../corner", "/v1"])
def test_a_path_that_is_nearly_a_route_is_none(house: House, path: str) -> None:
    assert place_of(path) is None
    assert house.http.get(path.replace("\n", "%0A"), headers=house.askers["owner"].headers).status_code in (200, 404)
    assert house.http.get(path.replace("\n", "%0A"), headers={}).status_code == 401


def test_a_shopper_finds_their_own_visits_and_no_others(house: House) -> None:
    visits = house.http.get(f"/v1/stores/{STORE}/accounts/alice/visits", headers=house.askers[f"alice@{STORE}"].headers)
    assert [each["visit"] for each in visits.json()["items"]] == [house.values["visit"]]
    none = house.http.get(f"/v1/stores/{STORE}/accounts/bob/visits", headers=house.askers[f"bob@{STORE}"].headers)
    assert none.json() == {"items": [], "next": None}


def test_a_store_operator_sees_one_store(house: House) -> None:
    for name, seen in (("owner", {STORE, OTHER}), (f"owner@{OTHER}", {OTHER}), (f"read-only@{STORE}", {STORE})):
        found = house.http.get("/v1/stores", headers=house.askers[name].headers).json()["items"]
        assert {each["store"] for each in found} == seen
