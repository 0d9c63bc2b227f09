"""What is known at a moment, for whoever looks."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Now:
    """The store at `t_s`: where people stand (x and y in metres, and their visit), and the stock belief by slot."""

    t_s: float
    people: tuple[tuple[float, float, str | None], ...]
    stock: dict[str, dict[str, int]]

    def to_json(self) -> dict[str, Any]:
        """As the window's clients read it."""
        people = [{"x": round(x, 2), "y": round(y, 2), "visit": visit} for x, y, visit in self.people]
        return {"t_s": round(self.t_s, 2), "people": people, "stock": self.stock}
