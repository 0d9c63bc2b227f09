"""Trains the shelf network, on one CPU thread if need be.

    python -m models.shelf.training.train --folders DIR --out RUN [--steps 12000 | --minutes 60] [--from last.pt]

DIR holds the folders that draw.py and real.py make: simulated, cabinet, people, shelves. Needs torch 2.13 or newer, in
an environment of its own: it is no dependency of Tillfree.
"""

import argparse
import copy
import math
import time
from pathlib import Path

import numpy as np
import torch

from models.shelf.training.network import ShelfNet
from models.shelf.training.pictures import Mixer, Picture, Source, read
from models.shelf.training.targets import Truth, loss_of, truth_of

BATCH = 8
RATE = 1e-3
WARM_UP = 100
BOX_SHARE = 1.0
AVERAGED = 0.997
SAVE_EVERY, SAY_EVERY = 100, 50
SEED = 20


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
    net = ShelfNet().to(memory_format=torch.channels_last)
    if asked.start:
        net.load_state_dict(torch.load(asked.start))
    train(
        net,
        Mixer(sources(asked.folders), asked.seed),
        asked.out,
        steps=asked.steps,
        minutes=asked.minutes,
        rate=asked.rate,
    )


def sources(folder: Path) -> list[Source]:
    """What there is to train on, and how much of each."""
    return [
        Source(read(folder / "simulated"), 0.4, (0.9, 3.0), turns=0.06, near_hand=0.8, pasted=0.08),
        Source(read(folder / "cabinet"), 0.4, (0.5, 1.6), turns=0.12, near_hand=0.3, pasted=0.1),
        Source(read(folder / "people"), 0.07, (0.7, 3.0), turns=0.02, near_hand=0.6, pasted=0.0),
        Source(read(folder / "shelves"), 0.13, (0.7, 2.0), turns=0.1, near_hand=0.0, pasted=0.65),
    ]


def train(net: ShelfNet, mixer: Mixer, out: Path, *, steps: int, minutes: float, rate: float) -> None:
    """Train `net`; every `SAVE_EVERY` steps its running average goes to last.pt in `out`."""
    decayed = [value for value in net.parameters() if value.ndim > 1]
    others = [value for value in net.parameters() if value.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": 0.03}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=rate)
    average = copy.deepcopy(net)
    sums, began = np.zeros(2), time.monotonic()
    for step in range(1, steps + 1):
        gone = max(step / steps, (time.monotonic() - began) / (60.0 * minutes))
        for group in optimizer.param_groups:
            group["lr"] = rate * min(step / WARM_UP, 0.5 + 0.5 * math.cos(math.pi * min(gone, 1.0)) + 0.01)
        heat_loss, box_loss = _step(net, mixer, optimizer)
        sums += (heat_loss, box_loss)
        _follow(average, net, min(AVERAGED, (1.0 + step) / (10.0 + step)))
        if step % SAY_EVERY == 0:
            took_s = time.monotonic() - began
            print(f"{step} heat {sums[0] / SAY_EVERY:.3f} box {sums[1] / SAY_EVERY:.3f} {took_s:.0f} s", flush=True)  # noqa: T201 - a script that takes an hour
            sums[:] = 0.0
        if step % SAVE_EVERY == 0 or gone >= 1.0:
            torch.save(average.state_dict(), out / "last.pt")
        if gone >= 1.0:
            return


def _step(net: ShelfNet, mixer: Mixer, optimizer: torch.optim.Optimizer) -> tuple[float, float]:
    size, pictures = mixer.batch(BATCH)
    truths = [truth_of(one.boxes, one.kinds, one.scored, one.knows, size) for one in pictures]
    net.train()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        heat, reach = net(_stacked(pictures))
    heat_loss, box_loss = loss_of(heat, reach, _truths(truths))
    optimizer.zero_grad(set_to_none=True)
    (heat_loss + BOX_SHARE * box_loss).backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
    optimizer.step()
    return float(heat_loss.detach()), float(box_loss.detach())


def _stacked(pictures: list[Picture]) -> torch.Tensor:
    tensor = torch.from_numpy(np.stack([picture.image for picture in pictures])).permute(0, 3, 1, 2)
    return tensor.to(torch.float32, memory_format=torch.channels_last)


def _truths(truths: list[Truth]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    heat, blamed, box, weight = (
        torch.from_numpy(np.stack([getattr(truth, name) for truth in truths]))
        for name in ("heat", "blamed", "box", "weight")
    )
    return heat, blamed, box, weight


@torch.no_grad()  # type: ignore[untyped-decorator]  # torch is not installed where types are checked
def _follow(average: ShelfNet, net: ShelfNet, share: float) -> None:
    """The running average of the weights, which is worth more than any one of them."""
    for kept, value in zip(average.state_dict().values(), net.state_dict().values(), strict=True):
        if kept.dtype.is_floating_point:
            kept.lerp_(value, 1.0 - share)
        else:
            kept.copy_(value)


if __name__ == "__main__":
    main()
