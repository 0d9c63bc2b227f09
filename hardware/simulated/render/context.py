"""An OpenGL context without a screen, and what to install where there is none."""

import os
from typing import TYPE_CHECKING

from hardware.simulated.errors import SimulationError

if TYPE_CHECKING:
    import moderngl


def create_context() -> "moderngl.Context":
    """A context on EGL. SimulationError, which names the packages, where the machine has none.

    Mesa's software renderer starts no threads of its own here: one core a process, and processes scale better.
    """
    os.environ.setdefault("LP_NUM_THREADS", "0")
    try:
        import moderngl
    except ModuleNotFoundError:
        raise SimulationError("drawing the mock store needs moderngl: pip install 'tillfree[sim]'") from None
    try:
        return moderngl.create_context(require=330, standalone=True, **{"backend": "egl"})  # type: ignore[arg-type]  # its stub takes settings for dictionaries
    except Exception as error:  # noqa: BLE001 - moderngl raises plain Exception for whatever EGL lacks
        raise SimulationError(
            f"drawing the mock store needs OpenGL 3.3 on EGL, and this machine has none ({error}): "
            "apt-get install libegl1 libgl1-mesa-dri"
        ) from None
