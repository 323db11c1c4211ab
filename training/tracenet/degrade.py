"""Codec augmentation and the fixed degradations of the evaluation, with ffmpeg."""

from __future__ import annotations

import random
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Degradation:
    """One re-encode: short side in pixels (None: keep), codec and quantiser."""

    name: str
    codec: str
    crf: int
    short_side: int | None = None


# Views of the evaluation: the re-encodes of a clip, one after the other.
EVALUATED: dict[str, tuple[Degradation, ...]] = {
    "crf28": (Degradation("crf28", "libx264", 28),),
    "crf35": (Degradation("crf35", "libx264", 35),),
    "240p": (Degradation("240p", "libx264", 26, 240),),
    "2gen": (Degradation("first", "libvpx-vp9", 38, 256), Degradation("second", "libx264", 28, 216)),
}


def encode_all(source: Path, target: Path, steps: tuple[Degradation, ...]) -> None:
    """Re-encode ``source`` by every step in turn; what lies between is thrown away."""
    for k, how in enumerate(steps):
        last = k == len(steps) - 1
        following = target if last else target.with_suffix(f".{k}.mkv")
        encode(source, following, how)
        if k > 0:
            source.unlink()
        source = following


def random_degradation(seed: str) -> Degradation:
    """A random platform-like re-encode; the same law for real and generated clips."""
    draw = random.Random(seed)
    side = draw.choice((None, None, None, 180, 200, 216, 240, 256, 360))
    if draw.random() < 0.2:
        return Degradation("random", "libvpx-vp9", draw.randint(30, 46), side)
    return Degradation("random", "libx264", draw.randint(18, 38), side)


def encode(source: Path, target: Path, how: Degradation) -> None:
    """Re-encode ``source``; a changed short side is kept even and the aspect ratio preserved."""
    command = ["ffmpeg", "-v", "error", "-y", "-threads", "1", "-i", str(source), "-an"]
    if how.short_side is not None:
        side = how.short_side
        scale = f"scale='if(lt(iw,ih),{side},-2)':'if(lt(iw,ih),-2,{side})'"
        command += ["-vf", scale]
    command += ["-c:v", how.codec, "-crf", str(how.crf), "-pix_fmt", "yuv420p", "-threads", "1"]
    if how.codec == "libx264":
        command += ["-preset", "fast"]
    else:
        command += ["-b:v", "0", "-deadline", "realtime", "-cpu-used", "6"]
    subprocess.run([*command, "-fps_mode", "passthrough", str(target)], check=True)
