"""Stores and the devices that speak for them."""

from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import Field
from sqlalchemy import delete, insert, select, update

from cloud.adapters.database.tables import devices, stores
from cloud.api.problems import conflict, documented, not_found
from cloud.api.rim import AS_WHOLE, Body, Resource, RimOf, StorePath, WholeMinor, Words, require_store
from cloud.api.versions import IfMatch, edit, tag
from protocol.model import ID_PATTERN, Currency, Instant

router = APIRouter(tags=["Stores"])

DevicePath = Annotated[
    str, Path(pattern=ID_PATTERN, description="The device's id, unique over all stores.", examples=["corner-hub"])
]


class StoreTermsBody(Body):
    """How a store trades."""

    name: Annotated[Words, Field(examples=["The corner shop"])]
    currency: Annotated[Currency, Field(description="ISO 4217; it never changes.", examples=["EUR"])]
    hold_minor: Annotated[WholeMinor, Field(description="Reserved at entry, and the most that a visit is charged.")] = (
        5_000
    )
    charge_threshold: Annotated[
        float,
        Field(
            strict=True, ge=0, le=1, description="A line at least this sure is charged; a less sure one is reviewed."
        ),
    ] = 0.9
    drop_below: Annotated[
        float, Field(strict=True, ge=0, le=1, description="A line less sure than this is dropped without a review.")
    ] = 0.0
    settle_within_s: Annotated[
        float,
        Field(strict=True, ge=0, le=86_400, description="How long after an exit missing events are waited for."),
    ] = 60.0
    visit_limit_s: Annotated[
        float,
        Field(
            strict=True,
            ge=60,
            le=2_592_000,
            description="A visit that nobody ended this long after its entry came is ended: its hold is released, its "
            "lines go to review.",
        ),
    ] = 43_200.0
    review_within_s: Annotated[
        float,
        Field(
            strict=True,
            ge=60,
            le=31_536_000,
            description="Reviews and disputes that nobody decided by then lapse in the shopper's favour.",
        ),
    ] = 259_200.0
    keep_visits_days: (
        Annotated[
            int,
            Field(
                strict=True,
                ge=1,
                le=36_500,
                description="So long after a visit it is known whose it was and what was seen of it; the books stay. "
                "None: until it or its account is erased.",
            ),
            AS_WHOLE,
        ]
        | None
    ) = None


class StoreResource(Resource):
    """A store."""

    store: str
    name: str
    currency: str
    hold_minor: int
    charge_threshold: float
    drop_below: float
    settle_within_s: float
    visit_limit_s: float
    review_within_s: float
    keep_visits_days: int | None
    created_at: Instant


class DeviceResource(Resource):
    """A device whose events count for a store."""

    store: str
    device: str
    registered_at: Instant


class Stores(Resource):
    """Every store."""

    items: list[StoreResource]


class Devices(Resource):
    """Every device of a store."""

    items: list[DeviceResource]


@router.put("/stores/{store}", responses={201: {"model": StoreResource}, **documented(409, 412)})
def put_store(
    store: StorePath, body: StoreTermsBody, rim: RimOf, response: Response, if_match: IfMatch = None
) -> StoreResource:
    """Register a store, or change how it trades from now on."""
    values = body.model_dump()
    with rim.database.write() as connection:
        mine = stores.c.store_id == store
        known = connection.execute(select(stores).where(mine)).first()
        if known is None:
            response.status_code = 201
            connection.execute(insert(stores).values(store_id=store, created_at=rim.clock(), **values))
        elif known.currency != body.currency:
            raise conflict("currency-fixed", f"store {store!r} trades in {known.currency}; that cannot change")
        else:
            connection.execute(update(stores).where(mine).values(**values))
        after = _store(connection.execute(select(stores).where(mine)).one()._mapping)
        edit(rim, if_match, _store(known._mapping) if known is not None else None, after, response)
        return after


@router.get("/stores")
def list_stores(rim: RimOf) -> Stores:
    """Every store that is the asker's."""
    with rim.database.read() as connection:
        query = select(stores).order_by(stores.c.store_id)
        if not rim.principal.all_stores:
            query = query.where(stores.c.store_id == rim.principal.store)
        rows = connection.execute(query)
        return Stores(items=[_store(row._mapping) for row in rows])


@router.get("/stores/{store}", responses=documented(404))
def get_store(store: StorePath, rim: RimOf, response: Response) -> StoreResource:
    """One store."""
    with rim.database.read() as connection:
        row = connection.execute(select(stores).where(stores.c.store_id == store)).first()
    if row is None:
        raise not_found(f"store {store!r}")
    found = _store(row._mapping)
    tag(response, found)
    return found


@router.put("/stores/{store}/devices/{device}", responses={201: {"model": DeviceResource}, **documented(404, 409)})
def put_device(store: StorePath, device: DevicePath, rim: RimOf, response: Response) -> DeviceResource:
    """Register a device. Its events count for this store from now on; until then they are put aside."""
    with rim.database.write() as connection:
        require_store(connection, store)
        known = connection.execute(select(devices).where(devices.c.device_id == device)).first()
        if known is not None and known.store_id != store:
            raise conflict(
                "device-elsewhere",
                f"device {device!r} belongs to store {known.store_id!r}; a broker knows a device by its name alone, "
                "so it is unique over all stores: choose another",
            )
        if known is not None:
            return DeviceResource(store=store, device=device, registered_at=known.registered_at)
        now = rim.clock()
        response.status_code = 201
        connection.execute(insert(devices).values(store_id=store, device_id=device, registered_at=now))
        return DeviceResource(store=store, device=device, registered_at=now)


@router.delete("/stores/{store}/devices/{device}", status_code=204, response_class=Response, responses=documented(404))
def delete_device(store: StorePath, device: DevicePath, rim: RimOf) -> Response:
    """Take a device out of the store. What it said counts; what it says from now on is put aside."""
    with rim.database.write() as connection:
        require_store(connection, store)
        mine = (devices.c.store_id == store, devices.c.device_id == device)
        if not connection.execute(delete(devices).where(*mine)).rowcount:
            raise not_found(f"device {device!r}")
    return Response(status_code=204)


@router.get("/stores/{store}/devices", responses=documented(404))
def list_devices(store: StorePath, rim: RimOf) -> Devices:
    """Every device of a store."""
    with rim.database.read() as connection:
        require_store(connection, store)
        rows = connection.execute(
            select(devices).where(devices.c.store_id == store).order_by(devices.c.device_id)
        ).all()
    return Devices(
        items=[DeviceResource(store=store, device=row.device_id, registered_at=row.registered_at) for row in rows]
    )


def _store(row: object) -> StoreResource:
    values = dict(row)  # type: ignore[call-overload]  # SQLAlchemy's mapping of names to values
    shown = {name: value for name, value in values.items() if name in StoreResource.model_fields}
    return StoreResource(store=values["store_id"], **shown)
