"""Labels as MOTChallenge text: a line a box, `frame,id,x,y,w,h,conf,class,visibility`, frames counted from 1."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from hardware.simulated.recording.labels import Label, Labels
from protocol.store import Camera

PRODUCTS_EVERY_S = 1.0
"""Boxes of products are written so often: what stands stays."""
PERSON, LEFT_HAND, RIGHT_HAND, PRODUCT = 1, 2, 3, 4
"""Classes. MOTChallenge's 1 is a pedestrian; the others are ours."""


class BoxFiles:
    """One camera's truth/boxes, truth/hands and, of a shelf camera, truth/products; use it as a context.

    `people` and `items` number everybody and everything, from 1, the same for all cameras. A hand's number is twice
    its person's, and one more for the right.
    """

    def __init__(self, folder: Path, camera: Camera, people: Mapping[str, int], items: Mapping[str, int]) -> None:
        self._people, self._items = people, items
        kinds = ("boxes", "hands", "products") if camera.role == "shelf" else ("boxes", "hands")
        for kind in kinds:
            (folder / "truth" / kind).mkdir(parents=True, exist_ok=True)
        self._files = {
            kind: (folder / "truth" / kind / f"{camera.id}.txt").open("w", encoding="utf-8") for kind in kinds
        }
        self._products_due_s = 0.0

    def wants_products(self, taken_s: float) -> bool:
        """Whether boxes of products are due in the picture of `taken_s`; call once a picture."""
        due = "products" in self._files and taken_s >= self._products_due_s - 1e-6
        if due:
            self._products_due_s = taken_s + PRODUCTS_EVERY_S
        return due

    def write(self, frame: int, labels: Labels) -> None:
        """The labels of the `frame`th picture in the video, from 1."""
        self._rows("boxes", frame, ((self._people[each.id], PERSON, each) for each in labels.persons))
        self._rows(
            "hands",
            frame,
            (
                (
                    2 * self._people[each.id] + (each.side == "right"),
                    RIGHT_HAND if each.side == "right" else LEFT_HAND,
                    each,
                )
                for each in labels.hands
            ),
        )
        if labels.products:
            self._rows("products", frame, ((self._items[each.id], PRODUCT, each) for each in labels.products))

    def _rows(self, kind: str, frame: int, rows: Iterable[tuple[int, int, Label]]) -> None:
        for number, what, label in sorted(rows, key=lambda row: row[0]):
            x, y, width, height = label.box
            self._files[kind].write(
                f"{frame},{number},{x:.1f},{y:.1f},{width:.1f},{height:.1f},"
                f"{int(label.scored)},{what},{label.visibility:.2f}\n"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files.values():
            file.close()
