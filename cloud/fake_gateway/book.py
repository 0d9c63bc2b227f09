"""What the gateway holds: holds, captures, refunds and chargebacks, and the list of every movement.

It never looks at what a call pays for to keep it from being made twice. Real gateways do not either: only their
idempotency keys do, so a client that gets those wrong charges twice here, and it shows.

Some payers are made to refuse, by how their name begins:

    declines-          every hold is declined
    declines-capture-  every capture is declined
    limit-500-         holds of more than 500 minor units are declined
"""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

HOLD_LASTS = timedelta(days=7)

_LIMIT = re.compile(r"limit-(\d{1,12})-")

Body = dict[str, Any]


class Refusal(Exception):
    """The gateway will not do it, for `code`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class HeldMoney:
    """Money that is reserved, and what became of it."""

    id: str
    store: str
    payer: str
    pays_for: str
    amount_minor: int
    currency: str
    created: datetime
    expires_at: datetime
    status: str = "open"


@dataclass(frozen=True, slots=True)
class Movement:
    """Money that moved: a capture, a refund, a chargeback or one that was reversed."""

    id: str
    kind: str
    store: str
    pays_for: str
    amount_minor: int
    currency: str
    created: datetime
    capture: str
    """The capture that it is, or that it takes something back of."""


@dataclass
class Book:
    """The gateway's state. Every method takes `now`; whoever calls sees to it that they do not run at once."""

    hold_lasts: timedelta = HOLD_LASTS
    holds: dict[str, HeldMoney] = field(default_factory=dict)
    movements: list[Movement] = field(default_factory=list)
    calls: dict[str, Body] = field(default_factory=dict)
    """What came last of the calls for each thing that was paid for."""
    events: list[Body] = field(default_factory=list)
    """What happened and was not told yet."""
    _numbers: int = 0

    def hold(self, body: Body, now: datetime) -> Body:
        """Reserve money of a payer."""
        payer, amount = str(body["payer"]), int(body["amount_minor"])
        limit = _LIMIT.match(payer)
        if payer.startswith("declines-") and not payer.startswith("declines-capture-"):
            raise Refusal("card_declined")
        if limit and amount > int(limit[1]):
            raise Refusal("insufficient_funds")
        held = HeldMoney(
            self._id("hold"),
            str(body["store"]),
            payer,
            str(body["pays_for"]),
            amount,
            str(body["currency"]),
            now,
            now + self.hold_lasts,
        )
        self.holds[held.id] = held
        self._tell("hold.succeeded", held, held.pays_for, held.id, amount)
        return {"id": held.id, "status": "held", "amount_minor": amount, "expires_at": held.expires_at.isoformat()}

    def capture(self, hold: str, body: Body, now: datetime) -> Body:
        """Take part or all of a hold and free the rest."""
        held = self._open(hold, now)
        amount = int(body["amount_minor"])
        if amount > held.amount_minor:
            raise Refusal("over_hold")
        if held.payer.startswith("declines-capture-"):
            raise Refusal("card_declined")
        self.holds[hold] = replace(held, status="captured")
        return self._move("capture", held, str(body["pays_for"]), amount, now)

    def release(self, hold: str, body: Body, now: datetime) -> Body:
        """Free a whole hold."""
        held = self._open(hold, now)
        self.holds[hold] = replace(held, status="released")
        self._tell("hold.released", held, str(body["pays_for"]), held.id, held.amount_minor)
        return {"id": hold, "status": "released", "amount_minor": 0}

    def refund(self, body: Body, now: datetime) -> Body:
        """Give back part or all of a capture."""
        captured = self._captured(str(body["capture"]))
        amount = int(body["amount_minor"])
        if amount > self._left_of(captured):
            raise Refusal("over_capture")
        return self._move("refund", captured, str(body["pays_for"]), amount, now)

    def charge_back(self, capture: str, amount_minor: int, now: datetime) -> Body:
        """The payer's bank takes back part or all of a capture."""
        captured = self._captured(capture)
        if not 0 < amount_minor <= self._left_of(captured):
            raise Refusal("over_capture")
        return self._move("chargeback", captured, captured.pays_for, amount_minor, now)

    def reverse(self, chargeback: str, now: datetime) -> Body:
        """The shop was right after all: a chargeback comes back."""
        for movement in self.movements:
            if movement.id == f"{chargeback}_reversed":
                raise Refusal("already_reversed")
        for movement in self.movements:
            if movement.id == chargeback and movement.kind == "chargeback":
                back = replace(movement, id=f"{chargeback}_reversed", kind="chargeback_reversed", created=now)
                self.movements.append(back)
                self._tell("chargeback.reversed", back, back.pays_for, chargeback, back.amount_minor)
                return {"id": back.id, "status": "reversed", "amount_minor": back.amount_minor}
        raise Refusal("unknown_chargeback")

    def decline(self) -> None:
        """The payer's bank says no today."""
        raise Refusal("card_declined")

    def open_holds(self, store: str, now: datetime) -> list[HeldMoney]:
        """Money of a store's shoppers that is still reserved."""
        held = self.holds.values()
        return [each for each in held if each.store == store and each.status == "open" and each.expires_at > now]

    def _open(self, hold: str, now: datetime) -> HeldMoney:
        held = self.holds.get(hold)
        if held is None:
            raise Refusal("unknown_hold")
        if held.status != "open":
            raise Refusal("hold_closed")
        if held.expires_at <= now:
            self.holds[hold] = replace(held, status="expired")
            raise Refusal("hold_expired")
        return held

    def _captured(self, capture: str) -> Movement:
        for movement in self.movements:
            if movement.id == capture and movement.kind == "capture":
                return movement
        raise Refusal("unknown_capture")

    def _left_of(self, captured: Movement) -> int:
        sign = {"refund": -1, "chargeback": -1, "chargeback_reversed": 1}
        return captured.amount_minor + sum(
            sign[each.kind] * each.amount_minor
            for each in self.movements
            if each.capture == captured.id and each.kind in sign
        )

    def _move(self, kind: str, of: HeldMoney | Movement, pays_for: str, amount_minor: int, now: datetime) -> Body:
        name = self._id(kind)
        movement = Movement(
            name, kind, of.store, pays_for, amount_minor, of.currency, now, of.id if isinstance(of, Movement) else name
        )
        self.movements.append(movement)
        word = "created" if kind == "chargeback" else "succeeded"
        self._tell(f"{kind}.{word}", movement, pays_for, name, amount_minor)
        return {"id": name, "status": "done", "amount_minor": amount_minor}

    def _id(self, kind: str) -> str:
        self._numbers += 1
        return f"{kind}_{self._numbers}"

    def _tell(self, kind: str, of: HeldMoney | Movement, pays_for: str, reference: str, amount_minor: int) -> None:
        self.events.append(
            {
                "id": self._id("event"),
                "type": kind,
                "created": of.created.isoformat(),
                "store": of.store,
                "pays_for": pays_for,
                "reference": reference,
                "amount_minor": amount_minor,
                "currency": of.currency,
            }
        )
