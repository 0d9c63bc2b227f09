"""What any payment gateway must do, asked of the wallet."""

from collections.abc import Callable

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from cloud.adapters.database.tables import wallets
from cloud.domain.errors import KeyReusedError
from cloud.domain.money import Money
from cloud.domain.payment import Declined, Done, Outcome, PaymentGateway
from tests.unit.cloud.corner_shop import STORE, Shop


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def hold(gateway: PaymentGateway, minor: int = 5_000, key: str = "hold/1") -> Outcome:
    return gateway.hold(STORE, "alice", eur(minor), key)


def test_a_hold_reserves_and_a_capture_takes_and_frees_the_rest(shop: Shop) -> None:
    assert hold(shop.gateway) == Done("hold/1")
    assert shop.wallet() == (10_000, 5_000)
    assert shop.gateway.capture(STORE, "hold/1", eur(300), "capture/1") == Done("capture/1")
    assert shop.wallet() == (9_700, 0)


def test_a_release_frees_everything(shop: Shop) -> None:
    hold(shop.gateway)
    assert shop.gateway.release(STORE, "hold/1", "release/1") == Done("release/1")
    assert shop.wallet() == (10_000, 0)


def test_a_refund_gives_back_at_most_what_was_captured(shop: Shop) -> None:
    hold(shop.gateway)
    shop.gateway.capture(STORE, "hold/1", eur(300), "capture/1")
    assert shop.gateway.refund(STORE, "capture/1", eur(200), "refund/1") == Done("refund/1")
    assert shop.gateway.refund(STORE, "capture/1", eur(101), "refund/2") == Declined("over_capture")
    assert shop.wallet() == (9_900, 0)


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda gateway: gateway.hold(STORE, "bob", eur(1), "k"), "unknown_account"),
        (lambda gateway: gateway.hold(STORE, "alice", Money(1, "USD"), "k"), "wrong_currency"),
        (lambda gateway: gateway.hold(STORE, "alice", eur(10_001), "k"), "insufficient_funds"),
        (lambda gateway: gateway.capture(STORE, "no hold", eur(1), "k"), "unknown_hold"),
        (lambda gateway: gateway.release(STORE, "no hold", "k"), "unknown_hold"),
        (lambda gateway: gateway.refund(STORE, "no capture", eur(1), "k"), "unknown_capture"),
    ],
)
def test_what_it_declines(shop: Shop, call: Callable[[PaymentGateway], Outcome], reason: str) -> None:
    assert call(shop.gateway) == Declined(reason)
    assert shop.wallet() == (10_000, 0)


def test_two_holds_share_one_balance(shop: Shop) -> None:
    assert hold(shop.gateway, 6_000) == Done("hold/1")
    assert hold(shop.gateway, 6_000, "hold/2") == Declined("insufficient_funds")


def test_a_hold_is_used_once(shop: Shop) -> None:
    hold(shop.gateway)
    assert shop.gateway.capture(STORE, "hold/1", eur(5_001), "capture/1") == Declined("over_hold")
    shop.gateway.capture(STORE, "hold/1", eur(300), "capture/2")
    assert shop.gateway.capture(STORE, "hold/1", eur(300), "capture/3") == Declined("hold_closed")
    assert shop.gateway.release(STORE, "hold/1", "release/1") == Declined("hold_closed")


def test_the_same_call_again_has_the_same_outcome_and_no_effect(shop: Shop) -> None:
    for _ in range(3):
        assert hold(shop.gateway) == Done("hold/1")
        assert hold(shop.gateway, 6_000, "hold/2") == Declined("insufficient_funds")
    assert shop.wallet() == (10_000, 5_000)
    for _ in range(3):
        assert shop.gateway.capture(STORE, "hold/1", eur(300), "capture/1") == Done("capture/1")
    assert shop.wallet() == (9_700, 0)
    assert hold(shop.gateway, 6_000, "hold/2") == Declined("insufficient_funds"), "though there is enough by now"


def test_a_key_stands_for_one_call(shop: Shop) -> None:
    hold(shop.gateway)
    with pytest.raises(KeyReusedError, match="hold/1"):
        hold(shop.gateway, 1)


@pytest.mark.parametrize("values", [{"balance_minor": -1}, {"held_minor": -1}, {"held_minor": 10_001}])
def test_the_database_itself_refuses_a_wallet_that_cannot_be(shop: Shop, values: dict[str, int]) -> None:
    with pytest.raises(IntegrityError), shop.database.write() as connection:
        connection.execute(update(wallets).values(**values))


def test_a_key_is_a_stores_own(shop: Shop) -> None:
    with shop.database.write() as connection:
        other = {"store_id": "kiosk", "account_id": "alice", "currency": "EUR", "held_minor": 0}
        connection.execute(insert(wallets).values(balance_minor=100, **other))
    hold(shop.gateway)
    assert shop.gateway.hold("kiosk", "alice", eur(70), "hold/1") == Done("hold/1")
