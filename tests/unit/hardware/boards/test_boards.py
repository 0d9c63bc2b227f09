"""Which board this is, and that the profiles that come with Tillfree hold together."""

from pathlib import Path

import pytest

from hardware.boards.found import PROFILES, board_named, profiles, recognised
from hardware.boards.processor import integer_dot_products
from hardware.errors import DeviceError


@pytest.mark.parametrize(
    ("machine", "device_tree", "board"),
    [
        ("aarch64", "Raspberry Pi 4 Model B Rev 1.5", "raspberry-pi-4"),
        ("aarch64", "Raspberry Pi 5 Model B Rev 1.0", "raspberry-pi-5"),
        ("aarch64", "NVIDIA Jetson Orin Nano Developer Kit", "jetson-orin"),
        ("x86_64", "", "x86"),
        ("aarch64", "Somebody's board", None),
        ("riscv64", "", None),
    ],
)
def test_boards_are_recognised(machine: str, device_tree: str, board: str | None) -> None:
    found = recognised(machine, device_tree)
    assert (None if found is None else found.board) == board


def test_every_profile_ends_at_the_processor_and_says_how_it_knows() -> None:
    for board in profiles():
        assert board.providers[-1] == "CPU"
        for figure in (board.area_cameras_max, *board.figures):
            assert ("not tried" in figure.how) != figure.measured, f"{board.board}: {figure.what}"


def test_a_profile_of_ones_own_is_read_and_a_wrong_one_refused_with_its_line(tmp_path: Path) -> None:
    text = (PROFILES / "x86.yaml").read_text()
    own = tmp_path / "own.yaml"
    own.write_text(text.replace("board: x86", "board: till-9"))
    assert board_named(str(own)).board == "till-9"
    own.write_text(text.replace("CPU]", "Abacus]"))
    with pytest.raises(DeviceError, match=r"own\.yaml:6: providers"):
        board_named(str(own))
    with pytest.raises(DeviceError, match=r"none\.yaml: No such file"):
        board_named(str(tmp_path / "none.yaml"))


@pytest.mark.parametrize(
    ("text", "able"),
    [
        ("processor\t: 0\nflags\t\t: fpu sse2 avx2\n", False),
        ("processor\t: 0\nflags\t\t: fpu avx512f avx512_vnni amx_int8\n", True),
        ("processor\t: 0\nflags\t\t: avx2 avx_vnni\n", True),
        ("processor\t: 0\nFeatures\t: fp asimd asimddp\n", True),
        ("processor\t: 0\nFeatures\t: fp asimd\n", False),
        ("", False),
        ("\x00\xff nothing of the kind", False),
    ],
)
def test_the_processor_says_whether_it_multiplies_integers_by_fours(tmp_path: Path, text: str, able: bool) -> None:
    (tmp_path / "cpuinfo").write_text(text, encoding="utf-8")
    assert integer_dot_products(tmp_path / "cpuinfo") is able


def test_a_system_that_does_not_tell_of_its_processor_has_no_dot_products(tmp_path: Path) -> None:
    assert not integer_dot_products(tmp_path / "nothing")
