"""Train the verdict head of the trace stream on window statistics of cached features.

Writes the head trained on the whole training split, and out-of-fold window logits (generator families and
real sources left out) to fit the fusion on.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from tracenet.data import Clip, load_clips
from tracenet.folds import CINEMATIC_FAMILIES, assign_folds, clip_weights
from tracenet.metrics import auc
from tracenet.model import VerdictHead
from tracenet.sampling import Window, windows_of_segment
from tracenet.statistics import frame_statistics, window_statistics

Table = tuple[np.ndarray, np.ndarray, np.ndarray]

TRAIN_STARTS = 3  # distance in samples of the training windows


def clip_statistics(path: Path, dense: bool) -> np.ndarray:
    """Statistics of the windows of a clip ``[windows, STATISTICS]``; dense: a start every third sample."""
    with np.load(path) as file:
        frames = frame_statistics({key: file[key] for key in ("s16", "s32", "low")})
    count = len(frames["mean"])
    windows = windows_of_segment(0, count)
    if dense and count > 12:
        windows = [Window(start, 12) for start in range(0, count - 11, TRAIN_STARTS)]
    return np.stack([window_statistics(frames, window) for window in windows])


def cached_statistics(work: Path, clips: list[Clip], view: str, dense: bool) -> dict[str, np.ndarray]:
    """Statistics of many clips, kept in one file."""
    path = work / "statistics" / f"{view}-{'dense' if dense else 'plain'}.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    known = dict(np.load(path)) if path.exists() else {}
    missing = [c for c in clips if c.id not in known and (work / "features" / view / f"{c.id}.npz").exists()]
    for clip in missing:
        known[clip.id] = clip_statistics(work / "features" / view / f"{clip.id}.npz", dense)
    if missing:
        np.savez(path, **known)
    return {clip.id: known[clip.id] for clip in clips if clip.id in known}


def fit(rows: np.ndarray, labels: np.ndarray, weights: np.ndarray, args: argparse.Namespace) -> VerdictHead:
    """Fit one head. ``rows`` ``[n, statistics]``; weights sum to 1."""
    torch.manual_seed(args.seed)
    head = VerdictHead(rows.shape[1], args.hidden, args.dropout)
    x, y = torch.from_numpy(rows), torch.from_numpy(labels.astype(np.float32))
    head.centre.copy_(x.mean(0))
    head.scale.copy_(1 / (x.std(0) + 1e-3))
    optimiser = torch.optim.AdamW(head.parameters(), args.rate, weight_decay=args.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, args.rate, args.steps, pct_start=0.1)
    rng = np.random.default_rng(args.seed)
    head.train()
    for _ in range(args.steps):
        pick = rng.choice(len(rows), 256, p=weights)
        noise = 1 + args.noise * torch.randn(len(pick), x.shape[1])
        loss = functional.binary_cross_entropy_with_logits(head(x[pick] * noise), y[pick] * 0.94 + 0.03)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return head.eval()


def table(clips: list[Clip], views: dict[str, dict[str, np.ndarray]]) -> Table:
    """All training windows of the clips: rows, labels, sampling weights."""
    rows, labels, weights = [], [], []
    for clip, weight in zip(clips, clip_weights(clips), strict=True):
        parts = [view[clip.id] for view in views.values() if clip.id in view]
        stacked = np.concatenate(parts)
        rows.append(stacked)
        labels.append(np.full(len(stacked), clip.generated))
        weights.append(np.full(len(stacked), weight / len(stacked)))
    weights = np.concatenate(weights)
    return np.concatenate(rows), np.concatenate(labels), weights / weights.sum()


@torch.inference_mode()
def logits(head: VerdictHead, rows: np.ndarray) -> list[float]:
    """Window logits."""
    return head(torch.from_numpy(rows)).tolist()


def cross_fit(
    clips: list[Clip],
    val: list[Clip],
    training_rows: Callable[[list[Clip]], Table],
    plain: dict[str, np.ndarray],
    folder: Path,
    args: argparse.Namespace,
) -> None:
    """Fit a head per fold and one on all clips; print AUCs, write out-of-fold logits and the final head.

    ``training_rows``: rows, labels and weights of some clips; ``plain``: the rows to judge, by clip.
    """
    folds = assign_folds(clips, args.folds)
    found: dict[str, list[float]] = {}
    for fold in range(args.folds):
        head = fit(*training_rows([c for c in clips if folds[c.id] != fold]), args)
        found |= {c.id: logits(head, plain[c.id]) for c in clips if folds[c.id] == fold}
    scores = [float(np.mean(found[clip.id])) for clip in clips]
    print(f"out-of-fold AUC {auc([clip.generated for clip in clips], scores):.4f}")
    cinematic = [clip.generated or clip.family in CINEMATIC_FAMILIES for clip in clips]
    part = [(c.generated, s) for c, s, keep in zip(clips, scores, cinematic, strict=True) if keep]
    print(f"generated against stock and broadcast {auc(*zip(*part, strict=True)):.4f}")
    if args.no_final:
        return
    head = fit(*training_rows(clips), args)
    held = {clip.id: logits(head, plain[clip.id]) for clip in val}
    value = auc([clip.generated for clip in val], [float(np.mean(held[clip.id])) for clip in val])
    print(f"validation AUC {value:.4f}")
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(head.state_dict(), folder / "final.pt")
    (folder / "out_of_fold.json").write_text(json.dumps(found))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--views", nargs="+", default=["clean", "degraded"])
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--decay", type=float, default=0.3)
    parser.add_argument("--hidden", type=int, default=48)
    parser.add_argument("--dropout", type=float, default=0.5)
    parser.add_argument("--noise", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--no-final", action="store_true", help="only the out-of-fold estimate")
    args = parser.parse_args()

    torch.set_num_threads(1)
    clips, val = load_clips(args.data, ("train",)), load_clips(args.data, ("val",))
    views = {view: cached_statistics(args.work, clips, view, dense=True) for view in args.views}
    clips = [clip for clip in clips if clip.id in views["clean"]]
    plain = cached_statistics(args.work, clips + val, "clean", dense=False)
    cross_fit(clips, val, lambda chosen: table(chosen, views), plain, args.work / "verdict", args)


if __name__ == "__main__":
    main()
