"""The garbage collector of a process that goes on for weeks.

What is loaded at the start, hundreds of thousands of objects of libraries, stays until the end. By default Python looks
through all of it again and again while batches come and go, which took a tenth of the time that settling takes. What is
there now is set aside for good, and the collector looks at what came since: after more of it, as a batch is thousands
of objects that are let go together.
"""

import gc

YOUNG_MAX, MIDDLE_MAX, OLD_MAX = 10_000, 20, 20
"""Objects made beyond those let go, and rounds of the younger ones, after which it looks at the next older ones."""


def leave_what_is_loaded() -> None:
    """Called once, when a process has everything that it works with."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_MAX, MIDDLE_MAX, OLD_MAX)
