"""Localisation measures of DeeptraceReward (arXiv 2509.22646) and the trivial boxes to compare with.

The best-scored trace of a clip is compared with every annotated row; a clip without a trace gets the worst
score on each of its rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .contract import CATEGORIES
from .metrics import box_distance, box_iou, macro_f1

CENTRE_BOX = (0.2, 0.2, 0.8, 0.8)
WHOLE_FRAME = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True)
class Answer:
    """The one trace that a clip is judged by."""

    box: tuple[float, float, float, float]
    start: float
    category: str


@dataclass(frozen=True)
class Row:
    """One annotated trace and the prediction for its clip (None: no trace found)."""

    clip: int
    box: tuple[float, float, float, float]
    start: float
    category: str
    length: float
    answer: Answer | None


def measures(rows: list[Row]) -> dict[str, float]:
    """Mean box IoU, box distance, time distance (share of the clip's length), macro-F1, and the baselines."""
    found = [row for row in rows if row.answer is not None]
    missing = len(rows) - len(found)
    ious = sum(box_iou(row.answer.box, row.box) for row in found)
    distances = missing + sum(box_distance(row.answer.box, row.box) for row in found)
    times = missing + sum(min(1.0, abs(row.answer.start - row.start) / row.length) for row in found)
    predicted = [row.answer.category if row.answer else "none" for row in rows]
    return {
        "boxIou": ious / len(rows),
        "boxDistance": distances / len(rows),
        "timeDistance": times / len(rows),
        "categoryMacroF1": macro_f1([row.category for row in rows], predicted, CATEGORIES),
        "categoryAccuracy": float(np.mean([row.category == p for row, p in zip(rows, predicted, strict=True)])),
        "found": len(found) / len(rows),
        "boxIouWhereFound": ious / len(found) if found else 0.0,
        "centreBoxIou": float(np.mean([box_iou(CENTRE_BOX, row.box) for row in rows])),
        "wholeFrameIou": float(np.mean([box_iou(WHOLE_FRAME, row.box) for row in rows])),
        "timeDistanceStartAtZero": float(np.mean([min(1.0, row.start / row.length) for row in rows])),
    }
