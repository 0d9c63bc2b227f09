"""What the pages in docs/ hold: examples by file name, and the tables that tell keys."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"

_EXAMPLE = re.compile(r"`([\w./]+)`:\n\n```\w+\n(.*?)```", re.DOTALL)
_TABLE = re.compile(r"^\| key \|.*\n\|[-|]+\n((?:\|.*\n)+)", re.MULTILINE)
_KEY = re.compile(r"`([a-z_]+)`")


def page(name: str) -> str:
    """The text of docs/`name`."""
    return (DOCS / name).read_text(encoding="utf-8")


def examples(name: str) -> dict[str, str]:
    """The examples of docs/`name`, each under the file name that introduces it."""
    return dict(_EXAMPLE.findall(page(name)))


def key_tables(name: str) -> list[list[str]]:
    """The keys of each table of docs/`name`, in order: the first column's words in backquotes."""
    return [
        [key for row in rows.splitlines() for key in _KEY.findall(row.split("|")[1])]
        for rows in _TABLE.findall(page(name))
    ]
