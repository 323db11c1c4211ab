"""Cache the pooled crop statistics of the forensic stream, one ``.npz`` a view with ``[crops, 544]`` by clip id.

Training views read the crop bank of ``cache_crops.py`` (its central 160 pixels and its corners in turn); with
``--windows`` the crops are cut as the app does it, eight anchors in every window.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from cache_crops import BANK_SIZE
from tracenet.contract import CROP_ANCHORS, CROP_SIZE
from tracenet.data import decode_samples, load_clips, view_path
from tracenet.model import CropStatistics
from tracenet.preprocess import crop, to_tensor
from tracenet.sampling import windows_of_segment
from tracenet.trunk import fold_batch_norm


class Extractor:
    """:class:`CropStatistics` in onnxruntime on one thread."""

    def __init__(self, work: Path):
        path = work / "crop_statistics.onnx"
        if not path.exists():
            net = CropStatistics().eval()
            fold_batch_norm(net.trunk)
            torch.onnx.export(
                net,
                (torch.zeros(8, 3, CROP_SIZE, CROP_SIZE),),
                str(path),
                dynamo=False,
                opset_version=17,
                input_names=["crops"],
                dynamic_axes={"crops": {0: "n"}},
            )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def __call__(self, crops: np.ndarray) -> np.ndarray:
        """``crops`` uint8 ``[n, 160, 160, 3]`` -> ``[n, 544]``."""
        parts = [self.session.run(None, {"crops": to_tensor(crops[i : i + 8])})[0] for i in range(0, len(crops), 8)]
        return np.concatenate(parts)


def bank_crops(bank: np.ndarray, row: int, per_clip: int) -> np.ndarray:
    """The 160-pixel crops of one clip, cut from its 192-pixel crops at places that alternate."""
    play = BANK_SIZE - CROP_SIZE
    places = ((play // 2, play // 2), (0, 0), (play, play), (0, play), (play, 0))
    crops = []
    for k, image in enumerate(bank[row * per_clip : (row + 1) * per_clip]):
        x, y = places[k % len(places)]
        crops.append(image[y : y + CROP_SIZE, x : x + CROP_SIZE])
    return np.stack(crops)


def window_crops(samples: list[np.ndarray]) -> np.ndarray:
    """The anchored crops of every window of a clip, window after window."""
    return np.stack(
        [
            crop(samples[window.indices()[k]], ax, ay)
            for window in windows_of_segment(0, len(samples))
            for k, ax, ay in CROP_ANCHORS
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--view", default="clean")
    parser.add_argument("--windows", action="store_true")
    parser.add_argument("--splits", nargs="+", default=["train", "val"])
    args = parser.parse_args()

    extractor = Extractor(args.work)
    found: dict[str, np.ndarray] = {}
    begun = time.time()
    if args.windows:
        for clip in load_clips(args.data, tuple(args.splits)):
            samples = decode_samples(view_path(args.data, args.work, clip.id, args.view))
            found[clip.id] = extractor(window_crops(samples))
    else:
        folder = args.work / "crops"
        bank = np.load(folder / f"{args.view}.npy", mmap_mode="r")
        names = json.loads((folder / f"{args.view}.json").read_text())
        for row, name in enumerate(names):
            found[name] = extractor(bank_crops(bank, row, len(bank) // len(names)))
    target = args.work / "crop_statistics"
    target.mkdir(parents=True, exist_ok=True)
    kind = "windows" if args.windows else "bank"
    np.savez(target / f"{args.view}-{kind}-{'-'.join(args.splits)}.npz", **found)
    print(f"{len(found)} clips in {time.time() - begun:.0f} s")


if __name__ == "__main__":
    main()
