"""The log of changes tells them in the order in which they were made, however fast they came."""

from datetime import timedelta

from sqlalchemy import select

from cloud.adapters.database.tables import audit
from cloud.api.auditing import AuditedDatabase
from cloud.domain.access import SETTING_KEY
from tests.unit.cloud.corner_shop import STORE, Shop


def change(shop: Shop, number: int) -> None:
    audited = AuditedDatabase(
        shop.database, shop.clock, SETTING_KEY, action="PUT", target=f"/things/{number}", store=STORE
    )
    with audited.write():
        pass


def told(shop: Shop) -> list[int]:
    with shop.database.read() as connection:
        targets = connection.execute(select(audit.c.target).order_by(audit.c.audit_id)).scalars()
        return [int(target.rsplit("/", 1)[1]) for target in targets]


def test_changes_within_one_millisecond_stay_in_order(shop: Shop) -> None:
    for number in range(40):
        change(shop, number)
    assert told(shop) == list(range(40))


def test_a_clock_that_went_back_leaves_the_order(shop: Shop) -> None:
    change(shop, 0)
    shop.clock.now -= timedelta(hours=1)
    change(shop, 1)
    shop.clock.now += timedelta(hours=2)
    change(shop, 2)
    assert told(shop) == [0, 1, 2]


def test_more_changes_than_the_count_holds_go_on_in_the_next_millisecond(shop: Shop) -> None:
    change(shop, 0)
    with shop.database.write() as connection:
        (row,) = connection.execute(select(audit)).all()
        full = type(row.audit_id)(int=row.audit_id.int | 0xFFF << 64)
        values = {**row._mapping, "audit_id": full, "target": "/things/1"}
        connection.execute(audit.insert().values(values))
    change(shop, 2)
    assert told(shop) == [0, 1, 2]
