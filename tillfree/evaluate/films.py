"""Films of scenes: each is made once and kept, and played as often as is wanted."""

import hashlib
from pathlib import Path

from hardware.simulated.recording.setup import Filming
from hardware.simulated.recording.with_pictures import record_pictures
from hardware.simulated.scene.scene import Scene
from tillfree.evaluate.kept import kept

KEY_LENGTH = 8


def film_of(scene: Scene, name: str, filming: Filming, folder: Path) -> Path:
    """The recording of `scene` in `folder`, made where it is not there yet.

    Its name ends with a hash of the scene and how it is filmed, so that another scene of the same name, seed or cameras
    is another film; a film made by an older renderer is not noticed. EvaluationError where it cannot be kept.
    """
    key = hashlib.sha256(repr((scene, filming)).encode()).hexdigest()[:KEY_LENGTH]

    def make(into: Path) -> None:
        record_pictures(scene, into, filming, lambda _done, _total: None)

    return kept(folder / f"{name}-{key}", make)
