"""Fusion of both streams into one probability and three bands."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize

FEATURES = (
    "verdictLogitMean",
    "verdictLogitMax",
    "forensicLogitMean",
    "forensicLogitTop",
    "traceScoreMax",
)
BANDS = ("no-strong-signs", "inconclusive", "substantial-evidence")


def verdict_features(
    window_logits: Sequence[float], crop_logits: Sequence[float], trace_scores: Sequence[float]
) -> dict[str, float]:
    """Features of a clip from the logits of all its windows and crops and the scores of its traces."""
    crops = np.sort(np.asarray(crop_logits, float))[::-1]
    top = crops[: max(1, len(crops) // 4)]
    return {
        "verdictLogitMean": float(np.mean(window_logits)),
        "verdictLogitMax": float(np.max(window_logits)),
        "forensicLogitMean": float(crops.mean()),
        "forensicLogitTop": float(top.mean()),
        "traceScoreMax": float(max(trace_scores, default=0.0)),
    }


def probability(features: dict[str, float], entry: dict) -> float:
    """Fake probability by the manifest's ``verdict`` entry."""
    logit = entry["bias"] + sum(weight * features[name] for name, weight in entry["weights"].items())
    return 1 / (1 + math.exp(-logit))


def band(value: float, bands: dict[str, float]) -> str:
    """One of :data:`BANDS`."""
    if value >= bands["substantialEvidence"]:
        return "substantial-evidence"
    return "no-strong-signs" if value <= bands["noStrongSigns"] else "inconclusive"


def fit_logistic(
    rows: np.ndarray, labels: np.ndarray, weights: np.ndarray, ridge: float, positive: bool
) -> tuple[float, np.ndarray]:
    """Ridge logistic regression on raw features: bias and weights.

    ``rows`` ``[n, k]``; ``weights`` sum to 1. ``positive`` keeps the weights at or above zero, so that
    stronger signs never lower the probability.
    """
    scale = rows.std(0) + 1e-6
    x = rows / scale
    sign = np.where(labels, 1.0, -1.0)

    def objective(p: np.ndarray) -> tuple[float, np.ndarray]:
        margin = sign * (p[0] + x @ p[1:])
        loss = float((weights * np.logaddexp(0, -margin)).sum() + ridge * (p[1:] ** 2).sum())
        slope = -weights * sign / (1 + np.exp(margin))
        return loss, np.concatenate([[slope.sum()], x.T @ slope + 2 * ridge * p[1:]])

    bounds = [(None, None)] + [(0.0 if positive else None, None)] * x.shape[1]
    found = minimize(objective, np.zeros(x.shape[1] + 1), jac=True, bounds=bounds, method="L-BFGS-B")
    return float(found.x[0]), found.x[1:] / scale


def upper_threshold(values: np.ndarray, weights: np.ndarray, share: float) -> float:
    """Smallest threshold that at most the weighted ``share`` of ``values`` reaches."""
    order = np.argsort(-values)
    total = np.cumsum(weights[order]) / weights.sum()
    allowed = int(np.searchsorted(total, share, side="right"))
    if allowed >= len(values):
        return float(values.min())
    return float(np.nextafter(values[order[allowed]], np.inf))
