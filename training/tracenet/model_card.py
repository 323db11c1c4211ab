"""The model card beside the shipped files, filled from manifest and report."""

from __future__ import annotations

import json
from pathlib import Path

from .report import VIEWS, interval, table

FAILURES = "failures/failures.json"


def write_card(model: Path, report: dict) -> None:
    """Write ``MODEL_CARD.md`` into the folder of a model, with the pictures that ``failure_pictures.py`` put there.

    ``report``: the JSON of ``evaluate.py``. Raises ``ValueError`` where report or pictures are of another version.
    """
    manifest = json.loads((model / "model.json").read_text(encoding="utf-8"))
    path = model / FAILURES
    failures = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
    for name, other in (("report", report), ("failures", failures)):
        if other and other["version"] != manifest["version"]:
            raise ValueError(f"{name}: version {other['version']}, but the model has {manifest['version']}")
    (model / "MODEL_CARD.md").write_text(card(manifest, report, failures), encoding="utf-8")


def _pictures(failures: dict | None) -> list[str]:
    """The section of the failure cases with pictures. ``failures``: the listing of ``failure_pictures.py``."""
    if failures is None:
        return ["No pictures were made for this version.", ""]
    clips = failures["clips"]
    lines = [
        "Picked by rule, not by taste, from the test clips whose licence lets their stills be shown here: "
        f"{clips['generated']} generated and {clips['real']} real ones of {clips['of']}. Four moments of each clip. Orange, "
        "full lines: the model's traces; white, broken lines: the annotations; thick: the leading trace and the annotation "
        "it overlaps most, whose times the bars show over the length of the clip.",
        "",
    ]
    for case in failures["cases"]:
        source, licence = case["source"], case["licence"]
        lines += [
            f"### {case['title']}",
            "",
            f"![{case['title']}: four stills of the clip with the boxes of the model and of the annotation](failures/{case['file']})",
            "",
            f"Rule: {case['rule']}. {case['caption']}",
            "",
            f"`{source['original'].rsplit('/', 1)[-1]}` of [{source['repository']}](https://github.com/{source['repository']}), "
            f"{licence['rights']}, [{licence['licence']}]({licence['licenceUrl']}), changed; see [notice](failures/NOTICE.md).",
            "",
        ]
    for case in failures["without"]:
        lines += [
            f"### {case['title']}",
            "",
            f"No picture: none of the clips that may be shown is such a case ({case['rule']}). How often it happens is in "
            "the figures above.",
            "",
        ]
    return lines


def _aims(report: dict) -> list[str]:
    missed = [aim["name"] for aim in report["aims"] if aim["met"] is False]
    met = sum(aim["met"] is True for aim in report["aims"])
    text = f"Of {len(report['aims'])} aims set beforehand this version meets {met}"
    return [f"{text}; it misses: {'; '.join(missed)}." if missed else f"{text}.", ""]


def _compression(report: dict) -> str:
    """How strong compression moves the verdict; nothing where it was not measured."""
    if "crf35" not in report["views"]:
        return ""
    before, after = report["views"]["clean"], report["views"]["crf35"]
    return (
        f"- Heavy compression ({VIEWS['crf35']}) changes the share of generated clips called generated from "
        f"{before['fakeAccuracy']['value']:.2f} to {after['fakeAccuracy']['value']:.2f},\n  that of real clips called real from "
        f"{before['realAccuracy']['value']:.2f} to {after['realAccuracy']['value']:.2f}.\n"
    )


def _explained(found: dict | None) -> str:
    """Rows on the explanations; nothing where there are none."""
    if found is None:
        return ""
    return (
        f"| explanations: subject right, category right | {interval(found['subjectRight'])}, "
        f"{interval(found['categoryRight'])} |\n"
        f"| explanations that contradict their own box, time or category | {found['contradicting']} of "
        f"{found['statements']} |\n"
    )


def _outright(report: dict) -> list[str]:
    shown, outright, sure = report["localisation"], report["outright"], report["sure"]
    every, surer = (shown, outright), (sure["shown"], sure["outright"])
    surest = f"box IoU, the {sure['shown']['rows']['value']} rows of confidence {sure['confidence']} or more"
    rows = [
        [label, *(interval(figures[name]) for figures in part)]
        for name, label, part in (
            ("boxIou", "box IoU", every),
            ("boxIou", surest, surer),
            ("boxIouAboveTrivial", "box IoU above the best trivial box", every),
            ("timeDistance", "start time distance", every),
            ("categoryMacroF1", "category macro-F1", every),
            ("found", "rows in clips with a trace", every),
        )
    ]
    return [
        f"Traces on the {shown['clips']['value']} annotated clips, as the app shows them and asked outright, that is, where the "
        "model has to name its best trace in every clip because all are known to be generated:",
        "",
        *table("measure | as the app shows it | asked outright", rows),
    ]


def card(manifest: dict, report: dict, failures: dict | None = None) -> str:
    """Markdown. ``report``: the JSON of ``evaluate.py``; ``failures``: the listing of ``failure_pictures.py``."""
    balanced = report["balanced"]
    explained, cinema = report["explanations"], report["stockAndBroadcast"]
    f = report["figures"]
    test, flagged, stock = f["testSet"], f["realFlagged"], f["realFlaggedStockBroadcast"]
    false = report["falseTraces"]
    views = ", ".join(f"{name} {value:.3f}" for name, value in f["aucByView"].items())
    sizes = {name: entry["bytes"] / 1e6 for name, entry in manifest["sessions"].items()}
    return f"""# TraceNet {manifest["version"]}

Judges short windows of video: was this made by a generative model, and where and when does it show?
Two small networks that run in the browser: `trace.onnx` ({sizes["trace"]:.1f} MB; 12 frames of 224 pixels: verdict logit, trace
maps) and `forensic.onnx` ({sizes["forensic"]:.1f} MB; eight unscaled crops of 160 pixels: a logit each). A logistic fusion gives
one probability and three bands.

## Intended use
- A first screening aid for people who look at the clip themselves: a reason to look closer, and where to look. Journalists
  who check a clip before they ask further, teachers who show what gives generated videos away, researchers who need a
  small detector to compare with.
- Clips of at least 0.7 s and 120 pixels, as they come from cameras or from text-to-video and image-to-video generators.
- With its error rates beside it: report the band and the figures below, not the probability alone.

## What it must not be used for
- Not proof, in either direction. "No strong signs" does not mean real. No decision about a person should rest on it, and no
  accusation, takedown, ranking or moderation should follow from it without a person who looked.
- Not for running over many clips unseen: at a small share of generated clips most of what is flagged is real.
- Not trained for face swaps, lip sync, edited or partly generated footage, animation, games or screen recordings.
- Traces are suspicious regions, not findings. On unseen generators their boxes overlap the annotated ones by
  {f["boxIou"]["value"]:.2f} where a box in the middle of the frame overlaps them by {f["centreBoxIou"]["value"]:.2f}; their start times are
  off by {f["timeDistance"]["value"]:.2f} of the clip where "from the start" is off by {f["timeDistanceStartAtZero"]["value"]:.2f}.

## Data
{manifest["data"]["description"]}. Collected until {manifest["data"]["until"]}.
**Who annotated: no person did.** Trace labels are {manifest["data"]["annotation"]}. A second independent pass agreed with the first at a box IoU of 0.45
(0.65 for the first, surer trace) and on the category in 53 % (66 %) of the cases.

Generator families seen in training: {", ".join(manifest["data"]["generatorFamiliesTrained"])}.

## Figures
Test split: {test["generated"]} generated clips ({", ".join(test["generatedFamilies"])}) and {test["real"]} real clips, all families and
sources unseen in training. Brackets: bootstrap 95 % intervals.

| measure | value |
|---|---|
| AUC | {interval(f["auc"])} |
| true positive rate at 5 % false positives | {interval(f["truePositiveRateAt5"])} |
| accuracy at probability 0.5 | {interval(f["accuracy"])} |
| generated clips right | {interval(f["fakeAccuracy"])} |
| real clips right | {interval(f["realAccuracy"])} |
| calibration error (ECE) | {interval(f["ece"])} |
| - both classes weighted alike | {interval(balanced["ece"])} |
| Brier score | {interval(f["brier"])} |
| - both classes weighted alike | {interval(balanced["brier"])} |
| real clips in "substantial evidence" | {flagged["count"]} of {flagged["of"]} (95 % upper bound {flagged["upper95"]:.3f}) |
| of these stock and broadcast | {stock["count"]} of {stock["of"]} |
| trace box IoU | {interval(f["boxIou"])} |
| centre box, whole frame | {interval(f["centreBoxIou"])}, {interval(f["wholeFrameIou"])} |
| start time distance | {interval(f["timeDistance"])} |
| always answering 0 s | {interval(f["timeDistanceStartAtZero"])} |
| category macro F1 | {interval(f["categoryMacroF1"])} |
| false traces a minute of real video | {false["perMinute"]} (on {false["clipsWithTrace"]} of {false["of"]} clips) |
{_explained(explained)}| block-DCT regression (no learned features), AUC | {f["baselines"]["blockDctLogisticAuc"]:.3f} here, 0.80 as published with the data |

{chr(10).join(_aims(report))}
{chr(10).join(_outright(report))}
AUC by re-encoding: {views}. Single properties of the same clips (frame count, height, sharpness ...) reach an AUC of up
to {max(f["probes"].values()):.2f}; see `training/reports/{manifest["version"]}.md`.

The bands were chosen on training clips held out by family and source and on the validation split: at most 5 % of
the real clips, and at most 5 % of the real stock and broadcast clips alone, fall into "substantial evidence".

## Known failures
- Real footage that looks cinematic: {interval(cinema["realAccuracy"])} of the {cinema["clips"]} stock and broadcast clips are right, against
  {interval(f["realAccuracy"])} of all real ones.
- Part of the verdict rests on look and content; a plain, phone-like generated clip can pass unnoticed.
{_compression(report)}- Times: most annotated traces last for the whole clip; onset and offset come from where a trace is seen, and the
  answer "from the start" is hard to beat.
- Categories: the macro-F1 is {f["categoryMacroF1"]["value"]:.3f}, and {report["localisation"]["categoryMacroF1MostCommon"]["value"]:.3f} for who always names the most common one; rare ones (splitting,
  disappearance, blurring) have few examples to learn from.
- Real clips were few, older and rougher than the generated ones. Generators newer than those listed above may pass
  more often than the figures say.
- Probabilities are not calibrated for any real mix of clips: the fit weights both classes alike.

## Failure cases with pictures
{chr(10).join(_pictures(failures))}"""
