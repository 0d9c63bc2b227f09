"""What is worth remembering of a node: who is in the store and on which visit, what they did, what stands where.

Not remembered is what cameras and plates tell anew within seconds (what slots look like, what plates carry, each
camera's own tracks), and what was in the middle of happening: a hand that was in a slot when the process was killed.
"""

from dataclasses import dataclass, field
from datetime import datetime

from edge.gate.holding import Waiting
from edge.memory.resuming import Moment
from edge.perception.free_shelves import Strangers
from edge.shelves.stock import StockBelief
from edge.tracking.joining.joining import Joining
from edge.visits.visits import Visits


@dataclass(frozen=True, slots=True)
class Memory:
    """A node's state at `t_s`, in seconds since its `start`. The parts are the node's own, not copies."""

    t_s: float
    start: datetime
    visits: Visits
    joining: Joining
    stock: StockBelief
    undecided: bool = False
    """Whether a hand was at a shelf, or what it did was not decided: that is lost."""
    strangers: Strangers = field(default_factory=dict)
    """What stands on free shelves and is nobody's to sell."""

    @property
    def quiet(self) -> bool:
        """Whether nobody is in the store or on a visit: then it changes only when something happens."""
        return not (self.joining.inside or self.visits.anybody_open)


@dataclass(frozen=True, slots=True)
class Kept:
    """A memory as it lies on disk: when that was, and who stood at a lane and waited for the money."""

    memory: Memory
    at: Moment
    waiting: tuple[Waiting, ...] = ()
