"""Saying to devices what they are asked to do, again and again until they answer or it has expired."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from cloud.adapters.database.commands import due_commands, note_expired, note_said
from cloud.adapters.database.engine import Database, trouble
from cloud.clock import Clock
from protocol.commands import Command
from protocol.topics import Topic

log = logging.getLogger(__name__)

AT_A_TIME = 50
LOOK_EVERY_S = 0.1
"""A shopper stands at a lane meanwhile."""
TROUBLE_S = 2.0


@dataclass(frozen=True, slots=True)
class DueCommand:
    """A command, and the topic it goes out on."""

    topic: Topic
    command: Command


class Commander:
    """Finds what is due to be said. It is noted as said first: said twice is harmless, and is what it is made for."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def due(self) -> Sequence[DueCommand]:
        """What is to be said now."""
        now = self._clock()
        with self._database.read() as connection:
            rows = due_commands(connection, now, AT_A_TIME)
        if not rows:
            return ()
        said: list[DueCommand] = []
        with self._database.write() as connection:
            for row in rows:
                if row.expires_at <= now:
                    note_expired(connection, row)
                    log.warning("nobody did it in time", extra={"store": row.store_id, "command": str(row.command_id)})
                    continue
                note_said(connection, row, now)
                command = Command(id=row.command_id, type=row.type, expires=row.expires_at, data=row.data)
                said.append(DueCommand(Topic(row.store_id, row.device_id, "do"), command))
        return said


def command(
    commander: Commander,
    say: Callable[[Sequence[DueCommand]], None],
    connected: Callable[[], bool],
    stop: threading.Event,
) -> None:
    """Run until `stop`; while nobody would hear it, nothing is said."""
    while not stop.wait(LOOK_EVERY_S):
        if not connected():
            continue
        try:
            say(commander.due())
        except SQLAlchemyError as error:
            log.warning("the database is in trouble: commanding later", extra={"why": trouble(error)})
            stop.wait(TROUBLE_S)
