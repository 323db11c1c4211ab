"""Report on a split from the raw outputs of ``infer.py``: figures with bootstrap 95 % intervals.

Reads the model's manifest for decoding, verdict and bands; writes ``<report>.md`` and ``<report>.json``. What has no
outputs is reported as not measured: views, held-out injected clips (``infer.py --view injected-held-out``), recipes
left out (``infer_heads.py``), statements (``explanations-<split>.jsonl`` beside the outputs), out-of-fold logits.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from tracenet.baselines import fit_block_dct
from tracenet.data import Clip, load_annotations, load_clips
from tracenet.decode import DecodeSettings, Trace
from tracenet.figures.aims import aims
from tracenet.figures.explanations import explanation_figures, load_statements
from tracenet.figures.injected import (
    INJECTED_VIEW,
    held_out_rows,
    injected_figures,
    left_out_recipe_figures,
    load_injected,
    sham_figures,
)
from tracenet.figures.outcome import Outcome, auc_with_interval
from tracenet.figures.probes import probe_aucs, rebalanced
from tracenet.figures.traces import Box, false_traces, trace_figures, truth_of
from tracenet.figures.verdict import (
    balanced_calibration,
    band_shares,
    cinematic,
    cinematic_figures,
    costliest_view,
    family_figures,
    flagged,
    left_out_families,
    reliability,
    risk_coverage,
    verdict_figures,
)
from tracenet.folds import clip_weights
from tracenet.metrics import auc
from tracenet.report import VIEWS, markdown
from tracenet.training_free import curvature_score, pooled_path, second_order_score
from tracenet.tried import load_tried

# Confidence from which on the data set compares its two annotation passes.
SURE = 0.5
# Of the localisation, what the manifest and the app show.
SHOWN = (
    "boxIou",
    "boxDistance",
    "centreBoxIou",
    "wholeFrameIou",
    "saliencyBoxIou",
    "timeDistance",
    "timeDistanceStartAtZero",
    "endTimeDistance",
    "temporalIou",
    "tubeRecall",
    "categoryMacroF1",
)


def baseline_figures(data: Path, work: Path, outcome: Outcome) -> dict[str, dict]:
    """AUC of the block-DCT regression and of the training-free scores on the same clips."""
    rows = dict(np.load(work / "baselines" / "block_dct.npz"))
    train = load_clips(data, ("train",))
    x, y = np.stack([rows[c.id] for c in train]), [c.generated for c in train]
    test = np.stack([rows[c.id] for c in outcome.clips])
    scores = {
        "blockDctLogisticAuc": fit_block_dct(x, y, clip_weights(train)).decision_function(test),
        "blockDctLogisticUnweightedAuc": fit_block_dct(x, y, np.full(len(train), 1 / len(train))).decision_function(
            test
        ),
    }
    paths = [work / "features" / "clean" / f"{clip.id}.npz" for clip in outcome.clips]
    if all(path.exists() for path in paths):
        pooled = [pooled_path(path) for path in paths]
        scores["d3Auc"] = np.array([second_order_score(path) for path in pooled])
        scores["restravCurvatureAuc"] = np.array([curvature_score(path) for path in pooled])
    return {name: auc_with_interval(found, *outcome.strata) for name, found in scores.items()}


def saliency_boxes(work: Path) -> dict[str, Box]:
    """Saliency boxes by clip id, as ``baselines.py`` cached them."""
    path = work / "baselines" / "saliency.json"
    return {name: tuple(box) for name, box in json.loads(path.read_text()).items()} if path.exists() else {}


def flagged_figures(outcome: Outcome) -> dict[str, dict]:
    """Clips in substantial-evidence, by class."""
    return {
        "real": flagged(outcome, outcome.strata[1]),
        "stock": flagged(outcome, cinematic(outcome)),
        "generated": flagged(outcome, outcome.strata[0]),
    }


def localisation_figures(
    outcome: Outcome, answers: list[list[Trace]], annotations: dict[str, list[dict]], saliency: dict[str, Box]
) -> dict:
    """Traces against all annotated rows of the split. ``answers``: those of every clip, best first."""
    lengths = {clip.id: seconds for clip, seconds in zip(outcome.clips, outcome.seconds, strict=True)}
    traces = {clip.id: found for clip, found in zip(outcome.clips, answers, strict=True)}
    truths = [truth_of(name, row, lengths[name]) for name in lengths for row in annotations.get(name, [])]
    return trace_figures(truths, traces, saliency)


def sure_rows(annotations: dict[str, list[dict]]) -> dict[str, list[dict]]:
    """The rows that the annotating model was surer of: those on which its two passes were compared."""
    return {name: [row for row in rows if row["confidence"] >= SURE] for name, rows in annotations.items()}


def statements_figures(path: Path, outcome: Outcome, annotations: dict[str, list[dict]]) -> dict | None:
    """Figures of the explanations, or None without a file of statements."""
    if not path.exists():
        return None
    lengths = {clip.id: seconds for clip, seconds in zip(outcome.clips, outcome.seconds, strict=True)}
    return explanation_figures(load_statements(path), annotations, lengths)


def left_out_tables(data: Path, work: Path) -> dict[str, dict]:
    """Leave-one-family-out tables of the heads whose out-of-fold logits exist, and of their mean."""
    train = load_clips(data, ("train",))
    paths = {name: work / name / "out_of_fold.json" for name in ("verdict", "forensic")}
    logits = {name: json.loads(path.read_text()) for name, path in paths.items() if path.exists()}
    if len(logits) == 2:
        shared = logits["verdict"].keys() & logits["forensic"].keys()
        logits["sum of both"] = {c: [sum(float(np.mean(found[c])) for found in logits.values())] for c in shared}
    return {name: left_out_families(train, found) for name, found in logits.items()}


def injected_report(work: Path, root: Path, real: Outcome, settings: DecodeSettings, saliency: dict[str, Box]) -> dict:
    """Sections on held-out injected clips; None or empty where there are no outputs."""
    rows = held_out_rows(work)
    injected = load_injected(rows, root / INJECTED_VIEW, settings)
    return {
        "injected": injected_figures(injected, saliency) if injected else None,
        "shams": sham_figures(injected, real, settings) if injected else None,
        "leftOutRecipes": left_out_recipe_figures(rows, root, settings, saliency),
    }


def manifest_figures(report: dict, clean: Outcome, localisation: dict) -> dict:
    """The figures that go into the manifest and the model card."""
    views, flags = report["views"], report["flagged"]["clean"]
    stock, found = flags["stock"], flags["generated"]
    injected = report["injected"]
    return {
        "testSet": {
            "generated": int(clean.labels.sum()),
            "real": int((~clean.labels).sum()),
            "generatedFamilies": sorted(set(clean.families[clean.labels])),
            "description": "families and sources never trained on; clips up to 4 s, short side at most 288 pixels, "
            "H.264; trace labels machine-made",
        },
        **views["clean"],
        "realFlagged": flags["real"],
        "realFlaggedStockBroadcast": {"count": stock["count"], "of": stock["of"]},
        "generatedFound": {name: found[name] for name in ("count", "of", "rate")},
        **{name: localisation[name] for name in SHOWN if name in localisation},
        **({"injectedBoxIou": injected["all"]["boxIou"]} if injected else {}),
        "falseTracesPerRealMinute": {"value": report["falseTraces"]["perMinute"]},
        "aucByView": {view: figures["auc"]["value"] for view, figures in views.items()},
        "baselines": {name: entry["value"] for name, entry in report["baselines"].items()},
        "probes": report.pop("probes"),
    }


def evaluate(args: argparse.Namespace) -> dict:
    """The whole report."""
    manifest = json.loads((args.model / "model.json").read_text(encoding="utf-8"))
    settings = DecodeSettings.from_manifest(manifest["decoding"])
    clips = load_clips(args.data, (args.split,))
    root = args.work / "outputs" / manifest["version"]
    complete = [view for view in VIEWS if has_outputs(root / f"{view}-{args.split}", clips)]
    outcomes = {view: Outcome(clips, root / f"{view}-{args.split}", manifest) for view in complete}
    clean = outcomes["clean"]
    annotations, saliency = load_annotations(args.data), saliency_boxes(args.work)
    localisation = localisation_figures(clean, clean.traces, annotations, saliency)
    properties = json.loads((args.work / "baselines" / "probes.json").read_text())
    properties = [properties[clip.id] for clip in clips]
    views = {view: verdict_figures(outcome) for view, outcome in outcomes.items()}
    real = clean.strata[1]
    report = {
        "version": manifest["version"],
        "split": args.split,
        "figures": {},
        "views": views,
        "aucCost": {view: round(v["auc"]["value"] - views["clean"]["auc"]["value"], 4) for view, v in views.items()},
        "costliest": costliest_view(outcomes),
        "stockAndBroadcast": cinematic_figures(clean),
        "families": family_figures(clean),
        "bands": band_shares(clean),
        "flagged": {view: flagged_figures(outcome) for view, outcome in outcomes.items()},
        "calibration": {
            "reliability": reliability(clean.labels, clean.p),
            "riskCoverage": risk_coverage(clean.labels, clean.p),
        },
        "balanced": balanced_calibration(clean.labels, clean.p),
        "features": {
            name: round(auc(clean.labels, [row[name] for row in clean.features]), 4) for name in clean.features[0]
        },
        "baselines": baseline_figures(args.data, args.work, clean),
        "probes": probe_aucs(clean.labels, properties),
        "rebalanced": rebalanced(clean.labels, clean.p, properties),
        "localisation": localisation,
        "outright": localisation_figures(clean, clean.outright, annotations, saliency),
        "sure": {
            "confidence": SURE,
            "shown": localisation_figures(clean, clean.traces, sure_rows(annotations), saliency),
            "outright": localisation_figures(clean, clean.outright, sure_rows(annotations), saliency),
        },
        "falseTraces": false_traces([clean.traces[i] for i in real], [clean.seconds[i] for i in real]),
        **injected_report(args.work, root, clean, settings, saliency),
        "explanations": statements_figures(root / f"explanations-{args.split}.jsonl", clean, annotations),
        "leftOutFamilies": left_out_tables(args.data, args.work),
    }
    report["figures"] = manifest_figures(report, clean, localisation)
    report["aims"] = aims(report)
    report["tried"] = load_tried()
    return report


def has_outputs(folder: Path, clips: list[Clip]) -> bool:
    """Whether every clip has its raw outputs."""
    return all((folder / f"{clip.id}.npz").exists() for clip in clips)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True, help="folder with model.json")
    parser.add_argument("--split", default="test")
    parser.add_argument("--report", type=Path, required=True, help="path without suffix")
    args = parser.parse_args()

    report = evaluate(args)
    args.report.parent.mkdir(parents=True, exist_ok=True)
    args.report.with_name(args.report.name + ".json").write_text(json.dumps(report, indent=1) + "\n")
    args.report.with_name(args.report.name + ".md").write_text(markdown(report))


if __name__ == "__main__":
    main()
