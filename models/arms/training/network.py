"""The arms network's shape: the shelf network's trunk (models/shelf/training/network.py) with other heads.

For each cell of 8 pixels it says how likely a hand, and a head, has its middle there and how likely it shows somebody
at all; and, of whomever it shows, in which direction and how far away their head is, and where they stand.
"""

import torch
from torch import Tensor, nn

from models.arms.training.pictures import HEATS, WAYS
from models.shelf.training.network import PRIOR, Step, Trunk

WAY_PX = 64.0
"""What a way of 1 is."""


class ArmsNet(Trunk):
    """Pictures as a trunk takes them → (heat, way).

    Heat (n, 3, h/8, w/8) as logits of hand, head and body; way (n, 4, h/8, w/8): right and down to the head of whomever
    the cell shows, then to where they stand, in `WAY_PX` from the cell's middle.
    """

    def __init__(self) -> None:
        super().__init__()
        self.heat = nn.Sequential(Step(48, 48), nn.Conv2d(48, len(HEATS), 1))
        self.way = nn.Sequential(Step(48, 64), nn.Conv2d(64, 2 * len(WAYS), 1))
        nn.init.constant_(self.heat[1].bias, float(torch.logit(torch.tensor(PRIOR))))

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """See the class."""
        fine = self.fine(pictures)
        return self.heat(fine), self.way(fine)
