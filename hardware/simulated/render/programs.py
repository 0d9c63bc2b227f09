"""The shaders, read from their files and compiled: for each kind of thing one program for each pass."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import moderngl

FOLDER = Path(__file__).with_name("shaders")
HEAD = "#version 330\n"
WITH_ID = "#define WITH_ID\n"


class Pass(Enum):
    """What is drawn: the picture alone, the ids alone, both at once, or the depths as the lamps see them."""

    PICTURE = "picture"
    IDS = "ids"
    BOTH = "both"
    SHADOW = "depth"

    @property
    def coloured(self) -> bool:
        """Whether light and colours matter."""
        return self in (Pass.PICTURE, Pass.BOTH)


@dataclass(frozen=True, slots=True)
class Programs:
    """The programs of one kind of thing, by pass."""

    by_pass: "dict[Pass, moderngl.Program]"

    @staticmethod
    def of(context: "moderngl.Context", kind: str) -> "Programs":
        """The programs of `kind`: shop, product or figure."""
        vertex = HEAD + (FOLDER / f"{kind}.vert").read_text()
        picture = HEAD + (FOLDER / "light.glsl").read_text() + (FOLDER / f"{kind}.frag").read_text()
        fragments = {
            Pass.PICTURE: picture,
            Pass.BOTH: picture.replace(HEAD, HEAD + WITH_ID, 1),
            Pass.IDS: HEAD + (FOLDER / "ids.frag").read_text(),
            Pass.SHADOW: HEAD + (FOLDER / "depth.frag").read_text(),
        }
        return Programs(
            {each: context.program(vertex_shader=vertex, fragment_shader=text) for each, text in fragments.items()}
        )

    @staticmethod
    def of_backdrop(context: "moderngl.Context") -> "Programs":
        """The programs that fill a picture with its backdrop."""
        vertex = HEAD + (FOLDER / "backdrop.vert").read_text()
        picture = HEAD + (FOLDER / "light.glsl").read_text() + (FOLDER / "backdrop.frag").read_text()
        ids = HEAD + (FOLDER / "backdrop_ids.frag").read_text()
        fragments = {Pass.BOTH: picture, Pass.IDS: ids}
        return Programs(
            {each: context.program(vertex_shader=vertex, fragment_shader=text) for each, text in fragments.items()}
        )

    def vertex_arrays(
        self, context: "moderngl.Context", content: list[tuple[Any, ...]], index: "moderngl.Buffer | None" = None
    ) -> "dict[Pass, moderngl.VertexArray]":
        """One vertex array a pass over the same buffers; what a pass does not read is skipped."""
        return {
            each: context.vertex_array(program, content, index_buffer=index, skip_errors=True)
            for each, program in self.by_pass.items()
        }


def assign(program: "moderngl.Program", **values: Any) -> None:
    """Set uniforms by name; those that the compiler dropped are passed over. Matrices are given row by row."""
    for name, value in values.items():
        if name not in program:
            continue
        # One name is one uniform in our shaders, never an attribute or a block.
        uniform: Any = program[name]
        if isinstance(value, int):
            uniform.value = value
            continue
        array = np.asarray(value, np.float32)
        if array.shape[-2:] == (4, 4):
            array = np.swapaxes(array, -1, -2)
        uniform.write(np.ascontiguousarray(array).tobytes())
