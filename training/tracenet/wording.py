"""Words for measured facts (region, period, direction), the same as the app's sentences use."""

from __future__ import annotations

from collections.abc import Sequence

WIDE = 0.6
MIN_TRAVEL = 0.08
REGIONS: tuple[tuple[str, str, str], ...] = (
    ("at the upper left", "at the top", "at the upper right"),
    ("on the left", "in the middle", "on the right"),
    ("at the lower left", "at the bottom", "at the lower right"),
)
WHOLE = "across most of the picture"


def third(value: float) -> int:
    """0, 1 or 2: the third of the frame a coordinate (0..1) lies in."""
    return 0 if value < 1 / 3 else 1 if value <= 2 / 3 else 2


def region(box: Sequence[float]) -> str:
    """Words for where a box (fractions of the frame) lies: a 3 x 3 grid by its centre, or most of the frame."""
    if (box[2] - box[0]) * (box[3] - box[1]) > WIDE:
        return WHOLE
    return REGIONS[third((box[1] + box[3]) / 2)][third((box[0] + box[2]) / 2)]


def direction(dx: float, dy: float, least: float = MIN_TRAVEL) -> str:
    """Words for a travel in fractions of the frame; empty below ``least``."""
    if max(abs(dx), abs(dy)) < least:
        return ""
    if abs(dx) >= abs(dy):
        return "to the right" if dx > 0 else "to the left"
    return "downwards" if dy > 0 else "upwards"


def period(start: float, end: float, length: float) -> str:
    """Words for when a trace lasts in a clip of ``length`` seconds."""
    if end - start >= 0.9 * length:
        return "throughout the clip"
    if start <= 0.05 * length:
        return "at the start of the clip"
    if start >= 0.6 * length:
        return "towards the end of the clip"
    if end >= 0.95 * length:
        return "in the later part of the clip"
    return "partway through the clip"
