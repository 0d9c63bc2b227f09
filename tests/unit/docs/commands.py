"""Commands as pages and deployed files write them, held against the command line as it is."""

from collections.abc import Sequence

from typer.testing import CliRunner

from tillfree.cli.main import app


def complaint(arguments: Sequence[str]) -> str | None:
    """What `tillfree` says against `arguments`, without doing what they ask; None where it knows them all."""
    # Every argument is parsed before help is shown, so that an unknown one is told.
    result = CliRunner().invoke(app, [*arguments, "--help"])
    return None if result.exit_code == 0 else result.output
