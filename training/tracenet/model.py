"""The two networks: the trace stream (windows) and the forensic stream (crops).

Only 2D convolutions and static shapes, so that onnxruntime-web runs every node on WebGPU and on WASM.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from .contract import CATEGORIES, GRID, STRIDE, WINDOW
from .subjects import SUBJECTS
from .trunk import Lite0

S16, S32 = 112, 320
LOW = 24 + 40
STATISTICS = 2 * LOW + 40 + 3 * S16 + 3 * S32
# Blocks whose pooled outputs describe a crop (16, 24, 40, 112 channels) and its residual (16, 24, 40).
CROP_TAPS = (0, 2, 4, 10)
RESIDUAL_TAPS = (0, 2, 4)
CROP_STATISTICS = 2 * (16 + 24 + 40 + 112) + 2 * (16 + 24 + 40)
CONTEXT = S16 + S32
COVERAGE_INPUTS = 2 * (S16 + S32)
HEADS = {
    "objectness": 1,
    "category": len(CATEGORIES),
    "box": 4,
    "boundary": 2,
    "subject": len(SUBJECTS),
}


def _pointwise(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


class SpaceTimeBlock(nn.Module):
    """Depthwise 3x3 in space, depthwise (5, 1) in time, then a pointwise convolution; residual.

    Time is mixed by a 2D convolution over the view ``[b, C, T, H*W]``.
    """

    def __init__(self, channels: int):
        super().__init__()
        self.space = nn.Conv2d(channels, channels, 3, padding=1, groups=channels)
        self.time = nn.Sequential(
            nn.Conv2d(channels, channels, (5, 1), padding=(2, 0), groups=channels, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
        )
        self.mix = nn.Sequential(
            nn.Conv2d(channels, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: Tensor, clips: int) -> Tensor:
        """``x``: ``[clips * T, C, H, W]``."""
        _, channels, height, width = x.shape
        y = self.space(x)
        y = y.reshape(clips, WINDOW, channels, height * width).permute(0, 2, 1, 3)
        y = self.time(y)
        y = y.permute(0, 2, 1, 3).reshape(clips * WINDOW, channels, height, width)
        return torch.relu(x + self.mix(y))


class TraceHead(nn.Module):
    """Neck and dense heads on the maps of a frozen trunk.

    ``s16`` ``[clips*12, 112, 14, 14]``, ``s32`` ``[clips*12, 320, 7, 7]``; returns the maps of the contract with
    ``clips*12`` in front. Dense, anchor-free boxes as in FCOS (arXiv 1904.01355).
    """

    def __init__(self, channels: int = 64, blocks: int = 2, dropout: float = 0.3):
        super().__init__()
        self.fine = nn.Conv2d(S16, channels, 1)
        self.coarse = nn.Conv2d(S32, channels, 1)
        self.drop = nn.Dropout2d(dropout)
        self.fuse = _pointwise(3 * channels, channels)
        self.blocks = nn.ModuleList(SpaceTimeBlock(channels) for _ in range(blocks))
        self.heads = nn.ModuleDict({name: nn.Conv2d(channels, n, 1) for name, n in HEADS.items()})
        nn.init.constant_(self.heads["objectness"].bias, -3.0)
        nn.init.constant_(self.heads["box"].bias, 1.0)

    @classmethod
    def load(cls, path: Path) -> TraceHead:
        """From a finished or an interim checkpoint, in eval mode."""
        state = torch.load(path, map_location="cpu", weights_only=True)
        state = state.get("average", state)
        blocks = len({key.split(".")[1] for key in state if key.startswith("blocks.")})
        head = cls(state["fine.weight"].shape[0], blocks)
        head.load_state_dict(state)
        return head.eval()

    def forward(self, s16: Tensor, s32: Tensor) -> dict[str, Tensor]:
        clips = s16.shape[0] // WINDOW
        coarse = functional.interpolate(self.coarse(s32), scale_factor=2.0, mode="nearest")
        x = self.drop(torch.relu(self.fine(s16) + coarse))
        # First and second temporal differences, edges repeated.
        stack = x.reshape(clips, WINDOW, -1, *x.shape[2:])
        past = torch.cat([stack[:, :1], stack[:, :-1]], 1).reshape(x.shape)
        future = torch.cat([stack[:, 1:], stack[:, -1:]], 1).reshape(x.shape)
        x = self.fuse(torch.cat([x, future - past, future + past - 2 * x], 1))
        for block in self.blocks:
            x = block(x, clips)
        out = {name: head(x) for name, head in self.heads.items()}
        out["box"] = torch.exp(out["box"].clamp(-4.0, 2.8)) * STRIDE
        out["boundary"] = torch.exp(out["boundary"].clamp(-6.0, 2.0))
        return out


def window_statistics(s4: Tensor, s8: Tensor, s16: Tensor, s32: Tensor) -> Tensor:
    """Pooled statistics of one window ``[1, STATISTICS]`` from maps ``[12, C, H, W]``.

    Spatial mean and standard deviation (strides 4, 8, 16, 32) and mean absolute temporal difference
    (strides 8, 16, 32), each averaged over the window.
    """
    means = [m.mean((2, 3)).mean(0, keepdim=True) for m in (s4, s8, s16, s32)]
    squares = [(m * m).mean((2, 3)).mean(0, keepdim=True) for m in (s4, s8, s16, s32)]
    steps = [(m[1:] - m[:-1]).abs().mean((2, 3)).mean(0, keepdim=True) for m in (s8, s16, s32)]
    deviations = [
        torch.sqrt((square - mean * mean).clamp(min=0.0) + 1e-6) for mean, square in zip(means, squares, strict=True)
    ]
    return torch.cat([*means, *deviations, *steps], 1)


class VerdictHead(nn.Module):
    """A small network on standardised pooled statistics: ``[n, inputs]`` -> logits ``[n]``."""

    def __init__(self, inputs: int = STATISTICS, hidden: int = 48, dropout: float = 0.5):
        super().__init__()
        self.register_buffer("centre", torch.zeros(inputs))
        self.register_buffer("scale", torch.ones(inputs))
        self.net = nn.Sequential(
            nn.Dropout(dropout),
            nn.Linear(inputs, hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = ((x - self.centre) * self.scale).clamp(-4.0, 4.0)
        return self.net(x).squeeze(1)


def coverage_maps(s16: Tensor, s32: Tensor) -> Tensor:
    """Mean and mean absolute step of the frozen maps over a window: ``[1, COVERAGE_INPUTS, 14, 14]``."""

    def over_time(maps: Tensor) -> Tensor:
        step = (maps[1:] - maps[:-1]).abs()
        return torch.cat([maps.mean(0, keepdim=True), step.mean(0, keepdim=True)], 1)

    coarse = functional.interpolate(over_time(s32), scale_factor=2.0, mode="nearest")
    return torch.cat([over_time(s16), coarse], 1)


def place_terms() -> Tensor:
    """``[1, 5, 14, 14]``: x, y, their squares and product, each axis from -1 to 1 over the input."""
    axis = (torch.arange(GRID, dtype=torch.float32) + 0.5) / GRID * 2 - 1
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    return torch.stack([x, y, x * x, y * y, x * y])[None]


class CoverageHead(nn.Module):
    """Window maps ``[n, COVERAGE_INPUTS, 14, 14]`` -> logits ``[n, 2, 14, 14]``.

    Channel 0: a trace covers the cell. Channel 1, trained beside it on real clips: a named subject covers it.
    """

    def __init__(self, hidden: int = 48, dropout: float = 0.5):
        super().__init__()
        self.register_buffer("centre", torch.zeros(1, COVERAGE_INPUTS, 1, 1))
        self.register_buffer("scale", torch.ones(1, COVERAGE_INPUTS, 1, 1))
        self.register_buffer("place", place_terms())
        self.join = nn.Conv2d(COVERAGE_INPUTS, hidden, 1)
        self.drop = nn.Dropout2d(dropout)
        self.near = nn.Conv2d(hidden, hidden, 3, padding=1, groups=hidden)
        self.mix = nn.Conv2d(hidden, hidden, 1)
        self.out = nn.Conv2d(hidden, 2, 1)
        self.prior = nn.Conv2d(5, 2, 1)

    @classmethod
    def load_all(cls, path: Path) -> list[CoverageHead]:
        """The heads that ``train_coverage.py`` wrote into one file, in eval mode."""
        found = []
        for state in torch.load(path, map_location="cpu", weights_only=True):
            head = cls(state["join.weight"].shape[0])
            head.load_state_dict(state)
            found.append(head.eval())
        return found

    def forward(self, maps: Tensor) -> Tensor:
        x = ((maps - self.centre) * self.scale).clamp(-4.0, 4.0)
        x = self.drop(torch.relu(self.join(x)))
        x = x + torch.relu(self.near(x))
        x = torch.relu(self.mix(x))
        return self.out(self.drop(x)) + self.prior(self.place)


def context_maps(s16: Tensor, s32: Tensor) -> Tensor:
    """What the explainer reads of one window: ``[4, CONTEXT, 7, 7]`` from the frozen maps ``[12, C, H, W]``.

    Stride 16 is averaged down to 7x7 and joined with stride 32. In this order: mean over the first and over the second
    half of the window, mean absolute step to the next sample over the first (6 steps) and the second half (5 steps).
    A fifth of what the maps themselves would cost to read back.
    """
    x = torch.cat([functional.avg_pool2d(s16, 2), s32], 1)
    step = (x[1:] - x[:-1]).abs()
    half = WINDOW // 2
    return torch.cat([part.mean(0, keepdim=True) for part in (x[:half], x[half:], step[:half], step[half:])])


class TraceNet(nn.Module):
    """The exported trace stream: frames ``[12, 3, 224, 224]`` in 0..1 -> the outputs of the contract."""

    def __init__(self, trunk: Lite0, head: TraceHead, verdict: VerdictHead, coverage: Sequence[CoverageHead]):
        super().__init__()
        self.trunk, self.head, self.verdict = trunk, head, verdict
        self.coverage = nn.ModuleList(coverage)

    def forward(self, frames: Tensor) -> tuple[Tensor, ...]:
        s4, s8, s16, s32 = self.trunk(frames)
        maps = self.head(s16, s32)
        logit = self.verdict(window_statistics(s4, s8, s16, s32))
        summary = coverage_maps(s16, s32)
        coverage = torch.stack([head(summary)[:, :1] for head in self.coverage]).mean(0)
        return (*(maps[name] for name in HEADS), logit, context_maps(s16, s32), coverage)


def pooled(x: Tensor) -> list[Tensor]:
    """Spatial mean and standard deviation ``[n, C]`` each."""
    mean = x.mean((2, 3))
    return [mean, torch.sqrt(((x * x).mean((2, 3)) - mean * mean).clamp(min=0.0) + 1e-6)]


class CropStatistics(nn.Module):
    """Pooled responses of early ImageNet filters to a crop and to its high-pass residual.

    Crops ``[n, 3, 160, 160]`` in 0..1, never resized -> ``[n, CROP_STATISTICS]``. Working on unscaled crops
    follows SAFE (arXiv 2408.06741); the residual (image minus local mean) shows the traces that strong content hides.
    """

    GAIN = 6.0

    def __init__(self, pretrained: bool = True):
        super().__init__()
        self.trunk = Lite0(CROP_TAPS, pretrained=pretrained)

    def forward(self, crops: Tensor) -> Tensor:
        local = functional.avg_pool2d(crops, 3, 1, 1, count_include_pad=False)
        residual = (0.5 + self.GAIN * (crops - local)).clamp(0.0, 1.0)
        parts = []
        for image, taps in ((crops, CROP_TAPS), (residual, RESIDUAL_TAPS)):
            x = self.trunk.stem((image - self.trunk.mean) / self.trunk.std)
            for index, block in enumerate(self.trunk.blocks[: max(taps) + 1]):
                x = block(x)
                if index in taps:
                    parts.extend(pooled(x))
        return torch.cat(parts, 1)


class ForensicNet(nn.Module):
    """The exported forensic stream: crops ``[n, 3, 160, 160]`` in 0..1 -> logits ``[n]``."""

    def __init__(self, statistics: CropStatistics, head: VerdictHead):
        super().__init__()
        self.statistics, self.head = statistics, head

    def forward(self, crops: Tensor) -> Tensor:
        return self.head(self.statistics(crops))
