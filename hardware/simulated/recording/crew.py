"""Filming by several processes, some cameras each. What they write is what one alone would write."""

import multiprocessing
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path

from hardware.simulated.recording.filming import Filmed, Tell, film
from hardware.simulated.recording.frames import Stage
from hardware.simulated.recording.setup import Hung
from hardware.simulated.world.world import World
from protocol.errors import TillfreeError


@dataclass(frozen=True, slots=True)
class _Failed:
    """What a process says that cannot go on: an error of ours, or one of the operating system's."""

    error: TillfreeError | OSError


class CrewError(TillfreeError):
    """A process that filmed ended without a word."""


def film_together(hung: Hung, folder: Path, cameras: Sequence[str], jobs: int, tell: Tell) -> tuple[Filmed, ...]:
    """As `film`, by `jobs` processes. Raises what a process raises; the others are ended then."""
    groups = [cameras[first::jobs] for first in range(min(jobs, len(cameras)))]
    context = multiprocessing.get_context("spawn")
    crew: dict[Connection, SpawnProcess] = {}
    filmed: list[Filmed] = []
    try:
        for group in groups:
            ours, theirs = context.Pipe(duplex=False)
            # A daemon is ended with us; one whose parent was killed ends at its next word to it.
            process = context.Process(target=_work, args=(hung, folder, tuple(group), theirs), daemon=True)
            process.start()
            theirs.close()
            crew[ours] = process
        while crew:
            for connection in wait(list(crew)):
                assert isinstance(connection, Connection), "only connections are waited for"
                done = _heard(connection, crew[connection], tell)
                if done is not None:
                    filmed += done
                    crew.pop(connection).join()
    finally:
        for process in crew.values():
            process.terminate()
            process.join()
    return tuple(sorted(filmed, key=lambda each: cameras.index(each.camera)))


def _heard(connection: Connection, process: SpawnProcess, tell: Tell) -> tuple[Filmed, ...] | None:
    """What a process says: the videos when it has done with them, None before."""
    try:
        said = connection.recv()
    except EOFError:
        process.join()
        raise CrewError(
            f"a process that drew ended with {process.exitcode}; was it killed, or the memory full? Try --jobs 1"
        ) from None
    if isinstance(said, _Failed):
        raise said.error
    if isinstance(said, float):
        tell(said)
        return None
    return tuple(said)


def _work(hung: Hung, folder: Path, cameras: Sequence[str], connection: Connection) -> None:
    """In a process of its own. Ctrl-C is the parent's to hear."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        stage = Stage.of(World(hung.scene))
        connection.send(film(stage, hung, folder, cameras, connection.send))
    except BrokenPipeError:
        return
    except (TillfreeError, OSError) as error:
        connection.send(_Failed(error))
