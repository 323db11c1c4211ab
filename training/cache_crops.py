"""Cache 192-pixel crops for the forensic stream, cut at canonical scale without any resize.

One ``work/crops/<view>.npy``, uint8 ``[clips * 8, 192, 192, 3]`` in the order of the training, validation clips
sorted by id (``<view>.json`` lists the ids). Training draws 160-pixel windows inside.
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from tracenet.data import decode_samples, load_clips, view_path
from tracenet.preprocess import crop

PER_CLIP = 8
BANK_SIZE = 192


def crops_of_clip(clip_id: str, data: Path, work: Path, view: str) -> np.ndarray:
    """Crops ``[8, 192, 192, 3]`` spread over the samples at random places."""
    samples = decode_samples(view_path(data, work, clip_id, view))
    rng = np.random.default_rng([int(clip_id[:8], 16), sum(view.encode())])
    chosen = (np.arange(PER_CLIP) + rng.random(PER_CLIP)) * len(samples) / PER_CLIP
    return np.stack([crop(samples[int(g)], rng.random(), rng.random(), BANK_SIZE) for g in chosen])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--view", default="clean")
    parser.add_argument("--splits", nargs="+", default=["train", "val"])
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()

    ids = [clip.id for clip in load_clips(args.data, tuple(args.splits))]
    folder = args.work / "crops"
    folder.mkdir(parents=True, exist_ok=True)
    shape = (len(ids) * PER_CLIP, BANK_SIZE, BANK_SIZE, 3)
    path = folder / f"{args.view}.npy"
    bank = np.lib.format.open_memmap(path.with_suffix(".part"), "w+", np.uint8, shape)
    one = partial(crops_of_clip, data=args.data, work=args.work, view=args.view)
    with ProcessPoolExecutor(args.workers) as pool:
        for number, crops in enumerate(pool.map(one, ids, chunksize=8)):
            bank[number * PER_CLIP : (number + 1) * PER_CLIP] = crops
    bank.flush()
    path.with_suffix(".part").rename(path)
    (folder / f"{args.view}.json").write_text(json.dumps(ids))


if __name__ == "__main__":
    main()
