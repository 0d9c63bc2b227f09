"""Holds of entries that are made in one transaction share what is in the wallet."""

import pytest

from cloud.adapters.database import tables
from tests.unit.cloud.corner_shop import Hub, Shop


def test_of_three_who_enter_at_once_on_one_account_as_many_come_in_as_the_wallet_has_holds(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    hub = Hub()
    visits = [hub.visit(number) for number in (1, 2, 3)]
    shop.hear(*(hub.enter(visit, number) for number, visit in enumerate(visits)))
    shop.work()
    states = sorted((row["state"], row["refused_reason"]) for row in shop.rows(tables.visits))
    assert states == [("open", None), ("open", None), ("refused", "insufficient_funds")]
    assert shop.wallet() == (10_000, 10_000)
    # The wallet's own check would have caught it, and each hold have been made alone.
    assert "cannot be made together" not in caplog.text
