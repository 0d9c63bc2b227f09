"""What an event tells the operator, beside what it does to a visit: alerts, modes, answers to commands, clips."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from cloud.adapters.database.alerts import AlertKind, News, begin, end, happened
from cloud.adapters.database.commands import find_command, note_answered
from cloud.adapters.database.evidence import find_clip, note_clips, note_gone
from cloud.adapters.database.inbox import InboxRow
from cloud.adapters.database.trading import note_trading
from cloud.adapters.database.visits import change_visit, ensure_visit
from cloud.domain.settlement import Happening, State, after
from protocol.commands import FetchClip
from protocol.events import (
    Commanded,
    Crowded,
    Event,
    Faulted,
    FollowedIn,
    Interaction,
    Recovered,
    Refused,
    Traded,
)

NO_TOKEN = "no_token"  # noqa: S105 - a reason, no password
"""Why the visit of somebody who followed another in is never charged."""
EVIDENCE_FOR = timedelta(days=30)
"""How long the cloud keeps a clip, and names one; the store's own limit may be shorter."""


def notice(connection: Connection, row: InboxRow, event: Event, now: datetime) -> None:
    """Let the operator know what `row`'s event tells."""
    match event:
        case Faulted():
            begin(connection, _news(row, "fault", event.part, event.reason), now)
        case Recovered():
            end(connection, _news(row, "fault", event.part, ""))
        case Refused():
            text = f"lane {event.lane} let somebody not in: {event.reason}"
            happened(connection, _news(row, "refused", f"{event.lane}: {event.reason}", text, event.times), now)
        case FollowedIn():
            _followed_in(connection, row, event, now)
        case Crowded():
            _crowded(connection, row, event, now)
        case Traded():
            _traded(connection, row, event, now)
        case Commanded():
            _answered(connection, row, event, now)
        case Interaction() if event.evidence or event.revision > 1:
            # Said anew it may be another visit's, though the clip is not named again.
            note_clips(
                connection,
                row.store,
                row.device,
                event.evidence,
                interaction=event.interaction,
                visit=row.visit,
                now=now,
                expires_at=now + EVIDENCE_FOR,
            )


def _followed_in(connection: Connection, row: InboxRow, event: FollowedIn, now: datetime) -> None:
    """They have a visit of their own, so that what they take can be seen; it is never charged."""
    text = f"person {event.person} is in the store and belongs to no visit"
    happened(connection, _news(row, "followed_in", f"person {event.person}", text), now)
    if row.visit is None:
        return
    visit = ensure_visit(connection, row.store, row.visit, now)
    if visit.state is State.AWAITED:
        state = after(after(visit.state, Happening.ENTERED), Happening.HOLD_REFUSED)
        change_visit(connection, visit, state=state, entered_at=event.since, refused_reason=NO_TOKEN)


def _crowded(connection: Connection, row: InboxRow, event: Crowded, now: datetime) -> None:
    text = f"{event.people} people are in the store, which allows {event.people_max}"
    news = _news(row, "crowded", "people", text)
    if event.people > event.people_max:
        begin(connection, news, now)
    else:
        end(connection, news)


def _traded(connection: Connection, row: InboxRow, event: Traded, now: datetime) -> None:
    if not note_trading(connection, row.store, row.device, event, row.ts):
        return
    why = "; ".join(f"{part}: {reason}" for part, reason in event.in_the_way.items())
    news = _news(row, "not_trading", row.device, f"{event.mode}, and cannot go up: {why}" if why else event.mode)
    if event.mode != "up" and event.wants_up:
        begin(connection, news, now)
    else:
        end(connection, news)


def _answered(connection: Connection, row: InboxRow, event: Commanded, now: datetime) -> None:
    asked = find_command(connection, row.store, event.command)
    if asked is None or asked.device_id != row.device:
        return
    if asked.type == FetchClip.model_fields["type"].default:
        sha256 = str(asked.data["sha256"])
        if not event.done:
            note_gone(connection, row.store, sha256, event.reason or "the store does not have it", now)
        elif (clip := find_clip(connection, row.store, sha256)) is None or clip.sealed is None:
            # Sent and lost on its way: it is asked for again.
            return
    note_answered(connection, row.store, event.command, done=event.done, reason=event.reason, now=now)


def _news(row: InboxRow, kind: AlertKind, subject: str, text: str, times: int = 1) -> News:
    return News(row.store, kind, subject[:200], row.device, text, row.ts, row.event, times)
