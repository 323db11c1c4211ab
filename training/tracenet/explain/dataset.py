"""Rows the explainer learns from and is measured on, with the cached bins of their clips."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..contract import CATEGORIES, SAMPLES_PER_SECOND
from ..data import load_annotations, load_clips, load_subjects
from ..preprocess import Letterbox, letterbox_geometry
from ..sampling import windows_of_segment
from .pooling import Bin, window_bins, window_context

MIN_SIDE = 0.01


@dataclass(frozen=True)
class ClipBins:
    """Bins of one clip in one view."""

    bins: list[Bin]
    place: Letterbox
    length: float
    mirrored: bool


@dataclass(frozen=True)
class Row:
    """One trace (or, without category and explanation, one named subject)."""

    clip: str
    role: str  # annotated, injected, named
    category: int | None
    subject: str
    explanation: str | None
    box: tuple[float, float, float, float]
    start: float
    end: float
    weight: float


def read_bins(path: Path, mirrored: bool = False) -> ClipBins:
    """Bins of a clip from its cached trunk features."""
    with np.load(path) as file:
        s16, s32, size = file["s16"], file["s32"], file["size"]
    times = [g / SAMPLES_PER_SECOND for g in range(len(s16))]
    bins: list[Bin] = []
    for window in windows_of_segment(0, len(s16)):
        context = window_context(s16, s32, window).astype(np.float16).astype(np.float32)
        bins.extend(window_bins(context, times[window.start : window.start + window.valid]))
    return ClipBins(bins, letterbox_geometry(int(size[0]), int(size[1])), len(s16) / SAMPLES_PER_SECOND, mirrored)


def annotated_rows(data: Path, split: str) -> list[Row]:
    """The annotated traces of a split; boxes without area are left out."""
    clips = {clip.id for clip in load_clips(data, (split,))}
    return [
        row_of(clip, "annotated", item, item["explanation"])
        for clip, items in load_annotations(data).items()
        if clip in clips
        for item in items
        if item["box"][2] - item["box"][0] > MIN_SIDE and item["box"][3] - item["box"][1] > MIN_SIDE
    ]


def row_of(clip: str, role: str, item: dict, explanation: str | None) -> Row:
    """From a row of ``annotations.jsonl`` or of ``injected.jsonl``."""
    category = CATEGORIES.index(item["category"])
    box = tuple(float(v) for v in item["box"])
    return Row(
        clip, role, category, item["subject"], explanation, box, item["start"], item["end"], float(item["confidence"])
    )


def injected_rows(work: Path) -> list[Row]:
    """Injected traces that carry a sentence; an empty list where none were made."""
    listing = work / "injected" / "injected.jsonl"
    if not listing.exists():
        return []
    items = [json.loads(line) for line in listing.read_text(encoding="utf-8").splitlines()]
    return [
        row_of(item["id"], "injected", trace, trace["explanation"])
        for item in items
        for trace in item["traces"]
        if trace.get("explanation")
    ]


def named_rows(data: Path) -> list[Row]:
    """Named subjects of real training clips: one row for every time a box is given."""
    clips = {clip.id for clip in load_clips(data, ("train",))}
    rows = []
    for clip, described in load_subjects(data).items():
        if clip not in clips:
            continue
        for item in described["subjects"]:
            share = 1 / max(1, len(item["boxes"]))
            for key in item["boxes"]:
                box = tuple(float(v) for v in key["box"])
                if box[2] - box[0] > MIN_SIDE and box[3] - box[1] > MIN_SIDE:
                    row = Row(clip, "named", None, item["subject"], None, box, key["t"] - 0.5, key["t"] + 0.5, share)
                    rows.append(row)
    return rows


def load_bins(work: Path, rows: list[Row], view: str = "clean") -> dict[str, ClipBins]:
    """Bins of the clips of ``rows`` whose features are cached; ``view``: clean or flip (injected clips: clean)."""
    found = {}
    for clip, role in sorted({(row.clip, row.role) for row in rows}):
        folder = "injected" if role == "injected" else view
        path = work / "features" / folder / f"{clip}.npz"
        if path.exists():
            found[clip] = read_bins(path, view == "flip" and role != "injected")
    return found


def mirrored_box(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """The same box in the mirrored clip."""
    return (1 - box[2], box[1], 1 - box[0], box[3])
