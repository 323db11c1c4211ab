"""Baselines without learned features: block-DCT statistics and single properties of the file."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from scipy.fft import dctn
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

FRAMES = 4
BLOCK = 8


def luma(image: np.ndarray) -> np.ndarray:
    """BT.601 luma of uint8 RGB ``[h, w, 3]``, float32 0..255."""
    return image.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)


def block_spectrum(plane: np.ndarray) -> np.ndarray:
    """Log mean magnitude of the 64 coefficients of the 8x8 block DCT."""
    height, width = (side // BLOCK * BLOCK for side in plane.shape)
    blocks = plane[:height, :width].reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK)
    spectrum = dctn(blocks, axes=(1, 3), norm="ortho")
    return np.log(np.abs(spectrum).mean((0, 2)).reshape(-1) + 1e-3)


def sharpness(plane: np.ndarray) -> float:
    """Log variance of the Laplacian."""
    inner = plane[1:-1, 1:-1] * 4 - plane[:-2, 1:-1] - plane[2:, 1:-1] - plane[1:-1, :-2] - plane[1:-1, 2:]
    return float(np.log(inner.var() + 1e-3))


def blockiness(plane: np.ndarray) -> float:
    """Log ratio of the steps across 8-pixel block edges to the steps inside blocks."""
    step = np.abs(np.diff(plane, axis=1)).mean(0)
    edge = np.arange(len(step)) % BLOCK == BLOCK - 1
    return float(np.log((step[edge].mean() + 1e-3) / (step[~edge].mean() + 1e-3)))


def block_dct_features(samples: list[np.ndarray]) -> np.ndarray:
    """133 statistics: block spectra of frames (64) and of frame differences (64), and five global ones."""
    pairs = np.linspace(0, max(0, len(samples) - 2), FRAMES).astype(int)
    rows = []
    for g in pairs:
        now, following = luma(samples[g]), luma(samples[min(g + 1, len(samples) - 1)])
        change = following - now
        extra = [now.mean(), now.std(), np.abs(change).mean(), sharpness(now), blockiness(now)]
        rows.append(np.concatenate([block_spectrum(now), block_spectrum(change), extra]))
    return np.mean(rows, 0)


def fit_block_dct(rows: np.ndarray, labels: np.ndarray, weights: np.ndarray):
    """Logistic regression on standardised block-DCT statistics."""
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.05, max_iter=2000))
    return model.fit(rows, labels, logisticregression__sample_weight=weights * len(weights))


def properties(path: Path, samples: list[np.ndarray]) -> dict[str, float]:
    """Single properties that must not tell the classes apart."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        times = sorted(float(p.pts * stream.time_base) for p in container.demux(stream) if p.pts is not None)
        width, height = stream.width, stream.height
    duration = times[-1] - times[0] + (times[-1] - times[0]) / max(1, len(times) - 1)
    planes = [luma(samples[g]) for g in np.linspace(0, len(samples) - 1, 3).astype(int)]
    return {
        "duration": duration,
        "frames": float(len(times)),
        "fps": len(times) / max(duration, 1e-3),
        "width": float(width),
        "height": float(height),
        "bitsPerPixel": path.stat().st_size * 8 / (width * height * len(times)),
        "sharpness": float(np.mean([sharpness(plane) for plane in planes])),
        "blockiness": float(np.mean([blockiness(plane) for plane in planes])),
    }
