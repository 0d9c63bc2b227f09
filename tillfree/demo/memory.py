"""How much memory processes take, as Linux counts it; elsewhere nothing is known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

KB_PER_MB = 1024.0


@dataclass(slots=True)
class Memory:
    """The most that each process and all of them together were seen to take. Pages that several share count once."""

    each_mb: dict[str, float] = field(default_factory=dict)
    """By name: the high-water mark of what is resident."""
    together_mb: float = 0.0
    """The largest sum of proportional shares (PSS) of any `sample`."""

    def sample(self, pids: Mapping[str, int | None]) -> None:
        """Look at the processes as they are now; those that are gone or unknown are left out."""
        total_kb = 0.0
        for name, pid in pids.items():
            if not pid:
                continue
            high_kb = _read_kb(Path(f"/proc/{pid}/status"), "VmHWM:")
            self.each_mb[name] = max(self.each_mb.get(name, 0.0), high_kb / KB_PER_MB)
            total_kb += _read_kb(Path(f"/proc/{pid}/smaps_rollup"), "Pss:")
        self.together_mb = max(self.together_mb, total_kb / KB_PER_MB)

    def to_json(self) -> dict[str, Any] | None:
        """As the demo reports it; None where nothing is known."""
        if not self.together_mb:
            return None
        return {
            "together": round(self.together_mb),
            "each": {name: round(value) for name, value in self.each_mb.items()},
        }


def _read_kb(path: Path, key: str) -> float:
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next((float(line.split()[1]) for line in lines if line.startswith(key)), 0.0)
