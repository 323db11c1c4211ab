"""The whole model on one clip, as the app runs it: samples, windows, two sessions, decoding, verdict."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime

from .contract import SAMPLES_PER_SECOND
from .decode import DecodeSettings, Segment, Trace, WindowHeads, decode_segment
from .preprocess import crop, letterbox, letterbox_geometry, to_tensor
from .sampling import Window, windows_of_segment

HEAD_NAMES = ("objectness", "category", "box", "boundary", "subject", "coverage")


class Model:
    """The two ONNX sessions of a manifest on the CPU."""

    def __init__(self, folder: Path, threads: int = 1):
        self.manifest = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.sessions = {
            name: onnxruntime.InferenceSession(str(folder / entry["file"]), options, providers=["CPUExecutionProvider"])
            for name, entry in self.manifest["sessions"].items()
        }
        self.anchors = self.manifest["sessions"]["forensic"]["input"]["anchors"]

    def __call__(self, samples: list[np.ndarray]) -> dict[str, np.ndarray]:
        """Raw outputs of a clip without hard cuts.

        ``samples``: canonical frames (uint8 RGB) on the 6 Hz grid. Returns the heads ``[windows, 12, ...]``,
        ``verdict`` ``[windows]``, ``forensic`` ``[windows, crops]``, ``start`` and ``valid`` of the windows,
        ``size`` and ``count``.
        """
        boxed = np.stack([letterbox(frame) for frame in samples])
        windows = windows_of_segment(0, len(samples))
        parts: dict[str, list[np.ndarray]] = {name: [] for name in (*HEAD_NAMES, "verdict", "forensic")}
        names = [output.name for output in self.sessions["trace"].get_outputs()]
        for window in windows:
            indices = window.indices()
            values = self.sessions["trace"].run(None, {"frames": to_tensor(boxed[indices])})
            for name, value in zip(names, values, strict=True):
                if name in parts:
                    parts[name].append(value)
            crops = np.stack([crop(samples[indices[k]], ax, ay) for k, ax, ay in self.anchors])
            parts["forensic"].append(self.sessions["forensic"].run(None, {"crops": to_tensor(crops)})[0])
        height, width = samples[0].shape[:2]
        result = {name: np.stack(part) for name, part in parts.items()}
        result["verdict"] = result["verdict"].reshape(-1)
        return result | window_arrays(windows, width, height, len(samples))


def window_arrays(windows: list[Window], width: int, height: int, count: int) -> dict[str, np.ndarray]:
    """Geometry of a clip as arrays: ``start`` and ``valid`` of the windows, ``size``, ``count`` of samples."""
    return {
        "start": np.array([window.start for window in windows]),
        "valid": np.array([window.valid for window in windows]),
        "size": np.array([width, height]),
        "count": np.array(count),
    }


def traces_of(outputs: dict[str, np.ndarray], settings: DecodeSettings) -> list[Trace]:
    """Decode the raw outputs of a clip; times count from its first frame."""
    count = int(outputs["count"])
    width, height = (int(side) for side in outputs["size"])
    windows = [
        WindowHeads(int(start), int(valid), *(outputs[name][i] for name in HEAD_NAMES))
        for i, (start, valid) in enumerate(zip(outputs["start"], outputs["valid"], strict=True))
    ]
    times = [g / SAMPLES_PER_SECOND for g in range(count)]
    segment = Segment(0, count, 0.0, count / SAMPLES_PER_SECOND)
    return decode_segment(windows, letterbox_geometry(width, height), times, segment, settings)
