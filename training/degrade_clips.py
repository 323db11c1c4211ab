"""Re-encode clips once: a random platform-like version of the training clips, fixed ones of the test clips."""

from __future__ import annotations

import argparse
from pathlib import Path

from tracenet.data import clip_path, load_clips
from tracenet.degrade import EVALUATED, encode_all, random_degradation


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--view", default="degraded", help="degraded, crf28, crf35, 240p or 2gen")
    parser.add_argument("--splits", nargs="+", default=["train"])
    parser.add_argument("--shard", default="0/1")
    args = parser.parse_args()

    index, count = (int(part) for part in args.shard.split("/"))
    folder = args.work / "clips" / args.view
    folder.mkdir(parents=True, exist_ok=True)
    for clip in load_clips(args.data, tuple(args.splits))[index::count]:
        target = folder / f"{clip.id}.mp4"
        if target.exists():
            continue
        partial = target.with_suffix(".part.mp4")
        steps = EVALUATED.get(args.view) or (random_degradation(clip.id),)
        encode_all(clip_path(args.data, clip.id), partial, steps)
        partial.rename(target)


if __name__ == "__main__":
    main()
