"""The model card beside the shipped files, filled from manifest and report."""

from __future__ import annotations


def interval(entry: dict) -> str:
    """``0.812 (0.75 to 0.87)``."""
    text = f"{entry['value']:.3f}"
    return f"{text} ({entry['low']:.3f} to {entry['high']:.3f})" if "low" in entry else text


def card(manifest: dict, report: dict) -> str:
    """Markdown. ``report``: the JSON of ``evaluate.py``."""
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
A first screening aid for people who look at the clip themselves: a reason to look closer, and where to look.

## Not for
- Not proof, in either direction. "No strong signs" does not mean real. No decision about a person should rest on it.
- Not trained for face swaps, lip sync, edited or partly generated footage, animation, games or screen recordings.
- Traces are suspicious regions, not findings: on unseen generators their boxes are little better than a box in the
  middle of the frame, and their times and categories no better than fixed answers (below).

## Data
{manifest["data"]["description"]}. Collected until {manifest["data"]["until"]}.
Trace labels are {manifest["data"]["annotation"]}. A second independent pass agreed with the first at a box IoU of 0.45
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
| Brier score | {interval(f["brier"])} |
| real clips in "substantial evidence" | {flagged["count"]} of {flagged["of"]} (95 % upper bound {flagged["upper95"]:.3f}) |
| of these stock and broadcast | {stock["count"]} of {stock["of"]} |
| trace box IoU | {interval(f["boxIou"])} |
| centre box, whole frame | {interval(f["centreBoxIou"])}, {interval(f["wholeFrameIou"])} |
| start time distance | {interval(f["timeDistance"])} |
| always answering 0 s | {interval(f["timeDistanceStartAtZero"])} |
| category macro F1 | {interval(f["categoryMacroF1"])} |
| false traces a minute of real video | {false["perMinute"]} (on {false["clipsWithTrace"]} of {false["of"]} clips) |
| block-DCT regression (no learned features), AUC | {f["baselines"]["blockDctLogisticAuc"]:.3f} here, 0.80 as published with the data |

AUC by re-encoding: {views}. Single properties of the same clips (frame count, height, sharpness ...) reach an AUC of up
to {max(f["probes"].values()):.2f}; see `training/reports/{manifest["version"]}.md`.

The bands were chosen on training clips held out by family and source and on the validation split: at most 5 % of
the real clips, and at most 5 % of the real stock and broadcast clips alone, fall into "substantial evidence".

## Known failures
- Real footage that looks cinematic (stock, film, television) is mistaken more often than plain footage.
- Part of the verdict rests on look and content; a plain, phone-like generated clip can pass unnoticed.
- Heavy compression lowers the probability of generated clips: fewer are called generated (see the report), while real
  clips stay as safe as before.
- Times: most annotated traces last for the whole clip; onset and offset come from where a trace is seen, and the
  answer "from the start" is hard to beat.
- Rare categories (splitting, disappearance, blurring, background) are hardly ever named; the category is mostly
  object distortion.
- Real clips were few (338), older and rougher than the generated ones. Generators newer than those listed above may
  pass more often than the figures say.
- Probabilities are not calibrated for any real mix of clips: the fit weights both classes alike.
"""
