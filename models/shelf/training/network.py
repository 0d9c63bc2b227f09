"""The shelf network's shape: plain 3 × 3 convolutions, which a CPU likes best, and a head at one cell in 8 pixels.

A backbone down to cells of 32 pixels sees a whole arm at once; its maps are enlarged and added back to those of 16 and
8, so that a cell of 8 pixels knows what it belongs to. For each cell and kind (hand, product) the head says how likely
a thing has its middle there, and how far its box reaches to the left, top, right and bottom: an anchor-free centre
head (Zhou et al., Objects as Points, 2019; boxes as Liu et al., TTFNet, AAAI 2020).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

KINDS = 2
CELL_PX = 8
REACH_PX = 32.0
"""A distance of e⁰: the head's last layer says logarithms of distances in it."""
PRIOR = 0.01
"""What the head says of every cell before it has learnt: most show nothing's middle (Lin et al., ICCV 2017)."""


class Step(nn.Sequential):  # type: ignore[misc]  # torch is not installed where types are checked
    """A 3 × 3 convolution, batch norm, ReLU."""

    def __init__(self, into: int, out: int, stride: int = 1) -> None:
        super().__init__(nn.Conv2d(into, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU(inplace=True))


class Residual(nn.Module):  # type: ignore[misc]  # see above
    """Two steps beside a shortcut."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first, self.second = Step(channels, channels), Step(channels, channels)

    def forward(self, maps: Tensor) -> Tensor:
        """Maps of the same shape."""
        return maps + self.second(self.first(maps))


class Trunk(nn.Module):  # type: ignore[misc]  # see above
    """Pictures (n, 3, h, w), h and w multiples of 32, blue-green-red in 0–255 → maps (n, 48, h/8, w/8)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(Step(3, 16, 2), Step(16, 32, 2))
        self.at_8 = nn.Sequential(Step(32, 48, 2), Step(48, 48))
        self.at_16 = nn.Sequential(Step(48, 80, 2), Residual(80))
        self.at_32 = nn.Sequential(Step(80, 128, 2), Residual(128))
        self.from_32, self.from_16, self.from_8 = nn.Conv2d(128, 48, 1), nn.Conv2d(80, 48, 1), nn.Conv2d(48, 48, 1)
        self.joined_16, self.joined_8 = Step(48, 48), Step(48, 48)

    def fine(self, pictures: Tensor) -> Tensor:
        """See the class."""
        eighth = self.at_8(self.stem((pictures - 114.0) / 64.0))
        sixteenth = self.at_16(eighth)
        top = self.from_32(self.at_32(sixteenth))
        middle = self.joined_16(self.from_16(sixteenth) + _twice(top))
        return self.joined_8(self.from_8(eighth) + _twice(middle))


class ShelfNet(Trunk):
    """Pictures as a trunk takes them → (heat, reach).

    Heat (n, 2, h/8, w/8) as logits of hand and product; reach (n, 8, h/8, w/8), logarithms: left, top, right, bottom
    of a hand, then of a product.
    """

    def __init__(self) -> None:
        super().__init__()
        self.heat = nn.Sequential(Step(48, 48), nn.Conv2d(48, KINDS, 1))
        self.reach = nn.Sequential(Step(48, 48), nn.Conv2d(48, 4 * KINDS, 1))
        nn.init.constant_(self.heat[1].bias, float(torch.logit(torch.tensor(PRIOR))))

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """See the class."""
        fine = self.fine(pictures)
        return self.heat(fine), self.reach(fine)


def _twice(maps: Tensor) -> Tensor:
    return functional.interpolate(maps, scale_factor=2.0, mode="nearest")
