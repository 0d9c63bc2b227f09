"""A scene: who is there and what each of them does, one step after the other."""

from dataclasses import dataclass
from typing import Literal

from hardware.simulated.layout.layout import Layout

Side = Literal["left", "right"]
Hands = Literal["left", "right", "both"]
Role = Literal["shopper", "staff", "child"]


@dataclass(frozen=True, slots=True)
class At:
    """Where in a store a hand goes: the slot's path, and a spot on its board where the middle of the slot will not do.

    `standing_at` is a slot to stand before while reaching; without it one stands before the slot itself.
    """

    slot: str
    along_m: float | None = None
    standing_at: str | None = None


@dataclass(frozen=True, slots=True)
class Enter:
    """Come in by the door and pass the gate."""


@dataclass(frozen=True, slots=True)
class Pick:
    """Take `qty` pieces; with both hands, one in each at the same instant. `after_s`: the hand waits in the slot."""

    sku: str
    qty: int
    at: At
    hands: Hands | None = None
    after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class PutBack:
    """Put `qty` carried pieces down, in their own place or another's."""

    sku: str
    qty: int
    at: At
    hands: Hands | None = None


@dataclass(frozen=True, slots=True)
class Touch:
    """Reach in and take nothing."""

    at: At
    hands: Hands | None = None
    for_s: float = 0.6


@dataclass(frozen=True, slots=True)
class Lean:
    """Rest a hand on a slot's plate with some weight."""

    at: At
    grams: float
    for_s: float


@dataclass(frozen=True, slots=True)
class HandOver:
    """Give `qty` carried pieces to somebody else; without a `sku`, what was taken last."""

    to: str
    sku: str | None = None
    qty: int = 1


@dataclass(frozen=True, slots=True)
class Hide:
    """Put what the hands hold into the bag, out of every camera's sight."""

    sku: str | None = None


@dataclass(frozen=True, slots=True)
class Restock:
    """Staff: put `qty` new pieces into a slot."""

    sku: str
    qty: int
    at: At


@dataclass(frozen=True, slots=True)
class Go:
    """Walk to before a slot and look at it; without a slot, somewhere."""

    slot: str | None
    for_s: float = 1.0


@dataclass(frozen=True, slots=True)
class Wait:
    """Stand there for a while."""

    for_s: float


@dataclass(frozen=True, slots=True)
class Leave:
    """Go out by the exit with whatever one has."""


Act = Enter | Pick | PutBack | Touch | Lean | HandOver | Hide | Restock | Go | Wait | Leave


@dataclass(frozen=True, slots=True)
class Step:
    """An act; `at_s` is when it happens at the earliest (a hand's act: when the hand gets there)."""

    act: Act
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the cast.

    `token` opens a visit of one's own at the gate. `companion_of` enters on that one's token, who pays; `behind` slips
    in behind somebody, without one. Staff has none of them.
    """

    name: str
    role: Role
    token: str | None
    plan: tuple[Step, ...]
    companion_of: str | None = None
    behind: str | None = None


@dataclass(frozen=True, slots=True)
class Outage:
    """A camera that gives nothing between two times."""

    camera: str
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class Scene:
    """A store, a cast with plans, and what breaks. `seed` names every chance in it."""

    name: str
    seed: int
    layout: Layout
    cast: tuple[Member, ...]
    outages: tuple[Outage, ...] = ()

    def member(self, name: str) -> Member:
        """The one called `name`; KeyError where nobody is."""
        for member in self.cast:
            if member.name == name:
                return member
        raise KeyError(name)

    def payer(self, name: str) -> str | None:
        """Whose visit `name`'s takings belong to; None for staff and for one without a token."""
        member = self.member(name)
        if member.companion_of is not None:
            return member.companion_of
        return member.name if member.token is not None else None
