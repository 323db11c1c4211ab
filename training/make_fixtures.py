"""Write the parity fixtures that the TypeScript implementation is tested against."""

from __future__ import annotations

import argparse
import base64
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from tracenet.decode import DecodeSettings, Segment, WindowHeads, decode_segment
from tracenet.explain.fixtures import explain_fixture
from tracenet.preprocess import canonical, crop, letterbox, letterbox_geometry, resize

GRID_H, GRID_W, SUBJECT_COUNT = 7, 7, 5
SETTINGS = DecodeSettings(
    candidate_threshold=0.2,
    max_per_sample=8,
    nms_iou=0.5,
    link_iou=0.4,
    max_gap=2,
    min_samples=3,
    trace_threshold=0.6,
    likely_trace_threshold=0.45,
    likely_probability=0.5,
    duplicate_iou=0.4,
    boundary_blend=0.4,
    edge_slack=0.4,
    category_bias=(0.0, 0.1, 0.2, 0.3, 0.0, 0.0, -0.2, 0.0, 0.0),
    max_traces=3,
)


def blob_windows(seed: int) -> tuple[list[WindowHeads], list[float], Segment]:
    """Three overlapping windows (the last with repeated samples) with drifting, fading blobs."""
    rng = np.random.default_rng(seed)
    # (centre x, centre y, drift x a second, half width, half height, first, last, peak logit, category,
    # subject, samples left out) in input pixels of a 112-pixel input and global samples.
    blobs = [
        (34.0, 52.0, 4.0, 20.0, 17.0, 2, 14, 2.2, 0, 1, ()),
        (86.0, 58.0, -3.0, 15.0, 22.0, 0, 24, 0.6, 6, 3, (9, 10)),
        (60.0, 80.0, 0.0, 12.0, 9.0, 16, 18, 1.4, 3, 2, ()),
        (20.0, 30.0, 0.0, 14.0, 8.0, 5, 20, 0.4, 7, 0, (9, 10, 11)),
        (70.0, 34.0, 0.0, 9.0, 9.0, 20, 21, 3.0, 2, 4, ()),
    ]
    segment = Segment(0, 25, 0.25, 0.25 + 25 / 6)
    times = [0.25 + g / 6 for g in range(25)]
    cell_x = (np.arange(GRID_W) + 0.5) * 16
    cell_y = (np.arange(GRID_H) + 0.5) * 16
    windows = []
    for start, valid in ((0, 12), (9, 12), (18, 7)):
        shape = (12, GRID_H, GRID_W)
        objectness = rng.normal(-4.0, 0.4, shape)
        category = rng.normal(-2.0, 0.3, (12, 9, GRID_H, GRID_W))
        subject = rng.normal(0.0, 0.4, (12, SUBJECT_COUNT, GRID_H, GRID_W))
        box = np.abs(rng.normal(10.0, 2.0, (12, 4, GRID_H, GRID_W)))
        boundary = np.abs(rng.normal(0.5, 0.1, (12, 2, GRID_H, GRID_W)))
        coverage = rng.normal(-1.0, 0.5, (1, 1, GRID_H, GRID_W))
        coverage[0, 0, 2:5, 1:4] += 2.5
        for k in range(12):
            g = start + min(k, valid - 1)
            for x, y, drift, half_w, half_h, first, last, peak, cat, sub, gaps in blobs:
                if not first <= g <= last or g in gaps:
                    continue
                x_now = x + drift * g / 6
                distance = np.maximum(np.abs(cell_x[None, :] - x_now) / half_w, np.abs(cell_y[:, None] - y) / half_h)
                for i, j in np.argwhere(distance < 1):
                    objectness[k, i, j] = peak - 1.5 * distance[i, j] + rng.normal(0, 0.15)
                    box[k, :, i, j] = [
                        cell_x[j] - x_now + half_w,
                        cell_y[i] - y + half_h,
                        x_now + half_w - cell_x[j],
                        y + half_h - cell_y[i],
                    ] + rng.normal(0, 1.0, 4)
                    category[k, cat, i, j] += 3
                    subject[k, sub, i, j] += 2
                    boundary[k, :, i, j] = np.abs([(g - first) / 6, (last + 1 - g) / 6] + rng.normal(0, 0.1, 2))
        windows.append(
            WindowHeads(
                start,
                valid,
                *(a.round(3) for a in (objectness[:, None], category, box.clip(0), boundary, subject, coverage)),
            )
        )
    return windows, times, segment


def decode_fixture() -> dict:
    """Input tensors, geometry, settings and the expected traces."""
    windows, times, segment = blob_windows(7)
    width, height = 160, 90
    traces = decode_segment(windows, letterbox_geometry(width, height, 112), times, segment, SETTINGS)
    names = ("objectness", "category", "box", "boundary", "subject", "coverage")
    return {
        "about": "Arrays are flat, row-major, of the given shapes. A tube stays open while at most maxGap "
        "samples in a row lack it. sampleTimes are seconds of the global samples.",
        "inputSize": 112,
        "stride": 16,
        "frame": {"width": width, "height": height},
        "sampleTimes": [round(time, 6) for time in times],
        "segment": {
            "begin": segment.begin,
            "end": segment.end,
            "startTime": segment.start_time,
            "endTime": round(segment.end_time, 6),
        },
        "decoding": SETTINGS.to_manifest(),
        "windows": [
            {
                "start": window.start,
                "valid": window.valid,
                "outputs": {
                    name: {
                        "shape": list(getattr(window, name).shape),
                        "values": getattr(window, name).reshape(-1).tolist(),
                    }
                    for name in names
                },
            }
            for window in windows
        ],
        "expected": [rounded(asdict(trace)) for trace in traces],
    }


def rounded(value):
    """Round every float of a nested structure to six digits and write keys in camelCase."""
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, list):
        return [rounded(item) for item in value]
    if isinstance(value, dict):
        head_tail = {key: key.split("_") for key in value}
        return {
            parts[0] + "".join(part.title() for part in parts[1:]): rounded(value[key])
            for key, parts in head_tail.items()
        }
    return value


def image_entry(image: np.ndarray) -> dict:
    """An RGB image as base64 of its interleaved bytes."""
    height, width = image.shape[:2]
    return {"width": width, "height": height, "rgb": base64.b64encode(image.tobytes()).decode()}


def test_image(width: int, height: int, seed: int) -> np.ndarray:
    """A smooth ramp with noise and a hard edge, uint8 RGB."""
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    image = np.stack([x * 255 / width, y * 255 / height, (x + y) * 3 % 256], -1)
    image[height // 3 : height // 2, width // 4 : width // 2] = (255, 0, 128)
    return (image + rng.normal(0, 12, image.shape)).clip(0, 255).astype(np.uint8)


def preprocess_fixture() -> dict:
    """Images with the results of Pillow's BILINEAR resize, one letterbox, clamped and inner crops."""
    images = {"a": test_image(37, 23, 1), "b": test_image(300, 40, 2), "c": test_image(52, 64, 3)}
    resizes = [("a", 20, 12), ("a", 74, 46), ("a", 5, 40), ("b", 96, 13), ("b", 31, 31), ("c", 26, 32)]
    boxes = [("a", 64), ("b", 48)]
    crops = [("a", 0.5, 0.25, 32), ("c", 0.85, 0.5, 32), ("c", 1.0, 0.1, 60)]
    canonicals = [("b", 16), ("c", 30), ("a", 23)]
    return {
        "about": "Reference: Pillow BILINEAR (antialiased triangle filter) on uint8 RGB.",
        "images": {name: image_entry(image) for name, image in images.items()},
        "resize": [{"image": name, "result": image_entry(resize(images[name], w, h))} for name, w, h in resizes],
        "canonical": [
            {"image": name, "shortSide": side, "result": image_entry(canonical(images[name], side))}
            for name, side in canonicals
        ],
        "letterbox": [
            {
                "image": name,
                "size": size,
                "fill": 128,
                "geometry": rounded(asdict(letterbox_geometry(images[name].shape[1], images[name].shape[0], size))),
                "result": image_entry(letterbox(images[name], size)),
            }
            for name, size in boxes
        ],
        "crop": [
            {
                "image": name,
                "anchor": [ax, ay],
                "size": size,
                "result": image_entry(crop(images[name], ax, ay, size)),
            }
            for name, ax, ay, size in crops
        ],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the folder tests/fixtures")
    args = parser.parse_args()
    fixtures = {"decode": decode_fixture(), "preprocess": preprocess_fixture(), "explain": explain_fixture()}
    for name, fixture in fixtures.items():
        path = args.out / name / "parity.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(fixture, separators=(",", ":")) + "\n", encoding="utf-8")
        print(path, path.stat().st_size)


if __name__ == "__main__":
    main()
