"""Report on a split from the raw outputs of ``infer.py``: figures with bootstrap 95 % intervals.

Reads the model's manifest for decoding, verdict and bands; writes ``<report>.md`` and ``<report>.json``.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from tracenet.baselines import fit_block_dct
from tracenet.contract import SAMPLES_PER_SECOND
from tracenet.data import Clip, load_annotations, load_clips
from tracenet.decode import DecodeSettings, shown_traces
from tracenet.folds import CINEMATIC_FAMILIES, clip_weights
from tracenet.localisation import Answer, Row, measures
from tracenet.metrics import (
    auc,
    bootstrap,
    brier,
    clopper_pearson_upper,
    expected_calibration_error,
    true_positive_rate_at,
)
from tracenet.pipeline import traces_of
from tracenet.verdict import band, probability, verdict_features

VIEWS = {
    "clean": "as stored",
    "crf28": "H.264 CRF 28",
    "crf35": "H.264 CRF 35",
    "240p": "240 lines, H.264 CRF 26",
}


class Outcome:
    """What the model says about the clips of a split in one view."""

    def __init__(self, clips: list[Clip], folder: Path, manifest: dict):
        settings = DecodeSettings.from_manifest(manifest["decoding"])
        self.clips, self.traces, self.features, self.seconds = clips, [], [], []
        for clip in clips:
            with np.load(folder / f"{clip.id}.npz") as file:
                raw = dict(file)
            traces = traces_of(raw, settings)
            scores = [trace.score for trace in traces if trace.score >= settings.trace_threshold]
            features = verdict_features(raw["verdict"], raw["forensic"].reshape(-1), scores)
            self.features.append(features)
            self.traces.append(shown_traces(traces, probability(features, manifest["verdict"]), settings))
            self.seconds.append(int(raw["count"]) / SAMPLES_PER_SECOND)
        self.labels = np.array([clip.generated for clip in clips])
        self.p = np.array([probability(row, manifest["verdict"]) for row in self.features])
        self.bands = [band(value, manifest["verdict"]["bands"]) for value in self.p]
        self.families = np.array([clip.family for clip in clips])

    @property
    def strata(self) -> list[np.ndarray]:
        """Indices of generated and of real clips; the bootstrap draws inside each."""
        return [np.flatnonzero(self.labels), np.flatnonzero(~self.labels)]


def with_interval(statistic, strata: list[np.ndarray]) -> dict[str, float]:
    """Value and bootstrap interval of ``statistic(indices)``."""
    low, high = bootstrap(statistic, strata)
    value = statistic(np.concatenate(strata))
    return {"value": round(float(value), 4), "low": round(low, 4), "high": round(high, 4)}


def verdict_figures(outcome: Outcome) -> dict:
    """Figures of the verdict; accuracies at probability 0.5."""
    y, p = outcome.labels, outcome.p
    right = (p >= 0.5) == y
    fake, real = outcome.strata
    return {
        "auc": with_interval(lambda i: auc(y[i], p[i]), [fake, real]),
        "truePositiveRateAt5": with_interval(lambda i: true_positive_rate_at(y[i], p[i], 0.05), [fake, real]),
        "accuracy": with_interval(lambda i: right[i].mean(), [fake, real]),
        "fakeAccuracy": with_interval(lambda i: right[i].mean(), [fake]),
        "realAccuracy": with_interval(lambda i: right[i].mean(), [real]),
        "ece": {"value": round(expected_calibration_error(y, p), 4)},
        "brier": {"value": round(brier(y, p), 4)},
    }


def flagged(outcome: Outcome, chosen: np.ndarray) -> dict:
    """How many of the chosen clips land in substantial-evidence."""
    count = sum(outcome.bands[i] == "substantial-evidence" for i in chosen)
    total = len(chosen)
    return {
        "count": count,
        "of": total,
        "rate": round(count / total, 4),
        "upper95": round(clopper_pearson_upper(count, total), 4),
    }


def localisation_rows(outcome: Outcome, annotations: dict[str, list[dict]]) -> list[Row]:
    """Every annotated trace with the best-scored trace of its clip."""
    rows = []
    for index, clip in enumerate(outcome.clips):
        best = outcome.traces[index][0] if outcome.traces[index] else None
        answer = Answer(tuple(best.box), best.onset, best.category) if best else None
        rows.extend(
            Row(index, tuple(row["box"]), row["start"], row["category"], outcome.seconds[index], answer)
            for row in annotations.get(clip.id, [])
        )
    return rows


def localisation_figures(outcome: Outcome, annotations: dict[str, list[dict]]) -> dict:
    """Localisation with intervals over clips, and the trivial answers."""
    rows = localisation_rows(outcome, annotations)
    by_clip: dict[int, list[Row]] = {}
    for row in rows:
        by_clip.setdefault(row.clip, []).append(row)
    clips = np.array(sorted(by_clip))
    plain = measures(rows)

    def resampled(name: str):
        return lambda chosen: measures([row for index in chosen for row in by_clip[int(index)]])[name]

    result = {name: {"value": round(value, 4)} for name, value in plain.items()}
    for name in ("boxIou", "boxDistance", "timeDistance", "categoryMacroF1"):
        low, high = bootstrap(resampled(name), [clips], rounds=500)
        result[name] |= {"low": round(low, 4), "high": round(high, 4)}
    return result


def false_traces(outcome: Outcome) -> dict:
    """Traces drawn on real clips."""
    real = np.flatnonzero(~outcome.labels)
    count = sum(len(outcome.traces[i]) for i in real)
    minutes = sum(outcome.seconds[i] for i in real) / 60
    hit = sum(bool(outcome.traces[i]) for i in real)
    return {
        "count": count,
        "minutes": round(minutes, 2),
        "perMinute": round(count / minutes, 2),
        "clipsWithTrace": hit,
        "of": len(real),
    }


def baseline_figures(args: argparse.Namespace, clips: list[Clip]) -> tuple[dict, dict]:
    """AUC of the block-DCT regression and of single properties on the same clips."""
    rows = dict(np.load(args.work / "baselines" / "block_dct.npz"))
    train = load_clips(args.data, ("train",))
    x, y = np.stack([rows[c.id] for c in train]), [c.generated for c in train]
    weighted = fit_block_dct(x, y, clip_weights(train))
    plain = fit_block_dct(x, y, np.full(len(train), 1 / len(train)))
    test = np.stack([rows[c.id] for c in clips])
    labels = [c.generated for c in clips]
    scores = {
        "blockDctLogisticAuc": round(auc(labels, weighted.decision_function(test)), 4),
        "blockDctLogisticUnweightedAuc": round(auc(labels, plain.decision_function(test)), 4),
    }
    probes = json.loads((args.work / "baselines" / "probes.json").read_text())
    table = {}
    for name in next(iter(probes.values())):
        value = auc(labels, [probes[c.id][name] for c in clips])
        table[name] = round(max(value, 1 - value), 4)
    return scores, table


def interval(entry: dict) -> str:
    """``0.812 (0.75 to 0.87)``."""
    text = f"{entry['value']:.3f}"
    return f"{text} ({entry['low']:.3f} to {entry['high']:.3f})" if "low" in entry else text


def markdown(report: dict) -> str:
    """The report as a page."""
    f = report["figures"]
    lines = [
        f"# TraceNet {report['version']}: figures on the {report['split']} split",
        "",
        f"{f['testSet']['generated']} generated clips ({', '.join(f['testSet']['generatedFamilies'])}) and "
        f"{f['testSet']['real']} real clips; none of these families and sources was trained on. "
        "Brackets: bootstrap 95 % intervals over clips.",
        "",
        "## Verdict",
        "",
        "| view | AUC | TPR at 5 % FPR | accuracy | generated right | real right | ECE | Brier |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for view, v in report["views"].items():
        cells = [interval(v[k]) for k in ("auc", "truePositiveRateAt5", "accuracy", "fakeAccuracy", "realAccuracy")]
        cells += [f"{v['ece']['value']:.3f}", f"{v['brier']['value']:.3f}"]
        lines.append(f"| {VIEWS[view]} | " + " | ".join(cells) + " |")
    lines += ["", "## By family (as stored, threshold 0.5)", "", "| family | clips | right | mean probability |"]
    lines.append("|---|---|---|---|")
    for name, row in report["families"].items():
        lines.append(f"| {name} | {row['clips']} | {row['right']:.3f} | {row['mean']:.3f} |")
    r, s = f["realFlagged"], f["realFlaggedStockBroadcast"]
    lines += [
        "",
        "## Bands",
        "",
        f"- Real clips in substantial-evidence: {r['count']} of {r['of']} (one-sided 95 % upper bound "
        f"{r['upper95']:.3f}); of stock and broadcast: {s['count']} of {s['of']}.",
        f"- Shares of the bands: {json.dumps(report['bands'])}",
        "",
        "## Each stream alone (AUC)",
        "",
        *(f"- {name}: {value:.3f}" for name, value in report["features"].items()),
        "",
        "## Baselines and probes (AUC on the same clips)",
        "",
        *(f"- {name}: {value:.3f}" for name, value in f["baselines"].items()),
        "",
        "| property | AUC (larger side) |",
        "|---|---|",
        *(f"| {name} | {value:.3f} |" for name, value in f["probes"].items()),
        "",
        "## Traces on the annotated clips (machine-made labels)",
        "",
        "The best-scored trace of a clip against every annotated row; no trace counts as the worst answer.",
        "",
        "| measure | value |",
        "|---|---|",
        *(f"| {name} | {interval(entry)} |" for name, entry in report["localisation"].items()),
        "",
        f"False traces on real clips: {report['falseTraces']['count']} in {report['falseTraces']['minutes']} minutes "
        f"({report['falseTraces']['perMinute']} a minute), on {report['falseTraces']['clipsWithTrace']} of "
        f"{report['falseTraces']['of']} clips.",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True, help="folder with model.json")
    parser.add_argument("--split", default="test")
    parser.add_argument("--report", type=Path, required=True, help="path without suffix")
    args = parser.parse_args()

    manifest = json.loads((args.model / "model.json").read_text(encoding="utf-8"))
    clips = load_clips(args.data, (args.split,))
    root = args.work / "outputs" / manifest["version"]
    complete = [v for v in VIEWS if all((root / f"{v}-{args.split}" / f"{c.id}.npz").exists() for c in clips)]
    outcomes = {view: Outcome(clips, root / f"{view}-{args.split}", manifest) for view in complete}
    clean = outcomes["clean"]
    views = {view: verdict_figures(outcome) for view, outcome in outcomes.items()}
    annotations = load_annotations(args.data)
    localisation = localisation_figures(clean, annotations)
    baselines, probes = baseline_figures(args, clips)
    real = np.flatnonzero(~clean.labels)
    cinematic = np.array([i for i in real if clean.families[i] in CINEMATIC_FAMILIES])
    families = {}
    for generated in (True, False):
        for name in sorted(set(clean.families[clean.labels == generated])):
            part = (clean.families == name) & (clean.labels == generated)
            families[name] = {
                "clips": int(part.sum()),
                "right": float(((clean.p[part] >= 0.5) == generated).mean()),
                "mean": float(clean.p[part].mean()),
            }
    shares = {}
    for label, indices in (("generated", clean.strata[0]), ("real", clean.strata[1])):
        named = [clean.bands[i] for i in indices]
        shares[label] = {name: round(named.count(name) / len(named), 3) for name in sorted(set(named))}
    stock = flagged(clean, cinematic)
    found = flagged(clean, np.flatnonzero(clean.labels))
    figures = {
        "testSet": {
            "generated": int(clean.labels.sum()),
            "real": len(real),
            "generatedFamilies": sorted(set(clean.families[clean.labels])),
            "description": "families and sources never trained on; clips up to 4 s, short side at most 288 pixels, "
            "H.264; trace labels machine-made",
        },
        **{k: v for k, v in views["clean"].items() if k != "brier"},
        "brier": views["clean"]["brier"],
        "realFlagged": flagged(clean, real),
        "realFlaggedStockBroadcast": {"count": stock["count"], "of": stock["of"]},
        "generatedFound": {name: found[name] for name in ("count", "of", "rate")},
        **{
            name: localisation[name]
            for name in (
                "boxIou",
                "boxDistance",
                "centreBoxIou",
                "wholeFrameIou",
                "timeDistance",
                "timeDistanceStartAtZero",
                "categoryMacroF1",
            )
        },
        "falseTracesPerRealMinute": {"value": false_traces(clean)["perMinute"]},
        "aucByView": {view: v["auc"]["value"] for view, v in views.items()},
        "baselines": baselines,
        "probes": probes,
    }
    names = list(clean.features[0])
    report = {
        "version": manifest["version"],
        "split": args.split,
        "figures": figures,
        "views": views,
        "families": families,
        "bands": shares,
        "features": {n: auc(clean.labels, [row[n] for row in clean.features]) for n in names},
        "localisation": localisation,
        "falseTraces": false_traces(clean),
    }
    args.report.parent.mkdir(parents=True, exist_ok=True)
    args.report.with_name(args.report.name + ".json").write_text(json.dumps(report, indent=1) + "\n")
    args.report.with_name(args.report.name + ".md").write_text(markdown(report))


if __name__ == "__main__":
    main()
