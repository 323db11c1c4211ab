"""A clip as a sheet of stills: boxes of the model and of the annotation over each; as bars beneath, the times of the
first mark of either, which is drawn strongest."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFont

Box = tuple[float, float, float, float]
# (box as fractions of the frame, start and end in seconds)
Mark = tuple[Box, float, float]

STILLS = 4
COLUMNS = 2
HEIGHT = 190
GAP = 6
BAR = 12
TEXT = 20
# Orange (Okabe and Ito, 2008) and white on black: told apart with any colour vision and on any picture.
MODEL, LABEL = (230, 159, 0), (255, 255, 255)
INK, PAPER = (20, 20, 20), (255, 255, 255)
MAX_BYTES = 40_000


def still_times(seconds: float) -> list[float]:
    """Times of the stills, in reading order: in the middle of equal parts of the clip."""
    return [seconds * (k + 0.5) / STILLS for k in range(STILLS)]


def _dashed(draw: ImageDraw.ImageDraw, box: list[int], fill: tuple, width: int) -> None:
    x0, y0, x1, y1 = box
    for a in range(x0, x1, 12):
        for y in (y0, y1):
            draw.line([a, y, min(a + 7, x1), y], fill, width)
    for a in range(y0, y1, 12):
        for x in (x0, x1):
            draw.line([x, a, x, min(a + 7, y1)], fill, width)


def draw_boxes(frame: Image.Image, time: float, model: list[Mark], label: list[Mark]) -> None:
    """Draw into ``frame`` what is there at ``time``: boxes of the model with full, annotated ones with broken lines."""
    draw = ImageDraw.Draw(frame)
    for marks, colour, broken in ((label, LABEL, True), (model, MODEL, False)):
        for k, (box, start, end) in reversed(list(enumerate(marks))):
            if not start <= time < end:
                continue
            width = 3 if k == 0 else 1
            x0, y0, x1, y1 = (
                round(value * (side - 3)) + 1 for value, side in zip(box, (frame.width, frame.height) * 2, strict=True)
            )
            edge = 1 if k == 0 else 0
            draw.rectangle([x0 - edge, y0 - edge, x1 + edge, y1 + edge], outline=INK, width=width + 2 * edge)
            if broken:
                _dashed(draw, [x0, y0, x1, y1], colour, width)
            else:
                draw.rectangle([x0, y0, x1, y1], outline=colour, width=width)


def draw_bar(draw: ImageDraw.ImageDraw, top: int, width: int, marks: list[Mark], seconds: float, colour: tuple) -> None:
    """A bar of the whole clip with the time of the first mark filled."""
    draw.rectangle([0, top, width - 1, top + BAR - 1], fill=(225, 225, 225))
    for _, start, end in marks[:1]:
        left, right = (round(min(1.0, t / seconds) * (width - 1)) for t in (start, end))
        draw.rectangle([left, top, max(left + 1, right), top + BAR - 1], fill=colour, outline=INK)


def sheet_of(stills: list[np.ndarray], seconds: float, model: list[Mark], label: list[Mark]) -> Image.Image:
    """The picture. ``stills``: uint8 RGB ``[h, w, 3]`` at :func:`still_times`."""
    frames = []
    for pixels, time in zip(stills, still_times(seconds), strict=True):
        frame = Image.fromarray(pixels)
        frame = frame.resize((round(frame.width * HEIGHT / frame.height), HEIGHT), Image.Resampling.LANCZOS)
        draw_boxes(frame, time, model, label)
        frames.append(frame)
    width = frames[0].width * COLUMNS + GAP * (COLUMNS - 1)
    font = ImageFont.load_default(15)
    beneath = (HEIGHT + TEXT) * (STILLS // COLUMNS)
    sheet = Image.new("RGB", (width, beneath + 2 * (BAR + TEXT)), PAPER)
    draw = ImageDraw.Draw(sheet)
    for k, (frame, time) in enumerate(zip(frames, still_times(seconds), strict=True)):
        left, top = k % COLUMNS * (frame.width + GAP), k // COLUMNS * (HEIGHT + TEXT)
        sheet.paste(frame, (left, top))
        draw.text((left + 2, top + HEIGHT), f"{time:.1f} s", INK, font)
    for k, (name, marks, colour) in enumerate((("model", model, MODEL), ("annotation", label, LABEL))):
        top = beneath + k * (BAR + TEXT)
        draw_bar(draw, top, width, marks, seconds, colour)
        draw.text((2, top + BAR), name if marks else f"{name}: nothing", INK, font)
    return sheet


def webp(picture: Image.Image) -> bytes:
    """Encoded as WebP of at most ``MAX_BYTES``, as good as fits.

    Raises ``ValueError`` where not even the lowest quality does.
    """
    for quality in (80, 70, 60, 50, 40, 30, 20):
        data = io.BytesIO()
        picture.save(data, "WEBP", quality=quality, method=6)
        if data.tell() <= MAX_BYTES:
            return data.getvalue()
    raise ValueError(f"a sheet of {picture.width} x {picture.height} pixels does not fit {MAX_BYTES} bytes")
