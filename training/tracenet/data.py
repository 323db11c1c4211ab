"""Reading the data set: clip list, annotations, subjects, decoded frames."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from .preprocess import canonical
from .sampling import sample_frames

MIN_BYTES = 1000
SPLITS = ("train", "val", "test")


@dataclass(frozen=True)
class Clip:
    """One clip of ``clips.jsonl``."""

    id: str
    generated: bool
    family: str
    source: str
    split: str

    @property
    def group(self) -> str:
        """What must never be torn apart by a fold: the model family, or the source of a real clip."""
        return f"generated/{self.family}" if self.generated else f"real/{self.source}"


def _lines(path: Path) -> list[dict]:
    with path.open(encoding="utf-8") as handle:
        return [json.loads(line) for line in handle if line.strip()]


def load_clips(data: Path, splits: tuple[str, ...] = SPLITS) -> list[Clip]:
    """All clips of the given splits, sorted by id; files too small to hold a frame are left out."""
    clips = [
        Clip(row["id"], row["label"] == "generated", row["family"], row["source"], row["split"])
        for row in load_rows(data)
    ]
    chosen = (clip for clip in clips if clip.split in splits)
    return sorted(
        (clip for clip in chosen if clip_path(data, clip.id).stat().st_size >= MIN_BYTES),
        key=lambda clip: clip.id,
    )


def load_rows(data: Path) -> list[dict]:
    """All rows of ``clips.jsonl`` as they are."""
    return _lines(data / "clips.jsonl")


def load_annotations(data: Path) -> dict[str, list[dict]]:
    """Traces of every annotated clip, by clip id."""
    return {row["id"]: row["traces"] for row in _lines(data / "annotations.jsonl")}


def load_subjects(data: Path) -> dict[str, dict]:
    """Named subjects with boxes of real training clips, by clip id."""
    return {row["id"]: row for row in _lines(data / "subjects.jsonl")}


def clip_path(data: Path, clip_id: str) -> Path:
    """Where the canonical video of a clip lies."""
    return data / "clips" / f"{clip_id}.mp4"


def view_path(data: Path, work: Path, clip_id: str, view: str) -> Path:
    """The video behind a view: the clip itself, or its re-encoded version made by ``degrade_clips.py``."""
    return clip_path(data, clip_id) if view in ("clean", "flip") else work / "clips" / view / f"{clip_id}.mp4"


def decode(path: Path) -> tuple[list[np.ndarray], list[float]]:
    """All frames (uint8 RGB ``[h, w, 3]``) and their times in seconds, in presentation order."""
    frames, times = [], []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_count = 1
        for frame in container.decode(stream):
            if frame.pts is None:
                continue
            frames.append(frame.to_ndarray(format="rgb24"))
            times.append(float(frame.pts * stream.time_base))
    return frames, times


def decode_samples(path: Path) -> list[np.ndarray]:
    """Canonical frames (uint8 RGB) on the 6 Hz grid."""
    frames, times = decode(path)
    chosen = sample_frames(times)
    ready = {index: canonical(frames[index]) for index in sorted(set(chosen))}
    return [ready[index] for index in chosen]
