"""The tiny FLUX.2 image autoencoder (madebyollin/taesd, MIT) used to make pseudo-generated crops.

Passing real footage through the decoder of a generator leaves its low-level traces on camera content
(Corvi et al., "Seeing What Matters", arXiv 2506.16802).
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn


class Residual(nn.Module):
    """conv-ReLU-conv-ReLU-conv plus input, ReLU; at the lowest resolution with a pooling branch before."""

    def __init__(self, branch: bool):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(64, 64, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(64, 64, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(64, 64, 3, padding=1),
        )
        self.pool = (
            nn.Sequential(
                nn.Conv2d(64, 256, 1, bias=False),
                nn.GroupNorm(4, 256),
                nn.ReLU(),
                nn.Conv2d(256, 64, 1, bias=False),
            )
            if branch
            else None
        )

    def forward(self, x: Tensor) -> Tensor:
        if self.pool is not None:
            x = x + self.pool(x)
        return torch.relu(self.conv(x) + x)


class Clamp(nn.Module):
    """Soft limit of the latents."""

    def forward(self, x: Tensor) -> Tensor:
        return 3 * torch.tanh(x / 3)


def _encoder() -> nn.Sequential:
    layers: list[nn.Module] = [nn.Conv2d(3, 64, 3, padding=1), Residual(False)]
    for level in range(3):
        layers.append(nn.Conv2d(64, 64, 3, 2, 1, bias=False))
        layers.extend(Residual(level == 2) for _ in range(3))
    return nn.Sequential(*layers, nn.Conv2d(64, 32, 3, padding=1))


def _decoder() -> nn.Sequential:
    layers: list[nn.Module] = [Clamp(), nn.Conv2d(32, 64, 3, padding=1), nn.ReLU()]
    for level in range(3):
        layers.extend(Residual(level == 0) for _ in range(3))
        layers.append(nn.Upsample(scale_factor=2))
        layers.append(nn.Conv2d(64, 64, 3, padding=1, bias=False))
    return nn.Sequential(*layers, Residual(False), nn.Conv2d(64, 3, 3, padding=1))


class Autoencoder(nn.Module):
    """Images ``[n, 3, h, w]`` in 0..1 (h, w multiples of 8) -> their reconstructions."""

    def __init__(self, folder: Path):
        super().__init__()
        self.encoder, self.decoder = _encoder(), _decoder()
        for part, name in ((self.encoder, "encoder"), (self.decoder, "decoder")):
            state = torch.load(folder / f"taef2_{name}.pth", map_location="cpu", weights_only=True)
            part.load_state_dict({key: value.float() for key, value in state.items()})
        self.eval()

    @torch.inference_mode()
    def forward(self, x: Tensor) -> Tensor:
        return self.decoder(self.encoder(x)).clamp(0, 1)
