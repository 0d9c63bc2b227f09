"""Folders that are made once and kept: whole, or not there."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from tillfree.errors import EvaluationError


def kept(out: Path, make: Callable[[Path], None]) -> Path:
    """`out`, made elsewhere first: what is there is whole, whoever is killed while making it, or makes it too."""
    if out.exists():
        return out
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise EvaluationError(f"{out.parent}: cannot keep anything there: {error.strerror}") from None
    try:
        make(scratch / out.name)
        (scratch / out.name).rename(out)
    except OSError as error:
        if not out.exists():
            raise EvaluationError(f"{out}: cannot be kept: {error.strerror}") from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return out
