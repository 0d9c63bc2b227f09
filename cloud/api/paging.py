"""Opaque cursors: where the next page begins."""

import base64
import json
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query

from cloud.api.problems import ApiError

Cursor = Annotated[
    str | None, Query(max_length=500, description="`next` of the page before; leave it out for the first page.")
]


def encode_cursor(*parts: str) -> str:
    """The cursor for the row whose sort key is `parts`."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).rstrip(b"=").decode()


def decode_cursor(cursor: str, count: int) -> tuple[str, ...]:
    """The `count` parts of a cursor of ours; ApiError 404 for anything else, as it leads nowhere."""
    try:
        parts = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        parts = None
    if not isinstance(parts, list) or len(parts) != count or not all(isinstance(part, str) for part in parts):
        raise ApiError(404, "invalid-cursor", "query.cursor: not a cursor of ours; take `next` of the page before")
    return tuple(parts)


def decode_id(cursor: str) -> UUID:
    """The id in a cursor of one id."""
    (text,) = decode_cursor(cursor, 1)
    try:
        return UUID(text)
    except ValueError:
        raise ApiError(404, "invalid-cursor", "query.cursor: not a cursor of this list") from None


def decode_moment(text: str) -> datetime:
    """The moment in a part of a cursor."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ApiError(404, "invalid-cursor", "query.cursor: not a cursor of this list")
    return moment
