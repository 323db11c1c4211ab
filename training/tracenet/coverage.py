"""Where a trace most likely lies: a coverage map and the box with the best expected IoU under it.

Annotators disagree about boxes more than about places, and a clip has several of them. So the network does not
regress one box: it says for every cell how likely a trace covers it, and the box is chosen afterwards to maximise the
expected intersection over union. Where the map is flat this falls back to a large box in the middle by itself.
"""

from __future__ import annotations

import numpy as np

from .contract import STRIDE
from .preprocess import Letterbox

# Corners of the boxes that are tried lie on a grid of the frame; thinner and lower boxes are left out.
STEPS = 16
LEAST_STEPS = 3


def cell_edges(letterbox: Letterbox) -> tuple[np.ndarray, np.ndarray]:
    """Edges of the grid's columns and rows ``[15]`` each, in fractions of the frame (beyond 0..1 on the field)."""
    edges = np.arange(letterbox.size // STRIDE + 1) * STRIDE
    return (edges - letterbox.offset_x) / letterbox.width, (edges - letterbox.offset_y) / letterbox.height


def covered_share(boxes: np.ndarray, letterbox: Letterbox) -> tuple[np.ndarray, np.ndarray]:
    """How much of every column and of every row boxes ``[n, 4]`` cover, in fractions of the frame: ``[n, 14]`` each."""
    x, y = cell_edges(letterbox)
    columns = np.minimum(x[None, 1:], boxes[:, 2:3]) - np.maximum(x[None, :-1], boxes[:, 0:1])
    rows = np.minimum(y[None, 1:], boxes[:, 3:4]) - np.maximum(y[None, :-1], boxes[:, 1:2])
    return columns.clip(0), rows.clip(0)


def cover_of(box: np.ndarray, letterbox: Letterbox) -> np.ndarray:
    """Share of every cell ``[14, 14]`` that a box covers."""
    columns, rows = covered_share(np.asarray(box, np.float64)[None], letterbox)
    cell = STRIDE * STRIDE / (letterbox.width * letterbox.height)
    return np.outer(rows[0], columns[0]) / cell


def expected_iou(boxes: np.ndarray, coverage: np.ndarray, letterbox: Letterbox) -> np.ndarray:
    """Expected intersection over expected union of boxes ``[n, 4]`` with a trace of the given coverage ``[14, 14]``.

    The ratio of the expectations stands for the expectation of the ratio.
    """
    columns, rows = covered_share(boxes, letterbox)
    inner = ((rows @ coverage) * columns).sum(1)
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    x, y = (edges.clip(0, 1) for edges in cell_edges(letterbox))
    total = float((coverage * np.outer(np.diff(y), np.diff(x))).sum())
    return inner / (area + total - inner)


def _tried() -> np.ndarray:
    pairs = [(a, b) for a in range(STEPS + 1) for b in range(a + LEAST_STEPS, STEPS + 1)]
    return np.array([(x0, y0, x1, y1) for y0, y1 in pairs for x0, x1 in pairs], np.float64) / STEPS


TRIED = _tried()


def best_box(coverage: np.ndarray, letterbox: Letterbox) -> tuple[np.ndarray, float]:
    """The box of :data:`TRIED` with the highest expected IoU (the first of equals), and that value."""
    values = expected_iou(TRIED, coverage, letterbox)
    best = int(values.argmax())
    return TRIED[best], float(values[best])
