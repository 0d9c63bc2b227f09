"""How a bench tells its figures."""


def say(words: str) -> None:
    """Tell whoever waits."""
    print(words, flush=True)  # noqa: T201 - a bench prints its figures
