"""Whether each store trades, as its hub said last."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from cloud.adapters.database.inserting import insert_new
from cloud.adapters.database.tables import trading
from protocol.events import Traded


def note_trading(connection: Connection, store: str, device: str, said: Traded, at: datetime) -> bool:
    """Keep what a hub says, unless it said something later; whether it was kept."""
    values = {"mode": said.mode, "wants_up": said.wants_up, "in_the_way": said.in_the_way, "since": at}
    if insert_new(connection, trading, [{"store_id": store, "device_id": device, **values}]):
        return True
    mine = (trading.c.store_id == store, trading.c.device_id == device, trading.c.since <= at)
    return bool(connection.execute(update(trading).where(*mine).values(**values)).rowcount)


def trading_of(connection: Connection, store: str) -> Sequence[Any]:
    """What each of the store's hubs said last."""
    return connection.execute(select(trading).where(trading.c.store_id == store).order_by(trading.c.device_id)).all()
