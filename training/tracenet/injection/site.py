"""What an injection is told (where, when, how strong) and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Site:
    """Where and when an artifact goes.

    ``boxes`` ``[n, 4]`` in pixels for every frame; active frames ``first .. last``; ``severity`` 0..1. ``still``: the
    thing in the box does not move by itself. ``fixed_camera``: the temporal median shows the background. ``partner``:
    boxes of a neighbour ``[n, 4]`` (merging). ``others``: boxes ``[k, n, 4]`` that a change of the background spares.
    """

    boxes: np.ndarray
    first: int
    last: int
    severity: float
    still: bool = False
    fixed_camera: bool = False
    partner: np.ndarray | None = None
    others: np.ndarray = field(default_factory=lambda: np.zeros((0, 0, 4), np.float32))

    @property
    def active(self) -> range:
        """The frames that are changed."""
        return range(self.first, self.last + 1)

    @property
    def size(self) -> float:
        """Geometric mean of the sides of the first active box, in pixels."""
        x0, y0, x1, y1 = self.boxes[self.first]
        return float(max(1.0, ((x1 - x0) * (y1 - y0)) ** 0.5))

    def reach(self, low: float, high: float, least: float = 4.0) -> float:
        """A length in pixels that grows with the severity: a share of the size, at least ``least``."""
        return max(least, self.size * (low + (high - low) * self.severity))

    def since(self, frame: int) -> float:
        """Progress 0..1 of an active frame."""
        return (frame - self.first) / max(1, self.last - self.first)


@dataclass
class Layer:
    """What to show and where.

    ``images`` float32 ``[n, h, w, 3]``, ``masks`` float32 ``[n, h, w]`` in 0..1 (zero outside the active frames), the
    ``variant`` of the recipe, and the ``move`` of the thing in pixels (dx, dy) if it moves.
    """

    images: np.ndarray
    masks: np.ndarray
    variant: str
    move: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def blank(cls, frames: np.ndarray, variant: str) -> Layer:
        """A copy of the frames with nothing chosen."""
        return cls(frames.copy(), np.zeros(frames.shape[:3], np.float32), variant)


Recipe = Callable[[np.ndarray, Site, np.random.Generator], Layer]
