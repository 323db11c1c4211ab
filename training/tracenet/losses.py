"""Losses of the trace stream."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional


def focal(logits: Tensor, target: Tensor, weight: Tensor, gamma: float = 1.5) -> Tensor:
    """Quality focal loss (Li et al., arXiv 2006.04388) for soft targets; mean over the weights."""
    loss = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    modulation = (target - torch.sigmoid(logits)).abs() ** gamma
    return (weight * modulation * loss).sum() / weight.sum().clamp(min=1.0)


def giou(predicted: Tensor, target: Tensor) -> Tensor:
    """Generalised IoU (arXiv 1902.09630) ``[n]`` of boxes given as distances l, t, r, b ``[n, 4]`` from one point."""
    inner_w = torch.minimum(predicted[:, 0], target[:, 0]) + torch.minimum(predicted[:, 2], target[:, 2])
    inner_h = torch.minimum(predicted[:, 1], target[:, 1]) + torch.minimum(predicted[:, 3], target[:, 3])
    outer_w = torch.maximum(predicted[:, 0], target[:, 0]) + torch.maximum(predicted[:, 2], target[:, 2])
    outer_h = torch.maximum(predicted[:, 1], target[:, 1]) + torch.maximum(predicted[:, 3], target[:, 3])
    inner = inner_w.clamp(min=0) * inner_h.clamp(min=0)
    area_p = (predicted[:, 0] + predicted[:, 2]) * (predicted[:, 1] + predicted[:, 3])
    area_t = (target[:, 0] + target[:, 2]) * (target[:, 1] + target[:, 3])
    union = (area_p + area_t - inner).clamp(min=1e-3)
    outer = (outer_w * outer_h).clamp(min=1e-3)
    return inner / union - (outer - union) / outer


def soft_maximum(logits: Tensor) -> Tensor:
    """Log-mean-exp over all but the first axis: a soft, gradient-rich maximum for weak labels."""
    flat = logits.flatten(1)
    return torch.logsumexp(flat, 1) - math.log(flat.shape[1])
