"""Writes the trained arms network as ONNX, its weights as float16, as models/shelf/training/export.py does.

    python -m models.arms.training.export --from RUN/last.pt --out models/arms/arms.onnx

Then put the file's bytes and SHA-256 into models/lock.yaml.
"""

import argparse
import hashlib
from pathlib import Path

import torch

from models.arms.training.network import ArmsNet
from models.arms.training.pictures import HEATS, WAYS
from models.shelf.training.export import Graph


def main() -> None:
    """Export as the command line asks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="start", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    net = ArmsNet()
    net.load_state_dict(torch.load(asked.start))
    model = exported(net.eval())
    asked.out.write_bytes(model)
    print(f"{asked.out}: {len(model)} bytes, sha256 {hashlib.sha256(model).hexdigest()}")  # noqa: T201 - a script


def exported(net: ArmsNet) -> bytes:
    """The network as ONNX: `image` (1, 3, H, W) → `heat` (1, 3, h, w) in 0–1 and `way` (1, 4, h, w)."""
    graph = Graph()
    with torch.no_grad():
        fine = graph.trunk(net)
        logits = graph.convolve(net.heat[1], graph.step(net.heat[0], fine))
        graph.add("Sigmoid", [logits], "heat")
        graph.convolve(net.way[1], graph.step(net.way[0], fine), "way")
    return graph.model("arms", {"heat": len(HEATS), "way": 2 * len(WAYS)})


if __name__ == "__main__":
    main()
