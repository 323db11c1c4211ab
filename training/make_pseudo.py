"""Pairs of real crops and their autoencoder reconstructions, both re-encoded alike.

Writes ``work/crops/pseudo.npy`` and ``pseudo-real.npy``, uint8 ``[clips * 2, 192, 192, 3]``. Half of the pairs are
scaled up by 1.5 before and down after the autoencoder, as generated video mostly was scaled down before it
was seen; the real half of such a pair takes the same two resizes without the autoencoder.
Resumable: one ``.npz`` a clip.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import torch

from cache_crops import BANK_SIZE
from tracenet.autoencoder import Autoencoder
from tracenet.data import clip_path, decode, decode_samples, load_clips
from tracenet.preprocess import crop, resize, to_tensor

FRAMES = 2
PER_SOURCE = 2
LARGE = 288


def recompress(images: np.ndarray, crf: int) -> np.ndarray:
    """H.264 round trip of ``[n, 192, 192, 3]`` uint8 frames."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "crops.mp4"
        subprocess.run(
            [
                "ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24",
                "-s", f"{images.shape[2]}x{images.shape[1]}", "-r", "6", "-i", "-",
                "-c:v", "libx264", "-crf", str(crf), "-pix_fmt", "yuv420p", "-threads", "1", str(path),
            ],
            input=images.tobytes(),
            check=True,
        )  # fmt: skip
        return np.stack(decode(path)[0][: len(images)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    args = parser.parse_args()

    torch.set_num_threads(1)
    net = Autoencoder(args.data / "autoencoder").to(memory_format=torch.channels_last)
    folder = args.work / "crops" / "pairs"
    folder.mkdir(parents=True, exist_ok=True)
    taken: dict[str, int] = {}
    ids = []
    for clip in load_clips(args.data, ("train",)):
        if clip.generated or taken.get(clip.source, 0) >= PER_SOURCE:
            continue
        taken[clip.source] = taken.get(clip.source, 0) + 1
        ids.append(clip.id)
        path = folder / f"{clip.id}.npz"
        if path.exists():
            continue
        rng = np.random.default_rng(int(clip.id[:8], 16))
        samples = decode_samples(clip_path(args.data, clip.id))
        start = int(rng.integers(max(1, len(samples) - FRAMES)))
        place = rng.random(2)
        frames = [samples[min(start + k, len(samples) - 1)] for k in range(FRAMES)]
        real = np.stack([crop(frame, *place, BANK_SIZE) for frame in frames])
        side = LARGE if rng.random() < 0.5 else BANK_SIZE
        real = np.stack([resize(image, side, side) for image in real])
        x = torch.from_numpy(to_tensor(real)).contiguous(memory_format=torch.channels_last)
        fake = (net(x).numpy().transpose(0, 2, 3, 1) * 255 + 0.5).astype(np.uint8)
        crf = int(rng.integers(18, 33))
        real, fake = (
            recompress(np.stack([resize(image, BANK_SIZE, BANK_SIZE) for image in part]), crf) for part in (real, fake)
        )
        np.savez(path.with_suffix(".part.npz"), real=real, fake=fake)
        path.with_suffix(".part.npz").rename(path)
        if len(ids) % 20 == 0:
            print(len(ids), flush=True)
    for view, key in (("pseudo", "fake"), ("pseudo-real", "real")):
        bank = np.concatenate([np.load(folder / f"{name}.npz")[key] for name in ids])
        np.save(args.work / "crops" / f"{view}.npy", bank)
        (args.work / "crops" / f"{view}.json").write_text(json.dumps(ids))
    print(f"{len(ids)} clips")


if __name__ == "__main__":
    main()
