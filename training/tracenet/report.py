"""The report of ``evaluate.py`` as a Markdown page."""

from __future__ import annotations

import json

VIEWS = {
    "clean": "as stored",
    "crf28": "H.264 CRF 28",
    "crf35": "H.264 CRF 35",
    "240p": "240 lines, H.264 CRF 26",
    "2gen": "VP9 CRF 38 at 256 lines, then H.264 CRF 28 at 216",
}
# What was tried, by the aim it served, in the order of the report.
TOPICS = {
    "verdict": "Verdict",
    "calibration": "Calibration",
    "boxes": "Boxes",
    "start": "Start time",
    "categories": "Categories",
    "injected": "Injected artifacts",
    "explanations": "Explanations",
}
VERDICT = ("auc", "truePositiveRateAt5", "accuracy", "fakeAccuracy", "realAccuracy", "ece", "brier")
ALIKE = "both classes weighted alike"
VERDICT_HEAD = "AUC | TPR at 5 % FPR | accuracy | generated right | real right | ECE | Brier"
RECIPE = (
    ("boxIou", "box IoU"),
    ("centreBoxIou", "centre box"),
    ("wholeFrameIou", "whole frame"),
    ("boxDistance", "box distance"),
    ("timeDistance", "start"),
    ("endTimeDistance", "end"),
    ("temporalIou", "temporal IoU"),
    ("categoryAccuracy", "category right"),
    ("tubeRecall", "tube recall"),
    ("found", "found"),
)
TRACE_ROWS = (
    ("boxIou", "box IoU"),
    ("wholeFrameIou", "- whole frame"),
    ("centreBoxIou", "- centre box [.2, .2, .8, .8]"),
    ("saliencyBoxIou", "- saliency box (spectral residual)"),
    ("boxIouAboveTrivial", "box IoU above the best of these"),
    ("bestOfAllBoxIou", "box IoU, best of all traces of a clip"),
    ("boxDistance", "box distance"),
    ("wholeFrameDistance", "- whole frame"),
    ("saliencyBoxDistance", "- saliency box"),
    ("timeDistance", "start time distance (share of the clip)"),
    ("timeDistanceStartAtZero", '- "starts at 0"'),
    ("endTimeDistance", "end time distance"),
    ("endTimeDistanceAtEnd", '- "lasts to the end"'),
    ("temporalIou", "temporal IoU"),
    ("temporalIouWholeClip", "- whole clip"),
    ("tubeRecall", "tube recall at IoU 0.3 (any trace of the clip)"),
    ("tubeRecallCentreBox", "- centre box for the whole clip"),
    ("categoryMacroF1", "category macro-F1"),
    ("categoryMacroF1MostCommon", "- always the most common"),
    ("categoryAccuracy", "category right"),
    ("found", "rows in clips with a trace"),
)
EXPLANATION = (
    ("stated", "clips with a statement"),
    ("categoryRight", "category right"),
    ("subjectRight", "subject right (coarse class)"),
    ("rougeL", "ROUGE-L F1, mean over the rows"),
    ("rougeLBestRow", "ROUGE-L F1, best row"),
    ("contentF1", "content-word F1, mean over the rows"),
    ("contentF1BestRow", "content-word F1, best row"),
)


def interval(entry: dict) -> str:
    """``0.812 (0.75 to 0.87)``."""
    text = f"{entry['value']:.3f}"
    return f"{text} ({entry['low']:.3f} to {entry['high']:.3f})" if "low" in entry else text


def table(head: str, rows: list[list[str]]) -> list[str]:
    """Lines of a Markdown table; ``head``: cells separated by ``|``."""
    return [f"| {head} |", "|" + "---|" * (head.count("|") + 1), *(f"| {' | '.join(row)} |" for row in rows), ""]


def markdown(report: dict) -> str:
    """The report as a page."""
    sections = (
        _opening,
        _aims,
        _verdict,
        _families,
        _calibration,
        _baselines,
        _probes,
        _annotated,
        _injected,
        _explanations,
        _left_out_families,
        _tried,
    )
    return "\n".join(line for section in sections for line in section(report))


def _opening(report: dict) -> list[str]:
    test = report["figures"]["testSet"]
    return [
        f"# TraceNet {report['version']}: figures on the {report['split']} split",
        "",
        f"{test['generated']} generated clips ({', '.join(test['generatedFamilies'])}) and {test['real']} real clips; none "
        "of these families and sources was trained on. Brackets: bootstrap 95 % intervals over clips.",
        "",
    ]


def _aim_figure(aim: dict) -> str:
    text = "not measured" if aim["figure"] is None else interval(aim["figure"])
    return f"{text}; {aim['note']}" if aim["note"] else text


def _aim_outcome(aim: dict) -> str:
    return {True: "met", False: "**missed**", None: "not measured"}[aim["met"]]


def _aims(report: dict) -> list[str]:
    rows = [[aim["name"], aim["wanted"], _aim_figure(aim), _aim_outcome(aim)] for aim in report["aims"]]
    return [
        "## Aims",
        "",
        "What this model was meant to reach on clips it has never seen, set beforehand, and what it reaches. Trace "
        'figures are those of what the app shows; "asked outright" is explained [below](#traces-on-the-annotated-clips-machine-made-labels). '
        "What was tried for each is [at the end](#what-was-tried).",
        "",
        *table("measure | aim | reached | outcome", rows),
    ]


def _tried(report: dict) -> list[str]:
    lines = [
        "## What was tried",
        "",
        "By the aim it served. Figures of trials are out of fold (training split, generator families and real sources left "
        "out) or on validation, where nothing else is said; the test split chose nothing.",
        "",
    ]
    for topic, title in TOPICS.items():
        reached = [
            f"- {aim['name']}: {_aim_figure(aim)} (aim: {aim['wanted']}), {_aim_outcome(aim)}"
            for aim in report["aims"]
            if aim["topic"] == topic
        ]
        text = report["tried"].get(topic, "Nothing is recorded.")
        lines += [f"### {title}", "", f"Version {report['version']} on test:", "", *reached, "", text, ""]
    return lines


def _verdict(report: dict) -> list[str]:
    rows = [
        [VIEWS[view], *(interval(figures[name]) for name in VERDICT), f"{report['aucCost'][view]:+.3f}"]
        for view, figures in report["views"].items()
    ]
    stock = report["stockAndBroadcast"]
    return [
        "## Verdict",
        "",
        "Accuracies at probability 0.5; the last column is the change of the AUC against the clips as stored.",
        "",
        *table(f"view | {VERDICT_HEAD} | AUC cost", rows),
        f"Real stock and broadcast footage alone ({stock['clips']} clips): real right {interval(stock['realAccuracy'])}, "
        f"AUC of the generated clips against it {interval(stock['auc'])}.",
        "",
        "Each input of the fusion alone (AUC): "
        + ", ".join(f"{name} {value:.3f}" for name, value in report["features"].items())
        + ".",
        "",
    ]


def _families(report: dict) -> list[str]:
    rows = [
        [
            name,
            "generated" if row["generated"] else "real",
            str(row["clips"]),
            f"{row['right']:.3f}",
            f"{row['mean']:.3f}",
            str(row["substantialEvidence"]),
            interval(row["auc"]) if "auc" in row else "",
        ]
        for name, row in report["families"].items()
    ]
    head = "family | class | clips | right | mean probability | in substantial-evidence | AUC against all reals"
    return ["### By family (as stored)", "", *table(head, rows)]


def _count(entry: dict) -> str:
    return f"{entry['count']} of {entry['of']} ({entry['upper95']:.3f})"


def _calibration(report: dict) -> list[str]:
    flagged, test = report["flagged"], report["figures"]["testSet"]
    clean, balanced = report["views"]["clean"], report["balanced"]
    bins = [
        [
            f"{row['from']:.1f}",
            str(row["clips"]),
            *(f"{value:.3f}" for one in (row, alike) for value in (one["predicted"], one["observed"])),
        ]
        for row, alike in zip(report["calibration"]["reliability"], balanced["reliability"], strict=True)
    ]
    risk = report["calibration"]["riskCoverage"]
    risks = [[f"{row['coverage']:.0%}", f"{row['risk']:.3f}"] for row in risk["table"]]
    flags = [[VIEWS[view], *(_count(row[k]) for k in ("real", "stock", "generated"))] for view, row in flagged.items()]
    return [
        "## Calibration and bands",
        "",
        "Clips in `substantial-evidence`, in brackets the one-sided 95 % upper bound of the rate (Clopper-Pearson):",
        "",
        *table("view | real | of these stock and broadcast | generated", flags),
        f"Shares of the bands: {json.dumps(report['bands'])}",
        "",
        *table(f"probability from | clips | predicted | observed | {ALIKE}: predicted | observed", bins),
        f"The split has {test['generated']} generated and {test['real']} real clips, while the fusion was fitted so that both "
        "classes are equally frequent; so the error is also given with the clips weighted until both classes count alike, "
        f"which takes the split's mix out of it: ECE {interval(balanced['ece'])}, Brier {interval(balanced['brier'])}, beside "
        f"{interval(clean['ece'])} and {interval(clean['brier'])} for the clips as they are.",
        "",
        f"Error among the surest clips (distance from 0.5); area under this curve (AURC) {risk['aurc']:.4f}:",
        "",
        *table("coverage | error", risks),
    ]


def _baselines(report: dict) -> list[str]:
    names = {
        "blockDctLogisticAuc": "block-DCT statistics, logistic regression (weighted by source)",
        "blockDctLogisticUnweightedAuc": "block-DCT statistics, logistic regression (every clip alike)",
        "d3Auc": "D3: flatness of second differences of trunk features (arXiv 2508.00701), no training",
        "restravCurvatureAuc": "ReStraV: mean curvature of trunk features (arXiv 2507.00583), no training",
    }
    rows = [[names.get(name, name), interval(entry)] for name, entry in report["baselines"].items()]
    return ["## Baselines (AUC on the same clips)", "", *table("baseline | AUC", rows)]


def _probes(report: dict) -> list[str]:
    again = report["rebalanced"]
    found = again["probes"] if again else report["figures"]["probes"]
    rows = [[name, f"{value:.3f}", f"{found[name]:.3f}"] for name, value in report["figures"]["probes"].items()]
    lines = ["## Shortcut probes", "", "AUC of single properties of the same files, each alone (the larger side).", ""]
    lines += table("property | test set as it is | re-balanced", rows)
    if again:
        lines += [
            f"Re-balanced: clips weighted (entropy balancing of ranks) in {', '.join(again['balanced'])}; effective clips "
            f"{again['effectiveGenerated']:.0f} generated, {again['effectiveReal']:.0f} real. The verdict there: AUC "
            f"{interval(again['auc'])}, TPR at 5 % FPR {interval(again['truePositiveRateAt5'])}, generated right "
            f"{interval(again['fakeAccuracy'])}, real right {interval(again['realAccuracy'])}.",
            "",
        ]
    return lines


def _trace_table(shown: dict, outright: dict) -> list[str]:
    """``shown``: of what the app shows; ``outright``: of the best candidate where it shows nothing."""
    rows = [
        [label, interval(shown[name]), "" if label.startswith("-") else interval(outright[name])]
        for name, label in TRACE_ROWS
        if name in shown
    ]
    return table("measure | as the app shows it | asked outright", rows)


def _annotated(report: dict) -> list[str]:
    false, sure = report["falseTraces"], report["sure"]
    return [
        "## Traces on the annotated clips (machine-made labels)",
        "",
        f"The best-scored trace of a clip against every annotated row ({report['localisation']['rows']['value']} rows on "
        f"{report['localisation']['clips']['value']} clips); no trace counts as the worst answer. As the app shows it: a clip whose verdict is "
        "below the band shows no trace unless one is strong. Asked outright: every clip is known to be generated, as in "
        "DeeptraceReward's evaluation, and the model names its best candidate where the app shows nothing, however weak.",
        "",
        *_trace_table(report["localisation"], report["outright"]),
        f"Only the {sure['shown']['rows']['value']} rows on {sure['shown']['clips']['value']} clips that the annotating model "
        f"gave a confidence of {sure['confidence']} or more. The first trace of one pass agrees with such rows of another pass at a "
        "box IoU of 0.65 and a start distance of 0.094; with all rows at 0.45 and 0.169 (measured on other clips):",
        "",
        *_trace_table(sure["shown"], sure["outright"]),
        f"False traces on real clips: {false['count']} in {false['minutes']} minutes ({false['perMinute']} a minute), on "
        f"{false['clipsWithTrace']} of {false['of']} clips.",
        "",
    ]


def _recipes(figures: dict[str, dict]) -> list[str]:
    rows = [
        [name, str(row["rows"]["value"]), *(interval(row[key]) for key, _ in RECIPE)] for name, row in figures.items()
    ]
    return table("recipe | clips | " + " | ".join(label for _, label in RECIPE), rows)


def _injected(report: dict) -> list[str]:
    lines = ["## Traces on held-out injected clips", ""]
    injected = report["injected"]
    if injected is None:
        return [*lines, "Not measured: there are no outputs for them.", ""]
    lines += [
        "Artifacts put into real clips whose sources serve no injected training clip; those of the training split were seen "
        "in training untouched, as negatives, those of validation and test never. An artifact does not make a clip "
        "generated, so traces count from the threshold of likely generated clips on.",
        "",
        *_trace_table(injected["all"], injected["outright"]),
        "### By recipe",
        "",
        *_recipes(injected["byRecipe"]),
        "### By split of the source clip",
        "",
        *_recipes(injected["bySplit"]),
        "### Each recipe left out of training",
        "",
    ]
    if report["leftOutRecipes"]:
        lines += _recipes(report["leftOutRecipes"])
    else:
        lines += ["Not measured: no model was trained without a recipe.", ""]
    shams = report["shams"]
    rows = [
        [label, str(shams[k]["of"]), str(shams[k]["clipsWithTrace"]), str(shams[k]["perMinute"])]
        for k, label in (("untouchedReal", "untouched real"), ("sham", "sham"), ("benign", "benign edit"))
        if k in shams
    ]
    lines += ["### False alarms", "", *table("clips | number | with a trace | traces a minute", rows)]
    if "fisherP" in shams:
        lines += [f"Sham against untouched real, Fisher's exact test: p = {shams['fisherP']:.3f}.", ""]
    return lines


def _explanations(report: dict) -> list[str]:
    found = report["explanations"]
    lines = ["## Explanations on the annotated clips", ""]
    if found is None:
        return [*lines, "Not measured: there is no file of statements.", ""]
    lines += table("measure | value", [[label, interval(found[name])] for name, label in EXPLANATION])
    sources = ", ".join(f"{count} by {name}" for name, count in found["bySource"].items())
    lines += [
        f"{found['statements']} statements ({sources}), {found['distinct']} different ones; {found['contradicting']} "
        f"contradict their own box, time or category ({found['contradictingShare']:.1%}).",
        "",
        *(f"- {json.dumps(row['words'])}: {row['text']}" for row in found["contradictions"]),
    ]
    return [*lines, ""] if found["contradictions"] else lines


def _left_out_families(report: dict) -> list[str]:
    lines = ["## Each generator family left out of training", ""]
    found = report["leftOutFamilies"]
    if not found:
        return [*lines, "Not measured: there are no out-of-fold logits.", ""]
    first = next(iter(found.values()))
    lines += [
        "Training split, folds that keep families and real sources whole; every family against all held-out real clips "
        f"({first['overall']['real']}).",
        "",
    ]
    names = list(found)
    families = sorted(first["families"], key=lambda name: -first["families"][name]["clips"])
    rows = [
        [name, str(first["families"][name]["clips"])]
        + [interval(found[s]["families"][name]["auc"]) if name in found[s]["families"] else "" for s in names]
        for name in families
    ]
    rows.append(["**all**", str(first["overall"]["clips"]), *(interval(found[s]["overall"]["auc"]) for s in names)])
    stock = [found[s]["overall"]["stockAndBroadcastAuc"] for s in names]
    rows.append(["**all, against stock and broadcast**", "", *(interval(entry) if entry else "" for entry in stock)])
    return [*lines, *table("family | clips | " + " | ".join(names), rows)]
