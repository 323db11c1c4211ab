"""Made-up raw outputs of a model, and settings to decode them with."""

from __future__ import annotations

import numpy as np

from tracenet.contract import CATEGORIES, GRID, WINDOW
from tracenet.subjects import SUBJECTS

BOX = [0.25, 0.25, 0.75, 0.75]
DECODING = {
    "candidateThreshold": 0.2,
    "maxPerSample": 12,
    "nmsIou": 0.5,
    "linkIou": 0.4,
    "maxGap": 2,
    "minSamples": 2,
    "traceThreshold": 0.6,
    "likelyTraceThreshold": 0.3,
    "likelyProbability": 0.5,
    "duplicateIou": 0.3,
    "boundaryBlend": 0.0,
    "edgeSlack": 0.0,
    "categoryBias": [0.0] * len(CATEGORIES),
    "maxTraces": 8,
}


def raw_outputs(generated: bool, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Outputs of one window on a square clip; a generated one has a trace in the middle of all samples."""
    shape = (1, WINDOW, 1, GRID, GRID)
    objectness = np.full(shape, -6.0)
    box = np.full((1, WINDOW, 4, GRID, GRID), 56.0)
    # The box's edges run through the middle of cells: those are covered by half.
    coverage = np.full((1, 1, 1, GRID, GRID), -12.0)
    coverage[..., 3:11, 3:11] = 0.0
    coverage[..., 4:10, 4:10] = 12.0
    if generated:
        objectness[..., 6:8, 6:8] = 3.0
    return {
        "objectness": objectness,
        "category": np.zeros((1, WINDOW, len(CATEGORIES), GRID, GRID)),
        "coverage": coverage,
        "box": box,
        "boundary": np.zeros((1, WINDOW, 2, GRID, GRID)),
        "subject": np.zeros((1, WINDOW, len(SUBJECTS), GRID, GRID)),
        "verdict": np.array([2.0 if generated else -2.0]) + rng.normal(size=1),
        "forensic": np.zeros((1, 8)),
        "start": np.array([0]),
        "valid": np.array([WINDOW]),
        "size": np.array([224, 224]),
        "count": np.array(WINDOW),
    }
