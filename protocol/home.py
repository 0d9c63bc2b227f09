"""Where Tillfree keeps what it makes on this machine: networks, broker data, outboxes, demo stores."""

import os
from pathlib import Path

import platformdirs


def home() -> Path:
    """The folder TILLFREE_HOME, or the user's cache folder for Tillfree where it is not set (not created here)."""
    chosen = os.environ.get("TILLFREE_HOME")
    return Path(chosen).expanduser() if chosen else platformdirs.user_cache_path("tillfree", appauthor=False)
