"""How often the noun of a found trace fits, by its share: what the bars of ``tracenet.explain.check`` were chosen on.

Traces of the validation split and, for checkpoints trained with ``--fold``, of the training clips of that fold; each
trace that overlaps an annotated row by 0.3 counts once for the row. Nouns that say no more than "object" are left out.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch

from tracenet.data import load_clips
from tracenet.decode import DecodeSettings, shown_traces
from tracenet.explain.check import UNNAMED
from tracenet.explain.dataset import annotated_rows
from tracenet.explain.evaluation import MIN_IOU
from tracenet.explain.vocabulary import compatible
from tracenet.folds import assign_folds
from tracenet.metrics import box_iou
from tracenet.model import CoverageHead, TraceHead
from tracenet.pipeline import traces_of
from tracenet.subjects import SUBJECTS, coarse_subject
from tune_decoding import heads_of_clip

FOLDS = 4


def named_shares(args: argparse.Namespace, split: str, ids: set[str], name: str) -> list[tuple[float, bool]]:
    """Share of the likeliest noun and whether it fits the annotation, for every overlapping trace of the clips."""
    settings = DecodeSettings.from_manifest(json.loads(args.config.read_text(encoding="utf-8"))["decoding"])
    head = TraceHead.load(args.work / "trace" / f"{name}.pt")
    coverage = CoverageHead.load_all(args.work / "coverage" / f"{name}.pt")
    rows = [row for row in annotated_rows(args.data, split) if row.clip in ids]
    traces = {}
    for clip in sorted({row.clip for row in rows}):
        path = args.work / "features" / "clean" / f"{clip}.npz"
        if path.exists():
            traces[clip] = shown_traces(traces_of(heads_of_clip(head, coverage, path), settings), 1.0, settings)
    found = []
    for row in rows:
        for trace in traces.get(row.clip, []):
            if box_iou(trace.box, row.box) < MIN_IOU or trace.subject == UNNAMED:
                continue
            best = SUBJECTS.index(trace.subject)
            found.append((float(trace.subject_scores[best]), compatible(best, coarse_subject(row.subject))))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--folds", type=int, nargs="*", default=[], help="folds with W/trace/foldK.pt")
    args = parser.parse_args()

    torch.set_num_threads(1)
    found = named_shares(args, "val", {clip.id for clip in load_clips(args.data, ("val",))}, "final")
    folds = assign_folds(load_clips(args.data, ("train",)), FOLDS)
    for fold in args.folds:
        found += named_shares(args, "train", {name for name, of in folds.items() if of == fold}, f"fold{fold}")
    for bar in (0.0, 0.2, 0.3, 0.4, 0.5, 0.6):
        fits = [fit for share, fit in found if share >= bar]
        print(f"share {bar} and more: {sum(fits)} of {len(fits)} fit")


if __name__ == "__main__":
    main()
