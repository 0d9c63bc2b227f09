"""Where Tillfree keeps what it makes on this machine."""

import os
from pathlib import Path

import platformdirs


def data_home() -> Path:
    """Where what must not be lost is kept: books, outboxes. TILLFREE_HOME, or the user's data folder for Tillfree.

    Not the cache folder: people clear that, and with it they would clear the books.
    """
    chosen = os.environ.get("TILLFREE_HOME")
    return Path(chosen).expanduser() if chosen else platformdirs.user_data_path("tillfree", appauthor=False)


def home() -> Path:
    """Where what can be made again is kept: networks, demo stores. TILLFREE_HOME, or the user's cache folder.

    Neither folder is created here.
    """
    chosen = os.environ.get("TILLFREE_HOME")
    return Path(chosen).expanduser() if chosen else platformdirs.user_cache_path("tillfree", appauthor=False)
