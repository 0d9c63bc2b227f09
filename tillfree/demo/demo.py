"""The demo: broker, cloud and edge as three processes, watched, and started again when something kills them."""

import contextlib
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

from rich.console import Console

from protocol.messages import Envelope
from tillfree.broker import EmbeddedBroker, open_broker
from tillfree.broker.open_broker import Broker
from tillfree.demo.child import Child
from tillfree.demo.memory import Memory
from tillfree.demo.page.server import Page
from tillfree.demo.playbill import TOKEN, Playbill, Wishes, playbill
from tillfree.demo.progress import Visits
from tillfree.demo.pull import Pull
from tillfree.demo.shop import Shop
from tillfree.demo.show import show_receipt, show_summary
from tillfree.demo.state import StateFolder
from tillfree.errors import DemoError
from tillfree.event_line import event_line

CLOUD_START_S = 60.0
LOOK_S = 0.02
"""How often the demo looks for a line or a receipt: it adds at most this much to the delay that it measures."""
MEMORY_EVERY_S = 2.0
SETTLE_SLACK_S = 30.0


class Demo:
    """One run of the demo. `run` returns its report."""

    def __init__(self, wishes: Wishes, state: StateFolder, networks: Sequence[str], console: Console) -> None:
        self._wishes = wishes
        self._state = state.path
        self._networks = networks
        self._console = console
        self._stop = threading.Event()
        self._visits = Visits()
        self._memory = Memory()
        self._memory_due_s = 0.0
        self._page: Page | None = None
        self._pictures: dict[str, Any] | None = None
        self._ended = False
        self._leaving = False
        """Enter was pressed."""
        self._began = time.monotonic()

    def run(self) -> dict[str, Any]:
        """Start everything, play, and end: with `once` after the last receipt, else when asked to (Ctrl-C)."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop.set())
        with contextlib.ExitStack() as opened:
            # The networks come from far: all that does not need them is started meanwhile.
            networks = Pull(self._networks)
            opened.callback(networks.stop)
            bill = playbill(self._wishes, self._state, self._console)
            broker = opened.enter_context(open_broker(self._state / "broker", self._wishes.broker))
            cloud = self._child("cloud")
            opened.callback(cloud.stop)
            address = self._start_cloud(cloud, broker.url)
            networks.wait(self._stop)
            if address is None or self._stop.is_set():
                return self._report(broker, (cloud,), bill)
            shop = Shop(address, bill.store)
            opened.callback(shop.close)
            shop.open(bill.tokens, bill.start)
            page = self._page = Page(bill.store, address, shop.accounts)
            opened.callback(page.close)
            edge = self._child("edge", self._edge_arguments(bill, broker.url))
            opened.callback(edge.stop)
            edge.start(with_input=bill.live)
            self._say_hello(bill, broker.name, address, page.address)
            if bill.live:
                edge.write(TOKEN)
                threading.Thread(target=self._leave_on_enter, args=(edge,), daemon=True).start()
            self._watch(broker, cloud, edge, shop, bill)
            return self._report(broker, (cloud, edge), bill)

    def _child(self, name: str, arguments: Sequence[str] = ()) -> Child:
        return Child(name, arguments, self._state / f"{name}.log", time.monotonic)

    def _start_cloud(self, cloud: Child, broker: str) -> str | None:
        """The API's address; None where the demo is asked to end before it is up."""
        database = f"sqlite:///{(self._state / 'cloud.sqlite').absolute()}"
        common = ["cloud", "serve", "--all-in-one", "--database", database, "--broker", broker]
        cloud.arguments[:] = [*common, "--port", str(self._wishes.port)]
        cloud.start()
        ready = cloud.first_line(CLOUD_START_S, self._stop)
        if ready is None:
            return None
        address = str(json.loads(ready)["api"])
        # Started again, it must be found where it was.
        cloud.arguments[:] = [*common, "--port", address.rpartition(":")[2]]
        return address

    def _edge_arguments(self, bill: Playbill, broker: str) -> list[str]:
        fast = ["--fast"] if self._wishes.fast and not bill.live else []
        common = ["--broker", broker, "--state", str(self._state), "--json-lines", "--window", "0"]
        return ["edge", "run", *bill.arguments, *fast, *common]

    def _say_hello(self, bill: Playbill, broker: str, address: str, page: str) -> None:
        say = self._console.print
        say(f"[bold]{bill.store.name}[/bold] ({bill.title})")
        say(f"page    {page}   (open it in a browser: floor, cameras and carts as they are now)", soft_wrap=True)
        for name, where in (("broker", broker), ("API", f"{address}/docs"), ("state", str(self._state))):
            say(f"{name:<7} {where}", soft_wrap=True)
        if bill.live:
            say("\nYou are in. Take things and put them back; press Enter to leave and get your receipt.\n")
        else:
            say("\nThe edge opens its cameras and networks; the first shopper is on the way.\n")

    def _watch(self, broker: Broker, cloud: Child, edge: Child, shop: Shop, bill: Playbill) -> None:
        give_up_s: float | None = None
        while not self._stop.is_set():
            self._keep_alive(broker, cloud, edge)
            for line in edge.lines():
                self._hear(line)
            for visit in self._visits.waiting():
                receipt = shop.receipt(visit)
                if receipt is not None:
                    self._visits.settle(visit, receipt, time.time())
                    taken = bill.taken.get(self._visits.tokens.get(visit, "")) if bill.taken is not None else None
                    delay_ms, behind_s = self._visits.delays_ms[visit], self._visits.behind_s[visit]
                    show_receipt(self._console, bill.store, receipt, delay_ms, behind_s=behind_s, taken=taken)
            # Only what the edge has said counts: what was typed may still be on its way.
            self._ended |= self._leaving and not self._visits.inside()
            if self._ended and give_up_s is None:
                give_up_s = time.monotonic() + bill.store.policies.settle_within_s + SETTLE_SLACK_S
            waiting = self._visits.waiting()
            if self._ended and not waiting and self._wishes.once:
                return
            if give_up_s is not None and waiting and self._wishes.once and time.monotonic() > give_up_s:
                states = ", ".join(f"{visit} is {shop.visit_state(visit)}" for visit in waiting)
                raise DemoError(f"no receipt came in time: {states}; see the logs in {self._state}")
            self._stop.wait(LOOK_S)

    def _keep_alive(self, broker: Broker, cloud: Child, edge: Child) -> None:
        if isinstance(broker, EmbeddedBroker) and broker.pid is None:
            broker.restart()
            self._console.print("[yellow]the broker was killed; it runs again[/yellow]")
        for child in (cloud, edge):
            if child.restart_if_killed():
                self._console.print(f"[yellow]the {child.name} was killed; it runs again[/yellow]")
        pids = {"cloud": cloud.pid, "edge": edge.pid, "broker": getattr(broker, "pid", None)}
        path = self._state / "processes.json"
        text = json.dumps(pids)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
        if time.monotonic() >= self._memory_due_s:
            self._memory.sample({"demo": os.getpid(), **pids})
            self._memory_due_s = time.monotonic() + MEMORY_EVERY_S

    def _hear(self, line: str) -> None:
        try:
            said = json.loads(line)
        except ValueError:
            return
        if "window" in said:
            self._page_open().look_through(str(said["window"]))
        elif said.get("ended"):
            self._pictures = said.get("pictures")
            if not self._ended and not self._wishes.once:
                self._console.print("\nThe show is over. The API stays up; Ctrl-C ends the demo.")
            self._ended = True
            self._page_open().end()
        elif "event" in said:
            envelope = Envelope.model_validate(said["event"])
            if self._visits.hear(envelope, said["happened_at"], time.time()):
                line = event_line(envelope)
                self._console.print(line, markup=False)
                at, _, what = line.partition("  ")
                self._page_open().tell(at, " ".join(what.split()))

    def _page_open(self) -> Page:
        assert self._page is not None, "the edge starts after the page"
        return self._page

    def _leave_on_enter(self, edge: Child) -> None:
        for _ in sys.stdin:
            while not self._stop.is_set():
                try:
                    edge.write(f"exit {TOKEN}")
                except OSError:
                    # It was killed just now, and runs again in a moment.
                    self._stop.wait(LOOK_S)
                else:
                    self._leaving = True
                    return

    def _report(self, broker: Broker, children: Sequence[Child], bill: Playbill) -> dict[str, Any]:
        visits, taken = self._visits, bill.taken
        receipts = []
        for visit, receipt in visits.receipts.items():
            shopper = visits.tokens.get(visit, "")
            said: dict[str, Any] = {**receipt.to_json(), "shopper": shopper}
            if taken is not None:
                said |= {"taken": taken.get(shopper, {}), "exact": receipt.charged() == taken.get(shopper, {})}
            receipts.append(said)
        report = {
            "receipts": receipts,
            "exit_to_receipt_ms": [round(delay, 1) for delay in visits.delays_ms.values()],
            "exit_told_ms": [round(1000.0 * visits.behind_s[visit], 1) for visit in visits.delays_ms],
            "events": visits.events,
            "pictures": self._pictures,
            "memory_mb": self._memory.to_json(),
            "broker": broker.name,
            "restarts": {child.name: child.restarts for child in children},
            "seconds": round(time.monotonic() - self._began, 2),
        }
        show_summary(self._console, report)
        return report
