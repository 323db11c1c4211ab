"""Recipes that turn a tracked box of a real clip into an artifact, one for each kind of trace.

All follow the idea of self-blended images and videos (arXiv 2204.08376, 2501.01184): material of the same clip, one
set of parameters for a whole trace, feathered masks, severity mostly mild. Frames are float32 RGB ``[n, h, w, 3]`` in
0..255; a recipe returns what the region should show, and blending is done once for all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter
from scipy.ndimage import gaussian_filter, map_coordinates


@dataclass(frozen=True)
class Site:
    """Where and when: boxes ``[n, 4]`` in pixels for every frame, active frames ``first .. last``, severity 0..1."""

    boxes: np.ndarray
    first: int
    last: int
    severity: float


Recipe = Callable[[np.ndarray, Site, np.random.Generator], tuple[np.ndarray, np.ndarray]]


def feathered(height: int, width: int, box: np.ndarray) -> np.ndarray:
    """Mask ``[h, w, 1]``: an ellipse inside the box, soft towards and zero on the box edge."""
    x = (np.arange(width) + 0.5 - (box[0] + box[2]) / 2) / max((box[2] - box[0]) / 2, 1)
    y = (np.arange(height) + 0.5 - (box[1] + box[3]) / 2) / max((box[3] - box[1]) / 2, 1)
    radius = np.abs(x[None, :]) ** 4 + np.abs(y[:, None]) ** 4
    return np.clip((1 - radius) / 0.35, 0, 1).astype(np.float32)[..., None]


def shifted(image: np.ndarray, dx: float, dy: float) -> np.ndarray:
    """The image moved by whole pixels, edges repeated."""
    height, width = image.shape[:2]
    rows = np.clip(np.arange(height) - round(dy), 0, height - 1)
    columns = np.clip(np.arange(width) - round(dx), 0, width - 1)
    return image[rows[:, None], columns[None, :]]


def blurring(frames: np.ndarray, site: Site, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Sudden blurring: the region loses its detail at once."""
    size = max(site.boxes[0, 2] - site.boxes[0, 0], 24)
    radius = float(size * (0.02 + 0.05 * site.severity))
    changed = frames.copy()
    for g in range(site.first, site.last + 1):
        image = Image.fromarray(frames[g].clip(0, 255).astype(np.uint8))
        changed[g] = np.asarray(image.filter(ImageFilter.GaussianBlur(radius)), np.float32)
    return changed, site.boxes


def distortion(frames: np.ndarray, site: Site, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Object or background distortion: a smooth warp that wobbles over time and moves with the box."""
    _, height, width, _ = frames.shape
    field = np.stack([gaussian_filter(rng.normal(size=(64, 64)), 8, mode="wrap") for _ in range(4)])
    field /= np.abs(field).max((1, 2), keepdims=True)
    changed = frames.copy()
    y, x = np.mgrid[:height, :width].astype(np.float32)
    for g in range(site.first, site.last + 1):
        box = site.boxes[g]
        size = min(box[2] - box[0], box[3] - box[1])
        reach = size * (0.06 + 0.12 * site.severity)
        angle = 2 * np.pi * (g - site.first) / 9
        u = ((x - box[0]) / max(box[2] - box[0], 1) * 63).clip(0, 63)
        v = ((y - box[1]) / max(box[3] - box[1], 1) * 63).clip(0, 63)
        wave = field[:2] * np.cos(angle) + field[2:] * np.sin(angle)
        dx, dy = (map_coordinates(part, [v, u], order=1) * reach for part in wave)
        for c in range(3):
            changed[g, ..., c] = map_coordinates(frames[g, ..., c], [y + dy, x + dx], order=1, mode="nearest")
    return changed, site.boxes


def disappearance(frames: np.ndarray, site: Site, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Object disappearance: the region shows the temporal median of the clip (static cameras)."""
    changed = frames.copy()
    changed[site.first : site.last + 1] = np.median(frames, axis=0)
    return changed, site.boxes


def unexpected_move(frames: np.ndarray, site: Site, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Unexpected move: the region slides to and fro although nothing pushes it."""
    changed = frames.copy()
    size = min(site.boxes[0, 2] - site.boxes[0, 0], site.boxes[0, 3] - site.boxes[0, 1])
    reach = size * (0.08 + 0.15 * site.severity)
    direction = rng.uniform(0, 2 * np.pi)
    for g in range(site.first, site.last + 1):
        amount = reach * np.sin(2 * np.pi * (g - site.first + 1) / 7)
        changed[g] = shifted(frames[g], amount * np.cos(direction), amount * np.sin(direction))
    return changed, site.boxes


def redundant(frames: np.ndarray, site: Site, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Redundant object: a copy of the box pops in beside it."""
    _, height, width, _ = frames.shape
    dx, dy, boxes = _beside(site.boxes, width, height, rng)
    changed = frames.copy()
    for g in range(site.first, site.last + 1):
        changed[g] = shifted(frames[g], dx, dy)
    return changed, boxes


def splitting(frames: np.ndarray, site: Site, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Object splitting: a copy of the box glides out of it."""
    _, height, width, _ = frames.shape
    dx, dy, _ = _beside(site.boxes, width, height, rng)
    changed, boxes = frames.copy(), site.boxes.copy()
    for g in range(site.first, site.last + 1):
        part = min(1.0, (g - site.first + 1) / 6)
        changed[g] = shifted(frames[g], dx * part, dy * part)
        move = np.round([dx * part, dy * part] * 2)
        boxes[g] = site.boxes[g] + move
    return changed, boxes


def sham(frames: np.ndarray, site: Site, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Nothing: the same mask, blend and re-encode, but no artifact."""
    return frames.copy(), site.boxes


def _beside(boxes: np.ndarray, width: int, height: int, rng: np.random.Generator) -> tuple[float, float, np.ndarray]:
    """A whole-pixel shift that takes the boxes to the side with more room, and the shifted boxes."""
    box = boxes[len(boxes) // 2]
    room = width - box[2] - box[0]
    dx = float(np.sign(room) or 1) * round((box[2] - box[0]) * rng.uniform(0.7, 1.1))
    dy = float(round(height * rng.uniform(-0.06, 0.06)))
    return dx, dy, boxes + np.array([dx, dy, dx, dy])


RECIPES: dict[str, tuple[str, Recipe]] = {
    "blurring": ("sudden-blurring", blurring),
    "distortion": ("object-distortion", distortion),
    "disappearance": ("object-disappearance", disappearance),
    "unexpected-move": ("unexpected-move", unexpected_move),
    "redundant": ("redundant-object", redundant),
    "splitting": ("object-splitting", splitting),
}


def inject(frames: np.ndarray, site: Site, recipe: Recipe, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Apply a recipe: blended uint8 frames and the boxes ``[n, 4]`` (pixels) that contain every changed pixel."""
    _, height, width, _ = frames.shape
    source = frames.astype(np.float32)
    changed, boxes = recipe(source, site, rng)
    limits = np.array([width, height, width, height], np.float32)
    result = source.copy()
    for g in range(site.first, site.last + 1):
        mask = feathered(height, width, boxes[g])
        result[g] = mask * changed[g] + (1 - mask) * source[g]
    return (result + 0.5).clip(0, 255).astype(np.uint8), boxes.clip(0, limits)
