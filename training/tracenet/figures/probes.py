"""Shortcut probes: single properties of the files, alone, and a test set re-weighted until none of them tells.

The weights of the real clips solve a maximum-entropy balance (Hainmueller, "Entropy Balancing for Causal Effects",
2012): weighted, their mean ranks in every leaking property equal those of the generated clips.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize

from ..metrics import auc
from .outcome import with_interval

LIMIT = 0.6
# One leaking property cannot be balanced without the weights of a few clips growing; this much is kept from uniform.
RIDGE = 0.002


def probe_aucs(labels: Sequence[bool], properties: list[dict[str, float]], weights: np.ndarray | None = None) -> dict:
    """AUC of every single property (the larger side)."""
    result = {}
    for name in properties[0]:
        scores = [row[name] for row in properties]
        value = auc(labels, scores) if weights is None else weighted_auc(labels, scores, weights)
        result[name] = round(max(value, 1 - value), 4)
    return result


def weighted_auc(labels: Sequence[bool], scores: Sequence[float], weights: Sequence[float]) -> float:
    """Area under the ROC curve of weighted clips: chance that a drawn positive scores above a drawn negative."""
    y, s, w = np.asarray(labels, bool), np.asarray(scores, float), np.asarray(weights, float)
    above = (s[y][:, None] > s[~y][None, :]) + 0.5 * (s[y][:, None] == s[~y][None, :])
    pairs = w[y][:, None] * w[~y][None, :]
    return float((above * pairs).sum() / pairs.sum())


def weighted_rate_at(labels: Sequence[bool], scores: Sequence[float], weights: Sequence[float], rate: float) -> float:
    """Weighted share of positives above the smallest threshold that at most ``rate`` of the negatives exceeds."""
    y, s, w = np.asarray(labels, bool), np.asarray(scores, float), np.asarray(weights, float)
    order = np.argsort(-s[~y])
    negatives, mass = s[~y][order], np.cumsum(w[~y][order]) / w[~y].sum()
    beyond = np.flatnonzero(mass > rate + 1e-9)
    threshold = negatives[beyond[0]] if len(beyond) else -np.inf
    return float(w[y][s[y] > threshold].sum() / w[y].sum())


def ranks(values: Sequence[float]) -> np.ndarray:
    """Ranks in 0..1, ties at their mean."""
    v = np.asarray(values, float)
    return ((v[:, None] > v[None, :]).sum(1) + 0.5 * ((v[:, None] == v[None, :]).sum(1) - 1)) / max(1, len(v) - 1)


def balance(labels: Sequence[bool], columns: np.ndarray) -> np.ndarray:
    """Weights ``[n]`` (mean 1 in each class) under which both classes have the same means of ``columns`` ``[n, k]``.

    Both classes are moved half of the way each, so that no few clips carry the set.
    """
    y = np.asarray(labels, bool)
    target = (columns[y].mean(0) + columns[~y].mean(0)) / 2
    weights = np.ones(len(y))
    for side in (y, ~y):
        centred = columns[side] - target

        def dual(p: np.ndarray, rows: np.ndarray = centred) -> tuple[float, np.ndarray]:
            exponent = rows @ p
            top = exponent.max()
            mass = np.exp(exponent - top)
            value = top + np.log(mass.sum()) + RIDGE * float(p @ p)
            return value, mass @ rows / mass.sum() + 2 * RIDGE * p

        found = minimize(dual, np.zeros(columns.shape[1]), jac=True, method="L-BFGS-B").x
        mass = np.exp(centred @ found - (centred @ found).max())
        weights[side] = mass / mass.mean()
    return weights


def effective_number(weights: np.ndarray) -> float:
    """Kish's effective sample size."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def rebalanced(labels: np.ndarray, scores: np.ndarray, properties: list[dict[str, float]]) -> dict | None:
    """Figures of the verdict on a test set weighted until no probe exceeds 0.6; None where none does to begin with.

    Leaking properties are added to the balance one by one, worst first.
    """
    plain = probe_aucs(labels, properties)
    if max(plain.values()) <= LIMIT:
        return None
    columns = {name: ranks([row[name] for row in properties]) for name in plain}
    chosen: list[str] = []
    weights, found = np.ones(len(labels)), plain
    while max(found.values()) > LIMIT and len(chosen) < len(columns):
        chosen.append(max((name for name in found if name not in chosen), key=lambda name: found[name]))
        weights = balance(labels, np.stack([columns[name] for name in chosen], 1))
        found = probe_aucs(labels, properties, weights)
    strata = [np.flatnonzero(labels), np.flatnonzero(~labels)]
    worst = max(found, key=lambda name: found[name])
    column = np.array([row[worst] for row in properties])
    side = 1 if weighted_auc(labels, column, weights) >= 0.5 else -1
    right = (scores >= 0.5) == labels

    def share(i: np.ndarray) -> float:
        return float(np.average(right[i], weights=weights[i]))

    return {
        "balanced": chosen,
        "probes": found,
        "worstProbe": {"name": worst}
        | with_interval(lambda i: weighted_auc(labels[i], side * column[i], weights[i]), strata),
        "effectiveGenerated": round(effective_number(weights[labels]), 1),
        "effectiveReal": round(effective_number(weights[~labels]), 1),
        "auc": with_interval(lambda i: weighted_auc(labels[i], scores[i], weights[i]), strata),
        "truePositiveRateAt5": with_interval(
            lambda i: weighted_rate_at(labels[i], scores[i], weights[i], 0.05), strata
        ),
        "fakeAccuracy": with_interval(lambda i: share(i[labels[i]]), strata),
        "realAccuracy": with_interval(lambda i: share(i[~labels[i]]), strata),
    }
