"""`tillfree tokens`, `tillfree evaluate qr`, and what the command line asks of a gate."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from edge.gate.keys import KeyRingError, read_ring
from edge.modes import Mode
from hardware.errors import DeviceError
from protocol.errors import TillfreeError
from tests.unit.edge.gate.test_gatekeeper import SHOP
from tillfree.cli.main import app
from tillfree.errors import EdgeRunError, EvaluationError, TokensError
from tillfree.evaluate.qr import evaluate_qr
from tillfree.gate import open_gate
from tillfree.gate_wishes import GateWishes


def run(*arguments: str | Path) -> str:
    """What the command says; an error of ours is raised as it is."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if isinstance(result.exception, TillfreeError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def as_json(*arguments: str | Path, into: Path) -> dict[str, Any]:
    run(*arguments, "--json", into)
    read: dict[str, Any] = json.loads(into.read_text())
    return read


@pytest.mark.parametrize("seal", ["hmac", "eddsa"])
def test_from_a_key_to_a_token_that_a_gate_takes(tmp_path: Path, seal: str) -> None:
    ring, out = tmp_path / "keys.json", tmp_path / "out.json"
    run("tokens", "keys", ring, "--store", "corner", "--seal", seal)
    minted = as_json("tokens", "mint", ring, "--party", "4", "--staff", "--png", tmp_path / "code.png", into=out)
    assert minted["modules"] == {"hmac": 29, "eddsa": 41}[seal]
    said = as_json("tokens", "read", minted["token"], "--keys", ring, into=out)
    assert (said["seal"], said["party"], said["staff"], said["refused"]) == (seal, 4, True, None)
    assert said["named"] == f"staff:{minted['holder']}"
    labels = tmp_path / "labels.csv"
    labels.write_text(f"file,text\ncode.png,{minted['token']}\n")
    assert as_json("evaluate", "qr", "--labels", labels, into=out)["read"] == 1


def test_one_key_replaces_another(tmp_path: Path) -> None:
    ring, out = tmp_path / "keys.json", tmp_path / "out.json"
    run("tokens", "keys", ring, "--store", "corner")
    old = as_json("tokens", "mint", ring, into=out)["token"]
    run("tokens", "keys", ring)
    new = as_json("tokens", "mint", ring, into=out)["token"]
    assert [as_json("tokens", "read", each, "--keys", ring, into=out)["key"] for each in (old, new)] == [1, 2]
    run("tokens", "drop", ring, "1")
    refused = [as_json("tokens", "read", each, "--keys", ring, into=out)["refused"] for each in (old, new)]
    assert refused == ["sealed with a key that this gate does not have", None]


def test_a_gate_is_given_public_keys_alone(tmp_path: Path) -> None:
    ring, gate = tmp_path / "keys.json", tmp_path / "gate.json"
    run("tokens", "keys", ring, "--store", "corner")
    with pytest.raises(TokensError, match="no eddsa key"):
        run("tokens", "public", ring, "--out", gate)
    run("tokens", "keys", ring, "--seal", "eddsa")
    with pytest.raises(TokensError, match="lose its private"):
        run("tokens", "public", ring, "--out", ring)
    run("tokens", "public", ring, "--out", gate)
    assert not read_ring(gate).secret
    with pytest.raises(KeyRingError, match="to mint with"):
        run("tokens", "mint", gate)


def test_what_is_asked_for_and_cannot_be(tmp_path: Path) -> None:
    ring = tmp_path / "keys.json"
    for store in ((), ("--store", "Not an id")):
        with pytest.raises(TokensError, match="--store ID"):
            run("tokens", "keys", ring, *store)
    run("tokens", "keys", ring, "--store", "corner")
    with pytest.raises(TokensError, match="key ring of 'corner'"):
        run("tokens", "keys", ring, "--store", "other")
    with pytest.raises(TokensError, match="no key 7"):
        run("tokens", "drop", ring, "7")
    with pytest.raises(TillfreeError, match="8 characters"):
        run("tokens", "mint", ring, "--holder", "anna")
    with pytest.raises(TillfreeError, match="in tens"):
        run("tokens", "mint", ring, "--life", "15")
    with pytest.raises(TillfreeError, match="not drawn"):
        run("tokens", "mint", ring, "--png", tmp_path / "nowhere" / "code.png")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "columns"), ("file,words\n", "columns"), ("file,text\n", "no pictures"),
        ("file,text\na.png\n", r"labels.csv:2: `file`"),
        ("file,text\nmissing.png,x\nlabels.csv,x\n", r"(?s)csv:2: .*png: No such file.*csv:3: .*not a whole picture"),
    ],
)  # fmt: skip
def test_labels_that_cannot_be_scored(tmp_path: Path, text: str, says: str) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text(text)
    with pytest.raises(EvaluationError, match=says):
        evaluate_qr(labels, lambda done, total: None)


def test_a_wrong_text_is_not_read_and_line_ends_are_one(tmp_path: Path) -> None:
    from edge.gate.drawing import draw

    draw("two\r\nlines", tmp_path / "code.png")
    labels = tmp_path / "labels.csv"
    for text, read, exact in (('"two\nlines"', 1, 0), ('"two\r\nlines"', 1, 1), ("two lines", 0, 0)):
        labels.write_bytes(f"file,text\ncode.png,{text}\n".encode())
        result = evaluate_qr(labels, lambda done, total: None)
        assert (result["read"], result["exact"], result["total"]) == (read, exact, 1)


def test_a_gate_that_was_set_up_wrong_does_not_begin_to_trade(tmp_path: Path) -> None:
    def opened(**wishes: object) -> None:
        open_gate(GateWishes(**wishes), SHOP, tmp_path, lambda: 0.0, datetime.now(UTC)).close()  # type: ignore[arg-type]  # wrong on purpose

    with pytest.raises(EdgeRunError, match="not from both"):
        opened(lines=True, card_reader=tmp_path)
    with pytest.raises(DeviceError, match="serial line"):
        opened(card_reader=tmp_path / "ttyUSB9")
    for relay in ("left", "left=", "nowhere=/dev/gpiochip0:1"):
        with pytest.raises(EdgeRunError, match="LANE=PIN"):
            opened(relays=(relay,))
    with pytest.raises(EdgeRunError, match="each lane once"):
        opened(relays=("left=/dev/gpiochip0:1", "left=/dev/gpiochip0:2"))
    with pytest.raises(DeviceError, match="no relay's pin"):
        opened(relays=("left=17",))
    run("tokens", "keys", tmp_path / "keys.json", "--store", "other")
    with pytest.raises(EdgeRunError, match="this store is 'corner'"):
        opened(keys=tmp_path / "keys.json")
    opened(mode=Mode.STOCKING)
    assert (tmp_path / "corner.tokens.sqlite").exists()
