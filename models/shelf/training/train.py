"""Trains the shelf network, on one CPU thread if need be.

    python -m models.shelf.training.train --folders DIR --out RUN [--steps 12000 | --minutes 60] [--from last.pt]

DIR holds the folders that draw.py and real.py make: simulated, cabinet, people, shelves. Needs torch 2.13 or newer, in
an environment of its own: it is no dependency of Tillfree.
"""

from pathlib import Path

import numpy as np
import torch

from models.shelf.training.loop import BATCH, asked, train
from models.shelf.training.network import ShelfNet
from models.shelf.training.pictures import Mixer, Picture, Source, read
from models.shelf.training.targets import Truth, loss_of, truth_of

BOX_SHARE = 1.0


def main() -> None:
    """Train as the command line asks."""
    said = asked(__doc__, rate=1e-3, seed=20)
    net = ShelfNet().to(memory_format=torch.channels_last)
    if said.start:
        net.load_state_dict(torch.load(said.start))
    mixer = Mixer(sources(said.folders), said.seed)
    train(net, lambda: _losses(net, mixer), said.out, steps=said.steps, minutes=said.minutes, rate=said.rate)


def sources(folder: Path) -> list[Source]:
    """What there is to train on, and how much of each."""
    return [
        Source(read(folder / "simulated"), 0.4, (0.9, 3.0), turns=0.06, near_hand=0.8, pasted=0.08),
        Source(read(folder / "cabinet"), 0.4, (0.5, 1.6), turns=0.12, near_hand=0.3, pasted=0.1),
        Source(read(folder / "people"), 0.07, (0.7, 3.0), turns=0.02, near_hand=0.6, pasted=0.0),
        Source(read(folder / "shelves"), 0.13, (0.7, 2.0), turns=0.1, near_hand=0.0, pasted=0.65),
    ]


def _losses(net: ShelfNet, mixer: Mixer) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    size, pictures = mixer.batch(BATCH)
    truths = [truth_of(one.boxes, one.kinds, one.scored, one.knows, size) for one in pictures]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        heat, reach = net(_stacked(pictures))
    heat_loss, box_loss = loss_of(heat, reach, _truths(truths))
    return heat_loss + BOX_SHARE * box_loss, {"heat": heat_loss, "box": box_loss}


def _stacked(pictures: list[Picture]) -> torch.Tensor:
    tensor = torch.from_numpy(np.stack([picture.image for picture in pictures])).permute(0, 3, 1, 2)
    return tensor.to(torch.float32, memory_format=torch.channels_last)


def _truths(truths: list[Truth]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    heat, blamed, box, weight = (
        torch.from_numpy(np.stack([getattr(truth, name) for truth in truths]))
        for name in ("heat", "blamed", "box", "weight")
    )
    return heat, blamed, box, weight


if __name__ == "__main__":
    main()
