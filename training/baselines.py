"""Cache the statistics of the baselines: block-DCT features and single properties of every clip."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from tracenet.baselines import block_dct_features, properties
from tracenet.data import clip_path, decode_samples, load_clips


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    args = parser.parse_args()

    folder = args.work / "baselines"
    folder.mkdir(parents=True, exist_ok=True)
    rows, probes = {}, {}
    for clip in load_clips(args.data):
        path = clip_path(args.data, clip.id)
        samples = decode_samples(path)
        rows[clip.id] = block_dct_features(samples)
        if clip.split == "test":
            probes[clip.id] = properties(path, samples)
    np.savez(folder / "block_dct.npz", **rows)
    (folder / "probes.json").write_text(json.dumps(probes))


if __name__ == "__main__":
    main()
