"""Folds that keep every generator family and every real source whole, and sampling weights."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np

from .data import Clip

# Real footage that looks like what generators imitate; it counts more, against the content shortcut.
CINEMATIC_FAMILIES = ("stock", "broadcast")
CINEMATIC_WEIGHT = 2.0


def assign_folds(clips: list[Clip], count: int, seed: int = 0) -> dict[str, int]:
    """Fold of every clip id. Groups go, largest first, to the fold with the fewest clips of their class."""
    sizes = Counter(clip.group for clip in clips)
    order = sorted(sizes)
    random.Random(seed).shuffle(order)
    load = Counter()
    fold_of_group = {}
    for group in sorted(order, key=lambda name: -sizes[name]):
        kind = group.split("/")[0]
        fold = min(range(count), key=lambda k: load[kind, k])
        fold_of_group[group] = fold
        load[kind, fold] += sizes[group]
    return {clip.id: fold_of_group[clip.group] for clip in clips}


def clip_weights(clips: list[Clip]) -> np.ndarray:
    """Weight of every clip ``[n]``, summing to 1/2 in each class.

    A source of n clips has weight sqrt(n), so that large sources do not rule; stock and broadcast
    clips count double.
    """
    sizes = Counter((clip.generated, clip.source) for clip in clips)
    weights = np.array([sizes[clip.generated, clip.source] ** -0.5 for clip in clips])
    weights *= [CINEMATIC_WEIGHT if clip.family in CINEMATIC_FAMILIES else 1.0 for clip in clips]
    generated = np.array([clip.generated for clip in clips])
    for flag in (False, True):
        chosen = generated == flag
        weights[chosen] *= 0.5 / weights[chosen].sum()
    return weights


def equal_weights(clips: list[Clip]) -> np.ndarray:
    """The same weight for every clip of a class ``[n]``, summing to 1/2 in each: a probability fitted with them
    takes generated and real clips to be equally frequent."""
    generated = np.array([clip.generated for clip in clips])
    return np.where(generated, 0.5 / generated.sum(), 0.5 / (~generated).sum())
