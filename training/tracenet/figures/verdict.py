"""Figures of the verdict: separation, accuracies, calibration, bands, families."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..data import Clip
from ..folds import CINEMATIC_FAMILIES
from ..metrics import (
    auc,
    balanced_weights,
    brier,
    clopper_pearson_upper,
    expected_calibration_error,
    true_positive_rate_at,
)
from .outcome import Outcome, auc_with_interval, with_interval

THRESHOLD = 0.5
COVERAGES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)


def verdict_figures(outcome: Outcome) -> dict:
    """Figures of the verdict; accuracies at probability 0.5."""
    y, p = outcome.labels, outcome.p
    right = (p >= THRESHOLD) == y
    fake, real = outcome.strata
    return {
        "auc": auc_with_interval(p, fake, real),
        "truePositiveRateAt5": with_interval(lambda i: true_positive_rate_at(y[i], p[i], 0.05), [fake, real]),
        "accuracy": with_interval(lambda i: right[i].mean(), [fake, real]),
        "fakeAccuracy": with_interval(lambda i: right[i].mean(), [fake]),
        "realAccuracy": with_interval(lambda i: right[i].mean(), [real]),
        "ece": with_interval(lambda i: expected_calibration_error(y[i], p[i]), [fake, real]),
        "brier": with_interval(lambda i: brier(y[i], p[i]), [fake, real]),
    }


def balanced_calibration(labels: np.ndarray, probabilities: np.ndarray) -> dict:
    """Calibration with the clips weighted so that generated and real ones count alike, as the fusion was fitted.

    A split with more generated than real clips shows more generated clips in every bin than the probabilities were
    made for; this takes the split's mix out of the error.
    """
    y, p, w = labels, probabilities, balanced_weights(labels)
    strata = [np.flatnonzero(y), np.flatnonzero(~y)]
    return {
        "ece": with_interval(lambda i: expected_calibration_error(y[i], p[i], weights=w[i]), strata),
        "brier": with_interval(lambda i: brier(y[i], p[i], w[i]), strata),
        "reliability": reliability(y, p, weights=w),
    }


def costliest_view(outcomes: dict[str, Outcome]) -> dict | None:
    """The re-encoded view that takes most off the AUC of the clips as stored (``clean``), with an interval from drawing
    the same clips in both; None without a re-encoded view."""
    clean = outcomes["clean"]

    def cost(view: str, i: np.ndarray) -> float:
        y = clean.labels[i]
        return auc(y, clean.p[i]) - auc(y, outcomes[view].p[i])

    every = np.arange(len(clean.labels))
    views = [view for view in outcomes if view != "clean"]
    if not views:
        return None
    worst = max(views, key=lambda view: cost(view, every))
    return {"view": worst, "cost": with_interval(lambda i: cost(worst, i), clean.strata)}


def flagged(outcome: Outcome, chosen: np.ndarray) -> dict:
    """How many of the chosen clips land in substantial-evidence, with the one-sided Clopper-Pearson bound."""
    count = sum(outcome.bands[i] == "substantial-evidence" for i in chosen)
    total = len(chosen)
    return {
        "count": count,
        "of": total,
        "rate": round(count / total, 4) if total else 0.0,
        "upper95": round(clopper_pearson_upper(count, total), 4) if total else 1.0,
    }


def cinematic(outcome: Outcome) -> np.ndarray:
    """Indices of the real stock and broadcast clips."""
    return np.array([i for i in outcome.strata[1] if outcome.families[i] in CINEMATIC_FAMILIES], int)


def cinematic_figures(outcome: Outcome) -> dict:
    """The verdict on real stock and broadcast footage alone, and the separation of generated clips from it."""
    chosen, fake = cinematic(outcome), outcome.strata[0]
    p = outcome.p
    return {
        "clips": len(chosen),
        "realAccuracy": with_interval(lambda i: (p[i] < THRESHOLD).mean(), [chosen]),
        "auc": auc_with_interval(p, fake, chosen),
        "flagged": flagged(outcome, chosen),
    }


def family_figures(outcome: Outcome) -> dict[str, dict]:
    """By family: clips, share right, mean probability, share of each band; of generated ones AUC against all reals."""
    table = {}
    real = outcome.strata[1]
    for generated in (True, False):
        for name in sorted(set(outcome.families[outcome.labels == generated])):
            part = np.flatnonzero((outcome.families == name) & (outcome.labels == generated))
            row = {
                "clips": len(part),
                "generated": generated,
                "right": round(float(((outcome.p[part] >= THRESHOLD) == generated).mean()), 4),
                "mean": round(float(outcome.p[part].mean()), 4),
                "substantialEvidence": flagged(outcome, part)["count"],
            }
            if generated:
                row["auc"] = auc_with_interval(outcome.p, part, real)
            table[name] = row
    return table


def band_shares(outcome: Outcome) -> dict[str, dict[str, float]]:
    """Share of each band among generated and among real clips."""
    shares = {}
    for label, indices in zip(("generated", "real"), outcome.strata, strict=True):
        named = [outcome.bands[i] for i in indices]
        shares[label] = {name: round(named.count(name) / len(named), 3) for name in sorted(set(named))}
    return shares


def risk_coverage(labels: Sequence[bool], probabilities: Sequence[float]) -> dict:
    """Error rate among the clips the model is surest of (distance of the probability from 0.5), by coverage, and the
    area under that curve (AURC, Geifman et al., arXiv 1805.08206; lower is better)."""
    y, p = np.asarray(labels, bool), np.asarray(probabilities, float)
    order = np.argsort(-np.abs(p - 0.5), kind="stable")
    wrong = ((p >= 0.5) != y)[order]
    risk = np.cumsum(wrong) / np.arange(1, len(wrong) + 1)
    table = [
        {"coverage": share, "risk": round(float(risk[max(1, round(share * len(risk))) - 1]), 4)} for share in COVERAGES
    ]
    return {"aurc": round(float(risk.mean()), 4), "table": table}


def reliability(
    labels: Sequence[bool],
    probabilities: Sequence[float],
    bins: int = 10,
    weights: Sequence[float] | None = None,
) -> list[dict]:
    """The bins of the calibration error: clips, mean probability, share generated (weighted where asked to)."""
    y, p = np.asarray(labels, float), np.asarray(probabilities, float)
    w = np.ones(len(y)) if weights is None else np.asarray(weights, float)
    which = np.minimum((p * bins).astype(int), bins - 1)
    return [
        {
            "from": round(b / bins, 2),
            "clips": int((which == b).sum()),
            "predicted": round(float(np.average(p[which == b], weights=w[which == b])), 4),
            "observed": round(float(np.average(y[which == b], weights=w[which == b])), 4),
        }
        for b in range(bins)
        if (which == b).any()
    ]


def left_out_families(clips: list[Clip], logits: dict[str, Sequence[float]]) -> dict:
    """Out-of-fold separation: every generator family, never trained on, against all real clips, never trained on.

    ``logits``: window or crop logits by clip id, from folds that leave families and sources whole.
    """
    held = [clip for clip in clips if clip.id in logits]
    scores = np.array([float(np.mean(logits[clip.id])) for clip in held])
    labels = np.array([clip.generated for clip in held])
    real = np.flatnonzero(~labels)
    stock = np.array([i for i in real if held[i].family in CINEMATIC_FAMILIES], int)
    rows = {}
    for name in sorted({clip.family for clip in held if clip.generated}):
        part = np.array([i for i, clip in enumerate(held) if clip.generated and clip.family == name])
        rows[name] = {"clips": len(part), "auc": auc_with_interval(scores, part, real)}
    every = np.flatnonzero(labels)
    overall = {
        "clips": len(every),
        "real": len(real),
        "auc": auc_with_interval(scores, every, real),
        "stockAndBroadcastAuc": auc_with_interval(scores, every, stock) if len(stock) else None,
    }
    return {"overall": overall, "families": rows}
