"""The gateway as a function from requests to answers, without any I/O.

    POST /v1/holds                       {store, pays_for, payer, amount_minor, currency}
    POST /v1/holds/HOLD/capture          {pays_for, amount_minor}
    POST /v1/holds/HOLD/release          {pays_for}
    POST /v1/refunds                     {pays_for, capture, amount_minor}
    POST /v1/chargebacks                 {capture, amount_minor}      the payer's bank, not the shop, does this
    POST /v1/chargebacks/ID/reverse      {}
    GET  /v1/calls?pays_for=…            what came of the calls for this
    GET  /v1/movements?store=…&after=N   a page of the statement
    GET  /v1/holds?store=…               what is still reserved

A POST needs an `Idempotency-Key`. 402 is a decline, with its code; 400 and 409 are those of `keys`.
"""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cloud.fake_gateway.book import Body, Book, Refusal
from cloud.fake_gateway.faults import Fault, FaultPlan
from cloud.fake_gateway.keys import CONFLICT, Answer, Keys

PAGE = 200


class Lost:
    """No answer comes."""


LOST = Lost()
_UNAVAILABLE = Answer(503, {"error": {"type": "unavailable"}})
_RATE_LIMITED = Answer(429, {"error": {"type": "rate_limited"}})
_ERROR = Answer(500, {"error": {"type": "internal"}})
_NONSENSE = Answer(200, "<html><body>It works!</body></html>")
_EARLY: dict[Fault, Answer | Lost] = {
    Fault.LOST_BEFORE: LOST,
    Fault.UNAVAILABLE: _UNAVAILABLE,
    Fault.RATE_LIMITED: _RATE_LIMITED,
    Fault.BUSY: CONFLICT,
}


def _failed(status: int, kind: str) -> Answer:
    return Answer(status, {"error": {"type": kind}})


@dataclass
class FakeGateway:
    """The gateway's state and its one way in. Calls may come from several threads."""

    clock: Callable[[], datetime]
    plan: FaultPlan = field(default_factory=FaultPlan)
    book: Book = field(default_factory=Book)
    keys: Keys = field(default_factory=Keys)

    def __post_init__(self) -> None:
        """One lock for everything: a gateway for tests is never short of time."""
        self._lock = threading.Lock()

    def handle(self, method: str, path: str, query: Mapping[str, str], key: str | None, body: bytes) -> Answer | Lost:
        """Answer a request; `path` without the leading slash."""
        with self._lock:
            fault = self.plan.next_request()
            if fault in _EARLY:
                return _EARLY[fault]
            if method == "GET":
                return self._late(fault, _ERROR if fault in {Fault.ERROR_BEFORE, Fault.ERROR_AFTER} else None) or (
                    self._read(path, query)
                )
            return self._post(path, key, body, fault)

    def _post(self, path: str, key: str | None, body: bytes, fault: Fault | None) -> Answer | Lost:
        try:
            said = json.loads(body or b"{}")
        except ValueError:
            return _failed(400, "invalid_request")
        if not isinstance(said, dict) or not key:
            return _failed(400, "invalid_request")
        now = self.clock()
        answer = self.keys.begin(key, f"{path} {json.dumps(said, sort_keys=True)}", now)
        if answer is None:
            answer = self._first(path, said, fault, now)
            self.keys.finish(key, answer)
        return self._late(fault, None) or answer

    def _first(self, path: str, said: Body, fault: Fault | None, now: datetime) -> Answer:
        if fault is Fault.ERROR_BEFORE:
            return _ERROR
        pays_for = str(said.get("pays_for", ""))
        try:
            if fault is Fault.DECLINED and (path == "v1/holds" or path.endswith("/capture")):
                self.book.decline()
            done = self._do(path.split("/"), said, now)
        except Refusal as refusal:
            if self.book.calls.get(pays_for, {}).get("outcome") != "done":
                self.book.calls[pays_for] = {"outcome": "declined", "code": refusal.code}
            answer = Answer(402, {"error": {"type": "declined", "code": refusal.code}})
        except (KeyError, ValueError, TypeError):
            return _failed(400, "invalid_request")
        else:
            self.book.calls[pays_for] = {"outcome": "done", "object": done}
            answer = Answer(200, done)
        return _ERROR if fault is Fault.ERROR_AFTER else answer

    def _do(self, path: list[str], said: Body, now: datetime) -> Body:
        match path:
            case ["v1", "holds"]:
                return self.book.hold(said, now)
            case ["v1", "holds", hold, "capture"]:
                return self.book.capture(hold, said, now)
            case ["v1", "holds", hold, "release"]:
                return self.book.release(hold, said, now)
            case ["v1", "refunds"]:
                return self.book.refund(said, now)
            case ["v1", "chargebacks"]:
                return self.book.charge_back(str(said["capture"]), int(said["amount_minor"]), now)
            case ["v1", "chargebacks", name, "reverse"]:
                return self.book.reverse(name, now)
        raise KeyError(path)

    def _read(self, path: str, query: Mapping[str, str]) -> Answer:
        if path == "v1/calls":
            found = self.book.calls.get(query.get("pays_for", ""))
            return Answer(200, found) if found else _failed(404, "no_such_call")
        if path == "v1/movements":
            return self._movements(query)
        if path == "v1/holds":
            held = self.book.open_holds(query.get("store", ""), self.clock())
            shown = [{"id": each.id, "pays_for": each.pays_for, "amount_minor": each.amount_minor} for each in held]
            return Answer(200, {"items": shown})
        return _failed(404, "not_found")

    def _movements(self, query: Mapping[str, str]) -> Answer:
        after = query.get("after", "0")
        if not after.isdigit():
            return _failed(400, "invalid_request")
        mine = [each for each in self.book.movements if each.store == query.get("store", "")]
        page = mine[int(after) : int(after) + PAGE]
        items = [
            {
                "id": each.id,
                "kind": each.kind,
                "pays_for": each.pays_for,
                "amount_minor": each.amount_minor,
                "currency": each.currency,
                "created": each.created.isoformat(),
            }
            for each in page
        ]
        following = int(after) + len(page)
        return Answer(200, {"items": items, "after": following if following < len(mine) else None})

    def _late(self, fault: Fault | None, answer: Answer | None) -> Answer | Lost | None:
        """What a fault makes of an answer on its way out."""
        if fault is Fault.LOST_AFTER:
            return LOST
        return _NONSENSE if fault is Fault.NONSENSE else answer
