"""Delivery as the node sees it: give it events, tell it how far was observed; the rest happens behind it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType

from edge.delivery.health import Health
from edge.delivery.link import Link
from edge.delivery.outbox import LIMIT_BYTES, Outbox, Run
from edge.delivery.sealing import Owner
from edge.delivery.watermarks import Mark
from edge.events import NewEvent
from protocol.broker import BrokerAddress
from protocol.commands import Command
from protocol.evidence import ClipSent
from protocol.messages import Envelope

DRAIN_S = 30.0


class Delivery:
    """One device's outbox and its way to the broker. `append` and `observed` belong to one thread, the node's.

    Example:
        with Delivery.open(home() / "outbox" / "hub.db", store="corner", device="hub", broker=url) as delivery:
            delivery.append([NewEvent(ts, visit, Entered(lane="gate", token=token))])
            delivery.observed(ts)
    """

    def __init__(self, outbox: Outbox, link: Link) -> None:
        self._outbox, self._link = outbox, link
        link.start()

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        store: str,
        device: str,
        broker: str,
        epoch: int | None = None,
        limit_bytes: int = LIMIT_BYTES,
        heed: Callable[[Command], None] | None = None,
    ) -> "Delivery":
        """The outbox of `device` at `path`, and a thread that delivers to the broker at the URL `broker`.

        `heed` hears each command of the cloud's, on another thread, and must return at once. The broker need not be
        there yet. Raises DeliveryError for a URL that does not read, and what `Outbox.open` raises.
        """
        address = BrokerAddress.parse(broker)
        outbox = Outbox.open(path, store=store, device=device, epoch=epoch, limit_bytes=limit_bytes)
        return cls(outbox, Link(outbox, address, Owner(store, device), heed=heed))

    @property
    def set_aside(self) -> Path | None:
        """Where a damaged outbox was moved to when this one was opened."""
        return self._outbox.set_aside

    def begin_run(self, key: str) -> Run:
        """Begin to play the recording `key`, or take up its unfinished run; see `edge.delivery.outbox`."""
        return self._outbox.begin_run(key)

    def finish_run(self) -> None:
        """The recording has been played to its end."""
        self._outbox.finish_run()

    def append(self, events: Sequence[NewEvent], memory: bytes | None = None) -> tuple[Envelope, ...]:
        """The events with their numbers, on disk, and what is to be remembered with them.

        Raises what `Outbox.append` raises. Never waits for the network.
        """
        envelopes = self._outbox.append(events, memory)
        if envelopes:
            self._link.appended(max(envelope.ts for envelope in envelopes))
        return envelopes

    def remember(self, memory: bytes) -> None:
        """Put what is to be remembered on disk; raises what `Outbox.remember` raises."""
        self._outbox.remember(memory)

    def remembered(self) -> bytes | None:
        """What was remembered last."""
        return self._outbox.remembered()

    def forget(self) -> None:
        """Remember nothing."""
        self._outbox.forget()

    def observed(self, until: datetime) -> None:
        """Nothing that will yet be appended happened before `until`. Costs nothing to say often."""
        self._link.observed(Mark(until, self._outbox.last_seq))

    def show(self, clip: ClipSent) -> bool:
        """Send a clip that the cloud asked for; False: not now, so that it asks again."""
        return self._link.show(clip)

    def health(self) -> Health:
        """How delivery is; never waits for the network."""
        return self._link.health()

    def drain(self, within_s: float = DRAIN_S) -> bool:
        """Wait until the cloud has acked everything and heard how far was observed; False: not within `within_s`."""
        return self._link.drain(within_s)

    def close(self) -> None:
        """End the thread and let the file go. What is not acked stays, and is sent when it is opened again."""
        self._link.close()
        self._outbox.close()

    def __enter__(self) -> "Delivery":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()
