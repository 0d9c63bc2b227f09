"""The fake gateway and its client: idempotency, declines, lapsing holds, lost answers, signed webhooks."""

import contextlib
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cloud.domain.errors import GatewayError, KeyReusedError
from cloud.domain.money import Money
from cloud.domain.payment import Declined, Done, Kind, Order, Outcome
from cloud.domain.signature import sign, wrong_with
from cloud.fake_gateway.book import Book
from cloud.fake_gateway.faults import Fault, FaultPlan
from cloud.fake_gateway.gateway import FakeGateway
from cloud.fake_gateway.keys import CONFLICT, MISMATCH, Answer, Keys
from cloud.fake_gateway.webhooks import Outgoing
from tests.unit.cloud.corner_shop import NOW, STORE
from tests.unit.cloud.fake_house import FakeHouse


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def held(house: FakeHouse, payer: str = "card", minor: int = 5_000, key: str = "hold/1") -> str:
    outcome = house.client.hold(STORE, payer, eur(minor), key)
    assert isinstance(outcome, Done)
    return outcome.reference


def test_a_hold_is_captured_in_part_and_refunded_up_to_that() -> None:
    house = FakeHouse()
    hold = held(house)
    assert house.client.capture(STORE, hold, eur(5_001), "c/0") == Declined("over_hold")
    captured = house.client.capture(STORE, hold, eur(300), "c/1")
    assert isinstance(captured, Done)
    assert house.client.capture(STORE, hold, eur(300), "c/2") == Declined("hold_closed")
    assert isinstance(house.client.refund(STORE, captured.reference, eur(200), "r/1"), Done)
    assert house.client.refund(STORE, captured.reference, eur(101), "r/2") == Declined("over_capture")
    assert [each.amount.minor for each in house.client.movements(STORE)] == [300, 200]
    assert list(house.client.open_holds(STORE)) == []


@pytest.mark.parametrize(
    ("payer", "minor", "reason"),
    [("declines-anna", 1, "card_declined"), ("limit-500-anna", 501, "insufficient_funds")],
)
def test_some_payers_refuse(payer: str, minor: int, reason: str) -> None:
    assert FakeHouse().client.hold(STORE, payer, eur(minor), "h") == Declined(reason)


def test_a_hold_lapses() -> None:
    house = FakeHouse()
    outcome = house.client.hold(STORE, "card", eur(1), "h")
    assert isinstance(outcome, Done)
    assert outcome.expires_at == NOW + timedelta(days=7)
    house.clock.pass_s(7 * 86_400)
    assert house.client.capture(STORE, outcome.reference, eur(1), "c") == Declined("hold_expired")
    assert house.client.release(STORE, outcome.reference, "r") == Declined("hold_closed")


def test_the_same_key_is_answered_as_before_and_another_request_under_it_is_refused() -> None:
    house = FakeHouse()
    first = house.client.hold(STORE, "card", eur(10), "h")
    assert house.client.hold(STORE, "card", eur(10), "h") == first
    assert len(house.gateway.book.holds) == 1
    with pytest.raises(KeyReusedError, match="h"):
        house.client.hold(STORE, "card", eur(11), "h")
    house.clock.pass_s(24 * 3_600)
    assert house.client.hold(STORE, "card", eur(10), "h") != first, "after 24 hours the key is forgotten"


def test_keys_as_stripe_documents_them() -> None:
    keys = Keys()
    assert keys.begin("k", "a", NOW) is None
    assert keys.begin("k", "a", NOW) == CONFLICT
    assert keys.begin("k", "b", NOW) == MISMATCH
    keys.finish("k", Answer(500, {"error": {}}))
    assert keys.begin("k", "a", NOW) == Answer(500, {"error": {}}, replayed=True)
    assert keys.begin("k2", "a", NOW + timedelta(hours=24)) is None
    assert len(keys) == 1


class OneFault(FaultPlan):
    """The first request suffers, the others do not."""

    def __init__(self, fault: Fault) -> None:
        super().__init__()
        self._first: Fault | None = fault

    def next_request(self) -> Fault | None:
        first, self._first = self._first, None
        return first


def outcome_of(house: FakeHouse, kind: Kind, subject: str, minor: int, key: str, tries: int = 30) -> Outcome:
    """Call as the worker does: after a silence ask first, then call again."""
    order = Order(STORE, kind, key, subject, eur(minor))
    call: Any = getattr(house.client, kind)
    arguments = (STORE, subject, key) if kind == "release" else (STORE, subject, eur(minor), key)
    for number in range(tries):
        try:
            known = house.client.ask(order) if number else None
            result: Outcome = known or call(*arguments)
        except GatewayError:
            continue
        return result
    raise AssertionError(f"no outcome of {key} after {tries} tries")


@pytest.mark.parametrize("fault", [each for each in Fault if each is not Fault.DECLINED])
def test_whatever_goes_wrong_once_a_hold_is_taken_once(fault: Fault) -> None:
    house = FakeHouse(plan=OneFault(fault))
    with pytest.raises(GatewayError):
        house.client.hold(STORE, "card", eur(100), "h")
    outcome = outcome_of(house, "hold", "card", 100, "h")
    assert isinstance(outcome, Done)
    assert len(house.gateway.book.holds) == 1


def test_an_answer_to_another_amount_is_not_taken() -> None:
    house = FakeHouse()
    held(house, minor=100)
    with pytest.raises(GatewayError, match="asked for was 99"):
        house.client.ask(Order(STORE, "hold", "hold/1", "card", eur(99)))


@pytest.mark.parametrize("seed", range(4))
def test_at_any_rate_of_faults_everything_is_paid_once(seed: int) -> None:
    house = FakeHouse(plan=FaultPlan(0.4, seed))
    for number in range(60):
        hold = outcome_of(house, "hold", "card", 500, f"h/{number}")
        if isinstance(hold, Done):
            captured = outcome_of(house, "capture", hold.reference, 300, f"c/{number}")
            if isinstance(captured, Done):
                assert isinstance(outcome_of(house, "refund", captured.reference, 50, f"r/{number}"), Done)
    for kind in ("capture", "refund"):
        keys = [key for key, _ in house.moved(kind)]
        assert len(keys) == len(set(keys)) > 20
    assert set(house.plan.suffered) == set(Fault)


class Gateway(RuleBasedStateMachine):
    """Whatever is called in whatever order: never more captured than held, never more given back than captured."""

    def __init__(self) -> None:
        super().__init__()
        self.house = FakeHouse(plan=FaultPlan(0.2, 7))
        self.calls = 0
        self.did: dict[str, datetime] = {}

    def _try(self, path: str, body: dict[str, Any], key: str) -> None:
        before = self._done()
        with contextlib.suppress(httpx.ReadTimeout):
            self.house.http.post(path, json=body, headers={"Idempotency-Key": key})
        if self._done() != before:
            # Whatever was asked for under a key, and however often: for 24 hours it does one thing.
            now = self.house.clock()
            assert key not in self.did or now - self.did[key] >= timedelta(hours=24), f"{key} did two things"
            self.did[key] = now

    def _done(self) -> tuple[int, list[str]]:
        book = self.house.gateway.book
        return len(book.movements), [each.status for each in book.holds.values()]

    @rule(minor=st.integers(1, 1_000), key=st.integers(0, 5))
    def hold(self, minor: int, key: int) -> None:
        body = {"store": STORE, "pays_for": f"h{key}", "payer": "card", "amount_minor": minor, "currency": "EUR"}
        self._try("/v1/holds", body, f"h{key}")

    @rule(minor=st.integers(1, 1_200), hold=st.integers(1, 30), key=st.integers(0, 9))
    def capture(self, minor: int, hold: int, key: int) -> None:
        self._try(f"/v1/holds/hold_{hold}/capture", {"pays_for": f"c{key}", "amount_minor": minor}, f"c{key}")

    @rule(hold=st.integers(1, 30), key=st.integers(0, 9))
    def release(self, hold: int, key: int) -> None:
        self._try(f"/v1/holds/hold_{hold}/release", {"pays_for": f"x{key}"}, f"x{key}")

    @rule(minor=st.integers(1, 1_000), capture=st.integers(1, 60), key=st.integers(0, 9))
    def refund(self, minor: int, capture: int, key: int) -> None:
        body = {"pays_for": f"r{key}", "capture": f"capture_{capture}", "amount_minor": minor}
        self._try("/v1/refunds", body, f"r{key}")

    @rule(minor=st.integers(1, 1_000), capture=st.integers(1, 60))
    def charge_back(self, minor: int, capture: int) -> None:
        self.calls += 1
        body = {"capture": f"capture_{capture}", "amount_minor": minor}
        self._try("/v1/chargebacks", body, f"b{self.calls}")

    @rule(hours=st.integers(1, 100))
    def pass_time(self, hours: int) -> None:
        self.house.clock.pass_s(hours * 3_600)

    @invariant()
    def nothing_comes_from_nothing(self) -> None:
        book = self.house.gateway.book
        for captured in (each for each in book.movements if each.kind == "capture"):
            back = [each for each in book.movements if each.capture == captured.id and each is not captured]
            assert sum(each.amount_minor for each in back) <= captured.amount_minor
        taken = [each for each in book.holds.values() if each.status == "captured"]
        captures = [each for each in book.movements if each.kind == "capture"]
        assert len(taken) == len(captures)
        assert sum(each.amount_minor for each in captures) <= sum(each.amount_minor for each in taken)


Gateway.TestCase.settings = settings(deadline=None, max_examples=40, stateful_step_count=30)
TestGateway = Gateway.TestCase


def test_webhooks_come_doubled_late_and_in_another_order_but_all_of_them() -> None:
    book = Book()
    gateway = FakeGateway(lambda: NOW, FaultPlan(), book)
    for number in range(40):
        book.hold({"store": STORE, "pays_for": f"h{number}", "payer": "p", "amount_minor": 1, "currency": "EUR"}, NOW)
    outgoing = Outgoing(FaultPlan(0.5, 3))
    outgoing.collect(gateway, NOW)
    first = [webhook.event["id"] for webhook in outgoing.take(NOW)]
    later = [webhook.event["id"] for webhook in outgoing.take(NOW + timedelta(minutes=3))]
    assert len(first) > len(set(first)), "some come twice"
    assert later, "some come late"
    assert len(set(first + later)) == 40


def test_a_webhook_that_is_not_taken_comes_again_and_is_given_up_at_last() -> None:
    book = Book()
    gateway = FakeGateway(lambda: NOW, FaultPlan(), book)
    book.hold({"store": STORE, "pays_for": "h", "payer": "p", "amount_minor": 1, "currency": "EUR"}, NOW)
    outgoing, now, tries = Outgoing(FaultPlan()), NOW, 0
    outgoing.collect(gateway, now)
    for _ in range(100):
        for webhook in outgoing.take(now):
            tries += 1
            outgoing.failed(webhook, now)
        now += timedelta(minutes=10)
    assert tries == 7


@pytest.mark.parametrize(
    ("header", "now_s", "says"),
    [
        (None, 0, None),
        (None, 300, None),
        (None, 301, "more than 300 s"),
        (None, -301, "more than 300 s"),
        ("", 0, "form"),
        ("t=x,v1=00", 0, "form"),
        ("t=1,t=2,v1=00", 0, "form"),
        ("t=99999999999999,v1=00", 0, "form"),
        ("v1=00", 0, "form"),
        ("t=1732266000,v1=é", 0, "no signature"),
    ],
)
def test_signatures(header: str | None, now_s: int, says: str | None) -> None:
    good = sign(b"body", ["new", "old"], NOW)
    wrong = wrong_with(good if header is None else header, b"body", ["old", "older"], NOW + timedelta(seconds=now_s))
    assert (wrong is None) if says is None else (wrong is not None and says in wrong)


def test_a_changed_body_or_an_unknown_secret_is_not_signed() -> None:
    header = sign(b"body", ["secret"], NOW)
    assert "no signature" in str(wrong_with(header, b"body!", ["secret"], NOW))
    assert "no signature" in str(wrong_with(header, b"body", ["guess"], NOW))
    assert "no signature" in str(wrong_with(header, b"body", [], NOW))
