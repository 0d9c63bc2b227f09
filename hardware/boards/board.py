"""A board's profile: how networks run best on it, and how much of a store it carries."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from protocol.model import Id, Model

Provider = Literal["TensorRT", "CUDA", "OpenVINO", "CoreML", "XNNPACK", "CPU"]
"""An execution provider of onnxruntime, by the short name that profiles and the environment use."""

Text = Annotated[str, Field(min_length=1)]


class Recognised(Model):
    """What tells this board: all that is given must hold."""

    machine: tuple[Text, ...]
    """As `uname -m` says it."""
    device_tree: Text | None = None
    """Part of what the device tree says the model is."""


class BoardFigure(Model):
    """Something that a board can do. `measured` false: nobody has tried, it is a guess to begin with."""

    what: Text
    value: float
    measured: bool
    how: Text
    """The command and conditions, or what the guess rests on."""


class Board(Model):
    """One kind of computer."""

    format: Literal[1]
    board: Id
    name: Text
    recognised: Recognised
    providers: Annotated[tuple[Provider, ...], Field(min_length=1)]
    """In this order, those that the installed onnxruntime offers."""
    threads: Annotated[int, Field(ge=1, le=64)]
    """Of one network's run."""
    eight_bits: bool = False
    """Whether the person network runs in eight-bit integers, where the processor is made for them: measured, or no."""
    picture: tuple[Annotated[int, Field(ge=16)], Annotated[int, Field(ge=16)]]
    """Width and height that area cameras are best set to."""
    area_cameras_max: BoardFigure
    """How many area cameras at ten pictures a second, somebody moving before each."""
    figures: tuple[BoardFigure, ...] = ()

    @model_validator(mode="after")
    def _once(self) -> "Board":
        if len(set(self.providers)) < len(self.providers):
            raise ValueError(f"providers names one twice: {', '.join(self.providers)}")
        return self
