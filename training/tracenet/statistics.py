"""Window statistics of the verdict head, computed from cached features instead of in the graph."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from .model import S16, S32, STATISTICS
from .sampling import Window

_LOW_MEANS = slice(0, 24), slice(48, 88)
_LOW_SQUARES = slice(24, 48), slice(88, 128)
_LOW_STEPS = slice(128, 168)


def frame_statistics(features: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Means of one cached clip by sample: ``mean``, ``square`` ``[n, 496]`` and ``step`` ``[n, 472]`` to the next."""
    low = features["low"]
    s16, s32 = features["s16"].astype(np.float32), features["s32"].astype(np.float32)
    mean = [low[:, part] for part in _LOW_MEANS] + [m.mean((2, 3)) for m in (s16, s32)]
    square = [low[:, part] for part in _LOW_SQUARES] + [(m**2).mean((2, 3)) for m in (s16, s32)]
    step = [low[:, _LOW_STEPS]]
    for maps, channels in ((s16, S16), (s32, S32)):
        change = np.zeros((len(maps), channels), np.float32)
        change[:-1] = np.abs(np.diff(maps, axis=0)).mean((2, 3))
        step.append(change)
    return {
        "mean": np.concatenate(mean, 1),
        "square": np.concatenate(square, 1),
        "step": np.concatenate(step, 1),
    }


def window_statistics(frames: dict[str, np.ndarray], window: Window) -> np.ndarray:
    """``[STATISTICS]``, equal to :func:`tracenet.model.window_statistics` up to fp16 rounding."""
    indices = window.indices()
    mean, square = frames["mean"][indices].mean(0), frames["square"][indices].mean(0)
    moves = [k for k, following in pairwise(indices) if following != k]
    step = frames["step"][moves].sum(0) / (len(indices) - 1)
    deviation = np.sqrt(np.maximum(square - mean**2, 0) + 1e-6)
    result = np.concatenate([mean, deviation, step]).astype(np.float32)
    if result.shape != (STATISTICS,):
        raise ValueError(f"unexpected number of statistics: {result.shape}")
    return result
