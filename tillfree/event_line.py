"""An event as a line that a person reads."""

from protocol.errors import TillfreeError
from protocol.events import (
    Change,
    Commanded,
    Crowded,
    Entered,
    Exited,
    Faulted,
    FollowedIn,
    Interaction,
    Recovered,
    Refused,
    Traded,
    event_from,
)
from protocol.messages import Envelope


def event_line(envelope: Envelope) -> str:
    """One line for one event, with the time of day at which it happened (UTC)."""
    at = envelope.ts.strftime("%H:%M:%S") + f".{envelope.ts.microsecond // 100_000}"
    try:
        event = event_from(envelope.type, envelope.data)
    except TillfreeError as error:
        return f"{at}  {error}"
    match event:
        case Entered():
            what = f"entered     {event.token} at {event.lane}"
        case Exited():
            what = f"exited      by {event.lane or 'the exit zone'}"
        case Interaction(changes=()):
            what = f"touch       {event.slot}{_sure(event.p)}"
        case Interaction():
            again = "" if event.revision == 1 else "   (said anew)"
            what = " · ".join(_change(change) for change in event.changes) + again
        case Faulted():
            # A driver's message names its camera, and the line has named it.
            reason = event.reason.removeprefix(f"camera {event.part.removeprefix('camera ')!r}: ")
            what = f"fault       {event.part}: {reason}"
        case Recovered():
            what = f"recovered   {event.part}"
        case _:
            what = _of_the_store(event)
    return f"{at}  {what}"


def _of_the_store(event: Refused | FollowedIn | Crowded | Traded | Commanded) -> str:
    match event:
        case Refused():
            times = f" ({event.times} times)" if event.times > 1 else ""
            return f"refused     at {event.lane}: {event.reason}{times}"
        case FollowedIn():
            return f"followed    person {event.person} is in and belongs to no visit"
        case Crowded():
            return f"crowded     {event.people} people; the store allows {event.people_max}"
        case Traded():
            waits = "; ".join(f"{part}: {reason}" for part, reason in event.in_the_way.items())
            return f"mode        {event.mode}{f' ({waits})' if waits else ''}"
        case Commanded():
            return f"asked       {'done' if event.done else f'not done: {event.reason}'}"


def _change(change: Change) -> str:
    kind = "picked" if change.type == "pick" else "put back"
    where = f"{'from' if change.type == 'pick' else 'into'} {change.slot}" if change.slot else ""
    return f"{kind:<11} {change.qty} × {change.sku or 'a product nobody enrolled'} {where}{_sure(change.p)}"


def _sure(p: float) -> str:
    return f"   {p:.1%} sure"
