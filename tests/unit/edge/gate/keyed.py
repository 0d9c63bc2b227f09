"""Keys and tokens of a corner shop, made from named bytes."""

from edge.gate.keys import Checker, Key, KeyRing, new_key, seal_with
from protocol.tokens import Content, Seal, mint, store_tag

STORE = "corner"
NOW_S = 1_795_000_000
HMAC_KEY = new_key(1, Seal.HMAC, bytes(range(32)))
EDDSA_KEY = new_key(2, Seal.EDDSA, bytes(range(32, 64)))
RING = KeyRing(format=1, store=STORE, keys=(HMAC_KEY, EDDSA_KEY))
CHECKER = Checker.of(RING)


def content(
    key: Key = HMAC_KEY,
    *,
    store: str = STORE,
    from_s: int = NOW_S,
    life_s: int = 120,
    party: int = 1,
    nonce: bytes = b"once",
    staff: bool = False,
    holder: bytes = b"anna.",
) -> Content:
    return Content(
        seal=Seal[key.seal.upper()],
        key=key.key,
        store_tag=store_tag(store),
        holder=holder,
        from_s=from_s,
        life_s=life_s,
        party=party,
        nonce=nonce,
        staff=staff,
    )


def token(said: Content | None = None, key: Key = HMAC_KEY, store: str = STORE) -> str:
    return mint(said or content(key, store=store), store, lambda over: seal_with(key, over))
