"""How people and machines show who they are, and what is written down of what they change."""

from datetime import timedelta
from typing import Any

import jwt
import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import SQLAlchemyError

from cloud.adapters.database import tables
from cloud.adapters.database.engine import Database
from cloud.adapters.database.staff import keep_operator
from cloud.api.rim import Rim
from cloud.domain.access import Role
from cloud.domain.throttle import wait_after
from tests.unit.cloud.asking import api_on
from tests.unit.cloud.corner_shop import STORE, Hub, Shop
from tests.unit.cloud.staff import CHEAP, PASSWORD

pytestmark = pytest.mark.sqlite

KEY = "Idempotency-Key"


class Desk:
    """The API of the corner shop, and an owner of every store named olga."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.clock = shop, shop.clock
        rim = Rim(shop.database, shop.clock, passwords=CHEAP)
        self.http = api_on(rim)
        self.hire("olga", Role.OWNER)

    def hire(self, name: str, role: Role, store: str = "", password: str = PASSWORD, disabled: bool = False) -> None:
        with self.shop.database.write() as connection:
            values: Any = {"role": role, "password_hash": CHEAP.hashed(password), "disabled": disabled}
            keep_operator(connection, store, name, **values, now=self.clock())

    def sign_in(self, route: str = "login", operator: str = "olga", password: str = PASSWORD, **more: Any) -> Any:
        return self.http.post(f"/v1/{route}", json={"operator": operator, "password": password, **more})

    def bearer(self, **who: Any) -> dict[str, str]:
        answer = self.sign_in("token", **who)
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def may(self, headers: dict[str, str]) -> bool:
        status = self.http.get(f"/v1/stores/{STORE}/products", headers=headers).status_code
        assert status in (200, 401, 403)
        return status == 200


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(Shop(database).furnish())


def test_a_browser_signs_in_changes_something_and_signs_out(desk: Desk) -> None:
    answer = desk.sign_in()
    cookie = answer.headers["set-cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=strict", "tillfree_session="))
    assert PASSWORD not in answer.text
    browser = {"Cookie": cookie.partition(";")[0]}
    assert desk.http.get("/v1/me", headers=browser).json()["id"] == "olga"
    path, body = f"/v1/stores/{STORE}/products/tea", {"name": "Tea"}
    forged = desk.http.put(path, json=body, headers=browser)
    assert (forged.status_code, forged.json()["type"]) == (403, "urn:tillfree:problem:csrf")
    shown = {**browser, "X-CSRF-Token": answer.json()["csrf_token"]}
    assert desk.http.put(path, json=body, headers=shown).status_code == 201
    assert desk.http.post("/v1/logout", headers=shown).status_code == 204
    assert desk.http.get("/v1/me", headers=browser).status_code == 401


def test_a_session_and_a_token_end_by_themselves(desk: Desk) -> None:
    browser = {"Cookie": desk.sign_in().headers["set-cookie"].partition(";")[0]}
    token = desk.bearer()
    for seconds, session_good, token_good in (
        (899, True, True),
        (1, True, False),
        (42_299, True, False),
        (1, False, False),
    ):
        desk.clock.pass_s(seconds)
        assert (desk.may(browser), desk.may(token)) == (session_good, token_good)


def test_another_password_or_a_dismissal_ends_what_was_open(desk: Desk) -> None:
    desk.hire("rita", Role.REVIEWER, STORE)
    rita: Any = {"operator": "rita", "store": STORE}
    for change in ({"password": "another passphrase"}, {"disabled": True}):
        token = desk.bearer(**rita)
        browser = {"Cookie": desk.sign_in(**rita).headers["set-cookie"].partition(";")[0]}
        assert desk.may(token)
        assert desk.may(browser)
        desk.clock.pass_s(1)
        path = f"/v1/stores/{STORE}/operators/rita"
        assert desk.http.put(path, json={"role": "reviewer", **change}, headers=desk.bearer()).status_code == 200
        assert not desk.may(token)
        assert not desk.may(browser)
        rita["password"] = "another passphrase"
    assert desk.sign_in(**rita).status_code == 401


@pytest.mark.parametrize(
    "forged",
    [
        {"alg": "none", "key": ""},
        {"alg": "HS256", "key": "another secret that is long enough for it"},
    ],
)
def test_a_token_of_somebody_elses_making_is_none(desk: Desk, forged: dict[str, str]) -> None:
    good = desk.bearer()["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(good, options={"verify_signature": False})
    made = jwt.encode(claims, forged["key"], algorithm=forged["alg"])
    assert not desk.may({"Authorization": f"Bearer {made}"})
    for part in range(3):
        pieces = good.split(".")
        pieces[part] = pieces[part][:-3] + "abc"
        assert not desk.may({"Authorization": f"Bearer {'.'.join(pieces)}"})


def test_who_guesses_waits_longer_and_longer_and_learns_nothing(desk: Desk) -> None:
    for name in ("olga", "nobody"):
        said = set()
        for _ in range(5):
            answer = desk.sign_in(operator=name, password="wrong")
            said.add((answer.status_code, answer.json()["detail"]))
        assert said == {(401, "no operator has this name and password here")}
        locked = desk.sign_in(operator=name)
        assert (locked.status_code, locked.headers["Retry-After"]) == (429, "61")
    desk.clock.pass_s(60)
    assert desk.sign_in(password="wrong").status_code == 401
    assert desk.sign_in().headers["Retry-After"] == "121"
    desk.clock.pass_s(120)
    assert desk.sign_in().status_code == 200, "the right password begins anew"
    assert desk.sign_in(password="wrong").status_code == 401
    assert desk.sign_in().status_code == 200
    assert [wait_after(failures) for failures in (0, 4, 5, 6, 99)] == [
        timedelta(0),
        timedelta(0),
        timedelta(minutes=1),
        timedelta(minutes=2),
        timedelta(hours=1),
    ]


def test_a_machine_has_the_scopes_of_its_key_until_it_is_revoked(desk: Desk) -> None:
    owner = desk.bearer()
    place = f"/v1/stores/{STORE}/keys"
    body = {"name": "a scale", "scopes": ["catalogue.read"], "days": 2}
    made = desk.http.post(place, json=body, headers={**owner, KEY: "a"})
    secret = made.json()["secret"]
    again = desk.http.post(place, json=body, headers={**owner, KEY: "a"})
    assert (again.json()["key"], again.json()["secret"]) == (made.json()["key"], None), "a secret is shown once"
    assert all(secret not in str(row) for table in tables.metadata.tables.values() for row in desk.shop.rows(table))
    machine = {"Authorization": f"Bearer {secret}"}
    assert desk.may(machine)
    assert desk.http.get(f"/v1/stores/{STORE}/accounts", headers=machine).status_code == 403
    rotated = desk.http.post(f"{place}/{made.json()['key']}/rotation", json={}, headers={**owner, KEY: "b"})
    newer = {"Authorization": f"Bearer {rotated.json()['secret']}"}
    assert desk.may(machine)
    assert desk.may(newer)
    desk.clock.pass_s(86_400)
    assert (desk.may(machine), desk.may(newer)) == (False, True)
    owner = desk.bearer()
    desk.clock.pass_s(60)
    assert desk.http.request("DELETE", f"{place}/{made.json()['key']}", headers=owner).status_code == 204
    assert not desk.may(newer)
    other = desk.http.post(place, json=body, headers={**owner, KEY: "c"}).json()["secret"]
    desk.clock.pass_s(2 * 86_400)
    assert not desk.may({"Authorization": f"Bearer {other}"})


@pytest.mark.parametrize("scope", ["staff", "audit.read", "everything"])
def test_no_machine_decides_who_may_what(desk: Desk, scope: str) -> None:
    body = {"name": "x", "scopes": [scope]}
    answer = desk.http.post(f"/v1/stores/{STORE}/keys", json=body, headers={**desk.bearer(), KEY: "a"})
    assert (answer.status_code, "body.scopes.0" in answer.text) == (422, True)


def test_an_owner_cannot_lock_themselves_out(desk: Desk) -> None:
    for body in ({"role": "read-only"}, {"role": "owner", "disabled": True}):
        assert desk.http.put("/v1/operators/olga", json=body, headers=desk.bearer()).status_code == 409


def test_the_machine_is_open_until_somebody_is_known(database: Database) -> None:
    shop = Shop(database).furnish()
    http = api_on(Rim(database, shop.clock, passwords=CHEAP))
    assert http.get("/v1/stores").status_code == 200
    for path in ("/v1/operators", "/v1/audit"):
        assert http.get(path).status_code == 403, "not even then does a machine decide who may"
    desk = Desk(shop)
    assert http.get("/v1/stores").status_code == 401
    assert desk.may(desk.bearer())


def test_every_change_is_written_down_with_who_made_it(desk: Desk) -> None:
    owner = desk.bearer()
    place = f"/v1/stores/{STORE}"
    desk.http.put(f"{place}/products/tea", json={"name": "Tea"}, headers=owner)
    desk.clock.pass_s(1)
    top_up: dict[str, Any] = {
        "path": f"{place}/accounts/alice/top-ups",
        "json": {"amount_minor": 5},
        "headers": {**owner, KEY: "t"},
    }
    for _ in range(2):
        assert desk.http.post(**top_up).status_code == 201
    desk.http.put(f"{place}/products/../tea", json={"name": "Tea"}, headers=owner)
    desk.http.post(f"{place}/accounts", json={"account": "alice"}, headers={**owner, KEY: "refused"})
    log = desk.http.get(f"{place}/audit", headers=owner).json()["items"]
    assert [(each["by"], each["kind"], each["target"]) for each in log] == [
        ("olga", "operator", f"{place}/accounts/alice/top-ups"),
        ("olga", "operator", f"{place}/products/tea"),
    ], "once each; what was refused changed nothing"
    assert log[0]["action"] == "POST /v1/stores/{store}/accounts/{account}/top-ups"


@pytest.mark.parametrize(
    "change", [update(tables.audit).values(by="x"), delete(tables.audit), text("DELETE FROM audit")]
)
def test_the_log_is_only_added_to(desk: Desk, change: Any) -> None:
    desk.http.put(f"/v1/stores/{STORE}/products/tea", json={"name": "Tea"}, headers=desk.bearer())
    with pytest.raises(SQLAlchemyError, match="append-only"), desk.shop.database.write() as connection:
        connection.execute(change)


def test_an_operator_decides_under_their_own_name(desk: Desk) -> None:
    hub = Hub()
    visit = hub.visit()
    desk.shop.hear(hub.enter(visit), hub.pick(visit, 5, p=0.6), hub.leave(visit), hub.watermark(61))
    desk.shop.work()
    path = f"/v1/stores/{STORE}/reviews/{visit}/0/claim"
    claimed = desk.http.post(path, json={"by": "somebody else"}, headers={**desk.bearer(), KEY: "c"})
    assert (claimed.status_code, claimed.json()["claimed_by"]) == (201, "olga")
