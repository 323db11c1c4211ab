"""The report of a small made-up data set, from raw outputs to the written page."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pytest
from made_up import BOX, DECODING, raw_outputs

import evaluate
from tracenet.contract import CATEGORIES
from tracenet.figures import outcome, traces
from tracenet.model_card import card
from tracenet.report import markdown


def save(path: Path, values: dict[str, np.ndarray]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **values)


def write_lines(path: Path, rows: list[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")


def make_data(data: Path) -> list[dict]:
    """Twelve training and twelve test clips, half of them generated; the test ones are annotated."""
    clips = []
    for k in range(24):
        generated, split = k % 2 == 0, "train" if k < 12 else "test"
        family = f"model{k % 4}-{split}" if generated else ("stock" if k % 4 == 1 else "dataset")
        row = {"id": f"{k:012x}", "label": "generated" if generated else "real", "family": family, "split": split}
        clips.append(row | {"source": f"{family}{k % 3}"})
        (data / "clips").mkdir(parents=True, exist_ok=True)
        (data / "clips" / f"{row['id']}.mp4").write_bytes(b"x" * 1000)
    write_lines(data / "clips.jsonl", clips)
    trace = {"category": CATEGORIES[0], "box": BOX, "start": 0, "end": 2, "subject": "hand", "confidence": 0.8}
    trace["explanation"] = "The hand bends like rubber."
    annotated = [row["id"] for row in clips if row["label"] == "generated" and row["split"] == "test"]
    write_lines(data / "annotations.jsonl", [{"id": name, "traces": [trace]} for name in annotated])
    return clips


def make_work(work: Path, clips: list[dict], rng: np.random.Generator) -> None:
    """Outputs of two views, baselines, features, injected clips and out-of-fold logits."""
    root = work / "outputs" / "9.9.9"
    test = [row for row in clips if row["split"] == "test"]
    for row in test:
        for view in ("clean", "crf35"):
            save(root / f"{view}-test" / f"{row['id']}.npz", raw_outputs(row["label"] == "generated", rng))
        save(work / "features" / "clean" / f"{row['id']}.npz", {"s32": rng.normal(size=(12, 320, 7, 7))})
    baselines = work / "baselines"
    save(baselines / "block_dct.npz", {row["id"]: rng.normal(size=133) for row in clips})
    probes = {row["id"]: {"height": float(rng.integers(4)), "fps": 6.0} for row in test}
    (baselines / "probes.json").write_text(json.dumps(probes))
    (baselines / "saliency.json").write_text(json.dumps({row["id"]: BOX for row in test}))
    held = []
    for k, kind in enumerate([*CATEGORIES, "sham", "benign-cut"]):
        name = f"{k:012x}-0"
        track = [{"t": g / 6, "box": BOX} for g in range(12)]
        trace = {"category": kind, "box": BOX, "start": 0.0, "end": 2.0, "track": track, "subject": "object"}
        traces = [trace] if kind in CATEGORIES else []
        held.append({"id": name, "kind": kind, "split": "test", "heldOut": True, "traces": traces})
        save(root / "injected-held-out" / f"{name}.npz", raw_outputs(bool(traces), rng))
    save(root / "without-object-merging" / "000000000004-0.npz", raw_outputs(True, rng))
    write_lines(work / "injected" / "injected.jsonl", held)
    statement = {"box": BOX, "start": 0.0, "end": 2.0, "category": CATEGORIES[0], "subject": "hand"}
    statement["explanation"] = "In the middle, the hand bends throughout the clip."
    write_lines(root / "explanations-test.jsonl", [{"id": row["id"]} | statement for row in test[::2]])
    for head in ("verdict", "forensic"):
        (work / head).mkdir()
        logits = {row["id"]: [float(rng.normal())] for row in clips if row["split"] == "train"}
        (work / head / "out_of_fold.json").write_text(json.dumps(logits))


@pytest.fixture
def arguments(tmp_path, monkeypatch) -> argparse.Namespace:
    for module in (outcome, traces):
        monkeypatch.setattr(module, "ROUNDS", 20)
    rng = np.random.default_rng(0)
    clips = make_data(tmp_path / "data")
    make_work(tmp_path / "work", clips, rng)
    manifest = {
        "version": "9.9.9",
        "decoding": DECODING,
        "verdict": {
            "bias": 0.0,
            "weights": {"verdictLogitMean": 1.0},
            "bands": {"noStrongSigns": 0.3, "substantialEvidence": 0.9},
        },
        "sessions": {"trace": {"bytes": 1000}, "forensic": {"bytes": 1000}},
        "data": {"description": "made up", "until": "2026-01", "annotation": "made up", "generatorFamiliesTrained": []},
    }
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.json").write_text(json.dumps(manifest))
    return argparse.Namespace(
        data=tmp_path / "data", work=tmp_path / "work", model=tmp_path / "model", split="test", manifest=manifest
    )


def test_the_report_has_every_section_and_figure(arguments):
    report = evaluate.evaluate(arguments)
    figures = report["figures"]
    # The trace covers exactly the annotated box and all of the clip.
    assert figures["boxIou"]["value"] == 1.0 and figures["timeDistance"]["value"] == 0.0
    assert figures["endTimeDistance"]["value"] == 0.0 and figures["tubeRecall"]["value"] == 1.0
    assert figures["saliencyBoxIou"]["value"] == 1.0 and figures["wholeFrameIou"]["value"] == 0.25
    assert set(report["views"]) == {"clean", "crf35"} and report["aucCost"]["clean"] == 0.0
    assert report["falseTraces"]["count"] == 0
    injected = report["injected"]
    assert set(injected["byRecipe"]) == set(CATEGORIES) and injected["all"]["boxIou"]["value"] == 1.0
    assert set(report["leftOutRecipes"]) == {"object-merging"}
    assert report["shams"]["sham"]["of"] == 1 and report["shams"]["fisherP"] == 1.0
    assert report["explanations"]["contradicting"] == 0 and report["explanations"]["statements"] == 6
    assert set(report["leftOutFamilies"]) == {"verdict", "forensic", "sum of both"}
    assert {"d3Auc", "restravCurvatureAuc", "blockDctLogisticAuc"} <= set(report["baselines"])
    # Every generated clip shows its trace, so asking outright changes nothing.
    assert report["outright"]["boxIou"] == report["localisation"]["boxIou"]
    assert report["injected"]["outright"]["found"]["value"] == 1.0
    page = markdown(json.loads(json.dumps(report)))
    rows = {"a": [{"confidence": 0.5}, {"confidence": 0.45}], "b": [{"confidence": 0.2}]}
    assert evaluate.sure_rows(rows) == {"a": [{"confidence": 0.5}], "b": []}
    assert report["sure"]["shown"]["rows"] == report["localisation"]["rows"]
    for heading in ("## Aims", "## What was tried", "### Start time", "asked outright", "both classes weighted alike"):
        assert heading in page
    for heading in ("## Verdict", "By family", "Shortcut probes", "By recipe", "False alarms", "left out of training"):
        assert heading in page
    assert "Not measured" not in page and "nan" not in page
    assert "9.9.9" in card(arguments.manifest, report)


def test_what_has_no_outputs_is_said_to_be_unmeasured(arguments):
    work = arguments.work
    (work / "outputs" / "9.9.9" / "explanations-test.jsonl").unlink()
    (work / "injected" / "injected.jsonl").unlink()
    for head in ("verdict", "forensic"):
        (work / head / "out_of_fold.json").unlink()
    report = evaluate.evaluate(arguments)
    assert report["injected"] is None and report["explanations"] is None and report["leftOutFamilies"] == {}
    page = markdown(report)
    assert page.count("Not measured") == 3
    outcomes = {aim["name"]: aim["met"] for aim in report["aims"]}
    assert outcomes["box IoU on injected clips"] is None
    assert outcomes["statements that contradict their own slots"] is None
    assert "| box IoU on injected clips | at least 0.35 | not measured | not measured |" in page
    assert "Not measured" not in card(arguments.manifest, report) and "No pictures" in card(arguments.manifest, report)
