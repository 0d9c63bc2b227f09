"""The outbox: an event is on disk before it is sent, and leaves the disk only when the cloud has committed it.

Theory of operation. Events get the numbers `seq` 1, 2, 3 … of this file's `epoch`, without a gap. A call of `append`
is one transaction of a SQLite file in WAL mode with synchronous=FULL: when it returns, all its events survive the
power going; when it raises, none of them is there. The counters stand in the same file and change in the same
transaction, so that a number is never given twice. `acked` deletes what the cloud's cumulative ack covers and nothing
else does. At the limit the outbox refuses (OutboxFull), and the node stops trading: it never drops.

Runs. The same recording played again gives the same events in the same order (design.md, invariant 5). A node that
died in the middle therefore plays the recording from the start and says everything again, and the outbox must record
only what is not there yet. `begin_run` tells how many events the unfinished run of that recording has recorded; until
as many have been appended again, `append` gives them the numbers (and so the ids) they had, writes nothing, and checks
them against the events that still lie here. Only the run's key and the number before its first event are kept.

    file says               begin_run(key)                      append                       finish_run
    no run, or other key    new run from the next number        recorded; ends a run that    –
                                                                this process did not begin
    unfinished run of key   that run, `recorded` events in it   the first `recorded` ones    the run is over: the same
                                                                renumbered, then recorded    key begins a new one

Memory. What the hub knows of carts and people (edge/memory) may go to disk in the transaction of the events that
changed it: after a crash it knows exactly what it has said. It is one value, replaced each time.

Threads. One connection serves the thread that appends and the one that sends. Every method holds `_lock` for all it
does, which is one transaction at most, so each sees the other's work wholly or not at all.
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from edge.delivery.errors import AckBeyondEnd, OutboxFull, ReplayDiffers
from edge.delivery.outbox_file import Lock, open_file, telling, transaction
from edge.delivery.sealing import Owner, Sealed, seal
from edge.events import NewEvent
from protocol.messages import Envelope

LIMIT_BYTES = 256 * 1024 * 1024
"""Half a million events of 400 bytes: a busy store's day and more without the internet, on the smallest SD card."""
ROW_BYTES = 64
"""What a row costs beside its body: its number, its share of the page and of the tree above it."""

_REMEMBER = "INSERT INTO memory (one, body) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET body = excluded.body"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stored:
    """An event in the outbox: its number, and the envelope's bytes as they are sent."""

    seq: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Run:
    """One playing of a recording.

    `identity` is the same when a run is taken up again, and another one for every other run that recorded something.
    `recorded` is how many of its first events have their numbers already.
    """

    identity: str
    recorded: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How far the outbox has come; all taken at one moment.

    `last_seq` is the last number given (0: none), `first_seq` the oldest event that is still here (`last_seq` + 1: none
    is), `held_bytes` what they take of `limit_bytes`.
    """

    epoch: int
    first_seq: int
    last_seq: int
    held_bytes: int
    limit_bytes: int


@dataclass(slots=True)
class _OpenRun:
    key: str
    base_seq: int
    recorded: int
    appended: int = 0


class Outbox:
    """One device's events on their way; see the module. Made by `Outbox.open`."""

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: Lock, owner: Owner, limit_bytes: int) -> None:
        self._path, self._connection, self._file_lock, self._owner = path, connection, lock, owner
        self._limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._run: _OpenRun | None = None
        self.set_aside: Path | None = None
        """Where a damaged file was moved to when this one was opened; None where there was none."""
        row = connection.execute("SELECT epoch, last_seq, acked_seq FROM outbox").fetchone()
        self._epoch, self._last_seq, self._acked_seq = (int(value) for value in row)
        held = connection.execute(f"SELECT COALESCE(SUM(LENGTH(body) + {ROW_BYTES}), 0) FROM event").fetchone()  # noqa: S608 - a constant of ours
        self._held_bytes = int(held[0])

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        store: str,
        device: str,
        epoch: int | None = None,
        limit_bytes: int = LIMIT_BYTES,
        clock_s: Callable[[], float] = time.time,
    ) -> "Outbox":
        """The outbox of `device` at `path`, made where there is none. One process at a time may have it open.

        A file made anew gets `epoch`, or the milliseconds of `clock_s` (Unix seconds); more, where that does not
        rise above the epochs begun here before. A damaged file is renamed, which is logged and said in `set_aside`.
        Raises OutboxLocked (open elsewhere), OutboxForeign (not this device's), OutboxError (cannot be opened).
        """
        lock = Lock(path)
        owner = Owner(store, device)
        try:
            connection, aside = open_file(
                path, owner, lambda: lock.rise(int(clock_s() * 1000) if epoch is None else epoch)
            )
            with telling(path):
                outbox = cls(path, connection, lock, owner, limit_bytes)
        except BaseException:
            lock.release()
            raise
        outbox.set_aside = aside
        if aside is not None:
            _log.error(
                "%s was damaged: it is kept as %s, and epoch %d begins with an empty outbox. "
                "Events in it that were not acked are not sent; `sqlite3 %s .recover` shows what can be read.",
                path,
                aside,
                outbox.epoch,
                aside,
            )
        return outbox

    @property
    def epoch(self) -> int:
        """The number of this file; a file made anew has a higher one."""
        return self._epoch

    @property
    def first_seq(self) -> int:
        """The number of the oldest event that is still here; `last_seq` + 1 where none is."""
        return self._acked_seq + 1

    @property
    def last_seq(self) -> int:
        """The last number given; 0 before the first."""
        return self._last_seq

    def counts(self) -> Counts:
        """All counters at one moment."""
        with self._lock:
            return Counts(self._epoch, self._acked_seq + 1, self._last_seq, self._held_bytes, self._limit_bytes)

    def append(self, events: Sequence[NewEvent], memory: bytes | None = None) -> tuple[Envelope, ...]:
        """The events with their numbers and ids, all of them on disk (or none, where this raises), with `memory`.

        Raises OutboxFull (disk or limit), OutboxLocked, OutboxDamaged, ReplayDiffers, and MessageError for an event
        that is too large to send.
        """
        with self._lock:
            again = self._run.recorded - self._run.appended if self._run else 0
            repeated = self._repeated(events[:again]) if again > 0 else ()
            fresh = seal(events[len(repeated) :], self._owner, self._epoch, self._last_seq + 1)
            if fresh:
                self._write(fresh, memory)
            if self._run:
                self._run.appended += len(events)
            return tuple(sealed.envelope for sealed in (*repeated, *fresh))

    def remember(self, memory: bytes) -> None:
        """Put `memory` on disk though nothing is to be said. Raises OutboxFull, OutboxLocked or OutboxDamaged."""
        with self._lock, transaction(self._path, self._connection):
            self._connection.execute(_REMEMBER, (memory,))

    def remembered(self) -> bytes | None:
        """The memory that was put on disk last. Raises OutboxLocked or OutboxDamaged."""
        with self._lock, telling(self._path):
            row = self._connection.execute("SELECT body FROM memory").fetchone()
        return None if row is None else bytes(row[0])

    def forget(self) -> None:
        """There is no memory any more. Raises OutboxLocked or OutboxDamaged."""
        with self._lock, transaction(self._path, self._connection):
            self._connection.execute("DELETE FROM memory")

    def pending(self, after_seq: int, limit_count: int, limit_bytes: int) -> tuple[Stored, ...]:
        """The oldest events after `after_seq`: `limit_count` of them and `limit_bytes` together at most.

        Raises OutboxLocked or OutboxDamaged.
        """
        with self._lock:
            rows = self._read(after_seq, limit_count)
        sizes_bytes = accumulate(len(stored.body) for stored in rows)
        return tuple(stored for stored, size in zip(rows, sizes_bytes, strict=True) if size <= limit_bytes)

    def acked(self, epoch: int, seq: int) -> bool:
        """Delete what the cloud has committed: everything up to `seq`. False where the ack says nothing new.

        An ack of another epoch is about another file, and is passed over. Raises AckBeyondEnd for a number that was
        never given: the file was taken back to an older copy, and the numbers that it will give are used up.
        """
        with self._lock:
            if epoch != self._epoch or seq <= self._acked_seq:
                return False
            if seq > self._last_seq:
                raise AckBeyondEnd(
                    f"{self._path}: the cloud has committed event {seq} of epoch {epoch}, and this outbox ends at "
                    f"{self._last_seq}: the file was put back from a copy. Move it away, so that a new epoch begins"
                )
            with transaction(self._path, self._connection):
                gone = self._connection.execute(
                    f"SELECT COALESCE(SUM(LENGTH(body) + {ROW_BYTES}), 0) FROM event WHERE seq <= ?",  # noqa: S608 - a constant of ours
                    (seq,),
                ).fetchone()[0]
                self._connection.execute("DELETE FROM event WHERE seq <= ?", (seq,))
                self._connection.execute("UPDATE outbox SET acked_seq = ?", (seq,))
            self._acked_seq = seq
            self._held_bytes -= int(gone)
            return True

    def begin_run(self, key: str) -> Run:
        """Begin to play the recording that `key` names, or take its unfinished run up again; see the module.

        An unfinished run of another recording is over with this. Raises OutboxLocked, OutboxFull or OutboxDamaged.
        """
        with self._lock:
            with telling(self._path):
                found, base_seq = self._connection.execute("SELECT run_key, run_base_seq FROM outbox").fetchone()
            if found != key:
                base_seq = self._last_seq
                with transaction(self._path, self._connection):
                    self._connection.execute("UPDATE outbox SET run_key = ?, run_base_seq = ?", (key, base_seq))
            self._run = _OpenRun(key, base_seq, recorded=self._last_seq - base_seq)
            identity = f"{self._owner.store}/{self._owner.device}/{self._epoch}/{base_seq}"
            return Run(identity, self._run.recorded)

    def finish_run(self) -> None:
        """The recording has been played to its end: playing it again is another run. Nothing where none is open."""
        with self._lock:
            if self._run is None:
                return
            if self._run.appended < self._run.recorded:
                raise self._differs(f"it ended after {self._run.appended} events of {self._run.recorded}")
            with transaction(self._path, self._connection):
                self._connection.execute("UPDATE outbox SET run_key = NULL")
            self._run = None

    def close(self) -> None:
        """Let the file go. May be called twice."""
        with self._lock:
            self._connection.close()
            self._file_lock.release()

    def _write(self, fresh: Sequence[Sealed], memory: bytes | None) -> None:
        size_bytes = sum(len(sealed.body) + ROW_BYTES for sealed in fresh)
        if self._held_bytes + size_bytes > self._limit_bytes:
            raise OutboxFull(
                f"{self._path}: {self._held_bytes} of {self._limit_bytes} bytes wait for the cloud's ack, and "
                f"{size_bytes} more do not fit: nothing was recorded. See why nothing is acked, or raise the limit"
            )
        last_seq = fresh[-1].envelope.seq
        run_key = self._run.key if self._run else None
        with transaction(self._path, self._connection):
            self._connection.executemany(
                "INSERT INTO event (seq, body) VALUES (?, ?)", [(sealed.envelope.seq, sealed.body) for sealed in fresh]
            )
            self._connection.execute("UPDATE outbox SET last_seq = ?, run_key = ?", (last_seq, run_key))
            if memory is not None:
                self._connection.execute(_REMEMBER, (memory,))
        self._last_seq = last_seq
        self._held_bytes += size_bytes

    def _repeated(self, events: Sequence[NewEvent]) -> tuple[Sealed, ...]:
        """The events of a replay as they were recorded; ReplayDiffers where one that is still here is another."""
        assert self._run is not None
        repeated = seal(events, self._owner, self._epoch, self._run.base_seq + self._run.appended + 1)
        for stored in self._read(repeated[0].envelope.seq - 1, len(repeated)) if repeated else ():
            at = stored.seq - repeated[0].envelope.seq
            if at < len(repeated) and repeated[at].body != stored.body:
                raise self._differs(f"event {stored.seq} ({repeated[at].envelope.type}) is not the one recorded")
        return repeated

    def _read(self, after_seq: int, limit_count: int) -> list[Stored]:
        with telling(self._path):
            rows = self._connection.execute(
                "SELECT seq, body FROM event WHERE seq > ? ORDER BY seq LIMIT ?", (after_seq, limit_count)
            ).fetchall()
        return [Stored(*row) for row in rows]

    def _differs(self, how: str) -> ReplayDiffers:
        key = self._run.key if self._run else ""
        return ReplayDiffers(
            f"{self._path}: the replay of {key!r} differs from the run that was broken off: {how}. Play it with the "
            f"same files and the same version, or move the outbox away when all of it is acked"
        )
