"""Cache trunk features of clips: views clean, flip, degraded, or one of the evaluated degradations.

Resumable: finished clips are skipped. Run several shards beside each other, one thread each.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from tracenet.data import clip_path, decode_samples, load_annotations, load_clips
from tracenet.degrade import EVALUATED, encode, random_degradation
from tracenet.features import Extractor


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--view", default="clean")
    parser.add_argument("--splits", nargs="+", default=["train", "val", "test"])
    parser.add_argument("--only-annotated-or-real", action="store_true")
    parser.add_argument("--shard", default="0/1")
    args = parser.parse_args()

    index, count = (int(part) for part in args.shard.split("/"))
    clips = load_clips(args.data, tuple(args.splits))
    if args.only_annotated_or_real:
        annotated = load_annotations(args.data)
        clips = [clip for clip in clips if not clip.generated or clip.id in annotated]
    target = args.work / "features" / args.view
    target.mkdir(parents=True, exist_ok=True)
    fixed = {how.name: how for how in EVALUATED}
    extractor = Extractor(args.work)
    begun = time.time()
    for number, clip in enumerate(clips[index::count]):
        path = target / f"{clip.id}.npz"
        if path.exists():
            continue
        source = clip_path(args.data, clip.id)
        if args.view in ("clean", "flip"):
            samples, _ = decode_samples(source)
        else:
            how = fixed.get(args.view) or random_degradation(f"trace/{clip.id}")
            with tempfile.TemporaryDirectory() as folder:
                degraded = Path(folder) / "clip.mp4"
                encode(source, degraded, how)
                samples, _ = decode_samples(degraded)
        features = extractor(samples, flip=args.view == "flip")
        partial = path.with_suffix(".part.npz")
        np.savez(partial, **features)
        partial.rename(path)
        if number % 50 == 0:
            print(f"{number} of {len(clips[index::count])}, {time.time() - begun:.0f} s", flush=True)


if __name__ == "__main__":
    main()
