"""Constants shared with the app through the model manifest (schema tracenet-model/1)."""

from __future__ import annotations

import math

SCHEMA = "tracenet-model/1"
SAMPLES_PER_SECOND = 6
WINDOW = 12
HOP = 9
TIME_TOLERANCE = 1e-3

CANONICAL_SHORT_SIDE = 288
INPUT_SIZE = 224
FILL = 128
STRIDE = 16
GRID = INPUT_SIZE // STRIDE

CROP_SIZE = 160
# (sample index in the window, x anchor, y anchor): four moments, two places each, so that the crops of
# one window cover the frame from corner to corner.
CROP_ANCHORS: tuple[tuple[int, float, float], ...] = (
    (1, 0.15, 0.5),
    (1, 0.85, 0.5),
    (4, 0.5, 0.1),
    (4, 0.5, 0.9),
    (7, 0.0, 0.0),
    (7, 1.0, 1.0),
    (10, 0.0, 1.0),
    (10, 1.0, 0.0),
)

CATEGORIES: tuple[str, ...] = (
    "object-distortion",
    "sudden-blurring",
    "object-trajectory",
    "redundant-object",
    "object-merging",
    "object-splitting",
    "background-distortion",
    "object-disappearance",
    "unexpected-move",
)


def round_half_up(value: float) -> int:
    """Round as ``Math.round`` does: halves go up."""
    return math.floor(value + 0.5)
