"""Run an exported model on clips and keep the raw outputs, one ``.npz`` a clip. Resumable."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from tracenet.data import decode_samples, load_clips, view_path
from tracenet.pipeline import Model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True, help="folder with model.json")
    parser.add_argument("--view", default="clean")
    parser.add_argument("--split", required=True)
    parser.add_argument("--shard", default="0/1")
    args = parser.parse_args()

    model = Model(args.model)
    folder = args.work / "outputs" / model.manifest["version"] / f"{args.view}-{args.split}"
    folder.mkdir(parents=True, exist_ok=True)
    index, count = (int(part) for part in args.shard.split("/"))
    for clip in load_clips(args.data, (args.split,))[index::count]:
        path = folder / f"{clip.id}.npz"
        if path.exists():
            continue
        outputs = model(decode_samples(view_path(args.data, args.work, clip.id, args.view)))
        np.savez(path.with_suffix(".part.npz"), **outputs)
        path.with_suffix(".part.npz").rename(path)


if __name__ == "__main__":
    main()
