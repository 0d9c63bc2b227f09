"""A live store, put together: its devices, the gate, the node, what it remembers, and the way to the cloud."""

import logging
import time
from datetime import UTC, datetime
from pathlib import Path

from edge.calibration.pictures.reference import references_of
from edge.calibration.pictures.watching import Watching
from edge.evidence.evidence import Evidence, boxes_by
from edge.evidence.obeying import ClipOrders
from edge.memory.keeping import Keeping
from edge.node import Node
from edge.pace import AsFastAsItGoes
from edge.perception.networks import Networks
from edge.play import Player
from edge.wall_clock import WallClock
from hardware.live import LiveDevices
from hardware.ports import Asked
from protocol.commands import Command
from protocol.store_file import read_store
from tillfree.edge_run import EdgeRun
from tillfree.farewell import farewell
from tillfree.gate import Around, open_gate
from tillfree.gate_wishes import GateWishes


def watch(run_of: EdgeRun, store_path: Path, wishes: GateWishes) -> None:
    """Watch the store of the file at `store_path` until its devices end or it is to stop."""
    store = read_store(store_path)
    networks = Networks.of(store)
    references, unreadable = references_of(store_path, [camera.id for camera in store.cameras])
    for problem in unreadable:
        logging.warning("%s; until then nothing tells whether it is knocked", problem)
    live: LiveDevices | None = None

    def heed(command: Command) -> None:
        # Before the devices are there nobody can do it; the cloud says it again.
        if live is not None:
            live.put(Asked(clock(), command))

    with run_of.open_delivery(store, heed) as delivery:
        keeping = Keeping(delivery, store)
        resumed = keeping.resume()
        origin_s, start = time.monotonic() - resumed.t_s, resumed.start

        def clock() -> float:
            return time.monotonic() - origin_s

        begun = delivery.begin_run(f"live {datetime.now(UTC).isoformat()}")
        node = Node(store, store_path.parent, networks, begun.identity, start, memory=resumed.memory)
        clips = run_of.open_clips(store)
        orders = ClipOrders(clips, store.hub, delivery.show)
        around = Around(people=lambda: node.people, obey=orders.obey, waiting=resumed.waiting)
        gate = open_gate(wishes, store, run_of.state, clock, start, around=around)
        keeping.waiting = lambda: gate.waiting
        live = LiveDevices(store, store_path.parent, gate.reader, clock, run_of.stop)
        watching = Watching(store, references, lambda camera: bool(node.followed(camera)))
        view = run_of.open_view()
        if view is not None:
            view.health = live.health
            view.networks = networks.timings
            view.views = watching.health
        say = gate.saying(run_of.say)
        evidence = Evidence(store, start, clips, boxes_by(networks.persons))
        player = Player(
            delivery, start, AsFastAsItGoes(), say, run_of.stop, view=view, memory=keeping, evidence=evidence
        )
        player.play_live(node, gate.showing(WallClock().readings(watching.readings(live))))
        live.close()
        gate.close()
        if clips is not None:
            clips.close()
        _tell(live)
        farewell(delivery)
        delivery.finish_run()


def _tell(live: LiveDevices) -> None:
    for camera in live.health():
        logging.info("camera %s: %d pictures, %d faults", camera.camera, camera.pictures, camera.faults)
    if live.left_out:
        logging.info("%d pictures were left out: this machine is slower than its cameras", live.left_out)
