"""Writing a played scene as a recording with pictures, which the whole pipeline can play, and with all of its truth."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2

from hardware.simulated.errors import SimulationError
from hardware.simulated.recording.crew import film_together
from hardware.simulated.recording.filming import Filmed, film
from hardware.simulated.recording.folder import finish, new_folder
from hardware.simulated.recording.frames import Stage
from hardware.simulated.recording.lines import write_lines
from hardware.simulated.recording.setup import Filming, Hung, empty_shop, hang, photographed
from hardware.simulated.recording.signals import Progress, about, write_scales
from hardware.simulated.recording.store_file import write_store
from hardware.simulated.recording.truth import write_numbers, write_truth
from hardware.simulated.scene.scene import Scene
from hardware.simulated.world.plates import CellNoise, Plates
from hardware.simulated.world.receipts import Pays
from hardware.simulated.world.timeline import Timeline
from hardware.simulated.world.world import World


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was recorded: the scene as it was played, and its cameras."""

    timeline: Timeline
    cameras: tuple[Filmed, ...]


def record_pictures(
    scene: Scene,
    folder: Path,
    filming: Filming,
    progress: Progress,
    *,
    jobs: int = 1,
    cells: CellNoise | None = None,
    pays: Pays = "picker",
) -> Recorded:
    """Write the recording of `scene` into `folder`, which is made, by `jobs` processes.

    `progress` is told how many camera seconds of how many are done. The same scene and filming write the same bytes,
    whatever `jobs` is. SimulationError where the folder holds something or cannot be written, or nothing can be drawn.
    """
    hung = hang(scene, filming)
    cameras = [camera.id for camera in hung.scene.layout.store.cameras]
    with new_folder(folder):
        world = World(hung.scene)
        stage = Stage.of(world)
        timeline = world.timeline
        _write_store(stage, hung, folder)
        write_lines(folder / "gate.jsonl", (line.model_dump_json() for line in timeline.gate))
        write_truth(timeline, folder, pays)
        write_numbers(timeline, folder)
        write_scales(Plates(timeline, cells), folder / "scales.csv", timeline.duration_s, lambda *_: None)
        done_s, total_s = 0.0, timeline.duration_s * len(cameras)

        def tell(more_s: float) -> None:
            nonlocal done_s
            done_s += more_s
            progress(done_s, total_s)

        progress(0.0, total_s)
        if min(jobs, len(cameras)) == 1:
            filmed = film(stage, hung, folder, cameras, tell)
            stage.renderer.release()
        else:
            stage.renderer.release()
            filmed = film_together(hung, folder, cameras, jobs, tell)
        finish(folder, _about(world, filmed))
    return Recorded(timeline, filmed)


def _write_store(stage: Stage, hung: Hung, folder: Path) -> None:
    scene = hung.scene
    store, pictures = photographed(
        scene.layout, hung.sensors, stage.renderer, empty_shop(stage.world.state(0.0)), scene.seed
    )
    write_store(store, folder / "store.yaml")
    for name, picture in pictures.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        # Encoded in memory: OpenCV does not say why a file could not be written.
        good, data = cv2.imencode(".png", picture)
        if not good:
            raise SimulationError(f"{path}: a picture of {picture.shape[1]}×{picture.shape[0]} could not be encoded")
        path.write_bytes(data.tobytes())


def _about(world: World, filmed: Sequence[Filmed]) -> str:
    lines = [f"{key}: {value}\n" for key, value in about(world).items()]
    shown = [each for each in filmed if each.pictures]
    lines += ["cameras:\n"] if shown else []
    for each in shown:
        clock = f"times: cameras/{each.camera}.csv" if each.fps is None else f"fps: {each.fps:g}"
        lines.append(f"  - {{id: {each.camera}, file: cameras/{each.camera}.mp4, {clock}}}\n")
    return "".join(lines)
