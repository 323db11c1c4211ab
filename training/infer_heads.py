"""Raw outputs of trace heads on cached features, for heads that are not exported (leave-one-recipe-out).

Writes ``<out>/ID.npz`` for every cached clip of the folder. Outputs of the verdict are not among them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from tracenet.model import CoverageHead, TraceHead
from tune_decoding import heads_of_clip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--coverage", type=Path, required=True)
    parser.add_argument("--features", type=Path, required=True, help="folder of cached clips")
    parser.add_argument("--out", type=Path, required=True, help="W/outputs/VERSION/without-CATEGORY")
    args = parser.parse_args()

    torch.set_num_threads(1)
    head = TraceHead.load(args.checkpoint)
    coverage = CoverageHead.load_all(args.coverage)
    args.out.mkdir(parents=True, exist_ok=True)
    for path in sorted(args.features.glob("*.npz")):
        np.savez(args.out / path.name, **heads_of_clip(head, coverage, path))


if __name__ == "__main__":
    main()
