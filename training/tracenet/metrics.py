"""Measures of verdict, localisation and calibration."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.stats import beta, rankdata


def auc(labels: Sequence[bool], scores: Sequence[float]) -> float:
    """Area under the ROC curve: chance that a positive scores above a negative (ties count half)."""
    positive = np.asarray(labels, bool)
    ranks = rankdata(scores)
    n, m = int(positive.sum()), int((~positive).sum())
    return float((ranks[positive].sum() - n * (n + 1) / 2) / (n * m))


def true_positive_rate_at(labels: Sequence[bool], scores: Sequence[float], rate: float) -> float:
    """Share of positives above the smallest threshold that at most ``rate`` of the negatives exceed."""
    positive = np.asarray(labels, bool)
    values = np.asarray(scores, float)
    negatives = np.sort(values[~positive])[::-1]
    allowed = int(np.floor(rate * len(negatives) + 1e-9))
    threshold = negatives[allowed] if allowed < len(negatives) else -np.inf
    return float((values[positive] > threshold).mean())


def expected_calibration_error(
    labels: Sequence[bool], probabilities: Sequence[float], bins: int = 10, weights: Sequence[float] | None = None
) -> float:
    """Mean absolute gap between predicted and observed rate over equal-width bins (Guo et al., arXiv 1706.04599).

    ``weights``: how much each clip counts in its bin and its bin in the mean; all alike without.
    """
    y, p = np.asarray(labels, float), np.asarray(probabilities, float)
    w = np.ones(len(y)) if weights is None else np.asarray(weights, float)
    which = np.minimum((p * bins).astype(int), bins - 1)
    gaps = [abs((w * (y - p))[which == b].sum()) for b in range(bins)]
    return float(sum(gaps) / w.sum())


def brier(labels: Sequence[bool], probabilities: Sequence[float], weights: Sequence[float] | None = None) -> float:
    """Mean squared error of the probabilities, of weighted clips where ``weights`` are given."""
    errors = (np.asarray(labels, float) - np.asarray(probabilities, float)) ** 2
    return float(np.average(errors, weights=weights))


def balanced_weights(labels: Sequence[bool]) -> np.ndarray:
    """Weights ``[n]`` of sum 1 under which positives and negatives count half each."""
    y = np.asarray(labels, bool)
    return np.where(y, 0.5 / max(1, y.sum()), 0.5 / max(1, (~y).sum()))


def clopper_pearson_upper(count: int, total: int, confidence: float = 0.95) -> float:
    """One-sided upper bound of a rate (Clopper and Pearson, 1934)."""
    if count >= total:
        return 1.0
    return float(beta.ppf(confidence, count + 1, total - count))


def box_iou(a: Sequence[float], b: Sequence[float]) -> float:
    """Intersection over union of two boxes x0, y0, x1, y1."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    inner = width * height
    return inner / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inner)


def box_distance(a: Sequence[float], b: Sequence[float]) -> float:
    """Distance of the box centres in fractions of the frame, divided by the square root of 2."""
    dx = (a[0] + a[2] - b[0] - b[2]) / 2
    dy = (a[1] + a[3] - b[1] - b[3]) / 2
    return float(np.hypot(dx, dy) / np.sqrt(2))


def macro_f1(truth: Sequence[str], predicted: Sequence[str], classes: Sequence[str]) -> float:
    """Mean F1 over the classes that occur in the truth."""
    scores = []
    for name in classes:
        hits = sum(t == name and p == name for t, p in zip(truth, predicted, strict=True))
        total = sum(t == name for t in truth) + sum(p == name for p in predicted)
        if any(t == name for t in truth):
            scores.append(2 * hits / total)
    return float(np.mean(scores))


def bootstrap(
    statistic: Callable[[np.ndarray], float],
    strata: Sequence[np.ndarray],
    rounds: int = 2000,
    seed: int = 0,
) -> tuple[float, float]:
    """95 % percentile interval of ``statistic(indices)``, resampling clips inside every stratum."""
    rng = np.random.default_rng(seed)
    values = [
        statistic(np.concatenate([rng.choice(stratum, len(stratum)) for stratum in strata])) for _ in range(rounds)
    ]
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return float(low), float(high)
