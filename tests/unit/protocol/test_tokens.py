"""A gate token is written in exactly one way, and whatever is no token is refused as such."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.tokens import (
    FROM_MAX,
    Content,
    Seal,
    Sealed,
    TokenError,
    hmac_seal,
    holder_of,
    holder_text,
    mint,
    read,
    store_tag,
    write,
)

contents = st.builds(
    Content,
    seal=st.sampled_from(Seal),
    key=st.integers(0, 255),
    store_tag=st.binary(min_size=3, max_size=3),
    holder=st.binary(min_size=5, max_size=5),
    from_s=st.integers(0, FROM_MAX),
    life_s=st.integers(1, 255).map(lambda tens: tens * 10),
    party=st.integers(1, 50),
    nonce=st.binary(min_size=4, max_size=4),
    staff=st.booleans(),
)
BASE32 = string.ascii_uppercase + "234567"


@given(contents, st.data())
def test_what_is_written_is_read(content: Content, data: st.DataObject) -> None:
    seal = data.draw(st.binary(min_size=content.seal.bytes, max_size=content.seal.bytes))
    text = write(Sealed(content, seal))
    assert len(text) == {Seal.HMAC: 48, Seal.EDDSA: 135}[content.seal]
    assert read(text) == Sealed(content, seal)


@given(
    st.one_of(
        st.text(max_size=200), st.text(BASE32, min_size=48, max_size=48), st.text(BASE32, min_size=135, max_size=135)
    )
)
def test_whatever_is_read_is_a_token_in_its_one_form_or_an_error_of_ours(text: str) -> None:
    try:
        token = read(text)
    except TokenError:
        return
    assert write(token) == text


@pytest.mark.parametrize(
    "change",
    [str.lower, lambda text: text + "=", lambda text: " " + text, lambda text: text[:-1], lambda text: "١" + text[1:]],
)
def test_another_way_to_write_a_token_is_none(change: object) -> None:
    assert callable(change)
    content = Content(Seal.HMAC, 1, b"abc", b"anna.", 0, 10, 1, b"once")
    with pytest.raises(TokenError):
        read(change(write(Sealed(content, bytes(10)))))


def test_spare_bits_at_the_end_are_zero() -> None:
    text = write(Sealed(Content(Seal.EDDSA, 1, b"abc", b"anna.", 0, 10, 1, b"once"), bytes(64)))
    assert text.endswith("A")
    with pytest.raises(TokenError, match="one way"):
        read(text[:-1] + "B")


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"key": 256}, "number"), ({"key": -1}, "number"), ({"party": 0}, "people"), ({"party": 51}, "people"),
        ({"life_s": 0}, "lives"), ({"life_s": 15}, "lives"), ({"life_s": 2560}, "lives"), ({"from_s": -1}, "seconds"),
        ({"from_s": FROM_MAX + 1}, "seconds"), ({"holder": b"ann"}, "holder"), ({"nonce": b""}, "nonce"),
    ],
)  # fmt: skip
def test_what_a_token_cannot_say(wrong: dict[str, int | bytes], what: str) -> None:
    said = {"seal": Seal.HMAC, "key": 1, "store_tag": b"abc", "holder": b"anna.", "from_s": 0, "life_s": 10, "party": 1}
    with pytest.raises(TokenError, match=what):
        Content(**{**said, "nonce": b"once", **wrong})  # type: ignore[arg-type]  # wrong on purpose


def test_the_documented_vector() -> None:
    content = Content(
        seal=Seal.HMAC, key=1, store_tag=store_tag("corner"), holder=b"anna.", from_s=1_795_000_000, life_s=120,
        party=2, nonce=bytes.fromhex("00010203"),
    )  # fmt: skip
    text = mint(content, "corner", lambda _: hmac_seal(content, "corner", bytes(range(32))))
    assert content.head.hex() == "100145d227616e6e612e6afd86c00c0200010203"
    assert text == "CAAULURHMFXG4YJONL6YNQAMAIAACAQD3H4ZDBXGCLCJ3SJU"
    assert content.named == "tf:MFXG4YJO"


def test_a_holder_is_eight_characters() -> None:
    assert holder_of(holder_text(b"anna.")) == b"anna."
    for wrong in ("", "MFXG4YJ", "MFXG4YJO2", "mfxg4yjo", "MFXG4YJ1", "ÄÖÜ"):
        with pytest.raises(TokenError):
            holder_of(wrong)


def test_a_token_is_made_with_a_seal_of_its_length_only() -> None:
    content = Content(Seal.HMAC, 1, b"abc", b"anna.", 0, 10, 1, b"once")
    with pytest.raises(TokenError, match="10 bytes"):
        mint(content, "corner", lambda _: bytes(64))
