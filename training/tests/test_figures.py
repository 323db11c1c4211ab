"""Figures of the report on cases worked out by hand."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest
from made_up import DECODING, raw_outputs
from scipy.ndimage import gaussian_filter

from tracenet.data import Clip
from tracenet.decode import DecodeSettings, Trace
from tracenet.figures import explanations, outcome, probes, traces, verdict
from tracenet.figures.injected import held_out_rows
from tracenet.figures.outcome import with_interval
from tracenet.injection.sentences import TEMPLATES, sentence
from tracenet.metrics import auc, balanced_weights, bootstrap, brier, expected_calibration_error
from tracenet.pipeline import traces_of
from tracenet.report import interval, table
from tracenet.saliency import energy_box, spectral_residual
from tracenet.training_free import curvature_score, second_order_score


@pytest.fixture(autouse=True)
def few_rounds(monkeypatch):
    """Intervals from a few draws: the values do not depend on them."""
    monkeypatch.setattr(outcome, "ROUNDS", 60)
    monkeypatch.setattr(traces, "ROUNDS", 60)


LEFT, RIGHT = (0.0, 0.0, 0.5, 1.0), (0.5, 0.0, 1.0, 1.0)


def trace(box, onset: float, offset: float, category: str = "object-merging", samples=(0, 1, 2)) -> Trace:
    """A predicted trace with a box that stands still."""
    return Trace(category, "hand", 0.9, onset, offset, list(box), [], [], list(samples), [list(box) for _ in samples])


def test_tubes_overlap_over_space_and_time():
    a = {0: LEFT, 1: LEFT}
    assert traces.tube_iou(a, {0: LEFT, 1: LEFT}) == 1.0
    # One shared sample of three with half of the frame in common: 0.5 / 3.
    assert traces.tube_iou(a, {1: (0.0, 0.0, 1.0, 1.0), 2: LEFT}) == pytest.approx(0.5 / 3)
    assert traces.tube_iou(a, {0: RIGHT, 1: RIGHT}) == 0.0


def test_times():
    assert traces.temporal_iou((0, 2), (1, 3)) == pytest.approx(1 / 3)
    assert traces.temporal_iou((0, 1), (2, 3)) == 0.0
    assert traces.time_distance(1, 3, 4) == 0.5 and traces.time_distance(0, 9, 4) == 1.0
    assert traces.samples_between(0.5, 1.0, 4.0) == [3, 4, 5]
    assert traces.samples_between(1.0, 1.0, 4.0) == [6]


def test_a_row_against_the_first_trace_of_its_clip():
    row = {"category": "object-merging", "box": LEFT, "start": 0, "end": 2, "subject": "x", "explanation": ""}
    truth = traces.truth_of("a", row, 4.0)
    assert sorted(truth.tube) == list(range(12))
    guesses = [trace(RIGHT, 1.0, 4.0), trace(LEFT, 0.0, 2.0, samples=range(12))]
    scores = traces.row_scores(truth, guesses, (0.0, 0.0, 0.5, 0.5))
    assert scores["boxIou"] == 0.0 and scores["bestOfAllBoxIou"] == 1.0
    assert scores["boxDistance"] == pytest.approx(0.5 / np.sqrt(2))
    assert scores["timeDistance"] == 0.25 and scores["endTimeDistance"] == 0.5
    assert scores["temporalIou"] == pytest.approx(0.25)
    assert scores["tubeRecall"] == 1.0 and scores["categoryAccuracy"] == 1.0
    assert scores["saliencyBoxIou"] == 0.5 and scores["wholeFrameIou"] == 0.5
    assert scores["endTimeDistanceAtEnd"] == 0.5 and scores["timeDistanceStartAtZero"] == 0.0


def test_a_track_gives_the_tube():
    row = {"category": "object-merging", "box": LEFT, "start": 0.5, "end": 0.833, "track": []}
    row["track"] = [{"t": 0.5, "box": LEFT}, {"t": 0.667, "box": RIGHT}]
    assert traces.truth_of("a", row, 2.0).tube == {3: LEFT, 4: RIGHT}


def test_figures_over_clips_with_and_without_a_trace():
    row = {"category": "object-merging", "box": LEFT, "start": 0, "end": 2}
    truths = [traces.truth_of(name, row, 2.0) for name in ("a", "b")]
    found = traces.trace_figures(truths, {"a": [trace(LEFT, 0, 2)]}, {"a": LEFT, "b": RIGHT})
    assert found["boxIou"]["value"] == 0.5 and found["found"]["value"] == 0.5
    assert (found["boxIou"]["low"], found["boxIou"]["high"]) == (0.0, 1.0)
    assert found["timeDistance"]["value"] == 0.5 and found["endTimeDistance"]["value"] == 0.5
    assert found["saliencyBoxIou"]["value"] == 0.5 and found["wholeFrameIou"]["value"] == 0.5
    assert found["boxIouAboveTrivial"]["value"] == pytest.approx(0.0)
    # Two rows of one class, one named right, one missed: F1 = 2 / (2 + 1).
    assert found["categoryMacroF1"]["value"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["categoryMacroF1MostCommon"]["value"] == 1.0


def test_false_traces_by_minute():
    found = traces.false_traces([[trace(LEFT, 0, 1)], [], [trace(LEFT, 0, 1), trace(RIGHT, 0, 1)]], [10, 10, 10])
    assert found == {"count": 3, "minutes": 0.5, "perMinute": 6.0, "clipsWithTrace": 2, "of": 3}


def test_risk_falls_on_the_unsure_half():
    found = verdict.risk_coverage([True, False, True, False], [0.99, 0.02, 0.45, 0.6])
    # Sorted by certainty: right, right, wrong (0.6), wrong (0.45): risks 0, 0, 1/3, 1/2.
    assert found["aurc"] == pytest.approx((1 / 3 + 1 / 2) / 4, abs=1e-4)
    risks = {row["coverage"]: row["risk"] for row in found["table"]}
    assert risks[1.0] == 0.5 and risks[0.5] == 0.0


def test_reliability_bins():
    (low, high) = verdict.reliability([True, False, False], [0.95, 0.91, 0.1])
    assert low == {"from": 0.1, "clips": 1, "predicted": 0.1, "observed": 0.0}
    assert high == {"from": 0.9, "clips": 2, "predicted": 0.93, "observed": 0.5}


def test_calibration_with_both_classes_alike():
    labels, p = np.array([True, True, True, False]), np.full(4, 0.95)
    # As they are: three of four generated, predicted 0.95. Alike: every generated clip weighs 1/6, the real one 1/2.
    assert expected_calibration_error(labels, p) == pytest.approx(0.2)
    assert brier(labels, p) == pytest.approx((3 * 0.0025 + 0.9025) / 4)
    np.testing.assert_allclose(balanced_weights(labels), [1 / 6, 1 / 6, 1 / 6, 1 / 2])
    found = verdict.balanced_calibration(labels, p)
    # The draws keep the number of clips of each class, and all probabilities are the same: no spread.
    assert found["ece"] == {"value": 0.45, "low": 0.45, "high": 0.45}
    assert found["brier"]["value"] == pytest.approx(0.5 * 0.0025 + 0.5 * 0.9025)
    assert found["reliability"] == [{"from": 0.9, "clips": 4, "predicted": 0.95, "observed": 0.5}]
    # Two bins: weights 1/4, 1/4 and 1/2; gaps 0.25 * 0.1, and 0.25 * 0.4 - 0.5 * 0.6 of the other two.
    labels, p = np.array([True, True, False]), np.array([0.9, 0.6, 0.6])
    assert expected_calibration_error(labels, p, weights=balanced_weights(labels)) == pytest.approx(0.225)


def test_the_costliest_view_is_compared_on_the_same_clips():
    labels = np.array([True, True, False, False])

    def seen(*p: float) -> SimpleNamespace:
        return SimpleNamespace(labels=labels, p=np.array(p), strata=[np.array([0, 1]), np.array([2, 3])])

    outcomes = {
        "clean": seen(0.9, 0.8, 0.2, 0.1),
        "crf28": seen(0.8, 0.7, 0.2, 0.1),
        "crf35": seen(0.9, 0.15, 0.2, 0.1),
    }
    # One of four pairs is the wrong way round under CRF 35; drawn twice each, that pair is all there is or absent.
    found = verdict.costliest_view(outcomes)
    assert found["view"] == "crf35" and found["cost"]["value"] == 0.25
    assert found["cost"]["low"] == 0.0 and found["cost"]["high"] == 1.0
    assert verdict.costliest_view({"clean": outcomes["clean"]}) is None


def test_who_must_answer_names_the_best_candidate():
    settings = DecodeSettings.from_manifest(DECODING)
    raw = raw_outputs(True, np.random.default_rng(0))
    strong = traces_of(raw, settings)
    assert outcome.best_candidate(raw, strong, settings) == strong[:1]
    # The same map, far below every threshold: nothing is decoded, but the place is still the likeliest.
    faint = raw | {"objectness": raw["objectness"] - 8.0}
    assert traces_of(faint, settings) == []
    (found,) = outcome.best_candidate(faint, [], settings)
    assert found.score < 0.01 and found.box == pytest.approx(strong[0].box, abs=1e-6)


def test_left_out_families_meet_all_reals():
    clips = [Clip("a", True, "wan", "wan", "train"), Clip("b", True, "svd", "svd", "train")]
    clips += [Clip("c", False, "stock", "s", "train"), Clip("d", False, "dataset", "t", "train")]
    found = verdict.left_out_families(clips, {"a": [3.0, 1.0], "b": [-1.0], "c": [0.0], "d": [-2.0]})
    assert found["families"]["wan"]["auc"]["value"] == 1.0
    assert found["families"]["svd"] == {"clips": 1, "auc": {"value": 0.5, "low": 0.0, "high": 1.0}}
    assert found["overall"]["auc"]["value"] == 0.75 and found["overall"]["real"] == 2
    assert found["overall"]["stockAndBroadcastAuc"]["value"] == 0.5


def test_an_interval_of_a_constant_is_that_constant():
    assert with_interval(lambda i: 0.25, [np.arange(4)]) == {"value": 0.25, "low": 0.25, "high": 0.25}


def test_auc_over_draws_agrees_with_the_plain_one(monkeypatch):
    monkeypatch.setattr(outcome, "ROUNDS", 2000)
    scores = np.array([0.9, 0.5, 0.5, 0.1])
    found = outcome.auc_with_interval(scores, np.array([0, 1]), np.array([2, 3]))
    assert found["value"] == 3.5 / 4
    # One draw in sixteen has 0.5 against 0.5 only, the worst there is: more than the lower 2.5 %.
    assert found["low"] == 0.5 and found["high"] == 1.0
    rng = np.random.default_rng(1)
    scores = rng.normal(size=60) + np.repeat([1.0, 0.0], 30)
    pair = np.arange(30), np.arange(30, 60)
    labels = np.arange(60) < 30
    low, high = bootstrap(lambda i: auc(labels[i], scores[i]), pair, 2000)
    found = outcome.auc_with_interval(scores, *pair)
    assert found["value"] == pytest.approx(auc(labels, scores), abs=1e-4)
    assert (found["low"], found["high"]) == pytest.approx((low, high), abs=0.02)


def test_weighted_measures():
    labels, scores = [True, True, False, False], [0.9, 0.3, 0.5, 0.1]
    assert probes.weighted_auc(labels, scores, [1, 1, 1, 1]) == 0.75
    assert probes.weighted_auc(labels, scores, [1, 0, 1, 1]) == 1.0
    # Threshold at 5 %: the highest negative, unless it weighs no more than that.
    assert probes.weighted_rate_at(labels, scores, [1, 1, 1, 1], 0.05) == 0.5
    assert probes.weighted_rate_at(labels, scores, [1, 3, 0.01, 1], 0.05) == 1.0
    assert probes.effective_number(np.array([1.0, 1.0, 0.0])) == pytest.approx(2.0)
    np.testing.assert_allclose(probes.ranks([3, 1, 3]), [0.75, 0.0, 0.75])


def test_balancing_takes_a_leak_away():
    rng = np.random.default_rng(0)
    labels = np.arange(200) < 100
    leak = rng.normal(size=200) + 0.8 * labels
    properties = [{"height": float(a), "fps": float(b)} for a, b in zip(leak, rng.normal(size=200), strict=True)]
    assert probes.probe_aucs(labels, properties)["height"] > 0.65
    found = probes.rebalanced(labels, 1 / (1 + np.exp(-leak)), properties)
    assert found["balanced"] == ["height"] and max(found["probes"].values()) <= 0.6
    worst = found["worstProbe"]
    assert worst["value"] == found["probes"][worst["name"]] == max(found["probes"].values())
    # A score that is nothing but the leak has nothing left.
    assert found["auc"]["value"] < 0.6 and found["effectiveReal"] < 100
    assert probes.rebalanced(labels, leak, [{"a": 1.0}] * 200) is None


def test_text_overlap():
    assert explanations.rouge_l("the hand melts into the cup", "the hand melts") == pytest.approx(2 * 3 / 9)
    assert explanations.rouge_l("", "a hand") == 0.0
    # Content words hand, melts against hand, bends: one of four shared twice.
    assert explanations.content_f1("The hand melts.", "the hand bends") == pytest.approx(0.5)


STATEMENT = {"box": (0.0, 0.0, 0.3, 0.3), "start": 1.0, "end": 2.0, "category": "object-merging"}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("At the upper left, the hand fuses with the cup from 1.0 s to 2.0 s.", {}),
        ("The hand on the right fuses with the cup.", {"place": ["right"]}),
        ("The hand fuses with the cup at the bottom.", {"place": ["lower"]}),
        ("The hand fuses with the cup throughout the clip.", {"time": ["throughout"]}),
        ("The hand fuses with the cup from 2.6 s on.", {"time": ["2.6 s"]}),
        ("The hand splits in two.", {"category": ["splits"]}),
        (
            "A duplicate of the hand, across most of the picture.",
            {"place": ["wide"], "category": ["duplicate"]},
        ),
    ],
)
def test_contradictions(text, wrong):
    assert explanations.contradictions(STATEMENT | {"explanation": text}, 4.0) == wrong


def test_true_sentences_of_injected_artifacts_contradict_nothing():
    rng = np.random.default_rng(0)
    boxes = [(0.05, 0.1, 0.25, 0.3), (0.4, 0.4, 0.6, 0.6), (0.7, 0.6, 0.95, 0.9), (0.0, 0.0, 1.0, 0.9)]
    for category, variants in TEMPLATES.items():
        for variant in variants:
            for k, times in enumerate([(0.0, 3.0, 3.0), (2.0, 3.0, 3.0), (0.0, 1.0, 3.0), (1.0, 2.0, 3.0)] * 3):
                box = boxes[k % 4]
                text = sentence(category, variant, "hand", "cup", (0.2, 0.0), box, times, rng)
                row = {"explanation": text, "box": box, "start": times[0], "end": times[1], "category": category}
                assert explanations.contradictions(row, times[2]) == {}, (text, box, times)


def test_explanations_of_annotated_clips(tmp_path):
    rows = [{"category": "object-merging", "subject": "left hand", "explanation": "The hand fuses with the cup."}]
    path = tmp_path / "explanations.jsonl"
    text = "The hand fuses with the cup."
    lines = [STATEMENT | {"id": "a", "subject": "hand", "explanation": text, "source": "grammar"}]
    lines.append(lines[0] | {"explanation": "The hand splits in two."})
    path.write_text("\n".join(json.dumps(line) for line in lines))
    found = explanations.explanation_figures(
        explanations.load_statements(path), {"a": rows, "b": rows, "c": rows}, {"a": 4.0, "b": 4.0}
    )
    assert found["clips"] == 2 and found["stated"]["value"] == 0.5
    assert found["rougeL"]["value"] == 0.5 and found["categoryRight"]["value"] == 0.5
    assert found["subjectRight"]["value"] == 0.5 and found["bySource"] == {"grammar": 2}
    assert found["contradicting"] == 1 and found["contradictingShare"] == 0.5


def test_training_free_scores():
    line = np.stack([np.arange(6.0), np.zeros(6)], 1)
    assert curvature_score(line) == pytest.approx(0.0) and second_order_score(line) == pytest.approx(0.0)
    corner = np.array([[0, 0], [1, 0], [1, 1], [1, 1]], float)
    assert curvature_score(corner) == pytest.approx(90.0)
    # Speeds 1, 2, 1, 2: second differences 1, -1, 1, deviation sqrt(8) / 3.
    jerky = np.array([[0], [1], [3], [4], [6]], float)
    assert second_order_score(jerky) == pytest.approx(-np.sqrt(8) / 3)
    assert curvature_score(line[:2]) == 90.0 and second_order_score(line[:3]) == 0.0


def test_the_saliency_box_lies_around_the_odd_one_out():
    plane = 100 + gaussian_filter(np.random.default_rng(0).normal(0, 80, (128, 128)), 3)
    plane[76:90, 20:34] = 250
    heat = spectral_residual(plane)
    assert heat.shape == (64, 64) and heat.sum() == pytest.approx(1.0)
    y, x = np.unravel_index(heat.argmax(), heat.shape)
    assert 9 <= x <= 17 and 37 <= y <= 46
    flat = np.zeros((64, 64))
    flat[16:32, 32:48] = 1
    np.testing.assert_allclose(energy_box(flat), [0.5 + 0.0366, 0.25 + 0.0366, 0.75 - 0.0366, 0.5 - 0.0366], atol=1e-3)


def test_only_held_out_rows_are_judged(tmp_path):
    assert held_out_rows(tmp_path) == []
    (tmp_path / "injected").mkdir()
    lines = [json.dumps({"id": "a", "heldOut": True}), json.dumps({"id": "b", "heldOut": False})]
    (tmp_path / "injected" / "injected.jsonl").write_text("\n".join(lines))
    assert [row["id"] for row in held_out_rows(tmp_path)] == ["a"]


def test_rendering():
    assert interval({"value": 0.5, "low": 0.25, "high": 1.0}) == "0.500 (0.250 to 1.000)"
    assert table("a | b", [["1", "2"]]) == ["| a | b |", "|---|---|", "| 1 | 2 |", ""]
