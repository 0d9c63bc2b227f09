"""Runs EfficientNet-lite0 by torch: python torch_efficientnet.py CHECKPOINT.pth INPUT.npy OUTPUT.npz.

Stands alone, for an environment with torch and efficientnet-lite-pytorch; README.md in this folder says how.
"""

import importlib
import sys

import numpy as np


def main(checkpoint: str, image: str, target: str) -> None:
    """Store `features` (1, 1280) and `logits` (1, 1000) of the image."""
    # By name, since neither is among the packages that Tillfree installs and checks its types against.
    torch = importlib.import_module("torch")
    efficientnet = importlib.import_module("efficientnet_lite_pytorch")
    network = efficientnet.EfficientNet.from_name("efficientnet-lite0")
    network.load_state_dict(torch.load(checkpoint, weights_only=True))
    network.eval()
    with torch.no_grad():
        x = torch.from_numpy(np.load(image))
        features = network.extract_features(x).mean(dim=(2, 3))
        np.savez(target, features=features.numpy(), logits=network(x).numpy())


if __name__ == "__main__":
    main(*sys.argv[1:])
