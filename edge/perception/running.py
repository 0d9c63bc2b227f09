"""How networks are run on this machine: on which execution providers, in which order, with how many threads.

The last to say something wins: the board's profile (hardware/boards/), the environment. Without a profile, `ORDER`.

    TILLFREE_BOARD      a profile's name, or a .yaml file
    TILLFREE_PROVIDERS  CUDA,CPU: these, in this order
    TILLFREE_THREADS    threads of one network's run
    TILLFREE_PRECISION  float, int8, or best: of the person network; best (by default) is int8 where that was measured
    TILLFREE_GATING     off: persons are looked for in every picture, changed or not
    TILLFREE_WRISTS     on: wrists of people near shelves are looked for, too
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args

from edge.errors import PerceptionError
from hardware.boards.board import Board, Provider
from hardware.boards.found import board_here, board_named
from hardware.errors import DeviceError

ORDER: tuple[Provider, ...] = ("TensorRT", "CUDA", "OpenVINO", "CoreML", "XNNPACK", "CPU")
"""What is made for this very graph and chip first; what runs everywhere last."""

ORT_NAMES: Mapping[Provider, str] = {
    "TensorRT": "TensorrtExecutionProvider",
    "CUDA": "CUDAExecutionProvider",
    "OpenVINO": "OpenVINOExecutionProvider",
    "CoreML": "CoreMLExecutionProvider",
    "XNNPACK": "XnnpackExecutionProvider",
    "CPU": "CPUExecutionProvider",
}
THREADS_MAX = 64
Precision = Literal["float", "int8", "best"]
"""Of the person network (precision.py)."""


@dataclass(frozen=True, slots=True)
class Running:
    """`providers` are tried in their order. `asked`: somebody named them, so that one that lacks is worth a word."""

    providers: tuple[Provider, ...] = ("CPU",)
    threads: int = 1
    asked: bool = False
    board: str | None = None
    precision: Precision = "float"
    gated: bool = True
    wrists: bool = False
    """Off unless asked for: from area cameras they are 20 cm off in the middle and decide nothing (docs/models.md)."""

    def offered(self, by_runtime: tuple[str, ...]) -> tuple[Provider, ...]:
        """Those of `providers` that the onnxruntime that is installed offers (it says their long names)."""
        return tuple(provider for provider in self.providers if ORT_NAMES[provider] in by_runtime)


def running_here(environment: Mapping[str, str] | None = None) -> Running:
    """How networks run on this machine. PerceptionError where the environment asks for what cannot be."""
    said = os.environ if environment is None else environment
    board = _board(said.get("TILLFREE_BOARD", ""))
    named = said.get("TILLFREE_PROVIDERS", "")
    return Running(
        providers=_providers(named) if named else ORDER if board is None else board.providers,
        threads=_threads(said.get("TILLFREE_THREADS", ""), 1 if board is None else board.threads),
        asked=bool(named),
        board=None if board is None else board.board,
        precision=_precision(said.get("TILLFREE_PRECISION", "best"), board),
        gated=_is_on("TILLFREE_GATING", said.get("TILLFREE_GATING", "on")),
        wrists=_is_on("TILLFREE_WRISTS", said.get("TILLFREE_WRISTS", "off")),
    )


def _board(named: str) -> Board | None:
    try:
        return board_named(named) if named else board_here()
    except DeviceError as error:
        raise PerceptionError(f"TILLFREE_BOARD={named}: {error}") from None


def _providers(text: str) -> tuple[Provider, ...]:
    known = {provider.lower(): provider for provider in get_args(Provider)}
    names = [name.strip() for name in text.split(",")]
    unknown = [name for name in names if name.lower() not in known]
    if unknown:
        raise PerceptionError(
            f"TILLFREE_PROVIDERS={text}: {unknown[0]!r} is no execution provider; there are: {', '.join(ORDER)}"
        )
    return cast("tuple[Provider, ...]", tuple(dict.fromkeys(known[name.lower()] for name in names)))


def _threads(text: str, otherwise: int) -> int:
    if not text:
        return otherwise
    if not text.isdecimal() or not 1 <= int(text) <= THREADS_MAX:
        raise PerceptionError(f"TILLFREE_THREADS={text}: a whole number from 1 to {THREADS_MAX} is needed")
    return int(text)


def _precision(text: str, board: Board | None) -> Precision:
    if text not in get_args(Precision):
        raise PerceptionError(f"TILLFREE_PRECISION={text}: {', '.join(get_args(Precision))} is needed")
    return "float" if text == "best" and (board is None or not board.eight_bits) else cast("Precision", text)


def _is_on(name: str, text: str) -> bool:
    if text not in ("on", "off"):
        raise PerceptionError(f"{name}={text}: on or off is needed")
    return text == "on"
