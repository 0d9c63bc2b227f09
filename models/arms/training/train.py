"""Trains the arms network, on one CPU thread if need be.

    python -m models.arms.training.train --folders DIR --out RUN [--steps 12000 | --minutes 60] [--from last.pt]

DIR holds the folders that draw.py and real.py make: simulated, and people, cabinet, shelves where they are there. Needs
torch 2.13 or newer, in an environment of its own: it is no dependency of Tillfree. `--from` also takes the shelf
network's weights, whose trunk is the same.
"""

import argparse
import copy
import math
import time
from pathlib import Path

import numpy as np
import torch

from models.arms.training.network import ArmsNet
from models.arms.training.pictures import Mixer, Source, read
from models.arms.training.targets import Truth, loss_of, truth_of

BATCH = 8
RATE = 1.5e-3
WARM_UP = 100
BODY_SHARE, WAY_SHARE = 0.5, 1.0
AVERAGED = 0.997
SAVE_EVERY, SAY_EVERY = 100, 50
SEED = 21
SHARES = {"simulated": 0.7, "people": 0.06, "cabinet": 0.1, "shelves": 0.14}
PASTED = {"shelves": 0.75}
"""How often simulated people are pasted in."""


def main() -> None:
    """Train as the command line asks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folders", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=12000)
    parser.add_argument("--minutes", type=float, default=math.inf, help="end after so long, if before all steps")
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--from", dest="start", type=Path)
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(asked.seed)
    torch.set_num_threads(1)
    net = ArmsNet().to(memory_format=torch.channels_last)
    if asked.start:
        own, known = net.state_dict(), torch.load(asked.start)
        net.load_state_dict({name: known[name] if _fits(known.get(name), own[name]) else own[name] for name in own})
    mixer = Mixer(sources(asked.folders), asked.seed)
    train(net, mixer, asked.out, steps=asked.steps, minutes=asked.minutes, rate=asked.rate)


def _fits(known: torch.Tensor | None, wanted: torch.Tensor) -> bool:
    return known is not None and known.shape == wanted.shape


def sources(folder: Path) -> list[Source]:
    """What there is to train on, and how much of each."""
    return [
        Source(read(folder / name), share, (0.55, 1.7), PASTED.get(name, 0.0))
        for name, share in SHARES.items()
        if (folder / name / "labels.jsonl").exists()
    ]


def train(net: ArmsNet, mixer: Mixer, out: Path, *, steps: int, minutes: float, rate: float) -> None:
    """Train `net`; every `SAVE_EVERY` steps its running average goes to last.pt in `out`."""
    decayed = [value for value in net.parameters() if value.ndim > 1]
    others = [value for value in net.parameters() if value.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": 0.03}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=rate)
    average = copy.deepcopy(net)
    sums, began = np.zeros(3), time.monotonic()
    for step in range(1, steps + 1):
        gone = max(step / steps, (time.monotonic() - began) / (60.0 * minutes))
        for group in optimizer.param_groups:
            group["lr"] = rate * min(step / WARM_UP, 0.5 + 0.5 * math.cos(math.pi * min(gone, 1.0)) + 0.01)
        sums += _step(net, mixer, optimizer)
        _follow(average, net, min(AVERAGED, (1.0 + step) / (10.0 + step)))
        if step % SAY_EVERY == 0:
            point, body, way = (sums / SAY_EVERY).tolist()
            took_s = time.monotonic() - began
            print(f"{step} points {point:.3f} bodies {body:.3f} ways {way:.3f} {took_s:.0f} s", flush=True)  # noqa: T201 - a script that takes an hour
            sums[:] = 0.0
        if step % SAVE_EVERY == 0 or gone >= 1.0:
            torch.save(average.state_dict(), out / "last.pt")
        if gone >= 1.0:
            return


def _step(net: ArmsNet, mixer: Mixer, optimizer: torch.optim.Optimizer) -> tuple[float, float, float]:
    pictures = mixer.batch(BATCH)
    truths = [truth_of(one) for one in pictures]
    images = torch.from_numpy(np.stack([one.image for one in pictures])).permute(0, 3, 1, 2)
    net.train()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        heat, way = net(images.to(torch.float32, memory_format=torch.channels_last))
    points, bodies, ways = loss_of(heat, way, _stacked(truths))
    optimizer.zero_grad(set_to_none=True)
    (points + BODY_SHARE * bodies + WAY_SHARE * ways).backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
    optimizer.step()
    return float(points.detach()), float(bodies.detach()), float(ways.detach())


def _stacked(truths: list[Truth]) -> tuple[torch.Tensor, ...]:
    names = ("heat", "blamed", "way", "unit", "weight")
    return tuple(torch.from_numpy(np.stack([getattr(truth, name) for truth in truths])) for name in names)


@torch.no_grad()  # type: ignore[untyped-decorator]  # torch is not installed where types are checked
def _follow(average: ArmsNet, net: ArmsNet, share: float) -> None:
    """The running average of the weights, which is worth more than any one of them."""
    for kept, value in zip(average.state_dict().values(), net.state_dict().values(), strict=True):
        if kept.dtype.is_floating_point:
            kept.lerp_(value, 1.0 - share)
        else:
            kept.copy_(value)


if __name__ == "__main__":
    main()
