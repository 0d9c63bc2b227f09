"""What each page shows: one table, from a path to a template and what it asks the API for."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cloud.console.asking import Asker
from protocol.model import rfc3339

Names = Mapping[str, str]
Load = Callable[[Asker, Names, Names], Awaitable[dict[str, Any]]]

_S = "/stores/{store}"
SHOWN = 50


@dataclass(frozen=True, slots=True)
class View:
    """A page. `load` gets the names in the path and the query, and gives what the template shows."""

    path: str
    template: str
    load: Load


async def _stores(asker: Asker, _names: Names, _query: Names) -> dict[str, Any]:
    found = (await asker.get("stores"))["items"]
    return {"stores": [(each, await asker.maybe("stores", each["store"], "standing")) for each in found[:SHOWN]]}


async def _overview(asker: Asker, names: Names, _query: Names) -> dict[str, Any]:
    of = ("stores", names["store"])
    inside = [
        visit
        for state in ("open", "opening", "exited", "capturing", "releasing")
        for visit in ((await asker.maybe(*of, "visits", state=state, limit=SHOWN)) or {"items": []})["items"]
    ]
    carts = [await asker.get(*of, "visits", visit["visit"]) for visit in inside[:SHOWN]]
    lasting = await asker.maybe(*of, "alerts", state="lasting", limit=SHOWN)
    recent = await asker.maybe(*of, "alerts", state="over", limit=10)
    trading = await asker.maybe(*of, "trading")
    return {
        "standing": await asker.get(*of, "standing"),
        "carts": sorted(carts, key=lambda cart: cart["visit"], reverse=True),
        "lasting": lasting["items"] if lasting else [],
        "recent": recent["items"] if recent else [],
        "trading": trading["items"] if trading else [],
    }


async def _visits(asker: Asker, names: Names, query: Names) -> dict[str, Any]:
    state = query.get("state")
    found = await asker.get("stores", names["store"], "visits", state=state, cursor=query.get("cursor"), limit=SHOWN)
    return {"visits": found, "state": state}


async def _visit(asker: Asker, names: Names, _query: Names) -> dict[str, Any]:
    of = ("stores", names["store"], "visits", names["visit"])
    revisions = await asker.maybe(*of, "receipts")
    refunds = await asker.maybe("stores", names["store"], "refunds", visit=names["visit"])
    return {
        "visit": await asker.get(*of),
        "receipts": revisions["items"] if revisions else [],
        "refunds": refunds["items"] if refunds else [],
        "evidence": ((await asker.maybe(*of, "evidence")) or {"items": []})["items"],
    }


async def _reviews(asker: Asker, names: Names, query: Names) -> dict[str, Any]:
    state = query.get("state", "open")
    of = ("stores", names["store"], "reviews")
    found = await asker.get(*of, state=state, cursor=query.get("cursor"), limit=SHOWN)
    mine = await asker.get(*of, state="claimed", limit=SHOWN)
    return {"reviews": found, "claimed": mine["items"], "state": state}


async def _review(asker: Asker, names: Names, _query: Names) -> dict[str, Any]:
    of = ("stores", names["store"])
    review = await asker.get(*of, "reviews", names["visit"], names["line"])
    visit = await asker.get(*of, "visits", names["visit"])
    wanted = set(review["interactions"])
    clips = ((await asker.maybe(*of, "visits", names["visit"], "evidence")) or {"items": []})["items"]
    products = await asker.maybe(*of, "products", limit=200)
    return {
        "review": review,
        "visit": visit,
        "interactions": [each for each in visit["interactions"] if each["interaction"] in wanted],
        "clips": [each for each in clips if each["interaction"] in wanted],
        "products": products["items"] if products else [],
    }


async def _disputes(asker: Asker, names: Names, query: Names) -> dict[str, Any]:
    state = query.get("state", "open")
    found = await asker.get("stores", names["store"], "disputes", state=state, cursor=query.get("cursor"), limit=SHOWN)
    return {"disputes": found, "state": state}


async def _debts(asker: Asker, names: Names, _query: Names) -> dict[str, Any]:
    return {"debts": (await asker.get("stores", names["store"], "debts"))["items"]}


async def _ledger(asker: Asker, names: Names, query: Names) -> dict[str, Any]:
    of = ("stores", names["store"], "ledger")
    return {
        "balance": await asker.get(*of, "balance"),
        "entries": await asker.get(*of, "entries", cursor=query.get("cursor"), limit=SHOWN),
        "reconciliations": (await asker.get(*of, "reconciliations", limit=14))["items"],
    }


async def _reports(asker: Asker, names: Names, query: Names) -> dict[str, Any]:
    days = query.get("days", "1")
    count = int(days) if days in ("1", "7", "30") else 1
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    period: dict[str, str | int | None] = {"since": rfc3339(midnight - timedelta(days=count - 1)), "days": count}
    of = ("stores", names["store"], "reports")
    return {
        "days": count,
        "sales": await asker.get(*of, "sales", **period),
        "sellers": (await asker.get(*of, "best-sellers", **period, limit=20))["items"],
        "stock": (await asker.get(*of, "stock", **period, limit=20))["items"],
    }


async def _settings(asker: Asker, names: Names, _query: Names) -> dict[str, Any]:
    of = ("stores", names["store"])
    kinds = ("devices", "hooks", "keys", "operators", "tax-rates", "promotions", "erasures")
    found = {kind: await asker.maybe(*of, kind) for kind in kinds}
    return {
        "terms": await asker.get(*of),
        "found": {kind: each["items"] for kind, each in found.items() if each is not None},
    }


async def _audit(asker: Asker, names: Names, query: Names) -> dict[str, Any]:
    return {"log": await asker.get("stores", names["store"], "audit", cursor=query.get("cursor"), limit=SHOWN)}


PAGES = (
    View("/", "stores", _stores),
    View(_S + "/", "overview", _overview),
    View(_S + "/visits", "visits", _visits),
    View(_S + "/visits/{visit}", "visit", _visit),
    View(_S + "/reviews", "reviews", _reviews),
    View(_S + "/reviews/{visit}/{line}", "review", _review),
    View(_S + "/disputes", "disputes", _disputes),
    View(_S + "/debts", "debts", _debts),
    View(_S + "/ledger", "ledger", _ledger),
    View(_S + "/reports", "reports", _reports),
    View(_S + "/settings", "settings", _settings),
    View(_S + "/audit", "audit", _audit),
)
