"""Features of one trace: frozen maps pooled inside its box over its time. Reference of ``workers/traces/context.ts``.

The trace session gives ``[4, C, 7, 7]`` a window (:func:`tracenet.model.context_maps`). Each half of a window becomes
one :class:`Bin`; bins are all that is kept of a window, and where a clip has more than ``MAX_BINS`` of them, neighbours
are merged, so memory does not grow with the clip.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from ..contract import INPUT_SIZE, SAMPLES_PER_SECOND, WINDOW
from ..model import CONTEXT, context_maps
from ..preprocess import Letterbox
from ..sampling import Window

CELLS = 7
CELL = INPUT_SIZE / CELLS
MAX_BINS = 96
PARTS = ("inside", "contrast", "step", "trend")
FEATURES = len(PARTS) * CONTEXT


@dataclass(frozen=True)
class Bin:
    """Features of one stretch of time. ``mean`` and ``step``: ``[C, 49]``; ``start`` and ``end`` in seconds."""

    start: float
    end: float
    mean: np.ndarray
    step: np.ndarray


@dataclass(frozen=True)
class Point:
    """The trace's box (fractions of the frame) at one time in seconds."""

    time: float
    box: Sequence[float]


def window_context(s16: np.ndarray, s32: np.ndarray, window: Window) -> np.ndarray:
    """``[4, C, 7, 7]`` of one window from the cached maps of a clip, as the trace session computes it."""
    indices = window.indices()
    maps = (torch.from_numpy(m[indices].astype(np.float32)) for m in (s16, s32))
    return context_maps(*maps).numpy()


def window_bins(context: np.ndarray, times: Sequence[float]) -> list[Bin]:
    """One bin a half window. ``context``: ``[4, C, 7, 7]``; ``times``: seconds of the valid samples."""
    half = WINDOW // 2
    flat = context.reshape(4, context.shape[1], -1)
    bins = []
    for index in range(2):
        inside = times[index * half : (index + 1) * half]
        if inside:
            end = inside[-1] + 1 / SAMPLES_PER_SECOND
            bins.append(Bin(inside[0], end, flat[index], flat[2 + index]))
    return bins


def add_bins(bins: list[Bin], new: list[Bin], limit: int = MAX_BINS) -> list[Bin]:
    """Append bins; where there are more than ``limit``, merge each with its neighbour, weighted by duration."""
    joined = [*bins, *new]
    return joined if len(joined) <= limit else merge_bins(joined)


def merge_bins(bins: list[Bin]) -> list[Bin]:
    """Half as many bins: each pair becomes one, weighted by duration."""
    merged = []
    for index in range(0, len(bins), 2):
        pair = bins[index : index + 2]
        weights = np.array([item.end - item.start for item in pair])
        weights /= weights.sum()
        merged.append(
            Bin(
                min(item.start for item in pair),
                max(item.end for item in pair),
                sum(w * item.mean for w, item in zip(weights, pair, strict=True)),
                sum(w * item.step for w, item in zip(weights, pair, strict=True)),
            )
        )
    return merged


def cell_weights(box: Sequence[float], place: Letterbox) -> np.ndarray:
    """Share ``[49]`` of a box (fractions of the frame) in every cell of the 7x7 grid; sums to 1.

    A box without area counts as the cell that holds its centre.
    """
    x0, y0, x1, y1 = place.to_input(np.asarray(box, np.float64)).astype(np.float64)
    edges = np.arange(CELLS) * CELL
    across = (np.minimum(x1, edges + CELL) - np.maximum(x0, edges)).clip(0)
    down = (np.minimum(y1, edges + CELL) - np.maximum(y0, edges)).clip(0)
    weights = down[:, None] * across[None, :]
    total = weights.sum()
    if total <= 0:
        column = int(np.clip((x0 + x1) / 2 // CELL, 0, CELLS - 1))
        row = int(np.clip((y0 + y1) / 2 // CELL, 0, CELLS - 1))
        weights[row, column] = total = 1.0
    return (weights / total).reshape(-1)


def pool(
    bins: Sequence[Bin],
    place: Letterbox,
    box: Sequence[float],
    start: float,
    end: float,
    track: Sequence[Point] = (),
) -> np.ndarray:
    """Features ``[FEATURES]`` of a trace: inside its box, inside minus frame, step inside, last minus first bin.

    ``box``: where the track says nothing. Bins count by how much of them the trace lasts; without any overlap the bin
    whose middle is nearest to the trace's is taken.
    """
    shares = np.array([max(0.0, min(end, item.end) - max(start, item.start)) for item in bins])
    if not shares.any():
        middle = (start + end) / 2
        distances = [abs((item.start + item.end) / 2 - middle) for item in bins]
        shares[int(np.argmin(distances))] = 1.0
    frame = cell_weights((0.0, 0.0, 1.0, 1.0), place)
    inside, whole, step = (np.zeros(bins[0].mean.shape[0]) for _ in range(3))
    first = last = None
    for item, share in zip(bins, shares / shares.sum(), strict=True):
        if share == 0:
            continue
        boxes = [point.box for point in track if item.start <= point.time < item.end]
        weights = cell_weights(np.mean(boxes, 0) if boxes else box, place)
        now = item.mean @ weights
        inside += share * now
        whole += share * (item.mean @ frame)
        step += share * (item.step @ weights)
        first = now if first is None else first
        last = now
    return np.concatenate([inside, inside - whole, step, last - first]).astype(np.float32)


def geometry_vector(box: Sequence[float], start: float, end: float, length: float) -> np.ndarray:
    """``[7]``: centre x and y, width, height, square root of the area, onset and duration as shares of the clip."""
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    length = max(length, 1 / SAMPLES_PER_SECOND)
    return np.array(
        [(x0 + x1) / 2, (y0 + y1) / 2, width, height, np.sqrt(width * height), start / length, (end - start) / length],
        np.float32,
    )
