"""Films are made once; without scales nothing of them is left, and nothing is drawn again."""

from pathlib import Path

import pytest

from hardware.simulated.recording.setup import Filming
from hardware.simulated.recording.signals import record_signals
from hardware.simulated.scene.file import open_scene
from hardware.simulated.scene.scene import Scene
from hardware.simulated.world.world import World
from protocol.recording import read_recording, read_truth
from tillfree.errors import EvaluationError
from tillfree.evaluate import films
from tillfree.evaluate.films import film_of
from tillfree.evaluate.kept import kept
from tillfree.evaluate.scales import without_scales


def test_a_film_is_made_once_and_another_scene_of_the_same_name_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Path] = []

    def draw(scene: Scene, into: Path, filming: Filming, progress: object) -> None:
        drawn.append(into)
        into.mkdir()
        (into / "recording.yaml").write_text(f"{scene.seed}")

    monkeypatch.setattr(films, "record_pictures", draw)
    scene, other = open_scene("both-hands", 1), open_scene("both-hands", 2)
    first = film_of(scene, "both", Filming(), tmp_path)
    assert (film_of(scene, "both", Filming(), tmp_path), len(drawn)) == (first, 1)
    second = film_of(other, "both", Filming(), tmp_path)
    assert (second / "recording.yaml").read_text() == "2"
    assert (first / "recording.yaml").read_text() == "1"
    assert film_of(scene, "both", Filming(sensor="worn"), tmp_path) not in (first, second)


def test_what_breaks_while_it_is_made_leaves_nothing(tmp_path: Path) -> None:
    def broken(into: Path) -> None:
        into.mkdir()
        (into / "half").touch()
        raise OSError(28, "No space left on device")

    with pytest.raises(EvaluationError, match="No space left"):
        kept(tmp_path / "film", broken)
    assert list(tmp_path.iterdir()) == []


def test_without_scales_the_store_has_none_and_the_truth_is_the_same(tmp_path: Path) -> None:
    recording = tmp_path / "both"
    record_signals(World(open_scene("both-hands", 0)), recording, lambda _done, _total: None)
    alone = without_scales(recording)
    assert without_scales(recording) == alone
    assert not (alone / "scales.csv").exists()
    assert not read_recording(alone).store.plates()
    assert read_recording(recording).store.plates()
    assert read_truth(alone) == read_truth(recording)
