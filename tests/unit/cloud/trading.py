"""The corner shop with its API, where whole visits are made in one call."""

from cloud.adapters.database.engine import Database
from cloud.api.rim import Rim
from tests.unit.cloud.asking import api_on
from tests.unit.cloud.corner_shop import STORE, Hub, Shop

KEY = "Idempotency-Key"
PLACE = f"/v1/stores/{STORE}"


class Trade:
    """The corner shop with its API; `seconds` is the clock of its rate limits."""

    def __init__(self, database: Database) -> None:
        self.shop = Shop(database).furnish()
        self.seconds = 0.0
        self.waited = 0

        async def pause(_seconds: float) -> None:
            self.waited += 1
            self.shop.hear(*self.later)
            self.shop.work()

        self.later: list[tuple[str, bytes]] = []
        rim = Rim(database, self.shop.clock, pause=pause, seconds=lambda: self.seconds)
        self.http = api_on(rim)

    def visit(self, number: int = 1, sku: str = "water", qty: int = 2) -> str:
        hub = Hub(epoch=number)
        visit = hub.visit(number)
        hub.enter(visit), hub.pick(visit, 5, sku=sku, qty=qty), hub.leave(visit)
        self.shop.hear(*hub.said, hub.watermark(61))
        self.shop.work()
        return str(visit)
