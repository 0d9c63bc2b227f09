"""Trains the arms network, on one CPU thread if need be.

    python -m models.arms.training.train --folders DIR --out RUN [--steps 12000 | --minutes 60] [--from last.pt]

DIR holds the folders that draw.py and real.py make: simulated, and people, cabinet, shelves where they are there. Needs
torch 2.13 or newer, in an environment of its own: it is no dependency of Tillfree. `--from` also takes the shelf
network's weights, whose trunk is the same, and the shipped arms.onnx.
"""

from pathlib import Path

import numpy as np
import torch

from models.arms.training.network import ArmsNet
from models.arms.training.pictures import Mixer, Picture, Source, read
from models.arms.training.shipped import begin
from models.arms.training.targets import Truth, loss_of, truth_of
from models.shelf.training.loop import BATCH, asked, train

BODY_SHARE, WAY_SHARE = 0.5, 1.0
BEGIN_BATCH = 32
"""Pictures that tell what the shipped weights make of pictures."""
SHARES = {"simulated": 0.7, "people": 0.06, "cabinet": 0.1, "shelves": 0.14}
PASTED = {"shelves": 0.75}
"""How often simulated people are pasted in."""


def main() -> None:
    """Train as the command line asks."""
    said = asked(__doc__, rate=1.5e-3, seed=21)
    net = ArmsNet().to(memory_format=torch.channels_last)
    mixer = Mixer(sources(said.folders), said.seed)
    if said.start and said.start.suffix == ".onnx":
        begin(net, said.start, _images(mixer.batch(BEGIN_BATCH)))
    elif said.start:
        own, known = net.state_dict(), torch.load(said.start)
        net.load_state_dict({name: known[name] if _fits(known.get(name), own[name]) else own[name] for name in own})
    train(net, lambda: _losses(net, mixer), said.out, steps=said.steps, minutes=said.minutes, rate=said.rate)


def _fits(known: torch.Tensor | None, wanted: torch.Tensor) -> bool:
    return known is not None and known.shape == wanted.shape


def sources(folder: Path) -> list[Source]:
    """What there is to train on, and how much of each."""
    return [
        Source(read(folder / name), share, (0.55, 1.7), PASTED.get(name, 0.0))
        for name, share in SHARES.items()
        if (folder / name / "labels.jsonl").exists()
    ]


def _losses(net: ArmsNet, mixer: Mixer) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    pictures = mixer.batch(BATCH)
    truths = [truth_of(one) for one in pictures]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        heat, way = net(_images(pictures))
    points, bodies, ways = loss_of(heat, way, _stacked(truths))
    parts = {"points": points, "bodies": bodies, "ways": ways}
    return points + BODY_SHARE * bodies + WAY_SHARE * ways, parts


def _images(pictures: list[Picture]) -> torch.Tensor:
    images = torch.from_numpy(np.stack([one.image for one in pictures])).permute(0, 3, 1, 2)
    return images.to(torch.float32, memory_format=torch.channels_last)


def _stacked(truths: list[Truth]) -> tuple[torch.Tensor, ...]:
    names = ("heat", "blamed", "way", "unit", "weight")
    return tuple(torch.from_numpy(np.stack([getattr(truth, name) for truth in truths])) for name in names)


if __name__ == "__main__":
    main()
