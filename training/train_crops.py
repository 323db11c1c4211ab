"""Train the head of the forensic stream on cached crop statistics, with out-of-fold logits for the fusion."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from tracenet.data import Clip, load_clips
from train_verdict import Table, cross_fit, table


def with_pairs(rows: Table, ids: set[str], pairs: dict[str, dict[str, np.ndarray]], share: float) -> Table:
    """Add autoencoder pairs of the allowed clips: half of ``share`` as generated, half as real."""
    parts = [(rows[0], rows[1], rows[2] * (1 - share))]
    for view, label in (("pseudo", True), ("pseudo-real", False)):
        found = np.concatenate([value for name, value in sorted(pairs[view].items()) if name in ids])
        parts.append((found, np.full(len(found), label), np.full(len(found), share / 2 / len(found))))
    joined = (np.concatenate(column) for column in zip(*parts, strict=True))
    return tuple(joined)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--views", nargs="+", default=["clean-bank-train-val", "degraded-bank-train-val"])
    parser.add_argument("--apply", default="clean-bank-train-val")
    parser.add_argument("--columns", help="a:b, use only these statistics (experiments)")
    parser.add_argument("--pseudo", type=float, default=0.0, help="share of autoencoder pairs (make_pseudo.py)")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--decay", type=float, default=0.3)
    parser.add_argument("--hidden", type=int, default=48)
    parser.add_argument("--dropout", type=float, default=0.3)
    parser.add_argument("--noise", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-final", action="store_true", help="only the out-of-fold estimate")
    args = parser.parse_args()

    torch.set_num_threads(1)
    folder = args.work / "crop_statistics"
    views = {view: dict(np.load(folder / f"{view}.npz")) for view in args.views}
    plain = dict(np.load(folder / f"{args.apply}.npz"))
    if args.columns:
        part = slice(*(int(side) for side in args.columns.split(":")))
        views = {view: {k: v[:, part] for k, v in rows.items()} for view, rows in views.items()}
        plain = {k: v[:, part] for k, v in plain.items()}
    pairs = {
        view: dict(np.load(folder / f"{view}-bank-train-val.npz")) if args.pseudo else {}
        for view in ("pseudo", "pseudo-real")
    }

    def training_rows(chosen: list[Clip]) -> Table:
        rows = table(chosen, views)
        return with_pairs(rows, {clip.id for clip in chosen}, pairs, args.pseudo) if args.pseudo else rows

    clips, val = load_clips(args.data, ("train",)), load_clips(args.data, ("val",))
    cross_fit(clips, val, training_rows, plain, args.work / "forensic", args)


if __name__ == "__main__":
    main()
