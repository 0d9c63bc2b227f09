"""What training is, whichever network learns: AdamW along half a cosine, and a running average of the weights."""

import argparse
import copy
import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

BATCH = 8
WARM_UP = 100
AVERAGED = 0.997
SAVE_EVERY, SAY_EVERY = 100, 50

Losses = Callable[[], tuple[Tensor, Mapping[str, Tensor]]]
"""Of the next batch: what is to become less, and the parts of it that are told."""


def asked(doc: str | None, *, rate: float, seed: int) -> argparse.Namespace:
    """What the command line asks for, with the given defaults; the folder for weights is there, and chance begins."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folders", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=12000)
    parser.add_argument("--minutes", type=float, default=math.inf, help="end after so long, if before all steps")
    parser.add_argument("--rate", type=float, default=rate)
    parser.add_argument("--seed", type=int, default=seed)
    parser.add_argument("--from", dest="start", type=Path)
    found = parser.parse_args()
    found.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(found.seed)
    torch.set_num_threads(1)
    return found


def train(net: nn.Module, losses: Losses, out: Path, *, steps: int, minutes: float, rate: float) -> None:
    """Train `net`; every `SAVE_EVERY` steps its running average goes to last.pt in `out`."""
    decayed = [value for value in net.parameters() if value.ndim > 1]
    others = [value for value in net.parameters() if value.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": 0.03}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=rate)
    average = copy.deepcopy(net)
    sums, began = dict[str, float](), time.monotonic()
    for step in range(1, steps + 1):
        gone = max(step / steps, (time.monotonic() - began) / (60.0 * minutes))
        for group in optimizer.param_groups:
            group["lr"] = rate * min(step / WARM_UP, 0.5 + 0.5 * math.cos(math.pi * min(gone, 1.0)) + 0.01)
        net.train()
        total, parts = losses()
        optimizer.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimizer.step()
        for name, part in parts.items():
            sums[name] = sums.get(name, 0.0) + float(part.detach()) / SAY_EVERY
        _follow(average, net, min(AVERAGED, (1.0 + step) / (10.0 + step)))
        if step % SAY_EVERY == 0:
            told = " ".join(f"{name} {mean:.3f}" for name, mean in sums.items())
            print(f"{step} {told} {time.monotonic() - began:.0f} s", flush=True)  # noqa: T201 - a script that takes an hour
            sums.clear()
        if step % SAVE_EVERY == 0 or gone >= 1.0:
            torch.save(average.state_dict(), out / "last.pt")
        if gone >= 1.0:
            return


@torch.no_grad()  # type: ignore[untyped-decorator]  # torch is not installed where types are checked
def _follow(average: nn.Module, net: nn.Module, share: float) -> None:
    """The running average of the weights, which is worth more than any one of them."""
    for kept, value in zip(average.state_dict().values(), net.state_dict().values(), strict=True):
        if kept.dtype.is_floating_point:
            kept.lerp_(value, 1.0 - share)
        else:
            kept.copy_(value)
