"""Pictures of a mock store with their labels, one by one and without files: to train on, to draw, to record.

scene = crowd(generate_layout(3), shoppers=8, minutes=1.0, seed=3)
for labelled in labelled_frames(scene, "shelf-g1-a", seed=1, sensor="worn", fps=2.0):
    labelled.frame.image, labelled.labels.hands, labelled.labels.products, …
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from hardware.ports import Frame
from hardware.simulated.cameras import SimulatedCamera
from hardware.simulated.phones import Phones
from hardware.simulated.recording.labels import Labels, Sight, labels_of
from hardware.simulated.render.renderer import Renderer
from hardware.simulated.scene.scene import Scene
from hardware.simulated.sensor.presets import sensor_of
from hardware.simulated.sensor.sensor import Sensor
from hardware.simulated.streams import stream
from hardware.simulated.world.state import WorldState
from hardware.simulated.world.world import World

WantsProducts = Callable[[float], bool]
"""Whether products are to be labelled in the picture taken at that time; asked once a picture."""


def always(taken_s: float) -> bool:  # noqa: ARG001 - as whoever chooses by the time is asked
    """Every time."""
    return True


@dataclass(frozen=True, slots=True, eq=False)
class LabelledFrame:
    """A picture and the truth about it. `taken_s` is the store's time; the frame's own is what the camera says."""

    frame: Frame
    taken_s: float
    labels: Labels


@dataclass(slots=True)
class Moments:
    """A world whose latest moments are kept, so that cameras which look at one moment share its poses."""

    world: World
    kept_max: int = 4
    _kept: dict[float, WorldState] = field(default_factory=dict)

    def at(self, t_s: float) -> WorldState:
        """The world at `t_s`."""
        if t_s not in self._kept:
            while len(self._kept) >= self.kept_max:
                self._kept.pop(next(iter(self._kept)))
            self._kept[t_s] = self.world.state(t_s)
        return self._kept[t_s]


@dataclass(slots=True)
class Stage:
    """A played scene and what draws it; belongs to the thread that made it."""

    world: World
    renderer: Renderer
    moments: Moments
    phones: Phones

    @staticmethod
    def of(world: World) -> "Stage":
        """SimulationError where this machine cannot draw."""
        return Stage(world, Renderer(world.scene.layout), Moments(world), Phones(world.timeline))

    def frames(
        self, camera: str, sensor: Sensor, seed: int, fps: float, *, products: WantsProducts = always
    ) -> Iterator[LabelledFrame]:
        """Every picture of one camera and its labels, in order. `seed` names its noise, drops and delays."""
        layout = self.world.scene.layout
        plan = layout.store.camera(camera)
        assert plan is not None, f"{camera} is a camera of this layout"
        source = SimulatedCamera(
            id=camera,
            layout=layout,
            state_at=self.moments.at,
            renderer=self.renderer,
            sensor=sensor,
            rng=stream(seed, "camera", camera),
            fps=fps,
            duration_s=self.world.timeline.duration_s,
            phones_at=self.phones.at,
        )
        home = layout.viewpoint(camera)
        for frame, shot in source.frames_with_ids():
            taken_s = frame.index / fps
            sight = Sight(sensor.viewpoint(home, taken_s), sensor.lens, plan.size)
            labels = labels_of(shot, self.moments.at(taken_s), layout, sight, products=products(taken_s))
            yield LabelledFrame(frame, taken_s, labels)


def labelled_frames(
    scene: Scene, camera: str, *, seed: int, sensor: str = "good", fps: float = 5.0
) -> Iterator[LabelledFrame]:
    """The pictures that `camera` of the scene's layout takes, with persons, hands and products labelled.

    `seed` names what the sensor does by chance, and which of the preset's sensors it is (`sensor/presets.py`).
    SimulationError where the machine cannot draw; KeyError for a camera that the layout does not have.
    """
    stage = Stage.of(World(scene))
    viewpoint, plan = scene.layout.viewpoint(camera), scene.layout.store.camera(camera)
    assert plan is not None, "what has a viewpoint is a camera of the store"
    try:
        yield from stage.frames(camera, sensor_of(sensor, viewpoint, plan.size, seed), seed, fps)
    finally:
        stage.renderer.release()
