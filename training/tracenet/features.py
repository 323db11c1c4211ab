"""Cached trunk features.

The trunk of the trace stream stays frozen, so its maps are computed once. One ``.npz`` a clip and view:
``s16`` float16 ``[n, 112, 14, 14]``, ``s32`` float16 ``[n, 320, 7, 7]``, ``low`` float32 ``[n, 168]`` (pooled
statistics of the strides 4 and 8, see :func:`low_statistics`), ``size`` (width, height of the canonical frame).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import torch

from .preprocess import letterbox, to_tensor
from .trunk import Lite0, fold_batch_norm

TAPS = (2, 4, 10, 15)


def low_statistics(s4: np.ndarray, s8: np.ndarray) -> np.ndarray:
    """``[n, 168]``: mean and mean square of stride 4 (24 + 24) and 8 (40 + 40), mean absolute difference of
    stride 8 to the next sample (40; zero for the last)."""
    step = np.zeros((len(s8), s8.shape[1]), np.float32)
    step[:-1] = np.abs(np.diff(s8, axis=0)).mean((2, 3))
    parts = [s4.mean((2, 3)), (s4**2).mean((2, 3)), s8.mean((2, 3)), (s8**2).mean((2, 3)), step]
    return np.concatenate(parts, 1).astype(np.float32)


class Extractor:
    """The frozen trunk in onnxruntime on one thread (three times faster than eager mode)."""

    def __init__(self, work: Path):
        path = work / "trunk.onnx"
        if not path.exists():
            trunk = fold_batch_norm(Lite0(TAPS).eval())
            torch.onnx.export(
                trunk,
                (torch.zeros(12, 3, 224, 224),),
                str(path),
                dynamo=False,
                opset_version=17,
                input_names=["frames"],
                dynamic_axes={"frames": {0: "n"}},
            )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def __call__(self, samples: list[np.ndarray], flip: bool = False) -> dict[str, np.ndarray]:
        """Features of canonical frames (uint8 RGB ``[h, w, 3]`` each)."""
        images = np.stack([letterbox(frame) for frame in samples])
        if flip:
            images = images[:, :, ::-1]
        maps = [self.session.run(None, {"frames": to_tensor(images[i : i + 12])}) for i in range(0, len(images), 12)]
        s4, s8, s16, s32 = (np.concatenate(part) for part in zip(*maps, strict=True))
        height, width = samples[0].shape[:2]
        return {
            "s16": s16.astype(np.float16),
            "s32": s32.astype(np.float16),
            "low": low_statistics(s4, s8),
            "size": np.array([width, height], np.int32),
        }
