"""Measures on cases worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tracenet import metrics
from tracenet.localisation import Answer, Row, measures


def test_auc_counts_ties_half():
    assert metrics.auc([True, True, False, False], [0.9, 0.5, 0.5, 0.1]) == pytest.approx(3.5 / 4)
    assert metrics.auc([True, False], [0.1, 0.9]) == 0.0


def test_true_positive_rate_is_strictly_above_the_allowed_negatives():
    labels = [True] * 4 + [False] * 20
    scores = [0.95, 0.85, 0.5, 0.1, *np.linspace(0.0, 0.9, 20)]
    # One of twenty negatives may pass: the threshold is the second highest negative, 0.8526.
    assert metrics.true_positive_rate_at(labels, scores, 0.05) == pytest.approx(0.25)
    assert metrics.true_positive_rate_at(labels, scores, 0.10) == pytest.approx(0.5)


def test_calibration_error_of_two_bins():
    # Bin 0.9..1: predicted 0.95, observed 0.5; bin 0..0.1: predicted 0.05, observed 0.
    value = metrics.expected_calibration_error([True, False, False, False], [0.95, 0.95, 0.05, 0.05])
    assert value == pytest.approx(0.5 * 0.45 + 0.5 * 0.05)


def test_brier():
    assert metrics.brier([True, False], [0.8, 0.4]) == pytest.approx((0.04 + 0.16) / 2)


def test_clopper_pearson_upper_bound_of_zero_is_the_rule_of_three():
    assert metrics.clopper_pearson_upper(0, 200) == pytest.approx(1 - 0.05 ** (1 / 200))
    assert metrics.clopper_pearson_upper(5, 5) == 1.0


def test_box_measures():
    assert metrics.box_iou((0, 0, 1, 1), (0.5, 0, 1.5, 1)) == pytest.approx(1 / 3)
    assert metrics.box_iou((0, 0, 0.2, 0.2), (0.2, 0.2, 1, 1)) == 0.0
    assert metrics.box_distance((0, 0, 0, 0), (1, 1, 1, 1)) == pytest.approx(1.0)


def test_macro_f1_counts_only_classes_that_occur():
    truth, predicted = ["a", "a", "b"], ["a", "c", "b"]
    assert metrics.macro_f1(truth, predicted, ["a", "b", "c"]) == pytest.approx((2 / 3 + 1) / 2)


def test_a_clip_without_trace_gets_the_worst_answer_on_every_row():
    box = (0.2, 0.2, 0.8, 0.8)
    answer = Answer(box, 1.0, "object-merging")
    rows = [
        Row(0, box, 0.0, "object-merging", 4.0, answer),
        Row(1, box, 2.0, "sudden-blurring", 4.0, None),
    ]
    result = measures(rows)
    assert result["boxIou"] == pytest.approx(0.5)
    assert result["boxDistance"] == pytest.approx(0.5)
    assert result["timeDistance"] == pytest.approx((0.25 + 1) / 2)
    assert result["timeDistanceStartAtZero"] == pytest.approx(0.25)
    assert result["categoryMacroF1"] == pytest.approx(0.5)
    assert result["centreBoxIou"] == pytest.approx(1.0)
    assert result["wholeFrameIou"] == pytest.approx(0.36)


def test_bootstrap_draws_inside_the_strata():
    strata = [np.arange(3), np.arange(3, 10)]
    low, high = metrics.bootstrap(lambda i: float((i < 3).sum()), strata, rounds=50)
    assert (low, high) == (3.0, 3.0)
