"""Whether a process can do its work, and what is wrong where it cannot.

A check that is `needed` and fails makes the process not ready: whoever sends it requests should send them elsewhere.
The others say what a person should look at, and change nothing about that: another process would say the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from cloud.adapters.database.engine import Database, DatabaseError, trouble
from cloud.adapters.database.migrating import require_schema
from cloud.clock import Clock
from cloud.observing.standing import devices_standing, inbox_standing, payments_waiting

LAG_S_MAX = 30.0
"""An event that waits longer than this to be applied means that no worker works."""

PAYMENT_S_MAX = 300.0
"""A payment that waits longer means that its gateway does not answer, or that no worker works."""

SILENT_S_MAX = 120.0
"""A device says several times a second how far it has observed; after this it is taken for silent."""

Probe = Callable[[], str | None]
"""What is wrong with a part of the process; None: nothing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A part, whether it is well, and what is wrong with it or worth knowing."""

    ok: bool
    detail: str | None = None
    needed: bool = True


def look(database: Database, clock: Clock, probes: Mapping[str, Probe]) -> dict[str, Finding]:
    """Every check by name, the database first; what needs the database is left out where that is not well."""
    found = {"database": _database(database)}
    if found["database"].ok:
        for name, check in (("lag", _lag), ("payments", _payments), ("devices", _devices)):
            try:
                found[name] = check(database, clock())
            except SQLAlchemyError as error:
                found[name] = Finding(ok=False, detail=trouble(error))
    for name, probe in probes.items():
        wrong = probe()
        found[name] = Finding(ok=wrong is None, detail=wrong)
    return found


def ready(found: Mapping[str, Finding]) -> bool:
    """Whether every part that is needed is well."""
    return all(finding.ok or not finding.needed for finding in found.values())


def _database(database: Database) -> Finding:
    try:
        require_schema(database)
    except (DatabaseError, SQLAlchemyError) as error:
        return Finding(ok=False, detail=str(error) if isinstance(error, DatabaseError) else trouble(error))
    return Finding(ok=True)


def _lag(database: Database, now: datetime) -> Finding:
    with database.read() as connection:
        waiting = inbox_standing(connection)
    age_s = (now - waiting.oldest).total_seconds() if waiting.oldest else 0.0
    detail = f"{waiting.waiting} events wait, the oldest for {age_s:.1f} s" if waiting.waiting else None
    return Finding(ok=age_s <= LAG_S_MAX, detail=detail)


def _payments(database: Database, now: datetime) -> Finding:
    with database.read() as connection:
        count, since = payments_waiting(connection)
    age_s = (now - since).total_seconds() if since else 0.0
    detail = f"{count} payments wait for an answer, the oldest for {age_s:.0f} s" if count else None
    return Finding(ok=age_s <= PAYMENT_S_MAX, detail=detail, needed=False)


def _devices(database: Database, now: datetime) -> Finding:
    with database.read() as connection:
        ages = [each.age_s(now) for each in devices_standing(connection)]
    # How many, and no names: nobody has said who they are to be told this. The stores' own pages name them.
    silent = sum(age_s is not None and age_s > SILENT_S_MAX for age_s in ages)
    never = sum(age_s is None for age_s in ages)
    ahead = sum(age_s is not None and age_s < -SILENT_S_MAX for age_s in ages)
    said = [f"{silent} of {len(ages)} devices are silent"] if silent else []
    said += [f"{never} never said anything"] if never else []
    said += [f"{ahead} have a clock that is ahead of ours"] if ahead else []
    return Finding(ok=not (silent or ahead), detail=", ".join(said) or None, needed=False)
