"""The networks, their targets, and the exported files."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import onnxruntime
import pytest
import torch

from tracenet import contract
from tracenet.losses import giou
from tracenet.model import (
    CROP_STATISTICS,
    HEADS,
    CoverageHead,
    CropStatistics,
    ForensicNet,
    TraceHead,
    TraceNet,
    VerdictHead,
    window_statistics,
)
from tracenet.onnx_export import export
from tracenet.preprocess import golden_lattice, letterbox_geometry
from tracenet.sampling import Window
from tracenet.statistics import frame_statistics
from tracenet.statistics import window_statistics as cached_window_statistics
from tracenet.subjects import SUBJECTS, coarse_subject
from tracenet.targets import Annotation, window_targets
from tracenet.trunk import Lite0, fold_batch_norm
from tracenet.verdict import band, fit_logistic, upper_threshold, verdict_features


def test_giou_of_equal_and_of_halved_boxes():
    one = torch.tensor([[1.0, 1.0, 1.0, 1.0]])
    half = torch.tensor([[1.0, 1.0, 0.0, 1.0]])
    assert giou(one, one).item() == pytest.approx(1.0)
    assert giou(half, one).item() == pytest.approx(0.5)


def test_targets_point_back_to_the_box():
    annotation = Annotation(2, 1, (0.25, 0.25, 0.75, 0.75), 0.5, 1.5, 0.5)
    geometry = letterbox_geometry(224, 224)
    target = window_targets([annotation], geometry, list(range(12)), generated=True)
    active = [k for k in range(12) if (target["owner"][k] >= 0).any()]
    assert active == [3, 4, 5, 6, 7, 8, 9]
    k, y, x = np.argwhere(target["owner"] >= 0)[0]
    left, top, right, bottom = target["box"][k, :, y, x]
    centre_x, centre_y = (x + 0.5) * 16, (y + 0.5) * 16
    np.testing.assert_allclose(
        [centre_x - left, centre_y - top, centre_x + right, centre_y + bottom], [56, 56, 168, 168]
    )
    np.testing.assert_allclose(target["boundary"][3][:, y, x], [0.0, 1.0], atol=1e-6)
    real = window_targets([], geometry, list(range(12)), generated=False)
    assert not real["objectness"].any() and (real["weight"] == 1).all()


def test_coarse_subjects():
    words = {"dog's front leg": "leg", "man on the left": "person", "red vehicles": "car", "thing": "object"}
    for text, word in words.items():
        assert SUBJECTS[coarse_subject(text)] == word


def test_statistics_from_the_cache_equal_those_in_the_graph():
    rng = np.random.default_rng(0)
    s4, s8 = rng.random((14, 24, 56, 56), np.float32), rng.random((14, 40, 28, 28), np.float32)
    s16, s32 = rng.random((14, 112, 14, 14), np.float32), rng.random((14, 320, 7, 7), np.float32)
    from tracenet.features import low_statistics

    frames = frame_statistics({"low": low_statistics(s4, s8), "s16": s16, "s32": s32})
    cached = cached_window_statistics(frames, Window(1, 12))
    live = window_statistics(*(torch.from_numpy(m[1:13]) for m in (s4, s8, s16, s32)))
    np.testing.assert_allclose(cached, live[0].numpy(), rtol=1e-3, atol=1e-4)


def test_verdict_features_fit_and_bands():
    features = verdict_features([1.0, 3.0], [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], [])
    assert features == {
        "verdictLogitMean": 2.0,
        "verdictLogitMax": 3.0,
        "forensicLogitMean": 3.5,
        "forensicLogitTop": 6.5,
        "traceScoreMax": 0.0,
    }
    rows = np.array([[0.0], [1.0], [2.0], [3.0]])
    _, weights = fit_logistic(rows, np.array([1, 1, 0, 0], bool), np.full(4, 0.25), 1e-3, positive=True)
    assert weights[0] == 0.0
    values = np.linspace(0, 1, 21)
    threshold = upper_threshold(values, np.ones(21), 0.05)
    assert (values >= threshold).sum() == 1
    bands = {"substantialEvidence": 0.9, "noStrongSigns": 0.2}
    assert [band(p, bands) for p in (0.95, 0.5, 0.2)] == [
        "substantial-evidence",
        "inconclusive",
        "no-strong-signs",
    ]


def test_export_keeps_the_networks_results(tmp_path):
    torch.manual_seed(0)
    trace = TraceNet(Lite0((2, 4, 10, 15)), TraceHead(), VerdictHead(), [CoverageHead()]).eval()
    forensic = ForensicNet(CropStatistics(), VerdictHead(CROP_STATISTICS)).eval()
    cases = (
        (trace, (12, 3, 224, 224), "frames", [*HEADS, "verdict", "context", "coverage"]),
        (forensic, (8, 3, 160, 160), "crops", ["forensic"]),
    )
    for net, shape, name, outputs in cases:
        value = golden_lattice(shape[0], shape[2])
        with torch.inference_mode():
            expected = net(torch.from_numpy(value))
        expected = expected if isinstance(expected, tuple) else (expected,)
        for module in net.modules():
            if isinstance(module, Lite0):
                fold_batch_norm(module)
        path = tmp_path / f"{name}.onnx"
        export(net, shape, name, outputs, path)
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        for found, wanted in zip(session.run(None, {name: value}), expected, strict=True):
            assert found.shape == tuple(wanted.shape)
            # Weights are rounded to fp16.
            np.testing.assert_allclose(found, wanted.numpy(), rtol=0.05, atol=0.05)


def test_shipped_files_match_the_manifest(model_folder):
    manifest = json.loads((model_folder / "model.json").read_text(encoding="utf-8"))
    assert manifest["schema"] == contract.SCHEMA
    for entry in manifest["sessions"].values():
        data = (model_folder / entry["file"]).read_bytes()
        assert len(data) == entry["bytes"]
        assert hashlib.sha256(data).hexdigest() == entry["sha256"]
        shape = entry["input"]["shape"]
        session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
        values = session.run(None, {entry["input"]["name"]: golden_lattice(shape[0], shape[2])})
        for output, value in zip(session.get_outputs(), values, strict=True):
            golden = entry["golden"]["outputs"][output.name]
            assert list(value.shape) == entry["outputs"][output.name]
            np.testing.assert_allclose(
                value.reshape(-1)[golden["indices"]], golden["values"], atol=entry["golden"]["tolerance"]
            )
