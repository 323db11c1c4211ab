"""The two networks: the trace stream (windows) and the forensic stream (crops).

Only 2D convolutions and static shapes, so that onnxruntime-web runs every node on WebGPU and on WASM.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from .contract import CATEGORIES, STRIDE, WINDOW
from .subjects import SUBJECTS
from .trunk import Lite0

S16, S32 = 112, 320
LOW = 24 + 40
STATISTICS = 2 * LOW + 40 + 3 * S16 + 3 * S32
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

    def __init__(self, channels: int = 96, blocks: int = 3, dropout: float = 0.1):
        super().__init__()
        self.fine = nn.Conv2d(S16, channels, 1)
        self.coarse = nn.Conv2d(S32, channels, 1)
        self.drop = nn.Dropout2d(dropout)
        self.fuse = _pointwise(3 * channels, channels)
        self.blocks = nn.ModuleList(SpaceTimeBlock(channels) for _ in range(blocks))
        self.heads = nn.ModuleDict({name: nn.Conv2d(channels, n, 1) for name, n in HEADS.items()})
        nn.init.constant_(self.heads["objectness"].bias, -3.0)
        nn.init.constant_(self.heads["box"].bias, 1.0)

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
        torch.sqrt((square - mean * mean).clamp(min=0.0) + 1e-6)
        for mean, square in zip(means, squares, strict=True)
    ]
    return torch.cat([*means, *deviations, *steps], 1)


class VerdictHead(nn.Module):
    """A small network on standardised window statistics: ``[n, STATISTICS]`` -> logits ``[n]``."""

    def __init__(self, hidden: int = 48, dropout: float = 0.5):
        super().__init__()
        self.register_buffer("centre", torch.zeros(STATISTICS))
        self.register_buffer("scale", torch.ones(STATISTICS))
        self.net = nn.Sequential(
            nn.Dropout(dropout),
            nn.Linear(STATISTICS, hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = ((x - self.centre) * self.scale).clamp(-4.0, 4.0)
        return self.net(x).squeeze(1)


class TraceNet(nn.Module):
    """The exported trace stream: frames ``[12, 3, 224, 224]`` in 0..1 -> the outputs of the contract."""

    def __init__(self, trunk: Lite0, head: TraceHead, verdict: VerdictHead):
        super().__init__()
        self.trunk, self.head, self.verdict = trunk, head, verdict

    def forward(self, frames: Tensor) -> tuple[Tensor, ...]:
        s4, s8, s16, s32 = self.trunk(frames)
        maps = self.head(s16, s32)
        logit = self.verdict(window_statistics(s4, s8, s16, s32))
        return (*(maps[name] for name in HEADS), logit)


class ForensicNet(nn.Module):
    """Low-level stream: crops ``[n, 3, 160, 160]`` in 0..1, never resized -> logits ``[n]``.

    The first blocks of EfficientNet-Lite0 on RGB and its high-pass residual (image minus local mean);
    working on unscaled crops follows SAFE (arXiv 2408.06741), the high-pass input the forensic
    literature on residuals. Both strides 8 and 16 are pooled for the logit.
    """

    GAIN = 8.0

    def __init__(self, dropout: float = 0.3, pretrained: bool = True):
        super().__init__()
        self.trunk = Lite0((4, 10), pretrained=pretrained)
        stem = self.trunk.stem.conv
        wide = nn.Conv2d(6, stem.out_channels, 3, 2, 0, bias=False)
        with torch.no_grad():
            wide.weight[:, :3] = stem.weight
            wide.weight[:, 3:] = 0.5 * stem.weight
        self.trunk.stem.conv = wide
        self.drop = nn.Dropout(dropout)
        self.out = nn.Linear(40 + 112, 1)

    def forward(self, crops: Tensor) -> Tensor:
        local = functional.avg_pool2d(crops, 3, 1, 1, count_include_pad=False)
        residual = (crops - local) * self.GAIN
        x = torch.cat([(crops - self.trunk.mean) / self.trunk.std, residual], 1)
        x = self.trunk.stem(x)
        pooled = []
        for index, block in enumerate(self.trunk.blocks):
            x = block(x)
            if index in self.trunk.taps:
                pooled.append(x.mean((2, 3)))
        return self.out(self.drop(torch.cat(pooled, 1))).squeeze(1)
