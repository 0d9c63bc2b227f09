"""`tillfree edge`: what runs in the store."""

import contextlib
import json
import logging
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge.modes import Mode
from protocol.home import data_home
from protocol.messages import Envelope
from protocol.recording import read_recording
from tillfree.edge_run import EdgeRun
from tillfree.errors import EdgeRunError
from tillfree.gate_wishes import GateWishes

if TYPE_CHECKING:
    from edge.delivery.delivery import Delivery
    from edge.source import Source
    from protocol.commands import Command

app = typer.Typer(help="What runs in the store.", no_args_is_help=True)

StateOption = Annotated[
    Path | None, typer.Option(metavar="DIR", envvar="TILLFREE_STATE", help="Where the outbox is kept.")
]


@app.callback()
def _group() -> None:
    """Keep `edge run` a command of a group, though it is the only one yet."""


@app.command()
def run(
    store: Annotated[Path | None, typer.Argument(metavar="[STORE.yaml]", help="The store, for live cameras.")] = None,
    *,
    recording: Annotated[Path | None, typer.Option(metavar="DIR", help="Play this recording instead.")] = None,
    mock: Annotated[int | None, typer.Option(metavar="SEED", help="Play the demo's simulated shop instead.")] = None,
    broker: Annotated[
        str,
        typer.Option(
            envvar="TILLFREE_BROKER",
            help="mqtt://[USER:PASSWORD@]HOST[:PORT], or mqtts://…[?ca=FILE&cert=FILE&key=FILE] for TLS.",
        ),
    ] = "mqtt://127.0.0.1:1883",
    state: StateOption = None,
    fast: Annotated[bool, typer.Option(help="Play the recording as fast as it goes.")] = False,
    stay: Annotated[bool, typer.Option(help="Stay connected after the recording's end.")] = False,
    gate: Annotated[
        bool, typer.Option(help="Read the gate from standard input: TOKEN enters, exit TOKEN leaves.")
    ] = False,
    gate_keys: Annotated[
        Path | None,
        typer.Option(metavar="KEYS.json", envvar="TILLFREE_GATE_KEYS", help="What the gate checks tokens with."),
    ] = None,
    card_reader: Annotated[
        Path | None, typer.Option(metavar="DEVICE", help="A card reader on a serial line, such as /dev/ttyUSB0.")
    ] = None,
    relay: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LANE=PIN", help="A turnstile's relay, such as gate=/dev/gpiochip0:17[:low]; once a lane."
        ),
    ] = None,
    mode: Annotated[Mode | None, typer.Option(help="Let shoppers in (up), staff only (stocking, down).")] = None,
    window: Annotated[
        int | None, typer.Option(metavar="PORT", help="Show what is seen, on loopback; 0 takes a free port.")
    ] = None,
    json_lines: Annotated[bool, typer.Option(help="Say events as JSON lines, for another program.")] = False,
) -> None:
    """Watch a store and deliver its events: live cameras of STORE.yaml, a recording, or a simulated shop."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    if sum(given is not None for given in (store, recording, mock)) != 1:
        raise EdgeRunError("say what to watch: a STORE.yaml with live cameras, --recording DIR, or --mock SEED")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    folder = state or data_home() / "edge"
    folder.mkdir(parents=True, exist_ok=True)
    run_of = EdgeRun(
        broker, folder, _say_json if json_lines else _say_line, stop, window, _say_window if json_lines else None
    )
    if recording is not None:
        from edge.source import recorded

        _play(run_of, recorded(read_recording(recording)), fast=fast, stay=stay)
    elif mock is not None:
        from tillfree.mock_store import MockStore

        _play(run_of, MockStore(mock).source(folder), fast=fast, stay=stay)
    elif store is not None:
        asked = GateWishes(lines=gate, keys=gate_keys, card_reader=card_reader, relays=tuple(relay or ()), mode=mode)
        from tillfree.live_store import watch

        watch(run_of, store, asked)


def _play(run_of: EdgeRun, source: "Source", *, fast: bool, stay: bool) -> None:
    # Networks and OpenCV load slowly; an argument that is wrong should be told before.
    from edge.evidence.evidence import Evidence, boxes_by
    from edge.evidence.obeying import ClipOrders, NotNow
    from edge.pace import AsFastAsItGoes, OwnPace, anchored
    from edge.perception.networks import Networks
    from edge.play import Player

    networks = Networks.of(source.store)
    stop = run_of.stop
    store = source.store
    clips = run_of.open_clips(store)
    orders: list[ClipOrders] = []

    def heed(command: "Command") -> None:
        # Of commands a run that can be played again does those that no event follows from.
        with contextlib.suppress(NotNow):
            for each in orders:
                each.obey(command)

    with run_of.open_delivery(store, heed) as delivery:
        orders.append(ClipOrders(clips, store.hub, delivery.show))
        begun = delivery.begin_run(source.key)
        if begun.recorded:
            logging.info("taking up the run again: %d events are recorded already", begun.recorded)
        anchor = run_of.state / f"{source.store.store}.anchor"
        pace = AsFastAsItGoes() if fast else OwnPace(anchored(anchor, begun.identity), stop)
        evidence = Evidence(store, source.start, clips, boxes_by(networks.persons))
        player = Player(delivery, source.start, pace, run_of.say, stop, view=run_of.open_view(), evidence=evidence)
        if player.play(source, networks, begun.identity):
            if run_of.say is _say_json:
                _say({"ended": True, "pictures": player.delays.to_json()})
            _deliver(delivery, stay, stop)
            delivery.finish_run()


def _deliver(delivery: "Delivery", stay: bool, stop: threading.Event) -> None:
    """After a recording's end: until everything is acked, or, to stay, until the end is asked for."""
    while not stop.is_set():
        if delivery.drain(1.0) and not stay:
            return
        problem = delivery.health().problem
        if problem is not None:
            logging.warning("delivery: %s", problem)
        stop.wait(1.0)


def _say_json(envelope: Envelope, happened_at: float) -> None:
    _say({"event": envelope.model_dump(mode="json"), "happened_at": happened_at})


def _say_window(address: str) -> None:
    _say({"window": address})


def _say(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _say_line(envelope: Envelope, happened_at: float) -> None:  # noqa: ARG001 - the two ways to say have one form
    from tillfree.event_line import event_line

    sys.stdout.write(event_line(envelope) + "\n")
    sys.stdout.flush()
