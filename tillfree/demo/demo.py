"""The demo: broker, cloud and edge as three processes, watched, and started again when something kills them."""

import contextlib
import json
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from protocol.messages import Envelope
from protocol.recording import read_recording
from protocol.store import Store
from protocol.store_file import read_store
from tillfree.broker import EmbeddedBroker, open_broker
from tillfree.demo.child import Child
from tillfree.demo.page.server import Page
from tillfree.demo.progress import Visits
from tillfree.demo.shop import Shop
from tillfree.demo.show import show_receipt
from tillfree.errors import DemoError
from tillfree.event_line import event_line

CLOUD_START_S = 60.0
LOOK_S = 0.02
"""How often the demo looks for a line or a receipt: it adds at most this much to the delay that it measures."""
SETTLE_SLACK_S = 30.0
TOKEN = "you"  # noqa: S105 - the name of whoever stands before the webcam, no secret


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the demo was asked for: a recording, a live camera's source, or else the simulated shop number `seed`."""

    recording: Path | None
    camera: str | None
    seed: int
    state: Path
    broker: str | None
    port: int
    fast: bool
    once: bool


@dataclass(frozen=True, slots=True)
class _Show:
    """What the demo plays: a store, who comes with which tokens, and how the edge is told to watch it."""

    store: Store
    title: str
    tokens: list[str]
    start: datetime
    arguments: list[str]
    live: bool = False
    taken: dict[str, dict[str, int]] | None = None
    """What each shopper really leaves with, by token; None where only a camera knows."""


class Demo:
    """One run of the demo. `run` returns its report."""

    def __init__(self, wishes: Wishes, console: Console) -> None:
        self._wishes = wishes
        self._console = console
        self._stop = threading.Event()
        self._visits = Visits()
        self._page: Page | None = None
        self._ended = False
        self._began = time.monotonic()

    def run(self) -> dict[str, Any]:
        """Start everything, play, and end: with `once` after the last receipt, else when asked to (Ctrl-C)."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop.set())
        wishes = self._wishes
        wishes.state.mkdir(parents=True, exist_ok=True)
        show = self._show()
        store = show.store
        with contextlib.ExitStack() as opened:
            broker = opened.enter_context(open_broker(wishes.state / "broker", wishes.broker))
            cloud = self._child("cloud", [])
            opened.callback(cloud.stop)
            address = self._start_cloud(cloud, broker.url)
            shop = Shop(address, store)
            opened.callback(shop.close)
            shop.open(show.tokens, show.start)
            page = self._page = Page(store, address)
            opened.callback(page.close)
            self._say_hello(show, broker.name, address, page.address)
            edge = self._child("edge", self._edge_arguments(show, broker.url))
            opened.callback(edge.stop)
            edge.start(with_input=show.live)
            if show.live:
                edge.write(TOKEN)
                threading.Thread(target=self._leave_on_enter, args=(edge,), daemon=True).start()
            self._watch(broker, cloud, edge, shop, show)
            restarts = {child.name: child.restarts for child in (cloud, edge)}
            return self._report(broker.name, restarts, show.taken)

    def _show(self) -> "_Show":
        """What there is to see."""
        wishes = self._wishes
        if wishes.recording is not None:
            recording = read_recording(wishes.recording)
            tokens = list(dict.fromkeys(line.token for line in recording.gate if line.event == "enter"))
            title = f"{recording.folder.name}, {recording.file.duration_s:g} s"
            arguments = ["--recording", str(recording.folder), "--stay"]
            return _Show(recording.store, title, tokens, recording.file.start, arguments)
        if wishes.camera is not None:
            # OpenCV is large, and only a live demo looks through it in this process.
            from tillfree.demo import webcam

            source = webcam.first_source() if wishes.camera == "webcam" else wishes.camera
            self._console.print(f"Looking through {source}: what stands left, in the middle and right is enrolled now.")
            path = webcam.make_store(source, wishes.state)
            return _Show(read_store(path), "live", [TOKEN], datetime.now(UTC), [str(path), "--gate"], live=True)
        from tillfree.mock_store import MockStore

        mock = MockStore(wishes.seed)
        title = f"simulated, {mock.duration_s:.0f} s, {len(mock.tokens)} shoppers"
        arguments = ["--mock", str(wishes.seed), "--stay"]
        return _Show(mock.store, title, mock.tokens, mock.start, arguments, taken=mock.taken())

    def _child(self, name: str, arguments: list[str]) -> Child:
        return Child(name, arguments, self._wishes.state / f"{name}.log", time.monotonic)

    def _start_cloud(self, cloud: Child, broker: str) -> str:
        database = f"sqlite:///{(self._wishes.state / 'cloud.sqlite').absolute()}"
        common = ["cloud", "serve", "--all-in-one", "--database", database, "--broker", broker]
        cloud.arguments[:] = [*common, "--port", str(self._wishes.port)]
        cloud.start()
        ready = json.loads(cloud.first_line(CLOUD_START_S))
        address = str(ready["api"])
        # Started again, it must be found where it was.
        cloud.arguments[:] = [*common, "--port", address.rpartition(":")[2]]
        return address

    def _edge_arguments(self, show: "_Show", broker: str) -> list[str]:
        fast = ["--fast"] if self._wishes.fast and not show.live else []
        common = ["--broker", broker, "--state", str(self._wishes.state), "--json-lines", "--window", "0"]
        return ["edge", "run", *show.arguments, *fast, *common]

    def _say_hello(self, show: "_Show", broker: str, address: str, page: str) -> None:
        say = self._console.print
        say(f"[bold]{show.store.name}[/bold] ({show.title})")
        state = self._wishes.state
        for name, where in (("page", page), ("broker", broker), ("API", address), ("docs", f"{address}/docs")):
            say(f"{name:<7} {where}", soft_wrap=True)
        say(f"state   {state}\n", soft_wrap=True)
        if show.live:
            say("You are in. Take things and put them back; press Enter to leave and get your receipt.\n")

    def _watch(self, broker: object, cloud: Child, edge: Child, shop: Shop, show: "_Show") -> None:
        give_up_s: float | None = None
        while not self._stop.is_set():
            self._keep_alive(broker, cloud, edge)
            for line in edge.lines():
                self._hear(line)
            for visit in self._visits.waiting():
                receipt = shop.receipt(visit)
                if receipt is not None:
                    self._visits.settle(visit, receipt, time.time())
                    taken = show.taken.get(self._visits.tokens.get(visit, "")) if show.taken is not None else None
                    show_receipt(self._console, show.store, receipt, self._visits.delays_ms[visit], taken)
            if self._ended and give_up_s is None:
                give_up_s = time.monotonic() + show.store.policies.settle_within_s + SETTLE_SLACK_S
            waiting = self._visits.waiting()
            if self._ended and not waiting and self._wishes.once:
                return
            if give_up_s is not None and waiting and self._wishes.once and time.monotonic() > give_up_s:
                states = ", ".join(f"{visit} is {shop.visit_state(visit)}" for visit in waiting)
                raise DemoError(f"no receipt came in time: {states}; see the logs in {self._wishes.state}")
            self._stop.wait(LOOK_S)

    def _keep_alive(self, broker: object, cloud: Child, edge: Child) -> None:
        if isinstance(broker, EmbeddedBroker) and broker.pid is None:
            broker.restart()
            self._console.print("[yellow]the broker was killed; it runs again[/yellow]")
        for child in (cloud, edge):
            if child.restart_if_killed():
                self._console.print(f"[yellow]the {child.name} was killed; it runs again[/yellow]")
        pids = {"cloud": cloud.pid, "edge": edge.pid, "broker": getattr(broker, "pid", None)}
        path = self._wishes.state / "processes.json"
        text = json.dumps(pids)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")

    def _hear(self, line: str) -> None:
        try:
            said = json.loads(line)
        except ValueError:
            return
        if "window" in said:
            assert self._page is not None, "the edge starts after the page"
            self._page.look_through(str(said["window"]))
        elif said.get("ended"):
            if not self._ended and not self._wishes.once:
                self._console.print("\nThe show is over. The API stays up; Ctrl-C ends the demo.")
            self._ended = True
        elif "event" in said:
            envelope = Envelope.model_validate(said["event"])
            if self._visits.hear(envelope, said["happened_at"]):
                self._console.print(event_line(envelope), markup=False)

    def _leave_on_enter(self, edge: Child) -> None:
        for _ in sys.stdin:
            edge.write(f"exit {TOKEN}")
            self._ended = True
            return

    def _report(self, broker: str, restarts: dict[str, int], taken: dict[str, dict[str, int]] | None) -> dict[str, Any]:
        visits = self._visits
        receipts = []
        for visit, receipt in visits.receipts.items():
            shopper = visits.tokens.get(visit, "")
            said: dict[str, Any] = {**receipt.to_json(), "shopper": shopper}
            if taken is not None:
                said |= {"taken": taken.get(shopper, {}), "exact": receipt.charged() == taken.get(shopper, {})}
            receipts.append(said)
        return {
            "receipts": receipts,
            "exit_to_receipt_ms": [round(delay, 1) for delay in visits.delays_ms.values()],
            "events": visits.events,
            "broker": broker,
            "restarts": restarts,
            "seconds": round(time.monotonic() - self._began, 2),
        }


def fresh_state(root: Path, keep: int = 3) -> Path:
    """A new folder for this run under `root`; of earlier runs the latest `keep` stay."""
    root.mkdir(parents=True, exist_ok=True)
    for old in sorted(_runs(root))[:-keep]:
        shutil.rmtree(old, ignore_errors=True)
    state = root / time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    number = 1
    while state.exists():
        number += 1
        state = root / f"{state.name.partition('.')[0]}.{number}"
    state.mkdir()
    return state


def _runs(root: Path) -> Iterator[Path]:
    return (path for path in root.iterdir() if path.is_dir())
