"""Idempotency as Stripe documents it.

- The first answer under a key is kept, whether it succeeded or failed, a 500 too, and given again to the same request.
- Another request under the same key is an error.
- A request under a key whose first request is still under way is a conflict, and is not kept.
- Answers that refuse before anything was begun (a malformed request, too many of them) are not kept.
- Keys are forgotten after 24 hours: the same request then is a new one.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: a JSON value, or text that is none."""

    status: int
    body: object
    replayed: bool = False


@dataclass(slots=True)
class _Kept:
    fingerprint: str
    since: datetime
    answer: Answer | None = None


CONFLICT = Answer(409, {"error": {"type": "idempotency_key_in_use"}})
MISMATCH = Answer(400, {"error": {"type": "idempotency_error"}})


@dataclass
class Keys:
    """The keys of the last 24 hours, in the order they came."""

    _kept: dict[str, _Kept] = field(default_factory=dict)

    def begin(self, key: str, fingerprint: str, now: datetime) -> Answer | None:
        """What to answer without doing anything; None where the request is to be done, and then `finish`ed."""
        while self._kept and next(iter(self._kept.values())).since <= now - KEPT:
            del self._kept[next(iter(self._kept))]
        known = self._kept.get(key)
        if known is None:
            self._kept[key] = _Kept(fingerprint, now)
            return None
        if known.fingerprint != fingerprint:
            return MISMATCH
        if known.answer is None:
            return CONFLICT
        return Answer(known.answer.status, known.answer.body, replayed=True)

    def finish(self, key: str, answer: Answer) -> None:
        """Keep the answer of the request that was begun."""
        self._kept[key].answer = answer

    def __len__(self) -> int:
        return len(self._kept)
