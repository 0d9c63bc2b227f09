"""The base of every value that crosses a boundary, and the field types they share."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer

ID_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,62}$"

YEAR_MIN, YEAR_MAX = 1970, 9998
"""What times may say: ids count from 1970, and a day after the last year nothing could be reckoned."""


class Model(BaseModel):
    """A frozen value whose unknown keys are errors: for what people write (store and recording files)."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Message(BaseModel):
    """A frozen value whose unknown keys are passed over, so that a newer sender does not break an older reader."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


def utc_milliseconds(value: datetime) -> datetime:
    """`value` in UTC, cut to whole milliseconds; without an offset or outside the years it is a ValueError."""
    if value.tzinfo is None:
        raise ValueError("a time needs an offset: write it as RFC 3339 in UTC, such as 2026-11-22T09:30:00Z")
    try:
        utc = value.astimezone(UTC)
    except OverflowError:
        utc = datetime.min.replace(tzinfo=UTC)
    if not YEAR_MIN <= utc.year <= YEAR_MAX:
        raise ValueError(f"a time lies in the years {YEAR_MIN} to {YEAR_MAX}")
    if type(utc) is datetime and not utc.microsecond % 1000:
        return utc
    # Made anew field by field: a YAML reader gives a subclass of datetime that writes itself otherwise.
    return datetime.combine(utc.date(), utc.time().replace(microsecond=utc.microsecond // 1000 * 1000), UTC)


def rfc3339(value: datetime) -> str:
    """`value` as RFC 3339 in UTC with milliseconds: `2026-11-22T09:30:00.250Z`."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Instant = Annotated[datetime, AfterValidator(utc_milliseconds), PlainSerializer(rfc3339, return_type=str)]
"""A moment in UTC with millisecond precision, written as RFC 3339."""

Id = Annotated[str, Field(pattern=ID_PATTERN)]
"""A name that a person chose for a store, device, camera, gondola, shelf, slot, plate or lane."""

Sku = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""A stock-keeping unit: the retailer's own name of a product."""

SlotPath = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*\.[a-z0-9][a-z0-9_-]*\.[a-z0-9][a-z0-9_-]*$")]
"""Where a slot is: `gondola.shelf.slot`."""

Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
"""An ISO 4217 currency code."""

MinorUnits = Annotated[int, Field(strict=True, ge=-(10**15), le=10**15)]
"""An amount of money in the currency's minor unit (cents)."""

Token = Annotated[str, Field(min_length=1, max_length=512, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""What a gate reads from a shopper's code: text without control characters, which some databases cannot hold."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 digest in hexadecimal."""

Probability = Annotated[float, Field(ge=0.0, le=1.0)]
"""A calibrated probability."""
