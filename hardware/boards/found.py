"""Which board this is: by the device tree and the processor, or as it is told."""

import platform
from functools import cache
from pathlib import Path

from hardware.boards.board import Board
from hardware.errors import DeviceError
from protocol.document import FileError, parse, read_as, read_text

PROFILES = Path(__file__).parent / "profiles"
DEVICE_TREE = Path("/proc/device-tree/model")


@cache
def profiles() -> tuple[Board, ...]:
    """The profiles that come with Tillfree; those that a device tree tells come before those of any such processor."""
    boards = [read_board(path) for path in sorted(PROFILES.glob("*.yaml"))]
    return tuple(sorted(boards, key=lambda board: (board.recognised.device_tree is None, board.board)))


def read_board(path: Path) -> Board:
    """The profile at `path`. DeviceError says file, line and key of what is wrong."""
    try:
        return read_as(Board, parse(read_text(path), str(path)))
    except FileError as error:
        raise DeviceError(str(error)) from None


def board_named(name: str) -> Board:
    """The profile called `name`, or the one in the file of that name. DeviceError lists those that there are."""
    for board in profiles():
        if board.board == name:
            return board
    if name.endswith((".yaml", ".yml")):
        return read_board(Path(name))
    known = ", ".join(board.board for board in profiles())
    raise DeviceError(f"there is no board profile {name!r}; there are: {known}, or name a .yaml file of your own")


def board_here() -> Board | None:
    """The profile of this machine; None where no profile fits."""
    return recognised(platform.machine(), _device_tree(DEVICE_TREE))


def recognised(machine: str, device_tree: str) -> Board | None:
    """The profile of a machine whose processor and device tree's model are these."""
    for board in profiles():
        marks = board.recognised
        if machine in marks.machine and (marks.device_tree is None or marks.device_tree in device_tree):
            return board
    return None


def _device_tree(path: Path) -> str:
    try:
        return path.read_bytes().rstrip(b"\0").decode("utf-8", "replace")
    except OSError:
        return ""  # most computers have none
