"""The command line: one file a command group, put together in `main`."""

from tillfree.cli.main import main

__all__ = ["main"]
