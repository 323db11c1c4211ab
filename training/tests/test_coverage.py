"""Coverage maps: geometry and the choice of the box by hand, and the targets of the head."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tracenet.coverage import TRIED, best_box, cover_of, expected_iou
from tracenet.decode import Trace, moved, placed
from tracenet.model import COVERAGE_INPUTS, S16, S32, CoverageHead, coverage_maps
from tracenet.preprocess import letterbox_geometry

SQUARE = letterbox_geometry(100, 100)
WIDE = letterbox_geometry(160, 90)


def quarter(inside: float = 1.0, outside: float = 0.0) -> np.ndarray:
    """Coverage of the frame's upper left quarter."""
    coverage = np.full((14, 14), outside)
    coverage[:7, :7] = inside
    return coverage


def trace(score: float, box: tuple[float, ...], onset: float = 0.0, offset: float = 1.0) -> Trace:
    return Trace("object-distortion", "dog", score, onset, offset, list(box), [], [], [0, 1], [list(box), list(box)])


def test_cover_of_a_box_counts_the_share_of_every_cell():
    cover = cover_of((0.0, 0.0, 0.5, 0.25), SQUARE)
    assert cover[0, 0] == pytest.approx(1)
    assert cover[3, 0] == pytest.approx(0.5)
    assert cover[4, 0] == cover[0, 7] == 0
    assert cover.sum() / 196 == pytest.approx(0.125)


def test_cover_on_a_letterboxed_frame_keeps_to_the_frame():
    cover = cover_of((0.0, 0.0, 1.0, 1.0), WIDE)
    assert cover.sum() * 16 * 16 == pytest.approx(WIDE.width * WIDE.height)
    assert cover[0].sum() == 0


def test_expected_iou_equals_hand_worked_cases():
    boxes = np.array([(0, 0, 0.5, 0.5), (0, 0, 1, 1), (0.5, 0.5, 1, 1), (0, 0, 1, 0.5)])
    np.testing.assert_allclose(expected_iou(boxes, quarter(), SQUARE), [1, 0.25, 0, 0.5], atol=1e-9)


def test_expected_iou_never_beats_that_of_the_best_box():
    rng = np.random.default_rng(3)
    coverage = rng.random((14, 14)) ** 3
    box, value = best_box(coverage, WIDE)
    assert value == expected_iou(TRIED, coverage, WIDE).max()
    assert expected_iou(np.array([box]), coverage, WIDE)[0] == pytest.approx(value)


def test_a_sure_map_gives_its_box_and_a_flat_one_the_whole_frame():
    assert best_box(quarter(), SQUARE)[0].tolist() == [0, 0, 0.5, 0.5]
    assert best_box(np.full((14, 14), 0.3), SQUARE)[0].tolist() == [0, 0, 1, 1]


def test_the_trace_that_agrees_with_the_map_leads():
    coverage = quarter(0.9, 0.05)
    away, close = trace(0.9, (0.7, 0.7, 1, 1)), trace(0.6, (0, 0, 0.4, 0.5))
    first, second = placed([(away, coverage), (close, coverage)], SQUARE)
    assert (first.score, first.box) == (0.6, [0, 0, 0.5, 0.5])
    assert second.box == away.box and second.score < 0.3


def test_traces_that_share_no_time_lead_side_by_side():
    coverage = quarter(0.9, 0.05)
    pair = [(trace(0.9, (0, 0, 0.4, 0.5)), coverage), (trace(0.6, (0, 0, 0.5, 0.4), 2, 3), coverage)]
    assert [one.score for one in placed(pair, SQUARE)] == [0.9, 0.6]


def test_a_moved_trace_keeps_its_motion():
    old = trace(0.9, (0.1, 0.1, 0.3, 0.3))
    old.boxes[1] = [0.2, 0.1, 0.4, 0.3]
    boxes = moved(old, np.array([0, 0, 0.5, 0.5])).boxes
    np.testing.assert_allclose(boxes, [[0, 0, 0.5, 0.5], [0.1, 0, 0.6, 0.5]], atol=1e-9)


def test_the_head_reads_means_and_steps_of_both_strides():
    s16, s32 = torch.rand(12, S16, 14, 14), torch.rand(12, S32, 7, 7)
    maps = coverage_maps(s16, s32)
    assert maps.shape == (1, COVERAGE_INPUTS, 14, 14)
    torch.testing.assert_close(maps[0, :S16], s16.mean(0))
    torch.testing.assert_close(maps[0, S16 : 2 * S16], (s16[1:] - s16[:-1]).abs().mean(0))
    torch.testing.assert_close(maps[0, 2 * S16 : 2 * S16 + S32, ::2, ::2], s32.mean(0))
    assert CoverageHead()(maps).shape == (1, 2, 14, 14)
