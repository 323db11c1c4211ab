"""Fit the fusion of both streams and choose the bands, on clips that the fitted parts have not seen.

Training clips enter with out-of-fold logits (generator families and real sources left out), validation clips with
the final model's; the test split is not read.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from tracenet.data import load_clips
from tracenet.decode import DecodeSettings
from tracenet.folds import CINEMATIC_FAMILIES, CINEMATIC_WEIGHT, equal_weights
from tracenet.metrics import auc, clopper_pearson_upper
from tracenet.pipeline import traces_of
from tracenet.verdict import FEATURES, fit_logistic, probability, upper_threshold, verdict_features


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--config", type=Path, required=True, help="its verdict entry is rewritten")
    parser.add_argument("--features", nargs="+", default=list(FEATURES[:4]))
    parser.add_argument("--ridge", type=float, default=1e-3)
    parser.add_argument("--false-alarms", type=float, default=0.05)
    parser.add_argument("--misses", type=float, default=0.05)
    args = parser.parse_args()

    config = json.loads(args.config.read_text(encoding="utf-8"))
    settings = DecodeSettings.from_manifest(config["decoding"])
    windows = json.loads((args.work / "verdict" / "out_of_fold.json").read_text())
    crops = json.loads((args.work / "forensic" / "out_of_fold.json").read_text())
    known = args.work / "trace" / "out_of_fold.json"
    traces = json.loads(known.read_text()) if known.exists() else {}
    if not traces and "traceScoreMax" in args.features:
        parser.error("traceScoreMax needs out-of-fold trace scores (tune_decoding.py --scores)")
    outputs = args.work / "outputs" / config["version"] / "clean-val"
    clips = [c for c in load_clips(args.data, ("train", "val")) if c.split == "val" or c.id in windows]
    features = {}
    for clip in clips:
        if clip.split == "train":
            # As the app counts it: only from the threshold on, from which a trace is shown whatever the verdict.
            score = traces.get(clip.id, 0.0)
            counted = [score] if score >= settings.trace_threshold else []
            features[clip.id] = verdict_features(windows[clip.id], crops[clip.id], counted)
            continue
        with np.load(outputs / f"{clip.id}.npz") as file:
            raw = dict(file)
        scores = [t.score for t in traces_of(raw, settings) if t.score >= settings.trace_threshold]
        features[clip.id] = verdict_features(raw["verdict"], raw["forensic"].reshape(-1), scores)
    labels = np.array([clip.generated for clip in clips])
    rows = np.array([[features[clip.id][name] for name in args.features] for clip in clips])
    bias, weights = fit_logistic(rows, labels, equal_weights(clips), args.ridge, positive=True)
    chosen = {name: round(float(w), 5) for name, w in zip(args.features, weights, strict=True)}
    verdict = {
        "bias": round(bias, 5),
        "weights": {name: chosen.get(name, 0.0) for name in FEATURES},
    }
    p = np.array([probability(features[clip.id], verdict) for clip in clips])
    care = np.array([CINEMATIC_WEIGHT if clip.family in CINEMATIC_FAMILIES else 1.0 for clip in clips])
    # Neither all real clips nor stock and broadcast alone may exceed the allowed share of false alarms.
    cinematic = np.array([clip.family in CINEMATIC_FAMILIES for clip in clips]) & ~labels
    limits = [upper_threshold(p[part], care[part], args.false_alarms) for part in (~labels, cinematic)]
    high = float(np.ceil(max(limits) * 1e4) / 1e4)
    low = float(np.floor(-upper_threshold(-p[labels], care[labels], args.misses) * 1e4) / 1e4)
    verdict["bands"] = {"substantialEvidence": high, "noStrongSigns": min(low, high)}
    print(json.dumps(verdict, indent=1))
    for index, name in enumerate(args.features):
        print(f"{name} alone AUC {auc(labels, rows[:, index]):.4f}")
    for split in ("train", "val"):
        part = np.array([clip.split == split for clip in clips])
        print(f"{split} AUC {auc(labels[part], p[part]):.4f}, clips {part.sum()}")
    real = ~labels
    for name, part in (("real", real), ("stock and broadcast", cinematic)):
        count, total = int((p[part] >= high).sum()), int(part.sum())
        upper = clopper_pearson_upper(count, total)
        print(f"{name} in substantial-evidence: {count} of {total}, one-sided 95 % upper bound {upper:.3f}")
    print(f"generated in substantial-evidence: {(p[labels] >= high).mean():.3f}")
    print(f"generated in no-strong-signs: {(p[labels] <= low).mean():.3f}")
    print(f"real in no-strong-signs: {(p[real] <= low).mean():.3f}")
    config["verdict"] = verdict
    args.config.write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
