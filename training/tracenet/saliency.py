"""Where a clip draws the eye: spectral-residual saliency and motion, without any training.

Spectral residual: Hou and Zhang, "Saliency Detection: A Spectral Residual Approach", CVPR 2007.
"""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter, label, uniform_filter

SIDE = 64
ENERGY = 0.5


def spectral_residual(plane: np.ndarray) -> np.ndarray:
    """Saliency ``[64, 64]`` (sums to 1) of a luma plane ``[h, w]``: what its log spectrum has beyond its local mean."""
    small = np.asarray(Image.fromarray(plane.astype(np.float32)).resize((SIDE, SIDE), Image.Resampling.BOX))
    spectrum = np.fft.fft2(small)
    log_amplitude = np.log(np.abs(spectrum) + 1e-6)
    residual = log_amplitude - uniform_filter(log_amplitude, 3, mode="wrap")
    image = np.abs(np.fft.ifft2(np.exp(residual + 1j * np.angle(spectrum)))) ** 2
    smooth = gaussian_filter(image, 2.5)
    return smooth / smooth.sum()


def motion(planes: np.ndarray) -> np.ndarray:
    """Motion ``[64, 64]`` (sums to 1) of luma planes ``[n, h, w]``: mean absolute step to the next one."""
    small = np.stack(
        [np.asarray(Image.fromarray(p.astype(np.float32)).resize((SIDE, SIDE), Image.Resampling.BOX)) for p in planes]
    )
    step = np.abs(np.diff(small, axis=0)).mean(0) if len(small) > 1 else np.zeros((SIDE, SIDE))
    smooth = gaussian_filter(step, 1.5) + 1e-9
    return smooth / smooth.sum()


def luma_planes(frames: np.ndarray) -> np.ndarray:
    """BT.601 luma ``[n, h, w]`` of uint8 RGB ``[n, h, w, 3]``."""
    return frames.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)


def salient_boxes(heat: np.ndarray, share: float = 0.12) -> list[np.ndarray]:
    """Boxes (fractions of the frame) of the connected parts of the hottest ``share`` of a map, most energy first."""
    parts, count = label(heat >= np.quantile(heat, 1 - share))
    height, width = heat.shape
    found = []
    for index in range(1, count + 1):
        y, x = np.nonzero(parts == index)
        box = np.array([x.min() / width, y.min() / height, (x.max() + 1) / width, (y.max() + 1) / height])
        found.append((float(heat[y, x].sum()), box))
    return [box for _, box in sorted(found, key=lambda pair: -pair[0])]


def saliency_box(samples: list[np.ndarray]) -> list[float]:
    """The box of a clip's saliency (fractions of the frame): spectral residual of three of its uint8 RGB samples."""
    chosen = [samples[g] for g in np.linspace(0, len(samples) - 1, 3).astype(int)]
    heat = np.mean([spectral_residual(plane) for plane in luma_planes(np.stack(chosen))], axis=0)
    return [round(float(v), 4) for v in energy_box(heat)]


def energy_box(heat: np.ndarray) -> np.ndarray:
    """The box between marginal quantiles that would hold half of the energy if rows and columns were independent."""
    tail = (1 - ENERGY**0.5) / 2
    limits = []
    for axis in (0, 1):
        total = np.concatenate([[0], np.cumsum(heat.sum(axis))])
        low, high = np.interp([tail * total[-1], (1 - tail) * total[-1]], total, np.linspace(0, 1, len(total)))
        limits.append((low, high))
    return np.array([limits[0][0], limits[1][0], limits[0][1], limits[1][1]])
