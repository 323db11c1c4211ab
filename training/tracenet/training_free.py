"""Scores of the literature that need no training, on pooled features of the same frozen trunk."""

from __future__ import annotations

from pathlib import Path

import numpy as np


def pooled_path(path: Path) -> np.ndarray:
    """The path of a cached clip through feature space ``[n, 320]``: stride-32 maps averaged over space."""
    with np.load(path) as file:
        return file["s32"].astype(np.float32).mean((2, 3))


def second_order_score(path: np.ndarray) -> float:
    """D3, "Detection by Difference of Differences" (arXiv 2508.00701): minus the deviation over time of the second
    differences of a feature path ``[n, d]``, taken on the distances between neighbouring samples.

    Generated videos are said to be the flatter ones, so the score is higher for them. 0 for fewer than four samples.
    """
    if len(path) < 4:
        return 0.0
    speed = np.linalg.norm(np.diff(path, axis=0), axis=1)
    return -float(np.std(np.diff(speed)))


def curvature_score(path: np.ndarray) -> float:
    """ReStraV's curvature (arXiv 2507.00583): mean angle in degrees between successive steps of a path ``[n, d]``.

    Real videos are said to be straighter, so the score is higher for generated ones. Steps of no length (repeated
    frames) are left out; 90 where no angle is left.
    """
    steps = np.diff(path, axis=0)
    length = np.linalg.norm(steps, axis=1)
    steps, length = steps[length > 1e-6], length[length > 1e-6]
    if len(steps) < 2:
        return 90.0
    cosine = (steps[1:] * steps[:-1]).sum(1) / (length[1:] * length[:-1])
    return float(np.degrees(np.arccos(cosine.clip(-1, 1))).mean())
