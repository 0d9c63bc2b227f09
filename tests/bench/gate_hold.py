"""How long a shopper waits at a lane that opens when the money is held: with a real broker and a real cloud process.

    python tests/bench/gate_hold.py --entries 50

From the token's scan to the lane's opening: the entry on the edge's disk, MQTT to the cloud, its inbox, the hold in the
wallet, the command back. Prints milliseconds; run it on a quiet machine, and say the load where it was not.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.integration.cloud.corner_street import Broker, CloudProcess
from tests.integration.cloud.test_a_store_and_its_cloud import Storefront, shop
from tests.unit.cloud.corner_shop import TOKEN

WITHIN_S = 20.0


def waited_ms(front: Storefront) -> float | None:
    """One entry and its exit; None where the lane stayed shut."""
    opened, begun_s = len(front.lanes.opened), time.monotonic()
    front.enter(TOKEN)
    while len(front.lanes.opened) == opened:
        if time.monotonic() - begun_s > WITHIN_S:
            return None
        front.goes_on()
        time.sleep(0.002)
    took_s = time.monotonic() - begun_s
    front.exit(TOKEN)
    return 1000.0 * took_s


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=50)
    entries = parser.parse_args().entries
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        broker = Broker(folder)
        broker.start()
        cloud = CloudProcess(folder, broker.url)
        cloud.start()
        cloud.furnish(10_000_000)
        front = Storefront(shop(), folder / "edge", broker.url)
        try:
            front.up()
            while not front.delivery.health().connected:
                time.sleep(0.05)
            waits = [waited_ms(front) for _ in range(entries)]
        finally:
            front.close()
            cloud.kill()
            cloud.http.close()
            broker.kill()
    opened = sorted(wait for wait in waits if wait is not None)
    late_ms, most_ms = opened[int(0.95 * (len(opened) - 1))], opened[-1]
    print(  # noqa: T201 - a bench
        f"{len(opened)} of {entries} opened: median {statistics.median(opened):.0f} ms, 95 % {late_ms:.0f} ms, "
        f"most {most_ms:.0f} ms; load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    main()
