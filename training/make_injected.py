"""Inject artifacts into real training clips with named subjects, re-encode, and cache their trunk features.

Every clip gives injected copies and, for one in four, a sham copy (the same blend and re-encode without an artifact).
Writes ``work/injected/injected.jsonl`` and ``work/features/injected/ID.npz``. Resumable.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from tracenet.contract import SAMPLES_PER_SECOND
from tracenet.data import clip_path, decode, decode_samples, load_clips, load_subjects
from tracenet.features import Extractor
from tracenet.injection.recipes import RECIPES, Site, inject, sham
from tracenet.preprocess import canonical
from tracenet.sampling import sample_frames

LONGEST = 18
SHAM_SHARE = 0.2
MIN_SIDE, MAX_AREA = 0.12, 0.55


def encode(frames: np.ndarray, path: Path, crf: int) -> None:
    """Write uint8 RGB frames ``[n, h, w, 3]`` as H.264 at 6 frames/s."""
    _, height, width, _ = frames.shape
    command = [
        "ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}",
        "-r", str(SAMPLES_PER_SECOND), "-i", "-", "-c:v", "libx264", "-crf", str(crf), "-pix_fmt", "yuv420p",
        "-threads", "1", str(path),
    ]  # fmt: skip
    subprocess.run(command, input=frames.tobytes(), check=True)


def boxes_over_time(subject: dict, times: np.ndarray, width: int, height: int) -> np.ndarray:
    """Boxes of a named subject in pixels, interpolated to the sample times ``[n, 4]``."""
    keys = [key["t"] for key in subject["boxes"]]
    corners = np.array([key["box"] for key in subject["boxes"]], np.float32)
    boxes = np.stack([np.interp(times, keys, corners[:, i]) for i in range(4)], 1)
    return (boxes * [width, height, width, height]).astype(np.float32)


def usable(subject: dict) -> bool:
    """Neither tiny nor nearly the whole frame."""
    if not subject["boxes"]:
        return False
    sides = [(b["box"][2] - b["box"][0], b["box"][3] - b["box"][1]) for b in subject["boxes"]]
    return min(min(side) for side in sides) >= MIN_SIDE and max(w * h for w, h in sides) <= MAX_AREA


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--count", type=int, default=240)
    args = parser.parse_args()

    split = {clip.id for clip in load_clips(args.data, ("train",))}
    described = {k: v for k, v in sorted(load_subjects(args.data).items()) if k in split}
    folder, features = args.work / "injected", args.work / "features" / "injected"
    folder.mkdir(parents=True, exist_ok=True)
    features.mkdir(parents=True, exist_ok=True)
    extractor = Extractor(args.work)
    listing = folder / "injected.jsonl"
    done = set()
    if listing.exists():
        done = {json.loads(line)["id"] for line in listing.read_text(encoding="utf-8").splitlines()}
    order = sorted(described, key=lambda name: hash_of(name))
    begun = time.time()
    for number in range(args.count):
        source = order[number % len(order)]
        name = f"{source}-{number // len(order)}"
        subjects = [s for s in described[source]["subjects"] if usable(s)]
        if name in done or not subjects:
            continue
        rng = np.random.default_rng([hash_of(source), number])
        frames, times = decode(clip_path(args.data, source))
        chosen = sample_frames(times)[:LONGEST]
        video = np.stack([canonical(frames[i]) for i in chosen])
        video = video[:, : video.shape[1] // 2 * 2, : video.shape[2] // 2 * 2]
        count, height, width, _ = video.shape
        if count < 8:
            continue
        subject = subjects[rng.integers(len(subjects))]
        clock = np.arange(count) / SAMPLES_PER_SECOND
        boxes = boxes_over_time(subject, clock, width, height)
        # Most annotated traces last for the whole clip, so about half of the injected ones do.
        first, last = 0, count - 1
        if rng.random() < 0.5:
            first = int(rng.integers(0, count // 2))
            last = int(rng.integers(min(count - 1, first + 5), count))
        site = Site(boxes, first, last, float(rng.beta(1.2, 2.0)))
        kinds = [k for k in RECIPES if k != "disappearance" or described[source]["camera"] == "static"]
        kind = "sham" if rng.random() < SHAM_SHARE else str(rng.choice(kinds))
        category, recipe = RECIPES.get(kind, ("", sham))
        changed, where = inject(video, site, recipe, rng)
        traces = []
        if kind != "sham":
            active = where[first : last + 1] / [width, height, width, height]
            traces.append(
                {
                    "category": category,
                    "box": [round(float(v), 4) for v in active.mean(0)],
                    "start": round(first / SAMPLES_PER_SECOND, 3),
                    "end": round((last + 1) / SAMPLES_PER_SECOND, 3),
                    "subject": subject["subject"],
                    "confidence": round(0.3 + 0.5 * site.severity, 3),
                }
            )
        with tempfile.TemporaryDirectory() as temporary:
            path = Path(temporary) / "clip.mp4"
            encode(changed, path, int(rng.integers(20, 28)))
            values = extractor(decode_samples(path))
        np.savez(features / f"{name}.npz", **values)
        with listing.open("a", encoding="utf-8") as handle:
            handle.write(json.dumps({"id": name, "source": source, "kind": kind, "traces": traces}) + "\n")
        if number % 20 == 0:
            print(f"{number} of {args.count}, {time.time() - begun:.0f} s", flush=True)


def hash_of(name: str) -> int:
    """A number that does not change between runs."""
    return int(name[:8], 16) * 2654435761 % 2**32


if __name__ == "__main__":
    main()
