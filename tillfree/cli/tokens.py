"""`tillfree tokens`: keys that gates check tokens with, and tokens made with them."""

import secrets
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tillfree.cli.output import JsonOption, console_for, write_json
from tillfree.errors import TokensError

app = typer.Typer(help="Keys for gates, and tokens that open them.", no_args_is_help=True)

RingArgument = Annotated[Path, typer.Argument(metavar="KEYS.json", help="The key ring.")]


class SealName(StrEnum):
    """How tokens are sealed."""

    HMAC = "hmac"
    EDDSA = "eddsa"


@app.command()
def keys(
    ring_file: RingArgument,
    *,
    store: Annotated[str | None, typer.Option(metavar="ID", help="The store; needed for a new ring.")] = None,
    seal: Annotated[
        SealName, typer.Option(help="A shared secret, or a private key with a public half.")
    ] = SealName.HMAC,
) -> None:
    """Add a key to a store's ring; a ring that is not there is made."""
    from edge.gate.keys import KeyRing, new_key, read_ring, write_ring
    from protocol.model import ID_PATTERN
    from protocol.tokens import Seal

    if ring_file.exists():
        ring = read_ring(ring_file)
        if store not in (None, ring.store):
            raise TokensError(f"{ring_file} is the key ring of {ring.store!r}, not of {store!r}")
    elif store is None or not _fits(ID_PATTERN, store):
        raise TokensError(f"{ring_file} is not there; give --store ID (a–z, 0–9, - and _) to make it")
    else:
        ring = KeyRing(format=1, store=store, keys=())
    number = max((key.key for key in ring.keys), default=0) + 1
    taken = {key.key for key in ring.keys}
    if number > 255:
        number = min(set(range(1, 256)) - taken)
    key = new_key(number, Seal[seal.name], secrets.token_bytes(32))
    write_ring(ring_file, KeyRing(format=1, store=ring.store, keys=(*ring.keys, key)))
    console_for(None).print(f"{ring_file}: key {number} ({seal.value}) for {ring.store}, {len(ring.keys) + 1} in all")


@app.command()
def drop(ring_file: RingArgument, key: Annotated[int, typer.Argument(help="Its number.")]) -> None:
    """Take a key out of a ring: tokens that were sealed with it open nothing any more."""
    from edge.gate.keys import KeyRing, read_ring, write_ring

    ring = read_ring(ring_file)
    left = tuple(each for each in ring.keys if each.key != key)
    if len(left) == len(ring.keys):
        raise TokensError(f"{ring_file} has no key {key}; it has {', '.join(str(each.key) for each in left) or 'none'}")
    write_ring(ring_file, KeyRing(format=1, store=ring.store, keys=left))
    console_for(None).print(f"{ring_file}: key {key} is out, {len(left)} left")


@app.command()
def public(
    ring_file: RingArgument, out: Annotated[Path, typer.Option(metavar="FILE", help="The ring for gates.")]
) -> None:
    """Write the public halves alone, for gates: nobody can make tokens with them."""
    from edge.gate.keys import read_ring, write_ring

    ring = read_ring(ring_file).for_gates()
    if not ring.keys:
        raise TokensError(f"{ring_file} has no eddsa key; `tillfree tokens keys {ring_file} --seal eddsa` adds one")
    if out.resolve() == ring_file.resolve():
        raise TokensError(f"{out} would lose its private keys; write the public ones to another file")
    write_ring(out, ring)
    console_for(None).print(f"{out}: {len(ring.keys)} public keys of {ring.store}")


@app.command()
def mint(
    ring_file: RingArgument,
    *,
    holder: Annotated[
        str | None, typer.Option(metavar="TEXT", help="8 characters that stand for an account; without, new ones.")
    ] = None,
    key: Annotated[int | None, typer.Option(help="The key's number; without, the newest that can.")] = None,
    life: Annotated[int, typer.Option(min=10, max=2550, metavar="S", help="Seconds, in tens.")] = 120,
    party: Annotated[int, typer.Option(min=1, max=50, help="How many people come in on it.")] = 1,
    staff: Annotated[bool, typer.Option("--staff", help="One of the staff: never charged.")] = False,
    png: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw its QR code.")] = None,
    json_file: JsonOption = None,
) -> None:
    """Make a token that is valid from now on, once."""
    from edge.gate.keys import read_ring, seal_with
    from protocol.tokens import HOLDER_BYTES, NONCE_BYTES, Content, Seal, holder_of, holder_text, store_tag
    from protocol.tokens import mint as minted

    ring = read_ring(ring_file)
    sealing = ring.sealing(key)
    content = Content(
        seal=Seal[sealing.seal.upper()],
        key=sealing.key,
        store_tag=store_tag(ring.store),
        holder=secrets.token_bytes(HOLDER_BYTES) if holder is None else holder_of(holder),
        from_s=int(time.time()),
        life_s=life,
        party=party,
        nonce=secrets.token_bytes(NONCE_BYTES),
        staff=staff,
    )
    token = minted(content, ring.store, lambda over: seal_with(sealing, over))
    console = console_for(json_file)
    console.print(token, soft_wrap=True)
    console.print(f"holder {holder_text(content.holder)}; the cloud hears {content.named}; valid for {life} s, once")
    result: dict[str, object] = {"token": token, "holder": holder_text(content.holder), "named": content.named}
    if png is not None:
        from edge.gate.drawing import draw

        modules, pixels = draw(token, png)
        console.print(f"{png}: {modules} modules, {pixels} pixels wide")
        result["modules"] = modules
    write_json(json_file, result)


@app.command()
def read(
    token: Annotated[str, typer.Argument(help="What a code says.")],
    *,
    ring_file: Annotated[Path | None, typer.Option("--keys", metavar="KEYS.json", help="Check it with these.")] = None,
    json_file: JsonOption = None,
) -> None:
    """Say what a token says and, with --keys, whether a gate would take it now; nothing is used up."""
    from edge.gate.check import Refused, valid
    from edge.gate.keys import Checker, read_ring
    from protocol.tokens import read as unsealed

    content = unsealed(token).content
    now_s = time.time()
    result: dict[str, object] = {
        "seal": content.seal.name.lower(),
        "key": content.key,
        "named": content.named,
        "party": content.party,
        "staff": content.staff,
        "from": content.from_s,
        "until": content.until_s,
    }
    if ring_file is not None:
        verdict = valid(token, Checker.of(read_ring(ring_file)), now_s)
        result["refused"] = verdict.reason.value if isinstance(verdict, Refused) else None
    console = console_for(json_file)
    for name, value in result.items():
        console.print(f"{name:<8} {'-' if value is None else value}")
    write_json(json_file, result)


def _fits(pattern: str, text: str) -> bool:
    import re

    return re.fullmatch(pattern, text) is not None
