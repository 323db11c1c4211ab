"""Run an exported model on clips and keep the raw outputs, one ``.npz`` a clip. Resumable."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from tracenet.data import decode_samples, load_clips, view_path
from tracenet.figures.injected import INJECTED_VIEW, held_out_rows
from tracenet.pipeline import Model


def videos(args: argparse.Namespace) -> list[tuple[str, Path]]:
    """Ids and files of the clips to run on."""
    if args.view == INJECTED_VIEW:
        folder = args.work / "injected" / "clips"
        return [(row["id"], folder / f"{row['id']}.mp4") for row in held_out_rows(args.work)]
    clips = load_clips(args.data, (args.split,))
    return [(clip.id, view_path(args.data, args.work, clip.id, args.view)) for clip in clips]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True, help="folder with model.json")
    parser.add_argument(
        "--view", default="clean", help=f"clean, a re-encoded view, or {INJECTED_VIEW} (without a split)"
    )
    parser.add_argument("--split")
    parser.add_argument("--shard", default="0/1")
    args = parser.parse_args()
    if args.split is None and args.view != INJECTED_VIEW:
        parser.error("--split is missing")

    model = Model(args.model)
    name = args.view if args.view == INJECTED_VIEW else f"{args.view}-{args.split}"
    folder = args.work / "outputs" / model.manifest["version"] / name
    folder.mkdir(parents=True, exist_ok=True)
    index, count = (int(part) for part in args.shard.split("/"))
    for clip_id, video in videos(args)[index::count]:
        path = folder / f"{clip_id}.npz"
        if path.exists():
            continue
        outputs = model(decode_samples(video))
        np.savez(path.with_suffix(".part.npz"), **outputs)
        path.with_suffix(".part.npz").rename(path)


if __name__ == "__main__":
    main()
