"""Used tokens on disk outlive the process and hold between processes; a file that cannot be written grants none."""

import multiprocessing
import sqlite3
from pathlib import Path

import pytest

from edge.gate.claims import Claim
from edge.gate.claims_file import ClaimsError, ClaimsFile


def test_a_used_token_stays_used_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "claims.sqlite"
    first = ClaimsFile(path)
    assert first.claim(b"a", 10.0, 0.0) is Claim.GRANTED
    # No close: a process that is killed does not either, and its commit is on disk.
    assert ClaimsFile(path).claim(b"a", 10.0, 0.0) is Claim.USED
    first.close()


def _race(path: str, barrier: object, won: object) -> None:
    claims = ClaimsFile(Path(path))
    barrier.wait()  # type: ignore[attr-defined]  # multiprocessing's barrier has no public type
    won.put([claims.claim(bytes([number]), 1e9, 0.0) is Claim.GRANTED for number in range(20)])  # type: ignore[attr-defined]


def test_of_gates_that_are_shown_a_token_at_once_exactly_one_opens(tmp_path: Path) -> None:
    path = str(tmp_path / "claims.sqlite")
    ClaimsFile(Path(path)).close()
    context = multiprocessing.get_context("spawn")
    barrier, won = context.Barrier(3), context.Queue()
    gates = [context.Process(target=_race, args=(path, barrier, won)) for _ in range(3)]
    for gate in gates:
        gate.start()
    outcomes = [won.get(timeout=60) for _ in gates]
    for gate in gates:
        gate.join()
    assert [sum(column) for column in zip(*outcomes, strict=True)] == [1] * 20


def test_while_another_holds_the_file_nobody_is_let_in_and_afterwards_all_is_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.gate.claims_file.BUSY_TIMEOUT_MS", 1)
    claims = ClaimsFile(tmp_path / "claims.sqlite")
    other = sqlite3.connect(tmp_path / "claims.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert claims.claim(b"a", 10.0, 0.0) is Claim.UNAVAILABLE
    other.execute("ROLLBACK")
    other.close()
    assert claims.claim(b"a", 10.0, 0.0) is Claim.GRANTED
    claims.close()


def foreign(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


def newer(path: Path) -> None:
    ClaimsFile(path).close()
    foreign(path, "PRAGMA user_version = 9")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: path.write_bytes(b"no database at all, " * 100), "not a database"),
        (lambda path: path.mkdir(), "unable to open"),
        (lambda path: foreign(path, "CREATE TABLE other (x)"), "another program"),
        (newer, "format is 9"),
    ],
)
def test_a_file_that_is_not_ours_is_told(tmp_path: Path, make: object, says: str) -> None:
    assert callable(make)
    path = tmp_path / "claims.sqlite"
    make(path)
    with pytest.raises(ClaimsError, match=says):
        ClaimsFile(path)


def test_on_a_full_disk_nobody_is_let_in_and_what_was_used_stays_used(tmp_path: Path) -> None:
    claims = ClaimsFile(tmp_path / "claims.sqlite")
    assert claims.claim(b"a", 10.0, 0.0) is Claim.GRANTED
    (pages,) = claims._connection.execute("PRAGMA page_count").fetchone()
    claims._connection.execute(f"PRAGMA max_page_count = {pages}")
    outcomes = [claims.claim(b"%d" % number, 10.0, 0.0) for number in range(1000)]
    full = outcomes.index(Claim.UNAVAILABLE)
    assert set(outcomes[:full]) <= {Claim.GRANTED}
    assert claims.claim(b"a", 10.0, 0.0) is Claim.USED
    claims._connection.execute("PRAGMA max_page_count = 1000000")
    assert claims.claim(b"%d" % full, 10.0, 0.0) is Claim.GRANTED, "what was refused then was not used up"
    claims.close()
