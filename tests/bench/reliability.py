"""Whether a probability means what it says: scenes with the signals of bad stores, held out from development.

    python tests/bench/reliability.py --scenes 100 --written 10     some 2,000 lines, held out
    python tests/bench/reliability.py --scenes 100 --written 10 --dev    the scenes that may be looked at
    python tests/bench/reliability.py --scenes 0 --written 30 --usual --lines 2000    the simulator's usual signals
    python tests/bench/reliability.py --scenes 0 --first 5 --written 5    bad stores' signals, seeds 5 to 9

With `--usual` plates and people are as elsewhere in the simulator, a third of close encounters exchanged; `--lines`
stops at so many.

Prints, of the lines in everybody's cart at the exit: how sure they were said to be, how many of those were right, how
many at least not too much (which is what a line is said with), the expected calibration error of both, and for each
threshold how many receipts would overcharge and how many visits would wait for a person. All of it is simulated.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from hardware.simulated.hardship import Hardship, drawn, readings_of
from hardware.simulated.sightings import SightNoise
from hardware.simulated.world.plates import Plates
from hardware.simulated.world.world import World
from tillfree.evaluate.bustles import Bustle, seeds_of
from tillfree.evaluate.calibration import expected_calibration_error, reliability
from tillfree.evaluate.lines import CheckedCart
from tillfree.evaluate.playing import PlayedScene, Seeing, play_readings
from tillfree.evaluate.receipts import item_f1
from tillfree.evaluate.scenarios import WrittenScene, scene_of, scenes_of

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "autocheckout_scenarios"
HELD_OUT = 50
"""Written scenes with this seed and later ones are held out."""
SWAPS = 0.333
LOW = 0.8
THRESHOLDS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995, 0.998, 0.999)
OVERCHARGED = 0.001
"""Share of receipts that may charge more than was carried out."""


def say(line: str = "") -> None:
    """A line at once: runs are long."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def tables(carts: Sequence[CheckedCart]) -> None:
    """Print what the lines of all carts come to."""
    known = [line for cart in carts for line in cart.lines if line.sku is not None]
    right = [(line.p, line.right) for line in known]
    enough = [(line.p, not line.overcharges) for line in known]
    say(f"\n{len(known)} lines of {len(carts)} visits")
    say("said          lines   stated    right   not too much")
    for each, least in zip(reliability(right), reliability(enough), strict=True):
        say(
            f"{each.low:.1f} … {each.high:.1f} {each.lines:9d} {each.stated:8.3f} {each.right:8.3f} {least.right:12.3f}"
        )
    for what, lines in (("right", right), ("not too much", enough)):
        error = expected_calibration_error(lines)
        say(f"expected calibration error, {what}: {error:.4f}" if error is not None else "nothing was said")
    say("\nthreshold   overcharged receipts    visits to review")
    lowest = None
    for threshold in THRESHOLDS:
        over = sum(cart.overcharged(threshold) for cart in carts) / len(carts)
        waits = sum(cart.reviewed(threshold) for cart in carts) / len(carts)
        say(f"{threshold:9.3f} {over:17.2%} {waits:22.1%}")
        if lowest is None and over <= OVERCHARGED:
            lowest = threshold
    say(f"the lowest threshold with at most {OVERCHARGED:.1%} of receipts overcharged: {lowest}")


def harsh(scene: WrittenScene, *, usual: bool) -> PlayedScene:
    """A written scene with the signals of a bad store, or with usual ones."""
    world = World(scene_of(scene.premises, scene.store, scene.script, scene.seed))
    if usual:
        hardship = Hardship(sight=SightNoise(swaps=SWAPS))
        return play_readings(world, scene.case, readings_of(world, hardship), scene.script.case.receipts)
    number = int.from_bytes(scene.case.encode()[-4:], "big")
    hardship = drawn(1000 * scene.seed + number % 997, Plates(world.timeline).names)
    return play_readings(world, scene.case, readings_of(world, hardship), scene.script.case.receipts)


def played_scenes(count: int, written: int, begin: int, *, held_out: bool, usual: bool) -> Iterator[PlayedScene]:
    """Every scene that is asked for: `count` random ones, and so many seeds of the written ones from `begin` on."""
    for seed in seeds_of(count, held_out=held_out):
        yield Bustle(seed, harsh=not usual).play()
    if written:
        scenes = scenes_of(DATA / "scenarios.json", DATA, begin + written, Seeing())
        # By seed, so that a run that stops at so many lines has played every scene alike.
        for scene in sorted(scenes, key=lambda scene: scene.seed):
            if scene.seed >= begin:
                yield harsh(scene, usual=usual)


def main() -> None:
    """Play the scenes and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=20, help="random scenes")
    parser.add_argument("--written", type=int, default=0, help="seeds of the 29 written scenes, from ../shared/data")
    parser.add_argument("--first", type=int, help=f"the first of these seeds; {HELD_OUT}, with --dev 0")
    parser.add_argument("--dev", action="store_true", help="the scenes that may be looked at")
    parser.add_argument("--usual", action="store_true", help="the simulator's usual signals")
    parser.add_argument("--lines", type=int, default=10**9, help="stop when there are so many")
    args = parser.parse_args()
    carts: list[CheckedCart] = []
    f1s: list[float] = []
    begin = args.first if args.first is not None else 0 if args.dev else HELD_OUT
    for played in played_scenes(args.scenes, args.written, begin, held_out=not args.dev, usual=args.usual):
        carts += [cart for cart in played.carts if cart.lines or cart.true]
        f1s.append(item_f1(played.receipts))
        if len(f1s) % 10 == 0:
            say(f"{len(f1s)} scenes, mean F1 {sum(f1s) / len(f1s):.3f}")
        if len(f1s) % 100 == 0:
            tables(carts)
        if sum(len(cart.lines) for cart in carts) >= args.lines:
            break
    tables(carts)
    below, perfect = sum(f1 < LOW for f1 in f1s), sum(f1 == 1.0 for f1 in f1s)
    say(f"\nmean F1 {sum(f1s) / len(f1s):.4f}, perfect {perfect} of {len(f1s)}, lowest {min(f1s):.2f}")
    say(f"{below} scenes below {LOW}")


if __name__ == "__main__":
    main()
