"""What goes wrong, by a plan: the same seed, rate and requests give the same faults."""

import random
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar


class Fault(StrEnum):
    """One thing that goes wrong with a request."""

    LOST_BEFORE = "lost_before"
    """Nothing was done, and no answer comes."""
    LOST_AFTER = "lost_after"
    """It was done, and no answer comes: a time-out after success."""
    ERROR_BEFORE = "error_before"
    """A 500, and nothing was done. The key answers 500 from now on."""
    ERROR_AFTER = "error_after"
    """A 500, though it was done. The key answers 500 from now on."""
    UNAVAILABLE = "unavailable"
    """A 503 before anything was begun."""
    RATE_LIMITED = "rate_limited"
    """A 429 before anything was begun."""
    BUSY = "busy"
    """A 409: another request with this key is said to be under way."""
    NONSENSE = "nonsense"
    """It was done, and the answer is a page that some proxy made."""
    DECLINED = "declined"
    """The payer's bank declines."""


class Telling(StrEnum):
    """One thing that goes wrong with a webhook."""

    DOUBLED = "doubled"
    LATE = "late"
    REORDERED = "reordered"


_Kind = TypeVar("_Kind", Fault, Telling)


@dataclass
class FaultPlan:
    """Which request suffers what. `rate` is the share of requests (and of webhooks) that suffer, from 0 to 1."""

    rate: float = 0.0
    seed: int = 1
    kinds: tuple[Fault, ...] = tuple(Fault)
    suffered: dict[str, int] = field(default_factory=dict)
    """How often each kind was dealt out."""

    def __post_init__(self) -> None:
        """Two streams, so that webhooks do not change what requests suffer."""
        self._requests = random.Random(f"requests {self.seed}")  # noqa: S311 - a plan of faults, no secret
        self._webhooks = random.Random(f"webhooks {self.seed}")  # noqa: S311

    def next_request(self) -> Fault | None:
        """What the next request suffers."""
        if not self.kinds or self._requests.random() >= self.rate:
            return None
        return self._count(self._requests.choice(self.kinds))

    def next_webhook(self) -> Telling | None:
        """What the next webhook suffers."""
        if self._webhooks.random() >= self.rate:
            return None
        return self._count(self._webhooks.choice(tuple(Telling)))

    def _count(self, kind: _Kind) -> _Kind:
        self.suffered[kind] = self.suffered.get(kind, 0) + 1
        return kind
