"""Edits that a person makes and that are no traces: hard negatives. uint8 RGB frames ``[n, h, w, 3]``."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import gaussian_filter

from .pixels import moved

WORDS = ("LIVE", "NEWS", "Part 1", "Monday", "Chapter II", "12:45", "Kitchen stories", "Subscribe", "A day outside")

Edit = Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray]


def cut(frames: np.ndarray, other: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A hard cut to the other clip."""
    at = int(rng.integers(3, len(frames) - 2))
    return np.concatenate([frames[:at], other[at:]])


def dissolve(frames: np.ndarray, other: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A cross-fade to the other clip over three to six samples."""
    length = int(rng.integers(3, 7))
    at = int(rng.integers(2, max(3, len(frames) - length)))
    share = np.clip((np.arange(len(frames)) - at + 1) / length, 0, 1)[:, None, None, None]
    return _rounded((1 - share) * frames + share * other)


def fade(frames: np.ndarray, other: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A fade from or to black."""
    length = int(rng.integers(3, 8))
    share = np.clip((np.arange(len(frames)) + 0.5) / length, 0, 1)
    if rng.random() < 0.5:
        share = share[::-1]
    return _rounded(frames * share[:, None, None, None])


def zoom(frames: np.ndarray, other: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A slow digital zoom in or out."""
    return _cropped(frames, np.linspace(1, rng.uniform(0.65, 0.85), len(frames)), rng.uniform(0.3, 0.7, 2), rng)


def pan(frames: np.ndarray, other: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A digital pan: things leave the picture at its edge."""
    count, height, width, _ = frames.shape
    share, sign = rng.uniform(0.65, 0.8), rng.choice([-1, 1])
    result = []
    for position in np.linspace(0, 1, count)[::sign]:
        left = int(position * (1 - share) * width)
        top = int((1 - share) / 2 * height)
        part = frames[len(result)][top : top + int(share * height), left : left + int(share * width)]
        result.append(_resized(part, width, height))
    return np.stack(result)


def title(frames: np.ndarray, other: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A title or a corner logo that is there from the start or comes in."""
    _, height, width, _ = frames.shape
    font = ImageFont.load_default(int(height * rng.uniform(0.06, 0.14)))
    words, corner = str(rng.choice(WORDS)), rng.random() < 0.4
    place = (
        (0.04 * width, 0.05 * height) if corner else (rng.uniform(0.1, 0.4) * width, rng.uniform(0.65, 0.82) * height)
    )
    begin = 0 if rng.random() < 0.5 else int(rng.integers(1, len(frames) - 2))
    ink, bar = tuple(int(v) for v in rng.choice([[255, 255, 255], [250, 220, 60], [20, 20, 20]])), rng.random() < 0.5
    result = frames.copy()
    for g in range(begin, len(frames)):
        image = Image.fromarray(frames[g])
        draw = ImageDraw.Draw(image)
        if bar:
            x0, y0, x1, y1 = draw.textbbox(place, words, font=font)
            draw.rectangle((x0 - 6, y0 - 4, x1 + 6, y1 + 4), fill=(150, 20, 30) if ink[0] > 100 else (235, 235, 235))
        draw.text(place, words, font=font, fill=ink)
        result[g] = np.asarray(image)
    return result


def focus_pull(frames: np.ndarray, other: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The whole picture goes out of focus, or comes into it, smoothly."""
    radius = rng.uniform(2.5, 6) * np.clip(np.linspace(-0.6, 1.2, len(frames)), 0, 1)
    if rng.random() < 0.5:
        radius = radius[::-1]
    return np.stack(
        [
            _rounded(gaussian_filter(frame.astype(np.float32), (r, r, 0))) if r > 0.2 else frame
            for frame, r in zip(frames, radius, strict=True)
        ]
    )


def brightness(frames: np.ndarray, other: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The exposure or the colour of the light changes smoothly."""
    course = np.linspace(0, 1, len(frames)) if rng.random() < 0.6 else np.sin(np.linspace(0, np.pi, len(frames)))
    gain = 1 + course[:, None] * rng.uniform(-0.35, 0.35, 3)[None, :] * [1, 0.8, 1]
    return _rounded(frames * gain[:, None, None, :])


def freeze(frames: np.ndarray, other: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A freeze frame."""
    at = int(rng.integers(2, len(frames) - 2))
    return np.concatenate([frames[:at], np.repeat(frames[at : at + 1], len(frames) - at, 0)])


def shake(frames: np.ndarray, other: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A hand-held camera: the whole picture shakes."""
    path = gaussian_filter(rng.normal(0, 10, (len(frames), 2)), (1, 0))
    larger = _cropped(frames, np.full(len(frames), 0.92), np.array([0.5, 0.5]), rng)
    return np.stack(
        [_rounded(moved(frame.astype(np.float32), *step)) for frame, step in zip(larger, path, strict=True)]
    )


EDITS: dict[str, Edit] = {
    "cut": cut,
    "dissolve": dissolve,
    "fade": fade,
    "zoom": zoom,
    "pan": pan,
    "title": title,
    "focus-pull": focus_pull,
    "brightness": brightness,
    "freeze": freeze,
    "shake": shake,
}


def matched(other: np.ndarray, count: int, width: int, height: int) -> np.ndarray:
    """The other clip brought to the length and size of the first."""
    indices = [min(g, len(other) - 1) for g in range(count)]
    return np.stack([_resized(other[g], width, height) for g in indices])


def _cropped(frames: np.ndarray, shares: np.ndarray, focus: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Every frame cropped to its share of the sides about a focus (fractions) and scaled back; either way round."""
    _, height, width, _ = frames.shape
    if rng.random() < 0.5:
        shares = shares[::-1]
    result = []
    for frame, share in zip(frames, shares, strict=True):
        left, top = (1 - share) * focus[0] * width, (1 - share) * focus[1] * height
        box = (left, top, left + share * width, top + share * height)
        image = Image.fromarray(frame).resize((width, height), Image.Resampling.BICUBIC, box=box)
        result.append(np.asarray(image))
    return np.stack(result)


def _resized(image: np.ndarray, width: int, height: int) -> np.ndarray:
    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BICUBIC))


def _rounded(frames: np.ndarray) -> np.ndarray:
    return (frames + 0.5).clip(0, 255).astype(np.uint8)
