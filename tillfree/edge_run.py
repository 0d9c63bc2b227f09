"""What a run of the edge works with: where its state lies and how it is opened."""

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from protocol.store import Store

if TYPE_CHECKING:
    from edge.delivery.delivery import Delivery
    from edge.evidence.sealed_clips import SealedClips
    from edge.play import Say
    from edge.window.view import View
    from protocol.commands import Command


@dataclass(frozen=True, slots=True)
class EdgeRun:
    """What one run of the edge is given: the broker, the folder of its state, who hears events, and when to stop."""

    broker: str
    state: Path
    say: "Say"
    stop: threading.Event
    window: int | None
    opened: Callable[[str], None] | None = None
    """Told the window's address; None leaves it in the log."""

    def open_view(self) -> "View | None":
        """What the window shows, its server started; None where no window was asked for."""
        if self.window is None:
            return None
        from edge.window.server import WindowServer
        from edge.window.view import View

        view = View()
        address = WindowServer(view, self.window).address
        if self.opened is not None:
            self.opened(address)
        else:
            logging.info("the window is open at %s/now.json", address)
        return view

    def open_clips(self, store: Store) -> "SealedClips | None":
        """Where clips of the store's interactions are kept; None where they cannot be: said, and nothing stops."""
        from edge.evidence.sealed_clips import EvidenceError, SealedClips

        if store.policies.evidence == "none":
            return None
        key = os.environ.get("TILLFREE_EVIDENCE_KEY_FILE") or self.state / f"{store.store}.evidence.key"
        path = self.state / f"{store.store}.evidence.sqlite"
        bytes_max, life_s = store.policies.evidence_mb_max * 1_000_000, store.policies.evidence_days * 86_400.0
        try:
            return SealedClips(path, Path(key), bytes_max=bytes_max, life_s=life_s, clock=time.time)
        except EvidenceError as error:
            logging.error("%s", error)  # noqa: TRY400 - the message says all
            return None

    def open_delivery(self, store: Store, heed: "Callable[[Command], None] | None" = None) -> "Delivery":
        """The outbox of the store's hub and its way to the broker; `heed` hears what the cloud asks."""
        from edge.delivery.delivery import Delivery
        from edge.play import state_path

        path = state_path(self.state, store.store)
        delivery = Delivery.open(path, store=store.store, device=store.hub, broker=self.broker, heed=heed)
        if delivery.set_aside is not None:
            logging.warning("the outbox was damaged and begun anew; the old file is kept as %s", delivery.set_aside)
        return delivery
