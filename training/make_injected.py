"""Inject artifacts into real clips, re-encode, and cache the trunk features.

Nine recipes, one a category, on named subjects or on regions found by motion and saliency; sham copies (same blend
and re-encode, no artifact) and benign edits are the negatives. Whole sources are held out for the evaluation.

Writes ``work/injected/injected.jsonl`` (one line a clip), ``work/injected/clips/ID.mp4`` and ``work/features/injected/
ID.npz`` (held-out clips: ``work/features/injected-held-out/ID.npz``). Resumable; any beginning is balanced.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time
from pathlib import Path

import numpy as np
from scipy.ndimage import uniform_filter

from tracenet.contract import SAMPLES_PER_SECOND
from tracenet.data import clip_path, decode_samples, load_clips, load_subjects
from tracenet.features import Extractor
from tracenet.injection.benign import EDITS, matched
from tracenet.injection.pixels import window_of
from tracenet.injection.places import choose_site
from tracenet.injection.plan import Planned, number_of, plan
from tracenet.injection.recipes import RECIPES, inject, sham
from tracenet.injection.sentences import sentence
from tracenet.injection.site import Layer, Site

LONGEST, SHORTEST = 18, 8
TRIES, LEAST_CHANGE = 6, 7.0


def encode(frames: np.ndarray, path: Path, crf: int) -> None:
    """Write uint8 RGB frames ``[n, h, w, 3]`` as H.264 at 6 frames/s."""
    _, height, width, _ = frames.shape
    partial = path.with_suffix(".part.mp4")
    command = [
        "ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}",
        "-r", str(SAMPLES_PER_SECOND), "-i", "-", "-c:v", "libx264", "-preset", "veryfast", "-crf", str(crf),
        "-pix_fmt", "yuv420p", "-threads", "1", str(partial),
    ]  # fmt: skip
    subprocess.run(command, input=frames.tobytes(), check=True)
    partial.rename(path)


def video_of(data: Path, source: str) -> np.ndarray:
    """Canonical samples of a clip as one array ``[n, h, w, 3]`` with even sides, at most ``LONGEST``."""
    video = np.stack(decode_samples(clip_path(data, source))[:LONGEST])
    return video[:, : video.shape[1] // 2 * 2, : video.shape[2] // 2 * 2]


def trace_of(
    kind: str, site: Site, boxes: np.ndarray, layer: Layer, names: tuple[str, str], video: np.ndarray, rng
) -> dict:
    """The row that describes an injected artifact, in the form of ``annotations.jsonl`` with a ``track``."""
    count, height, width, _ = video.shape
    active = boxes[site.first : site.last + 1] / [width, height, width, height]
    start, end = site.first / SAMPLES_PER_SECOND, (site.last + 1) / SAMPLES_PER_SECOND
    box = tuple(round(float(v), 4) for v in active.mean(0))
    move = (layer.move[0] / width, layer.move[1] / height)
    times = (start, end, count / SAMPLES_PER_SECOND)
    return {
        "category": kind,
        "box": list(box),
        "start": round(start, 3),
        "end": round(end, 3),
        "subject": names[0],
        "explanation": sentence(kind, layer.variant, *names, move, box, times, rng),
        "confidence": round(0.3 + 0.5 * site.severity, 3),
        "variant": layer.variant,
        "track": [
            {"t": round((site.first + k) / SAMPLES_PER_SECOND, 3), "box": [round(float(v), 4) for v in row]}
            for k, row in enumerate(active)
        ],
    }


def seen_change(before: np.ndarray, after: np.ndarray, boxes: np.ndarray) -> float:
    """How strongly the active boxes changed (0..255): of every frame the 90th percentile of the difference after
    averaging over 4 x 4 pixels, about what remains at the network's input size; then a low quantile over the frames,
    so that an artifact is there nearly all the time it is said to be."""
    values = []
    for old, new, box in zip(before, after, boxes, strict=True):
        if box[2] <= box[0]:
            continue
        rows, columns = window_of(box, *old.shape[:2])
        difference = np.abs(new[rows, columns].astype(np.float32) - old[rows, columns]).mean(-1)
        values.append(np.percentile(uniform_filter(difference, 4), 90))
    return float(np.percentile(values, 25)) if values else 0.0


def make_artifact(
    item: Planned, video: np.ndarray, described: dict | None, rng: np.random.Generator
) -> tuple[np.ndarray, list[dict]] | None:
    """An injected or sham copy; places where the artifact would be invisible are drawn again."""
    for _ in range(TRIES):
        category = item.kind if item.kind in RECIPES else str(rng.choice(list(RECIPES)))
        chosen = choose_site(category, video, described, rng)
        if chosen is None:
            return None
        site, name, partner = chosen
        changed, boxes, layer = inject(video, site, RECIPES.get(item.kind, sham), rng)
        if item.kind == "sham":
            return changed, []
        complete = (boxes[site.first : site.last + 1, 2] > 0).all()
        if complete and seen_change(video, changed, boxes) >= LEAST_CHANGE:
            return changed, [trace_of(item.kind, site, boxes, layer, (name, partner), video, rng)]
    return None


def make(
    item: Planned, data: Path, subjects: dict[str, dict], others: list[str]
) -> tuple[np.ndarray, list[dict]] | None:
    """Frames and traces of a planned clip, or None when its source has no place for it."""
    rng = np.random.default_rng([number_of(item.source), int(item.id.split("-")[1])])
    video = video_of(data, item.source)
    count, height, width, _ = video.shape
    if count < SHORTEST:
        return None
    if item.kind.startswith("benign-"):
        other = matched(video_of(data, others[rng.integers(len(others))]), count, width, height)
        return EDITS[item.kind.removeprefix("benign-")](video, other, rng), []
    return make_artifact(item, video, subjects.get(item.source), rng)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--count", type=int, default=860, help="training clips, two of eleven of them negatives")
    parser.add_argument("--held-out", type=int, default=154)
    args = parser.parse_args()

    clips = load_clips(args.data)
    split = {clip.id: clip.split for clip in clips}
    subjects = load_subjects(args.data)
    with_cuts = {name for name, row in subjects.items() if row["camera"] == "cut"}
    items = plan(clips, args.count, args.held_out, with_cuts)
    others = {flag: sorted({item.source for item in items if item.held_out == flag}) for flag in (False, True)}
    folder = args.work / "injected"
    (folder / "clips").mkdir(parents=True, exist_ok=True)
    listing = folder / "injected.jsonl"
    done = set()
    if listing.exists():
        done = {json.loads(line)["id"] for line in listing.read_text(encoding="utf-8").splitlines()}
    extractor = Extractor(args.work)
    begun = time.time()
    for number, item in enumerate(items):
        if item.id in done:
            continue
        made = make(item, args.data, subjects, others[item.held_out])
        if made is None:
            continue
        path = folder / "clips" / f"{item.id}.mp4"
        encode(made[0], path, 20 + number_of(item.source) % 10)
        features = args.work / "features" / ("injected-held-out" if item.held_out else "injected")
        features.mkdir(parents=True, exist_ok=True)
        np.savez(features / f"{item.id}.npz", **extractor(decode_samples(path)))
        row = {
            "id": item.id,
            "source": item.source,
            "split": split[item.source],
            "kind": item.kind,
            "heldOut": item.held_out,
            "traces": made[1],
        }
        with listing.open("a", encoding="utf-8") as handle:
            handle.write(json.dumps(row) + "\n")
        if number % 20 == 0:
            print(f"{number} of {len(items)}, {time.time() - begun:.0f} s", flush=True)


if __name__ == "__main__":
    main()
