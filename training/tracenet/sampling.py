"""Sampling a clip by packet timestamps and cutting the samples into windows."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass

from .contract import HOP, SAMPLES_PER_SECOND, TIME_TOLERANCE, WINDOW


@dataclass(frozen=True)
class Window:
    """``start``: first global sample index; ``valid``: how many of the 12 samples are not repeats."""

    start: int
    valid: int

    def indices(self) -> list[int]:
        """Global sample index of each of the 12 slots (the last valid one repeated as filling)."""
        return [self.start + min(k, self.valid - 1) for k in range(WINDOW)]


def sample_frames(timestamps: list[float]) -> list[int]:
    """Frame index of every sample on the 6 Hz grid.

    ``timestamps``: ascending presentation times in seconds. The g-th sample is the latest frame whose
    time is at most ``t0 + g / 6`` plus one millisecond.
    """
    if not timestamps:
        return []
    first, last = timestamps[0], timestamps[-1]
    count = math.floor((last - first + TIME_TOLERANCE) * SAMPLES_PER_SECOND) + 1
    return [bisect_right(timestamps, first + g / SAMPLES_PER_SECOND + TIME_TOLERANCE) - 1 for g in range(count)]


def windows_of_segment(begin: int, end: int) -> list[Window]:
    """Windows over the samples ``begin .. end - 1`` of one segment (a stretch without hard cuts)."""
    count = end - begin
    if count <= 0:
        return []
    if count < WINDOW:
        return [Window(begin, count)]
    starts = list(range(0, count - WINDOW + 1, HOP))
    if starts[-1] + WINDOW < count:
        starts.append(count - WINDOW)
    return [Window(begin + start, WINDOW) for start in starts]
