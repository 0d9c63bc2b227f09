"""A live store's gate, put together: who reads tokens, who decides, what turns, what is shown."""

import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from edge.gate.claims_file import ClaimsFile
from edge.gate.gatekeeper import Gatekeeper
from edge.gate.holding import Waiting
from edge.gate.keys import Checker, read_ring
from edge.gate.opening import Obey, Opening, Say
from edge.modes import Mode, Modes, required
from hardware.gates.card_reader import CardReader, open_serial
from hardware.gates.lines import LineGate
from hardware.gates.pin import PinRelay
from hardware.gates.turnstile import Turnstile
from hardware.lights.logged import LoggedLight
from hardware.ports import Gate, Reading
from protocol.store import Store
from tillfree.errors import EdgeRunError
from tillfree.gate_wishes import GateWishes

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenGate:
    """`reader` is where tokens come from beside gate cameras; without a keeper whatever it reads is let in."""

    reader: Gate | None
    _turnstile: Turnstile | None
    _keeper: Gatekeeper | None
    _opening: Opening
    _claims: ClaimsFile | None

    def saying(self, say: Say) -> Say:
        """`say`, and a lane opens for each entry that it says."""
        return self._opening.saying(say)

    def showing(self, readings: Iterable[Reading]) -> Iterator[Reading]:
        """`readings`, of tokens only those that are let in."""
        return self._opening.showing(self._keeper, readings)

    @property
    def waiting(self) -> tuple[Waiting, ...]:
        """Who stands at a lane and waits until the money is held."""
        return self._opening.holding.waiting

    def close(self) -> None:
        """Shut the lanes."""
        if self._turnstile is not None:
            self._turnstile.close()
        if self._claims is not None:
            self._claims.close()


@dataclass(frozen=True, slots=True)
class Around:
    """What a gate asks of the rest of the store: how many are in it, who does other commands, and who waited before."""

    people: Callable[[], int] = lambda: 0
    obey: Obey = lambda _: None
    waiting: tuple[Waiting, ...] = ()


ALONE = Around()


def open_gate(
    wishes: GateWishes,
    store: Store,
    state: Path,
    clock: Callable[[], float],
    start: datetime,
    *,
    around: Around = ALONE,
) -> OpenGate:
    """The gate of `store` as `wishes` says; used tokens are kept in the folder `state`.

    Raises EdgeRunError, KeyRingError, ClaimsError or DeviceError for what cannot be had: a store whose gate is not
    what it was set up to be does not begin to trade.
    """
    checker = None
    if wishes.keys is not None:
        ring = read_ring(wishes.keys)
        if ring.store != store.store:
            raise EdgeRunError(f"{wishes.keys} is the key ring of {ring.store!r}; this store is {store.store!r}")
        checker = Checker.of(ring)
    pins = wishes.pins(store.gate.lanes)
    reader = _reader(wishes, store, clock)
    turnstile = Turnstile(reader, {lane: PinRelay(pin) for lane, pin in pins.items()}) if pins else None
    opening = Opening(turnstile or reader, LoggedLight(), store.gate, obey=around.obey, waiting=around.waiting)
    has_camera = any(camera.role == "gate" for camera in store.cameras)
    asks = store.gate.open == "when_held" or store.policies.people_max is not None
    if not (checker or has_camera or wishes.mode or wishes.card_reader or asks):
        return OpenGate(turnstile or reader, turnstile, None, opening, None)
    if checker is None:
        logger.warning("no --gate-keys: tokens are taken as they are read, and a copy of one opens the gate as well")
    modes = Modes(required(store))
    modes.ask(wishes.mode or Mode.UP)
    claims = ClaimsFile(state / f"{store.store}.tokens.sqlite")
    keeper = Gatekeeper(store, start, checker, claims, tell=opening.refused, modes=modes, people=around.people)
    return OpenGate(turnstile or reader, turnstile, keeper, opening, claims)


def _reader(wishes: GateWishes, store: Store, clock: Callable[[], float]) -> Gate | None:
    if wishes.lines:
        return LineGate(sys.stdin, store.gate.lanes[0], clock)
    if wishes.card_reader is not None:
        return CardReader(str(wishes.card_reader), open_serial(wishes.card_reader), store.gate.lanes[0], clock)
    return None
