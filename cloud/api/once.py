"""Doing a request once, however often it is sent: the answer is kept under its Idempotency-Key.

The answer is committed together with what the request did, so neither is ever there without the other. An answer that
refuses is not kept: nothing was done, and the request may be sent again when the reason is gone.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy import Connection, insert, select

from cloud.adapters.database.tables import idempotency
from cloud.api.problems import conflict

CREATED = 201


class Replayed(Exception):
    """The request was done before: nothing is written now, and it is answered as it was then."""

    def __init__(self, answer: JSONResponse) -> None:
        super().__init__("done before")
        self.answer = answer


def install(app: FastAPI) -> None:
    """Let `app` answer what was done before."""
    app.add_exception_handler(Replayed, _answer)


def _answer(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Replayed)
    return error.answer


def once(
    connection: Connection,
    store: str,
    key: str,
    *,
    route: str,
    body: BaseModel,
    now: datetime,
    create: Callable[[], BaseModel],
) -> JSONResponse:
    """What `create` made for this `key`; Replayed if it was made earlier, 409 if the key stood for another one."""
    fingerprint = hashlib.sha256(f"{route}\n{body.model_dump_json()}".encode()).hexdigest()
    query = select(idempotency).where(idempotency.c.store_id == store, idempotency.c.key == key)
    known = connection.execute(query).first()
    if known is not None:
        if known.fingerprint != fingerprint:
            raise conflict("idempotency-key-reused", f"Idempotency-Key {key!r} stood for another request")
        raise Replayed(JSONResponse(known.body, known.status, {"Idempotency-Replayed": "true"}))
    answer = create().model_dump(mode="json")
    connection.execute(
        insert(idempotency).values(
            store_id=store, key=key, fingerprint=fingerprint, status=CREATED, body=answer, created_at=now
        )
    )
    return JSONResponse(answer, CREATED)
