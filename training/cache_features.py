"""Cache trunk features of clips: views clean, flip, degraded, or one of the evaluated degradations.

Resumable: finished clips are skipped. Run several shards beside each other, one thread each.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from tracenet.data import decode_samples, load_annotations, load_clips, view_path
from tracenet.features import Extractor


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--view", default="clean")
    parser.add_argument("--splits", nargs="+", default=["train", "val", "test"])
    parser.add_argument("--only-annotated-or-real", action="store_true")
    parser.add_argument("--samples", type=int, help="only so many samples from the middle of a clip")
    parser.add_argument("--shard", default="0/1")
    args = parser.parse_args()

    index, count = (int(part) for part in args.shard.split("/"))
    clips = load_clips(args.data, tuple(args.splits))
    if args.only_annotated_or_real:
        annotated = load_annotations(args.data)
        clips = [clip for clip in clips if not clip.generated or clip.id in annotated]
    target = args.work / "features" / args.view
    target.mkdir(parents=True, exist_ok=True)
    extractor = Extractor(args.work)
    begun = time.time()
    for number, clip in enumerate(clips[index::count]):
        path = target / f"{clip.id}.npz"
        if path.exists():
            continue
        samples = decode_samples(view_path(args.data, args.work, clip.id, args.view))
        if args.samples:
            begin = max(0, (len(samples) - args.samples) // 2)
            samples = samples[begin : begin + args.samples]
        features = extractor(samples, flip=args.view == "flip")
        partial = path.with_suffix(".part.npz")
        np.savez(partial, **features)
        partial.rename(path)
        if number % 50 == 0:
            print(f"{number} of {len(clips[index::count])}, {time.time() - begun:.0f} s", flush=True)


if __name__ == "__main__":
    main()
