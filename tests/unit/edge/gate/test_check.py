"""What opens a gate and what does not: no altered token, no token twice, none too early, too late or elsewhere."""

import string
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.gate.check import SKEW_S, Reason, Refused, use, valid
from edge.gate.claims import Claim, Claims, ClaimsInMemory
from edge.gate.claims_file import ClaimsFile
from edge.gate.keys import Checker, Key, KeyRing, new_key
from protocol.tokens import Content, Seal, read
from tests.unit.edge.gate.keyed import CHECKER, EDDSA_KEY, HMAC_KEY, NOW_S, RING, STORE, content, token

BASE32 = string.ascii_uppercase + "234567"
both = pytest.mark.parametrize("key", [HMAC_KEY, EDDSA_KEY], ids=["hmac", "eddsa"])


def reason(text: str, checker: Checker = CHECKER, now_s: float = NOW_S) -> Reason | None:
    verdict = valid(text, checker, now_s)
    return verdict.reason if isinstance(verdict, Refused) else None


@both
def test_a_good_token_says_who_comes(key: Key) -> None:
    said = content(key, party=3, staff=True)
    assert valid(token(said, key), CHECKER, NOW_S) == said


@both
@pytest.mark.parametrize(
    ("at_s", "why"),
    [
        (NOW_S - SKEW_S - 0.1, Reason.NOT_YET), (NOW_S - SKEW_S, None), (NOW_S, None),
        (NOW_S + 120 + SKEW_S - 0.1, None), (NOW_S + 120 + SKEW_S, Reason.EXPIRED), (NOW_S + 10**9, Reason.EXPIRED),
    ],
)  # fmt: skip
def test_a_token_has_its_time(key: Key, at_s: float, why: Reason | None) -> None:
    assert reason(token(key=key), now_s=at_s) is why


@both
def test_a_token_of_another_store_is_refused_even_with_the_same_key(key: Key) -> None:
    assert reason(token(key=key, store="other")) is Reason.OTHER_STORE
    # The three bytes say this store, the seal was made for another.
    assert reason(token(content(key), key, "other")) is Reason.FORGED


def test_a_key_that_was_taken_out_opens_nothing_and_two_live_side_by_side() -> None:
    newer = new_key(3, Seal.HMAC, bytes(32))
    rotating = Checker.of(KeyRing(format=1, store=STORE, keys=(HMAC_KEY, newer)))
    assert reason(token(), rotating) is None
    assert reason(token(key=newer), rotating) is None
    rotated = Checker.of(KeyRing(format=1, store=STORE, keys=(newer,)))
    assert reason(token(), rotated) is Reason.UNKNOWN_KEY


def test_a_gate_with_public_keys_alone_checks_and_cannot_mint() -> None:
    gate = RING.for_gates()
    assert not gate.secret
    assert reason(token(key=EDDSA_KEY), Checker.of(gate)) is None
    assert reason(token(key=HMAC_KEY), Checker.of(gate)) is Reason.UNKNOWN_KEY


def test_an_hmac_made_with_a_public_key_is_no_signature() -> None:
    public = new_key(2, Seal.HMAC, bytes.fromhex(EDDSA_KEY.public or ""))
    assert reason(token(key=public)) is Reason.UNKNOWN_KEY


@both
@given(st.data())
def test_no_altered_token_is_accepted(key: Key, data: st.DataObject) -> None:
    good = token(key=key)
    changes = data.draw(st.dictionaries(st.integers(0, len(good) - 1), st.sampled_from(BASE32), min_size=1, max_size=6))
    altered = "".join(changes.get(place, letter) for place, letter in enumerate(good))
    assert (reason(altered) is None) == (altered == good)


@both
@given(st.data())
def test_no_byte_of_a_token_may_change(key: Key, data: st.DataObject) -> None:
    good = read(token(key=key))
    raw = bytearray(good.content.head + good.seal)
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    import base64

    assert reason(base64.b32encode(bytes(raw)).decode().rstrip("=")) is not None


@given(st.text(max_size=200))
def test_whatever_is_shown_is_answered(text: str) -> None:
    assert reason(text) is not None


def in_memory(path: Path, claims_max: int) -> Claims:
    return ClaimsInMemory(claims_max)


def on_disk(path: Path, claims_max: int) -> Claims:
    return ClaimsFile(path / "claims.sqlite", claims_max)


kinds = pytest.mark.parametrize("kept", [in_memory, on_disk])


@kinds
def test_a_token_is_used_once_and_the_oldest_expired_gives_way(kept: object, tmp_path: Path) -> None:
    assert callable(kept)
    claims: Claims = kept(tmp_path, 2)
    assert claims.claim(b"a", 10.0, 0.0) is Claim.GRANTED
    assert claims.claim(b"a", 10.0, 0.0) is Claim.USED
    assert claims.claim(b"b", 99.0, 1.0) is Claim.GRANTED
    assert claims.claim(b"c", 99.0, 10.0) is Claim.UNAVAILABLE, "a is not over yet"
    assert claims.claim(b"c", 99.0, 10.1) is Claim.GRANTED
    assert claims.claim(b"b", 99.0, 500.0) is Claim.USED, "however late: what is remembered is used"


@kinds
@given(order=st.lists(st.tuples(st.integers(0, 5), st.integers(-1000, 1000)), max_size=30))
@settings(deadline=None, max_examples=30)
def test_a_token_is_used_once_whatever_the_order_and_the_clock(
    kept: object, order: list[tuple[int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert callable(kept)
    claims: Claims = kept(tmp_path_factory.mktemp("claims"), 1000)
    granted: list[int] = []
    for nonce, off_s in order:
        said = content(nonce=nonce.to_bytes(4, "big"))
        outcome = use(said, claims, NOW_S + off_s)
        assert isinstance(outcome, Content) == (nonce not in granted)
        granted += [nonce] if isinstance(outcome, Content) else []
    assert len(granted) == len(set(granted)) == len({nonce for nonce, _ in order})


def test_the_same_token_sealed_twice_is_one_token() -> None:
    claims = ClaimsInMemory()
    assert isinstance(use(content(), claims, NOW_S), Content)
    assert use(content(), claims, NOW_S) == Refused(Reason.USED)
