"""A node that does nothing but append, in batches of three, and says each last number once it is on disk.

python appending_node.py OUTBOX
"""

import sys
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from edge.delivery.outbox import Outbox
from edge.events import NewEvent
from protocol.events import Faulted

if __name__ == "__main__":
    outbox = Outbox.open(Path(sys.argv[1]), store="corner", device="hub")
    for n in count(outbox.last_seq):
        ts = datetime(2026, 11, 22, tzinfo=UTC) + timedelta(milliseconds=n)
        event = NewEvent(ts, None, Faulted(part="camera", reason="dark" * 100))
        sys.stdout.write(f"{outbox.append([event] * 3)[-1].seq}\n")
        sys.stdout.flush()
