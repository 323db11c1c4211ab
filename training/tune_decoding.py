"""Try decoding thresholds on held-out annotated and real clips, from a trace checkpoint and cached features.

Held out are the validation split and, for a checkpoint trained with ``--fold``, the training clips of that fold.
Prints one line a setting; the choice is written into the configuration by hand.
"""

from __future__ import annotations

import argparse
import itertools
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from tracenet.contract import SAMPLES_PER_SECOND
from tracenet.data import Clip, load_annotations, load_clips
from tracenet.decode import DecodeSettings, Trace
from tracenet.folds import assign_folds
from tracenet.localisation import Answer, Row, measures
from tracenet.metrics import auc
from tracenet.model import CoverageHead, TraceHead, coverage_maps
from tracenet.pipeline import traces_of, window_arrays
from tracenet.sampling import windows_of_segment


@torch.inference_mode()
def heads_of_clip(head: TraceHead, coverage: list[CoverageHead], path: Path) -> dict[str, np.ndarray]:
    """Raw outputs of every window of a cached clip, as :class:`tracenet.pipeline.Model` returns them."""
    with np.load(path) as file:
        s16, s32, size = (file[key] for key in ("s16", "s32", "size"))
    windows = windows_of_segment(0, len(s16))
    maps = [[torch.from_numpy(m[w.indices()].astype(np.float32)) for m in (s16, s32)] for w in windows]
    out = [head(*pair) for pair in maps]
    arrays = {name: np.stack([one[name].numpy() for one in out]) for name in out[0]}
    summaries = torch.cat([coverage_maps(*pair) for pair in maps])
    arrays["coverage"] = torch.stack([net(summaries)[:, :1] for net in coverage]).mean(0).numpy()[:, None]
    return arrays | window_arrays(windows, int(size[0]), int(size[1]), len(s16))


def rows_of(
    clips: list[Clip], traces: dict[str, list[Trace]], seconds: dict[str, float], annotations: dict[str, list[dict]]
) -> list[Row]:
    """Every annotated trace beside the best-scored trace of its clip."""
    rows = []
    for index, clip in enumerate(clips):
        best = traces[clip.id][0] if traces[clip.id] else None
        answer = Answer(tuple(best.box), best.onset, best.category) if best else None
        rows.extend(
            Row(index, tuple(row["box"]), row["start"], row["category"], seconds[clip.id], answer)
            for row in annotations.get(clip.id, [])
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--config", type=Path, required=True, help="starting point")
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--coverage", type=Path, required=True, help="heads of train_coverage.py, of the same fold")
    parser.add_argument("--fold", help="k/n: fold that the checkpoint has not seen")
    parser.add_argument("--candidate", type=float, nargs="+", default=[0.1, 0.2, 0.3])
    parser.add_argument("--trace", type=float, nargs="+", default=[0.2, 0.3, 0.4, 0.5])
    parser.add_argument("--blend", type=float, nargs="+", default=[0.0, 0.4])
    parser.add_argument(
        "--scores",
        type=Path,
        help="add the best trace score of every clip of the fold to this file, for train_fusion.py",
    )
    args = parser.parse_args()
    if args.scores and not args.fold:
        parser.error("--scores needs --fold: the scores of a clip must come from heads that have not seen it")

    torch.set_num_threads(1)
    head = TraceHead.load(args.checkpoint)
    coverage = CoverageHead.load_all(args.coverage)
    clips = load_clips(args.data, ("val",))
    if args.fold:
        fold, count = (int(part) for part in args.fold.split("/"))
        train = load_clips(args.data, ("train",))
        folds = assign_folds(train, count)
        clips += [clip for clip in train if folds[clip.id] == fold]
    annotations = load_annotations(args.data)
    if not args.scores:
        clips = [clip for clip in clips if not clip.generated or clip.id in annotations]
    raw = {
        clip.id: heads_of_clip(head, coverage, args.work / "features" / "clean" / f"{clip.id}.npz") for clip in clips
    }
    seconds = {name: int(value["count"]) / SAMPLES_PER_SECOND for name, value in raw.items()}
    start = DecodeSettings.from_manifest(json.loads(args.config.read_text(encoding="utf-8"))["decoding"])
    labels = [clip.generated for clip in clips]
    real = [clip for clip in clips if not clip.generated]
    minutes = sum(seconds[clip.id] for clip in real) / 60
    for candidate, blend in itertools.product(args.candidate, args.blend):
        settings = replace(
            start, candidate_threshold=candidate, boundary_blend=blend, trace_threshold=0.0, likely_trace_threshold=0.0
        )
        every = {name: traces_of(value, settings) for name, value in raw.items()}
        best = {name: max((t.score for t in traces), default=0.0) for name, traces in every.items()}
        print(f"candidate {candidate} blend {blend}: AUC of the best score {auc(labels, list(best.values())):.3f}")
        for threshold in args.trace:
            kept = {name: [t for t in traces if t.score >= threshold] for name, traces in every.items()}
            m = measures(rows_of(clips, kept, seconds, annotations))
            false = sum(len(kept[clip.id]) for clip in real)
            hit = sum(bool(kept[clip.id]) for clip in real) / len(real)
            print(
                f"  trace {threshold}: IoU {m['boxIou']:.3f} (found {m['boxIouWhereFound']:.3f}, centre "
                f"{m['centreBoxIou']:.3f}) time {m['timeDistance']:.3f} (zero {m['timeDistanceStartAtZero']:.3f}) "
                f"found {m['found']:.3f} F1 {m['categoryMacroF1']:.3f} accuracy {m['categoryAccuracy']:.3f} "
                f"false a minute {false / minutes:.2f} real clips hit {hit:.3f}",
                flush=True,
            )
    if args.scores:
        known = json.loads(args.scores.read_text()) if args.scores.exists() else {}
        args.scores.write_text(json.dumps(known | {c.id: best[c.id] for c in clips if c.split == "train"}))


if __name__ == "__main__":
    main()
