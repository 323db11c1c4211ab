"""From decoded frames to network inputs. Reference for the app: Pillow's BILINEAR (antialiased) resize."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from .contract import CANONICAL_SHORT_SIDE, CROP_SIZE, FILL, INPUT_SIZE, round_half_up


@dataclass(frozen=True)
class Letterbox:
    """Geometry of a frame pasted into the square input, in input pixels."""

    width: int
    height: int
    offset_x: int
    offset_y: int
    size: int = INPUT_SIZE

    def to_input(self, box: np.ndarray) -> np.ndarray:
        """Boxes ``[..., 4]`` from fractions of the frame to input pixels."""
        scale = np.array([self.width, self.height] * 2, np.float32)
        offset = np.array([self.offset_x, self.offset_y] * 2, np.float32)
        return np.asarray(box, np.float32) * scale + offset

    def to_frame(self, box: np.ndarray) -> np.ndarray:
        """Boxes ``[..., 4]`` from input pixels to fractions of the frame (not clipped)."""
        scale = np.array([self.width, self.height] * 2, np.float64)
        offset = np.array([self.offset_x, self.offset_y] * 2, np.float64)
        return (np.asarray(box, np.float64) - offset) / scale


def resize(image: np.ndarray, width: int, height: int) -> np.ndarray:
    """Resize uint8 RGB ``[h, w, 3]`` with the antialiased triangle filter."""
    if image.shape[1] == width and image.shape[0] == height:
        return image
    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR))


def canonical(image: np.ndarray, short_side: int = CANONICAL_SHORT_SIDE) -> np.ndarray:
    """Scale uint8 RGB ``[h, w, 3]`` down to the canonical short side; never up."""
    height, width = image.shape[:2]
    short = min(height, width)
    if short <= short_side:
        return image
    if width <= height:
        return resize(image, short_side, round_half_up(height * short_side / short))
    return resize(image, round_half_up(width * short_side / short), short_side)


def letterbox_geometry(width: int, height: int, size: int = INPUT_SIZE) -> Letterbox:
    """Where a frame of the given size lies inside the square input."""
    scale = size / max(width, height)
    new_width = max(1, round_half_up(width * scale))
    new_height = max(1, round_half_up(height * scale))
    return Letterbox(new_width, new_height, (size - new_width) // 2, (size - new_height) // 2, size)


def letterbox(image: np.ndarray, size: int = INPUT_SIZE, fill: int = FILL) -> np.ndarray:
    """Fit uint8 RGB ``[h, w, 3]`` into ``[size, size, 3]`` on a grey field."""
    geometry = letterbox_geometry(image.shape[1], image.shape[0], size)
    field = np.full((size, size, 3), fill, np.uint8)
    x, y = geometry.offset_x, geometry.offset_y
    field[y : y + geometry.height, x : x + geometry.width] = resize(image, geometry.width, geometry.height)
    return field


def crop(image: np.ndarray, anchor_x: float, anchor_y: float, size: int = CROP_SIZE) -> np.ndarray:
    """Cut ``[size, size, 3]`` at an anchor (0..1 of the free play); edges are repeated outside."""
    height, width = image.shape[:2]
    left = round_half_up(anchor_x * (width - size))
    top = round_half_up(anchor_y * (height - size))
    rows = np.clip(np.arange(top, top + size), 0, height - 1)
    columns = np.clip(np.arange(left, left + size), 0, width - 1)
    return image[rows[:, None], columns[None, :]]


def to_tensor(images: np.ndarray) -> np.ndarray:
    """uint8 ``[n, h, w, 3]`` to float32 ``[n, 3, h, w]`` in 0..1."""
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2), np.float32) / np.float32(255)


def golden_lattice(count: int, size: int) -> np.ndarray:
    """The golden input ``[count, 3, size, size]`` of the manifest, float32 in 0..1."""
    t, c, y, x = np.ogrid[:count, :3, :size, :size]
    value = (x * 3 + y * 5 + t * 7 + c * 85) ^ ((x >> 4) * 31 + (y >> 4) * 17 + t * 13)
    return (value & 255).astype(np.float32) / np.float32(255)
