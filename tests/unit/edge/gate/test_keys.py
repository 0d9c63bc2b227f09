"""Key rings: what is a ring, what is refused, and that secrets stay secret."""

import json
from pathlib import Path

import pytest

from edge.gate.keys import KeyRing, KeyRingError, new_key, read_ring, seal_with, write_ring
from protocol.tokens import Seal
from tests.unit.edge.gate.keyed import EDDSA_KEY, HMAC_KEY, RING, content, token


def test_what_is_written_is_read_and_only_its_owner_may(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    write_ring(path, RING)
    assert read_ring(path) == RING
    assert path.stat().st_mode & 0o777 == 0o600
    write_ring(tmp_path / "gate.json", RING.for_gates())
    assert (tmp_path / "gate.json").stat().st_mode & 0o777 == 0o644
    assert "private" not in (tmp_path / "gate.json").read_text()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["gate.json", "keys.json"]


def test_secrets_that_others_may_read_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    write_ring(path, RING)
    path.chmod(0o644)
    with pytest.raises(KeyRingError, match="chmod 600"):
        read_ring(path)


SECRET = "5ec2e7" * 10
LEAKY = {"key": 1, "seal": "hmac", "secret": SECRET}
MISMATCHED = EDDSA_KEY.model_dump() | {"public": "0" * 64}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not JSON"), ("[" * 50_000, "not JSON"), ("\xff", "not JSON"), ("{}", "format"),
        (json.dumps({"format": 2, "store": "corner", "keys": []}), "format"),
        (json.dumps({"format": 1, "store": "Corner!", "keys": []}), "store"),
        (json.dumps({"format": 1, "store": "corner", "keys": [LEAKY]}), "secret"),
        (json.dumps({"format": 1, "store": "corner", "keys": [{"key": 1, "seal": "hmac"}]}), "secret"),
        (json.dumps({"format": 1, "store": "corner", "keys": [MISMATCHED]}), "belong"),
        (json.dumps({"format": 1, "store": "corner", "keys": [HMAC_KEY.model_dump()] * 2}), "same number"),
        (" " * 70_000, "no key ring"),
    ],
)  # fmt: skip
def test_what_is_no_key_ring(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(text.encode("latin-1"))
    path.chmod(0o600)
    with pytest.raises(KeyRingError, match=says) as told:
        read_ring(path)
    assert SECRET not in str(told.value), "a message must not carry the secret into a log"


def test_a_ring_that_is_not_there_and_one_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(KeyRingError, match="tillfree tokens keys"):
        read_ring(tmp_path / "keys.json")
    with pytest.raises(KeyRingError, match="not written"):
        write_ring(tmp_path / "nowhere" / "keys.json", RING)


def test_secrets_are_not_shown_where_a_ring_is_printed() -> None:
    shown = repr(RING)
    assert (HMAC_KEY.secret or "-") not in shown
    assert (EDDSA_KEY.private or "-") not in shown


def test_which_key_mints() -> None:
    assert RING.sealing(None).key == 2
    assert RING.sealing(1).key == 1
    for number, ring in ((None, RING.for_gates()), (9, RING), (None, KeyRing(format=1, store="corner", keys=()))):
        with pytest.raises(KeyRingError, match="no such key"):
            ring.sealing(number)
    with pytest.raises(KeyRingError, match="private half"):
        seal_with(RING.for_gates().keys[0], b"")
    with pytest.raises(KeyRingError, match="random bytes"):
        new_key(1, Seal.HMAC, b"short")


def test_the_documented_vector_of_a_signature() -> None:
    said = content(EDDSA_KEY, from_s=1_795_000_000, life_s=120, party=2, nonce=bytes.fromhex("00010203"))
    text = (
        "EABELURHMFXG4YJONL6YNQAMAIAACAQDGWJEKG6PM7TI3NBVLSH7GMOELXTYYKGLHFGRB2"
        "D6A2VYQVWWBYWDBIF4VEYADR76BQF4BCUMUDWDO2LWYQCP3DFYQXBUWJQVI3YR6DI"
    )
    assert token(said, EDDSA_KEY) == text
    assert EDDSA_KEY.public == "29acbae141bccaf0b22e1a94d34d0bc7361e526d0bfe12c89794bc9322966dd7"
