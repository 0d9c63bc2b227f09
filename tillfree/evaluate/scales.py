"""A store and its recordings without the scales: cameras alone."""

from pathlib import Path

from hardware.simulated.recording.store_file import write_store
from protocol.store import Store
from protocol.store_file import read_store
from tillfree.evaluate.kept import kept

ALONE = "cameras-alone"


def without_scales(recording: Path) -> Path:
    """The same recording in a store that has no scales, beside it: pictures and truth are links to its own."""

    def make(into: Path) -> None:
        into.mkdir()
        for part in recording.iterdir():
            if part.name not in ("store.yaml", "scales.csv"):
                (into / part.name).symlink_to(Path("..") / recording.name / part.name)
        write_store(bare(read_store(recording / "store.yaml")), into / "store.yaml")

    return kept(recording.with_name(f"{recording.name}-{ALONE}"), make)


def bare(store: Store) -> Store:
    """The store without its plates and scales."""
    gondolas = tuple(
        gondola.model_copy(
            update={
                "plates": (),
                "shelves": tuple(shelf.model_copy(update={"plates": ()}) for shelf in gondola.shelves),
            }
        )
        for gondola in store.gondolas
    )
    return store.model_copy(update={"gondolas": gondolas})
