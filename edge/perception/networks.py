"""The networks that a store needs, opened once."""

import logging
from dataclasses import dataclass

from edge.errors import PerceptionError
from edge.perception.appearance import Appearance
from edge.perception.arms_network import ArmsNetwork
from edge.perception.free_shelf import PRODUCT_MIN
from edge.perception.needs import APPEARANCE, ARMS, PERSONS, POSE, SHELF, needed
from edge.perception.network import Network
from edge.perception.persons import PersonDetector
from edge.perception.pose import PoseFinder
from edge.perception.precision import person_network
from edge.perception.running import Running, running_here
from edge.perception.shelf_network import ShelfNetwork
from edge.perception.tiles import tile_size
from edge.perception.timing import NetworkTiming
from models.cache import onnx_path
from protocol.store import Store

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Networks:
    """The opened networks; None for one that the store has no use for, or that does not run on this machine."""

    persons: PersonDetector | None
    appearance: Appearance | None
    gated: bool = True
    """Whether persons are looked for only where something may have changed."""
    pose: PoseFinder | None = None
    """For area cameras' wrists, where they were asked for."""
    wrists: bool = False
    """Whether area cameras look for wrists, too."""
    shelf: ShelfNetwork | None = None
    """For free shelves."""
    arms: ArmsNetwork | None = None
    """For whose hands are at shelves, where a shelf camera may tell."""

    @staticmethod
    def of(store: Store, running: Running | None = None) -> "Networks":
        """Open what the store needs, and warm it up for the pictures of its cameras.

        Raises ModelNotPulled where a network is not on this machine, and PerceptionError where nothing that is needed
        runs. Where only some do, the log says so and the other cameras go on.
        """
        running = running or running_here()
        names = needed(store)
        paths = {name: person_network(running) if name == PERSONS else onnx_path(name) for name in names}
        areas = [camera for camera in store.cameras if camera.role == "area"]
        sizes = {camera.size for camera in areas}
        sizes |= {tile_size(camera.size, camera.tiles) for camera in areas if camera.tiles is not None}
        failed: list[PerceptionError] = []
        persons: PersonDetector | None = None
        appearance: Appearance | None = None
        shelf: ShelfNetwork | None = None
        arms: ArmsNetwork | None = None
        if PERSONS in names:
            try:
                path = paths[PERSONS]
                # Its folder in the cache says whether it is the variant in eight bits.
                persons = PersonDetector(path, running=running, sizes=sorted(sizes), name=path.parent.parent.name)
            except PerceptionError as error:
                failed.append(error)
        if APPEARANCE in names:
            try:
                appearance = Appearance(paths[APPEARANCE], running)
            except PerceptionError as error:
                failed.append(error)
        if SHELF in names:
            try:
                shelf = ShelfNetwork(paths[SHELF], running, product_min=PRODUCT_MIN)
            except PerceptionError as error:
                failed.append(error)
        if ARMS in names:
            try:
                arms = ArmsNetwork(paths[ARMS], running)
            except PerceptionError as error:
                failed.append(error)
        if failed and len(failed) == len(names):
            raise failed[0]
        for why in failed:
            logger.error("the cameras that need it are not watched: %s", why)
        wanted = running.wrists and persons is not None
        pose = PoseFinder(onnx_path(POSE), running) if wanted else None
        return Networks(persons, appearance, running.gated, pose, running.wrists, shelf, arms)

    def opened(self) -> tuple[Network, ...]:
        """The networks that are open, for their timings."""
        parts = (self.persons, self.appearance, self.pose, self.shelf, self.arms)
        return tuple(part.network for part in parts if part is not None)

    def timings(self) -> tuple[NetworkTiming, ...]:
        """How long each network's runs take, and where it runs: for whoever looks at the machine's health."""
        return tuple(network.timing for network in self.opened())
