"""How a store stands now: what is under way, what waits for a person, and whether its devices are heard."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from cloud.adapters.database.shop import load_terms
from cloud.api.problems import documented
from cloud.api.rim import Resource, RimOf, StorePath, require_store
from cloud.observing.standing import devices_standing, stores_standing
from cloud.observing.wellness import SILENT_S_MAX
from protocol.model import Instant

router = APIRouter(tags=["Stores"])


class DeviceStandingResource(Resource):
    """A device, and how far it says that it has observed."""

    device: str
    observed_until: Annotated[Instant | None, Field(description="By its own clock; None: it never said anything.")]
    silent: Annotated[bool, Field(description="It said nothing for two minutes, or never.")]
    clock_ahead: Annotated[bool, Field(description="What it says lies ahead of our clock.")]
    missing_events: Annotated[int, Field(description="Events that it has on disk and that have not come.")]


class StandingResource(Resource):
    """A store as it stands."""

    store: str
    currency: str
    visits: Annotated[dict[str, int], Field(description="Visits under way, by state.")]
    holds: Annotated[int, Field(description="Visits with money reserved.")]
    debts: int
    owed_minor: int
    reviews: Annotated[int, Field(description="Doubtful lines that wait for a person.")]
    disputes: int
    reconciled_at: Annotated[Instant | None, Field(description="When the books were compared last.")]
    differing: Annotated[int | None, Field(description="What that found.")]
    devices: list[DeviceStandingResource]


@router.get("/stores/{store}/standing", responses=documented(404))
def get_standing(store: StorePath, rim: RimOf) -> StandingResource:
    """How the store stands now."""
    now = rim.clock()
    with rim.database.read() as connection:
        require_store(connection, store)
        (found,) = stores_standing(connection, store)
        heard = devices_standing(connection, store)
        currency = load_terms(connection, store).currency
    devices = []
    for each in heard:
        age_s = each.age_s(now)
        devices.append(
            DeviceStandingResource(
                device=each.device,
                observed_until=each.observed_until,
                silent=age_s is None or age_s > SILENT_S_MAX,
                clock_ahead=age_s is not None and age_s < -SILENT_S_MAX,
                missing_events=each.missing,
            )
        )
    return StandingResource(
        store=store,
        currency=currency,
        visits=found.visits,
        holds=found.held,
        debts=found.debts,
        owed_minor=found.owed_minor,
        reviews=found.reviews,
        disputes=found.disputes,
        reconciled_at=found.reconciled_at,
        differing=found.differing,
        devices=devices,
    )
