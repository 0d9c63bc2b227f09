"""How far the demo's visits are: fed with what the edge says and with receipts, pure."""

from dataclasses import dataclass, field
from uuid import UUID

from protocol.messages import Envelope
from tillfree.demo.shop import Receipt


@dataclass(slots=True)
class Visits:
    """The visits that were seen, and what became of them. Saying an event again changes nothing."""

    exited: dict[UUID, float] = field(default_factory=dict)
    """Visit → the Unix time at which its exit happened."""
    receipts: dict[UUID, Receipt] = field(default_factory=dict)
    delays_ms: dict[UUID, float] = field(default_factory=dict)
    behind_s: dict[UUID, float] = field(default_factory=dict)
    """Visit → how long after its exit the edge told of it: how far a machine that is too slow lags behind the shop."""
    tokens: dict[UUID, str] = field(default_factory=dict)
    """Visit → what its shopper showed at the gate."""
    events: int = 0
    _heard: set[UUID] = field(default_factory=set)

    def hear(self, envelope: Envelope, happened_at: float, now: float) -> bool:
        """Take in an event that is told at the Unix time `now`; False where it was heard before."""
        if envelope.id in self._heard:
            return False
        self._heard.add(envelope.id)
        self.events += 1
        if envelope.type == "entered" and envelope.visit is not None:
            self.tokens[envelope.visit] = str(envelope.data["token"])
        if envelope.type == "exited" and envelope.visit is not None:
            self.exited[envelope.visit] = happened_at
            self.behind_s[envelope.visit] = max(0.0, now - happened_at)
        return True

    def inside(self) -> list[UUID]:
        """The visits that have not ended."""
        return [visit for visit in self.tokens if visit not in self.exited]

    def waiting(self) -> list[UUID]:
        """The visits that have ended and have no receipt yet."""
        return [visit for visit in self.exited if visit not in self.receipts]

    def settle(self, visit: UUID, receipt: Receipt, now: float) -> None:
        """The receipt of `visit` is there at the Unix time `now`."""
        self.receipts[visit] = receipt
        self.delays_ms[visit] = max(0.0, now - self.exited[visit]) * 1000.0
