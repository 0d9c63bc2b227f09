"""The root of every error that Tillfree raises on purpose."""


class TillfreeError(Exception):
    """Something a person can act on: the message says what was wrong, where, and what to do.

    Each package derives its own small hierarchy from this one; the command line prints the message of any
    of them without a traceback and exits with status 1.
    """
