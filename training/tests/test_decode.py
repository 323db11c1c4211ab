"""Decoding: single steps by hand, and the parity fixture of the app."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from conftest import ROOT

from make_fixtures import SETTINGS, blob_windows, decode_fixture, preprocess_fixture
from tracenet.decode import Candidate, Tube, decode_segment, fuse, iou, link
from tracenet.preprocess import letterbox_geometry


def candidate(score: float, box: tuple[float, float, float, float]) -> Candidate:
    return Candidate(score, np.array(box), np.ones(9) / 9, np.ones(5) / 5, np.zeros(2))


def test_iou():
    assert iou(np.array([0, 0, 2, 2]), np.array([1, 1, 3, 3])) == pytest.approx(1 / 7)


def test_fuse_averages_a_cluster_by_score_and_keeps_the_best_score():
    points = [candidate(0.2, (0, 0, 1, 1)), candidate(0.6, (0, 0, 1, 0.8)), candidate(0.5, (0.9, 0.9, 1, 1))]
    first, second = fuse(points, 0.5)
    assert first.score == 0.6
    np.testing.assert_allclose(first.box, [0, 0, 1, (0.6 * 0.8 + 0.2) / 0.8])
    assert second.score == 0.5


def test_a_tube_survives_a_gap_of_max_gap_samples_only():
    box = (0.1, 0.1, 0.5, 0.5)
    settings = replace(SETTINGS, max_gap=2)
    (tube,) = link([(0, [candidate(0.9, box)]), (3, [candidate(0.9, box)])], settings)
    assert tube.samples == [0, 3]
    assert len(link([(0, [candidate(0.9, box)]), (4, [candidate(0.9, box)])], settings)) == 2


def test_linking_prefers_the_higher_overlap():
    tube_box, near, nearer = (0, 0, 0.5, 0.5), (0.1, 0, 0.6, 0.5), (0.02, 0, 0.52, 0.5)
    tubes = link([(0, [candidate(0.9, tube_box)]), (1, [candidate(0.9, near), candidate(0.5, nearer)])], SETTINGS)
    assert [len(tube.samples) for tube in tubes] == [2, 1]
    assert tubes[0].points[1].score == 0.5


def test_tube_score_is_the_mean_of_the_better_half():
    points = [candidate(score, (0, 0, 1, 1)) for score in (0.1, 0.9, 0.5)]
    assert Tube([0, 1, 2], points).score() == pytest.approx(0.7)


def test_times_are_clamped_to_the_segment():
    windows, times, segment = blob_windows(7)
    for trace in decode_segment(windows, letterbox_geometry(160, 90, 112), times, segment, SETTINGS):
        assert segment.start_time <= trace.onset < trace.offset <= segment.end_time


@pytest.mark.parametrize("name, build", [("decode", decode_fixture), ("preprocess", preprocess_fixture)])
def test_parity_fixture_is_up_to_date(name, build):
    path = ROOT.parent / "tests" / "fixtures" / name / "parity.json"
    assert json.loads(path.read_text()) == json.loads(json.dumps(build()))
