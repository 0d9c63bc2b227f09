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
from protocol.recording import Recording, read_recording
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
    """What the demo was asked for. `camera` is a live source; without it and a recording, the first webcam."""

    recording: Path | None
    camera: str | None
    state: Path
    broker: str | None
    port: int
    fast: bool
    once: bool


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
        recording = None if wishes.recording is None else read_recording(wishes.recording)
        store_path = recording.store_path if recording else self._live_store()
        store = recording.store if recording else read_store(store_path)
        with contextlib.ExitStack() as opened:
            broker = opened.enter_context(open_broker(wishes.state / "broker", wishes.broker))
            cloud = self._child("cloud", [])
            opened.callback(cloud.stop)
            address = self._start_cloud(cloud, broker.url)
            shop = Shop(address, store)
            opened.callback(shop.close)
            self._open_shop(shop, recording)
            page = self._page = Page(store, address)
            opened.callback(page.close)
            self._say_hello(store, recording, broker.name, address, page.address)
            edge = self._child("edge", self._edge_arguments(recording, store_path, broker.url))
            opened.callback(edge.stop)
            edge.start(with_input=recording is None)
            if recording is None:
                edge.write(TOKEN)
            self._watch(broker, cloud, edge, shop, store)
            return self._report(broker.name, {child.name: child.restarts for child in (cloud, edge)})

    def _live_store(self) -> Path:
        # OpenCV is large, and only a live demo looks through it in this process.
        from tillfree.demo import webcam

        source = self._wishes.camera or webcam.first_source()
        self._console.print(f"Looking through {source}: what stands in the left, middle and right is enrolled now.")
        return webcam.make_store(source, self._wishes.state)

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

    def _open_shop(self, shop: Shop, recording: Recording | None) -> None:
        if recording is None:
            shop.open([TOKEN], datetime.now(UTC))
        else:
            tokens = dict.fromkeys(line.token for line in recording.gate if line.event == "enter")
            shop.open(tokens, recording.file.start)

    def _edge_arguments(self, recording: Recording | None, store_path: Path, broker: str) -> list[str]:
        common = ["--broker", broker, "--state", str(self._wishes.state), "--json-lines", "--window", "0"]
        if recording is None:
            return ["edge", "run", str(store_path), "--gate", *common]
        fast = ["--fast"] if self._wishes.fast else []
        return ["edge", "run", "--recording", str(recording.folder), "--stay", *fast, *common]

    def _say_hello(self, store: Store, recording: Recording | None, broker: str, address: str, page: str) -> None:
        say = self._console.print
        playing = "live" if recording is None else f"{recording.folder.name}, {recording.file.duration_s:g} s"
        say(f"[bold]{store.name}[/bold] ({playing})")
        state = self._wishes.state
        for name, where in (("page", page), ("broker", broker), ("API", address), ("docs", f"{address}/docs")):
            say(f"{name:<7} {where}", soft_wrap=True)
        say(f"state   {state}\n", soft_wrap=True)
        if recording is None:
            say("You are in. Take things and put them back; press Enter to leave and get your receipt.\n")

    def _watch(self, broker: object, cloud: Child, edge: Child, shop: Shop, store: Store) -> None:
        give_up_s: float | None = None
        if not self._wishes.recording:
            threading.Thread(target=self._leave_on_enter, args=(edge,), daemon=True).start()
        while not self._stop.is_set():
            self._keep_alive(broker, cloud, edge)
            for line in edge.lines():
                self._hear(line)
            for visit in self._visits.waiting():
                receipt = shop.receipt(visit)
                if receipt is not None:
                    self._visits.settle(visit, receipt, time.time())
                    show_receipt(self._console, store, receipt, self._visits.delays_ms[visit])
            if self._ended and give_up_s is None:
                give_up_s = time.monotonic() + store.policies.settle_within_s + SETTLE_SLACK_S
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
                self._console.print("\nThe recording has ended. The API stays up; Ctrl-C ends the demo.")
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

    def _report(self, broker: str, restarts: dict[str, int]) -> dict[str, Any]:
        visits = self._visits
        return {
            "receipts": [receipt.to_json() for receipt in visits.receipts.values()],
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
