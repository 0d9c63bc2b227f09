"""The console in a browser's place: who gets in, what they may do there, and what nobody can put into a page."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest

from cloud.adapters.database import tables
from cloud.adapters.database.engine import Database
from cloud.adapters.database.staff import keep_operator
from cloud.api.permissions import RULES
from cloud.api.rim import Rim
from cloud.console.actions import ACTIONS
from cloud.console.views import PAGES
from cloud.domain.access import Role
from tests.unit.cloud.asking import Http, api_on
from tests.unit.cloud.corner_shop import STORE, Hub, Shop
from tests.unit.cloud.staff import CHEAP, PASSWORD

pytestmark = pytest.mark.sqlite
ROOT = "/console"
SHOP = f"{ROOT}/stores/{STORE}"
EVIL = "<script>alert(1)</script>'\"&{{7*7}}{% raw %}"


class Browser:
    """Keeps a cookie and finds forms, as a browser does; it runs no scripts."""

    def __init__(self, http: Http) -> None:
        self.http, self.cookie, self.last = http, "", ""

    def get(self, path: str) -> httpx.Response:
        answer = self.http.get(path, headers={"Cookie": self.cookie} if self.cookie else {})
        self.last = answer.text
        return answer

    def post(self, path: str, fields: dict[str, str], **headers: str) -> httpx.Response:
        sent = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://cloud", **headers}
        if self.cookie:
            sent["Cookie"] = self.cookie
        answer = self.http.post(path, content=httpx.QueryParams(fields).__str__().encode(), headers=sent)
        if "set-cookie" in answer.headers:
            self.cookie = answer.headers["set-cookie"].partition(";")[0]
        return answer

    def sign_in(self, operator: str, password: str = PASSWORD, store: str = "") -> httpx.Response:
        return self.post(f"{ROOT}/sign-in", {"operator": operator, "password": password, "store": store})

    def send(self, path: str, page: str, **fields: str) -> httpx.Response:
        """Fill the form of `page` that leads to `path`."""
        text = self.get(page).text
        assert f'action="{path}"' in text, f"no form to {path} on {page}"
        form = text[text.index(f'action="{path}"') :]
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[: form.index("</form>")]))
        return self.post(path, {**hidden, **fields})


class Shopfront:
    def __init__(self, shop: Shop) -> None:
        self.shop, self.hub = shop, Hub()
        with shop.database.write() as connection:
            connection.execute(tables.products.update().values(name=EVIL))
            connection.execute(tables.accounts.update().values(name=EVIL))
            connection.execute(tables.stores.update().values(name=EVIL))
            for role in Role:
                values: Any = {"role": role, "password_hash": CHEAP.hashed(PASSWORD), "disabled": False}
                keep_operator(connection, "", role.value, **values, now=shop.clock())
        rim = Rim(shop.database, shop.clock, passwords=CHEAP)
        self.http = api_on(rim, body_bytes_max=70_000)
        self.visit = self.hub.visit()
        shop.hear(self.hub.enter(self.visit), self.hub.pick(self.visit, 5, qty=2))
        shop.hear(self.hub.pick(self.visit, 9, sku="bread", p=0.6), self.hub.leave(self.visit))
        fault = {"part": EVIL, "reason": EVIL}
        shop.hear(self.hub.say("faulted", None, 30, fault), self.hub.watermark(61))
        shop.work()
        shop.hear(self.hub.enter(self.hub.visit(2), 70), self.hub.watermark(71))
        shop.work()

    def browser(self, operator: str = "owner") -> Browser:
        made = Browser(self.http)
        assert made.sign_in(operator).headers["location"] == f"{ROOT}/"
        return made

    def pages(self) -> list[str]:
        names = {"store": STORE, "visit": str(self.visit), "line": "0"}
        found = [ROOT + view.path.format(**names) for view in PAGES]
        more = [f"{SHOP}/visits?state=settled", f"{SHOP}/reviews?state=claimed", f"{SHOP}/disputes?state=open"]
        return [*found, *more, f"{SHOP}/reports?days=30"]


@pytest.fixture
def front(shop: Shop) -> Shopfront:
    return Shopfront(shop)


@pytest.fixture(scope="module")
def still(migrated_copy: Database) -> Shopfront:
    """The same, for tests that change nothing in it."""
    return Shopfront(Shop(migrated_copy).furnish())


def test_who_has_not_signed_in_sees_the_door_and_nothing_else(still: Shopfront) -> None:
    stranger = Browser(still.http)
    for path in still.pages():
        answer = stranger.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{ROOT}/sign-in")
    assert stranger.get(f"{ROOT}/sign-in").status_code == 200
    stranger.cookie = "tillfree_session=.made-up"
    assert stranger.get(f"{SHOP}/").headers["location"] == f"{ROOT}/sign-in"


def test_signing_in_and_out(front: Shopfront) -> None:
    browser = Browser(front.http)
    for wrong in (("owner", "not the password"), ("nobody", PASSWORD), ("Ö", PASSWORD), ("", "")):
        answer = browser.sign_in(*wrong)
        assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)
        assert "No operator has this name and password here." in answer.text
    answer = browser.sign_in("owner")
    assert all(part in answer.headers["set-cookie"] for part in ("HttpOnly", "SameSite=strict", "Path=/"))
    assert PASSWORD not in answer.text
    old = browser.cookie
    assert browser.get(f"{ROOT}/").status_code == 200
    assert browser.send(f"{ROOT}/sign-out", f"{ROOT}/").headers["location"] == f"{ROOT}/sign-in"
    browser.cookie = old
    assert browser.get(f"{ROOT}/").status_code == 303


def test_guessing_is_slow_here_too(front: Shopfront) -> None:
    browser = Browser(front.http)
    codes = [browser.sign_in("owner", f"guess number {n}").status_code for n in range(6)]
    assert codes == [401] * 5 + [429]
    assert "wait" in browser.sign_in("owner").text


def test_a_page_from_elsewhere_signs_nobody_in(still: Shopfront) -> None:
    fields = {"operator": "owner", "password": PASSWORD}
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        answer = Browser(still.http).post(f"{ROOT}/sign-in", fields, **headers)
        assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_every_page_for_every_role(still: Shopfront, role: str) -> None:
    browser = still.browser(role)
    hidden = {"reviewer": ("debts", "ledger", "reports", "audit"), "operator": ("audit",), "read-only": ("audit",)}
    for path in still.pages():
        answer = browser.get(path)
        part = path.removeprefix(SHOP).strip("/").split("?")[0].split("/")[0]
        assert answer.status_code == (403 if part in hidden.get(role, ()) else 200), (path, answer.text[:500])
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-frame-options"] == "DENY"


def test_nobody_can_put_anything_into_a_page(still: Shopfront) -> None:
    browser = still.browser()
    seen = 0
    for path in still.pages():
        text = browser.get(path).text
        assert "<script>" not in text
        assert "alert(1)</script>" not in text
        assert not re.search(r"\son\w+=|javascript:|<style|\sstyle=|src=\"http|href=\"http", text), path
        seen += text.count("&lt;script&gt;alert(1)&lt;/script&gt;")
        assert "{{7*7}}" in text or "49" not in re.findall(r"alert\(1\).{0,40}", text)
    assert seen > 20


class Outline(HTMLParser):
    """What a screen reader finds: labels, headings, heads of tables, words for pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: list[dict[str, str | None]] = []
        self.labels: set[str | None] = set()
        self.ids: list[str] = []
        self.count = {"h1": 0, "main": 0, "html": 0}
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        attributes = dict(given)
        self.count[tag] = self.count.get(tag, 0) + 1
        if "id" in attributes:
            self.ids.append(str(attributes["id"]))
        if tag in ("input", "select", "textarea") and attributes.get("type") != "hidden":
            self.fields.append(attributes)
        if tag == "label":
            self.labels.add(attributes.get("for"))
        missing = {"img": "alt", "th": "scope", "html": "lang", "nav": "aria-label"}.get(tag)
        if missing and not attributes.get(missing):
            self.wrong.append(f"{tag} without {missing}")


def test_every_page_can_be_read_without_eyes(front: Shopfront) -> None:
    browser = front.browser()
    assert browser.send(f"{SHOP}/reviews/{front.visit}/0/claim", f"{SHOP}/reviews/{front.visit}/0").status_code == 303
    for path in [f"{ROOT}/sign-in", *front.pages()]:
        outline = Outline()
        outline.feed(browser.get(path).text)
        assert outline.wrong == [], path
        assert (outline.count["h1"], outline.count["main"]) == (1, 1), path
        assert {field.get("id") for field in outline.fields} <= outline.labels, path
        assert len(outline.ids) == len(set(outline.ids)), path


def test_a_reviewer_takes_a_line_and_decides_it(front: Shopfront) -> None:
    browser = front.browser("reviewer")
    review = f"{SHOP}/reviews/{front.visit}/0"
    assert "Take it for fifteen minutes" in browser.get(review).text
    taken = browser.send(f"{review}/claim", review)
    assert taken.headers["location"] == f"{review}?done=claimed"
    assert "It is yours for fifteen minutes." in browser.get(taken.headers["location"]).text
    decided = browser.send(f"{review}/decision", review, decision="charge", sku="bread", qty="1", note=EVIL)
    assert decided.headers["location"] == f"{SHOP}/reviews?done=decided", decided.text
    front.shop.work()
    assert front.shop.bought(front.visit) == {"water": 2, "bread": 1}
    (row,) = front.shop.rows(tables.reviews)
    assert (row["decided_by"], row["note"]) == ("reviewer", EVIL)
    assert "<script>" not in browser.get(review).text
    log = front.shop.rows(tables.audit)
    assert {each["by"] for each in log if "reviews" in each["action"]} == {"reviewer"}


def test_money_goes_back_once_however_often_the_button_is_pressed(front: Shopfront) -> None:
    browser = front.browser("operator")
    visit = f"{SHOP}/visits/{front.visit}"
    page = browser.get(visit).text
    form = page[page.index(f'action="{visit}/refunds"') :]
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[: form.index("</form>")]))
    nothing = browser.post(f"{visit}/refunds", {**hidden, "reason": "faulty", "line-1": "0"})
    assert (nothing.status_code, front.shop.rows(tables.refunds)) == (422, [])
    fields = {**hidden, "reason": "faulty", "line-1": "1", "note": ""}
    assert [browser.post(f"{visit}/refunds", fields).status_code for _ in range(3)] == [303, 303, 303]
    front.shop.work()
    assert [row["amount_minor"] for row in front.shop.rows(tables.refunds)] == [150]
    too_many = browser.post(f"{visit}/refunds", {**hidden, "key": "2", "reason": "faulty", "line-1": "5"})
    assert too_many.status_code in (409, 422)
    assert len(front.shop.rows(tables.refunds)) == 1


@pytest.mark.parametrize("how", ["none", "wrong", "another's", "not ascii", "elsewhere"])
def test_a_form_that_is_not_ours_changes_nothing(still: Shopfront, how: str) -> None:
    browser, other = still.browser(), still.browser("operator")
    path = f"{SHOP}/reviews/{still.visit}/0/claim"
    token = re.search(r'name="csrf" value="([^"]*)"', browser.get(f"{SHOP}/").text)
    theirs = re.search(r'name="csrf" value="([^"]*)"', other.get(f"{SHOP}/").text)
    assert token is not None
    assert theirs is not None
    fields = {"none": {}, "wrong": {"csrf": "0" * 64}, "another's": {"csrf": theirs[1]}, "not ascii": {"csrf": "ü"}}
    headers = {"Origin": "https://evil.example"} if how == "elsewhere" else {}
    answer = browser.post(path, fields.get(how, {"csrf": token[1]}), **headers)
    assert answer.status_code == 403
    assert [row["state"] for row in still.shop.rows(tables.reviews)] == ["open"]


def test_who_may_not_is_told_so_and_nothing_happens(still: Shopfront) -> None:
    browser = still.browser("read-only")
    text = browser.get(f"{SHOP}/reviews/{still.visit}/0").text
    assert "Decide" not in text
    token = re.search(r'name="csrf" value="([^"]*)"', text)
    assert token is not None
    answer = browser.post(f"{SHOP}/reviews/{still.visit}/0/claim", {"csrf": token[1]})
    assert answer.status_code == 403
    assert "needs the right reviews.decide" in answer.text


def test_a_store_s_own_operator_sees_no_other_store(front: Shopfront) -> None:
    with front.shop.database.write() as connection:
        values: Any = {"role": Role.OPERATOR, "password_hash": CHEAP.hashed(PASSWORD), "disabled": False}
        keep_operator(connection, "kiosk", "kim", **values, now=front.shop.clock())
    browser = Browser(front.http)
    assert browser.sign_in("kim", store="kiosk").status_code == 303
    assert browser.get(f"{ROOT}/").status_code == 200
    for path in front.pages():
        if path.startswith(SHOP):
            assert browser.get(path).status_code == 403


TRICKS = ["..%2f..%2fv1%2fme", "%2e%2e", "a%00b", "' OR 1=1 --", "<b>", "x" * 5_000, "%ff", "ü", "*"]


@pytest.mark.parametrize("trick", TRICKS, ids=range(len(TRICKS)))
def test_a_path_of_tricks_is_no_page(still: Shopfront, trick: str) -> None:
    browser = still.browser()
    for path in (f"{ROOT}/stores/{trick}/", f"{SHOP}/visits/{trick}", f"{SHOP}/reviews/{trick}/0", f"{ROOT}/{trick}"):
        answer = browser.get(path if "%" in trick else quote(path))
        assert answer.status_code in (404, 422), (path, answer.status_code)
        assert "<b>" not in answer.text
        assert "Traceback" not in answer.text
    for path in (f"{SHOP}/visits?state={trick}", f"{SHOP}/visits?cursor={trick}", f"{SHOP}/reports?days={trick}"):
        assert browser.get(path if "%" in trick else quote(path, safe="/?=")).status_code in (200, 404, 422)
    for path in (f"{ROOT}/static/{trick}", f"{ROOT}/static/..%2f..%2fapp.py", f"{ROOT}/static/../app.py"):
        assert browser.get(path if "%" in path else quote(path)).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"\xff\xfe", 403),
        (b"a=1&" * 600, 403),
        (b"a=" + b"x" * 66_000, 403),
        (b"", 403),
        (b"csrf=%ff", 403),
        (b"=&=&=", 403),
    ],
    ids=range(6),
)
def test_a_body_of_tricks_is_no_form(still: Shopfront, body: bytes, status: int) -> None:
    browser = still.browser()
    headers = {"Cookie": browser.cookie, "Origin": "http://cloud", "Content-Type": "application/x-www-form-urlencoded"}
    answer = still.http.post(f"{SHOP}/reviews/{still.visit}/0/claim", content=body, headers=headers)
    assert answer.status_code == status


def test_reading_needs_get_and_changing_needs_post(still: Shopfront) -> None:
    browser = still.browser()
    assert browser.get(f"{SHOP}/reviews/{still.visit}/0/claim").status_code == 405
    assert browser.post(f"{SHOP}/visits", {}).status_code == 405


def test_whatever_a_form_asks_for_is_in_the_api() -> None:
    for action in ACTIONS:
        assert (action.method, f"/v1/stores/{{store}}/{action.api}") in RULES, action


def test_what_the_pages_need_comes_from_here(still: Shopfront) -> None:
    browser = Browser(still.http)
    for name, kind in (("console.css", "text/css"), ("console.js", "javascript"), ("mark.svg", "image/svg+xml")):
        answer = browser.get(f"{ROOT}/static/{name}")
        assert (answer.status_code, kind in answer.headers["content-type"]) == (200, True)
        assert "http" not in answer.text.replace("http://www.w3.org/2000/svg", "")


def test_before_anybody_is_hired_the_console_says_how(database: Database, tmp_path: Path) -> None:
    shop = Shop(database).furnish()
    http = api_on(Rim(database, shop.clock, passwords=CHEAP))
    browser = Browser(http)
    assert browser.get(f"{ROOT}/").status_code == 303
    assert "tillfree cloud owner create" in browser.get(f"{ROOT}/sign-in").text


def test_a_visit_id_is_a_visit_id(still: Shopfront) -> None:
    assert still.browser().get(f"{SHOP}/visits/{UUID(int=7)}").status_code == 404
