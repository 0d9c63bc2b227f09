"""Where payment gateways tell what happened. The signature is the key: no other is asked for."""

import logging
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool

from cloud.adapters.database.notices import keep_notice
from cloud.adapters.database.tables import stores
from cloud.api.problems import ApiError, documented, not_found
from cloud.api.rim import Rim, RimOf
from cloud.domain.errors import GatewayError
from cloud.observing.counting import WEBHOOKS_IN

log = logging.getLogger(__name__)

router = APIRouter(tags=["Webhooks"])

HEADERS = ("tillfree-signature", "stripe-signature")


@router.post(
    "/webhooks/{gateway}",
    status_code=204,
    response_class=Response,
    responses=documented(401, 404, 413, 422, 503),
)
async def post_webhook(
    gateway: Annotated[str, Path(pattern=r"^[a-z][a-z0-9]{0,15}$", description="The gateway's name.")],
    request: Request,
    rim: RimOf,
) -> Response:
    """Take a gateway's webhook: each once, however often and in whatever order they come."""
    body = await request.body()
    header = next((request.headers[name] for name in HEADERS if name in request.headers), "")
    await run_in_threadpool(_take, rim, gateway, header, body)
    return Response(status_code=204)


def _take(rim: Rim, gateway: str, header: str, body: bytes) -> None:
    source = rim.webhooks.get(gateway)
    if source is None:
        raise not_found(f"gateway {gateway!r}")
    now = rim.clock()
    wrong = source.wrong_with(header, body, source.secrets, now)
    if wrong is not None:
        WEBHOOKS_IN.labels(gateway, "refused").inc()
        log.warning("a webhook is not taken", extra={"gateway": gateway, "why": wrong})
        raise ApiError(401, "bad-signature", f"the webhook is not taken: {wrong}")
    try:
        notice = source.read(body)
    except GatewayError as error:
        raise ApiError(422, "invalid", str(error)) from error
    with rim.database.write() as connection:
        if connection.execute(select(stores.c.store_id).where(stores.c.store_id == notice.store)).first() is None:
            raise not_found(f"store {notice.store!r}")
        fresh = keep_notice(connection, gateway, notice, now)
    WEBHOOKS_IN.labels(gateway, "taken" if fresh else "known").inc()
    log.info("webhook", extra={"gateway": gateway, "notice": notice.id, "kind": notice.kind, "fresh": fresh})
