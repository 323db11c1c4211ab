"""Tools of the recipes: soft masks, mattes of an object, warps, shifts, filling of holes.

Images are float32 RGB ``[h, w, 3]`` in 0..255, masks float32 ``[h, w]`` in 0..1, boxes x0, y0, x1, y1 in pixels.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import affine_transform, binary_fill_holes, gaussian_filter, map_coordinates, zoom

FEATHER = 0.35
BINS = 12
VISIBLE = 0.02


def feathered(height: int, width: int, box: np.ndarray) -> np.ndarray:
    """Mask ``[h, w]``: a rounded box, 1 inside, soft towards and zero on the edge of ``box``."""
    x = (np.arange(width) + 0.5 - (box[0] + box[2]) / 2) / max((box[2] - box[0]) / 2, 1)
    y = (np.arange(height) + 0.5 - (box[1] + box[3]) / 2) / max((box[3] - box[1]) / 2, 1)
    radius = np.abs(x[None, :]) ** 4 + np.abs(y[:, None]) ** 4
    return np.clip((1 - radius) / FEATHER, 0, 1).astype(np.float32)


def window_of(box: np.ndarray, height: int, width: int, margin: float = 0.0) -> tuple[slice, slice]:
    """Rows and columns of a box grown by ``margin`` pixels, inside the frame."""
    x0, y0 = np.floor(box[:2] - margin).astype(int)
    x1, y1 = np.ceil(box[2:] + margin).astype(int)
    return slice(max(0, y0), max(1, min(height, y1))), slice(max(0, x0), max(1, min(width, x1)))


def warped(image: np.ndarray, rows: slice, columns: slice, dx: np.ndarray, dy: np.ndarray) -> np.ndarray:
    """The part ``rows, columns`` of the image, every pixel taken from ``(x + dx, y + dy)``; edges repeated."""
    y, x = np.mgrid[rows, columns].astype(np.float32)
    return np.stack(
        [map_coordinates(image[..., c], [y + dy, x + dx], order=1, mode="nearest") for c in range(3)], -1
    ).astype(np.float32)


def moved(image: np.ndarray, dx: float, dy: float) -> np.ndarray:
    """The image moved by a fraction of pixels, edges repeated; a mask gets zeros from outside."""
    result = image
    for axis, distance in ((0, dy), (1, dx)):
        whole = int(np.floor(distance))
        part = np.float32(distance - whole)
        near, far = _stepped(result, whole, axis), _stepped(result, whole + 1, axis)
        result = (1 - part) * near + part * far
    return result


def _stepped(image: np.ndarray, by: int, axis: int) -> np.ndarray:
    """The image moved by whole pixels along an axis."""
    count = image.shape[axis]
    source = np.arange(count) - by
    result = np.take(image, source.clip(0, count - 1), axis)
    if image.ndim == 2:
        outside = (source < 0) | (source >= count)
        result[(outside, slice(None)) if axis == 0 else (slice(None), outside)] = 0
    return result


def rotated(image: np.ndarray, angle: float, centre: tuple[float, float], scale: float, mirror: bool) -> np.ndarray:
    """The image (or mask) turned by ``angle`` radians about ``centre`` (x, y), scaled and perhaps mirrored."""
    cos, sin = np.cos(angle) / scale, np.sin(angle) / scale
    flip = -1.0 if mirror else 1.0
    matrix = np.array([[cos, -sin], [sin * flip, cos * flip]])
    middle = np.array([centre[1], centre[0]])
    offset = middle - matrix @ middle
    if image.ndim == 2:
        return affine_transform(image, matrix, offset=offset, order=1, mode="constant", output=np.float32)
    planes = [affine_transform(image[..., c], matrix, offset=offset, order=1, mode="nearest") for c in range(3)]
    return np.stack(planes, -1).astype(np.float32)


class Matte:
    """Soft cut-out of the object in a tracked box, from the colours inside the box against those around it.

    One colour model for the whole trace (histograms with ``BINS`` levels a channel), so that the cut does not flicker.
    Where colours do not separate the object from its surroundings, the cut is the rounded box.
    """

    def __init__(self, frames: np.ndarray, boxes: np.ndarray, chosen: list[int]):
        inner, outer = np.zeros(BINS**3), np.zeros(BINS**3)
        height, width = frames.shape[1:3]
        for g in chosen:
            box = boxes[g]
            rows, columns = window_of(box, height, width, 0.3 * max(box[2] - box[0], box[3] - box[1]))
            codes = self._codes(frames[g][rows, columns])
            core = feathered(height, width, _shrunk(box, 0.75))[rows, columns] > 0.5
            inside = feathered(height, width, box)[rows, columns] > 0
            inner += np.bincount(codes[core], minlength=BINS**3)
            outer += np.bincount(codes[~inside], minlength=BINS**3)
        self.usable = outer.sum() > 200 and inner.sum() > 50
        blur = [gaussian_filter(h.reshape(BINS, BINS, BINS), 0.8).reshape(-1) for h in (inner, outer)]
        inner, outer = (h / max(h.sum(), 1) + 1e-6 for h in blur)
        self.share = inner / (inner + outer)

    @staticmethod
    def _codes(part: np.ndarray) -> np.ndarray:
        levels = (part * (BINS / 256)).astype(np.int64).clip(0, BINS - 1)
        return (levels[..., 0] * BINS + levels[..., 1]) * BINS + levels[..., 2]

    def __call__(self, frame: np.ndarray, box: np.ndarray) -> np.ndarray:
        """Mask of the object in this frame, zero outside the box."""
        height, width = frame.shape[:2]
        limits = feathered(height, width, box)
        if not self.usable:
            return limits
        rows, columns = window_of(box, height, width)
        part = limits[rows, columns]
        size = max(box[2] - box[0], box[3] - box[1])
        likely = gaussian_filter(self.share[self._codes(frame[rows, columns])], max(1.0, 0.025 * size))
        solid = binary_fill_holes((likely > 0.5) & (part > 0.1))
        soft = gaussian_filter(solid.astype(np.float32), max(1.0, 0.012 * size)) * np.minimum(1, part * 2)
        if not 0.25 <= soft.sum() / max(part.sum(), 1) <= 1.2:
            return limits
        mask = np.zeros((height, width), np.float32)
        mask[rows, columns] = soft
        return mask


def _shrunk(box: np.ndarray, factor: float) -> np.ndarray:
    """The box scaled about its centre."""
    middle, half = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) / 2 * factor
    return np.concatenate([middle - half, middle + half])


def grown(mask: np.ndarray, pixels: float) -> np.ndarray:
    """The mask made larger by about ``pixels``, soft."""
    return np.clip(gaussian_filter(mask, pixels) * 3, 0, 1)


def filled(image: np.ndarray, mask: np.ndarray, box: np.ndarray, side: int) -> np.ndarray:
    """The image with the masked object painted over.

    Colours flow in from outside the mask (normalised convolution from coarse to fine, Knutsson and Westin 1993); the
    texture is that of the region one box width to the ``side`` (-1 or 1).
    """
    height, width = mask.shape
    reach = max(box[2] - box[0], box[3] - box[1])
    rows, columns = window_of(box, height, width, 0.5 * reach)
    part, hole = image[rows, columns], np.clip(mask[rows, columns] * 4, 0, 1)
    step = max(1, int(reach // 40))
    small, valid = part[::step, ::step], 1 - hole[::step, ::step]
    low = None
    for sigma in (reach / 2, reach / 5, reach / 12):
        weight = gaussian_filter(valid, sigma / step)
        value = gaussian_filter(small * valid[..., None], (sigma / step, sigma / step, 0)) / (weight[..., None] + 1e-4)
        trust = np.clip(weight * 4, 0, 1)[..., None]
        low = value if low is None else trust * value + (1 - trust) * low
    factors = (part.shape[0] / low.shape[0], part.shape[1] / low.shape[1], 1)
    smooth = zoom(low, factors, order=1, mode="nearest", grid_mode=True)
    shifted = moved(image, -side * (box[2] - box[0]), 0)[rows, columns]
    result = image.copy()
    result[rows, columns] = smooth + shifted - gaussian_filter(shifted, (4, 4, 0))
    return result


def bounds(mask: np.ndarray) -> np.ndarray | None:
    """The smallest box that holds every visible pixel of a mask, or None."""
    seen = mask > VISIBLE
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    if len(rows) == 0:
        return None
    return np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], np.float32)
