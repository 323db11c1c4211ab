"""Cache what the baselines need: block-DCT statistics of every clip, of test clips single properties and saliency boxes
(also of the held-out injected clips)."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from tracenet.baselines import block_dct_features, properties
from tracenet.data import clip_path, decode_samples, load_clips
from tracenet.figures.injected import held_out_rows
from tracenet.saliency import saliency_box


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    args = parser.parse_args()

    folder = args.work / "baselines"
    folder.mkdir(parents=True, exist_ok=True)
    rows, probes, boxes = {}, {}, {}
    for clip in load_clips(args.data):
        path = clip_path(args.data, clip.id)
        samples = decode_samples(path)
        rows[clip.id] = block_dct_features(samples)
        if clip.split == "test":
            probes[clip.id] = properties(path, samples)
            boxes[clip.id] = saliency_box(samples)
    for row in held_out_rows(args.work):
        samples = decode_samples(args.work / "injected" / "clips" / f"{row['id']}.mp4")
        boxes[row["id"]] = saliency_box(samples)
    np.savez(folder / "block_dct.npz", **rows)
    (folder / "probes.json").write_text(json.dumps(probes))
    (folder / "saliency.json").write_text(json.dumps(boxes))


if __name__ == "__main__":
    main()
