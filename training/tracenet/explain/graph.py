"""The decoder as the app loads it: one static input, so that it is tested and run like the other sessions."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn

from ..onnx_export import export, golden
from .check import Bars
from .decoder import HIDDEN, SLOTS, Explainer
from .pooling import CELLS, FEATURES
from .vocabulary import Vocabulary

TOLERANCE = 1e-3
OUTPUTS = ("logits", "state", "subject")


class Step(nn.Module):
    """``[1, 1, 1, FEATURES + SLOTS + HIDDEN + V]`` -> logits ``[1, V]``, state ``[1, HIDDEN]``, subject ``[1, 26]``."""

    def __init__(self, net: Explainer, words: int):
        super().__init__()
        self.net, self.parts = net, [FEATURES, SLOTS, HIDDEN, words]

    def forward(self, trace: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        features, slots, state, token = trace.reshape(1, -1).split(self.parts, 1)
        return self.net(features, slots, state, token)


def lattice(count: int) -> np.ndarray:
    """The golden input ``[1, 1, 1, count]`` of the manifest."""
    x = np.arange(count)
    return (((x * 3) ^ ((x >> 4) * 31)) & 255).astype(np.float32).reshape(1, 1, 1, -1) / np.float32(255)


def file_entry(path: Path) -> dict:
    """Name, size and hash of a file."""
    data = path.read_bytes()
    return {"file": path.name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def export_explainer(net: Explainer, vocabulary: Vocabulary, bars: Bars, enabled: bool, out: Path) -> dict:
    """Write ``explainer.onnx`` and ``explainer.json`` and return the manifest's entry."""
    words = len(vocabulary.words)
    count = FEATURES + SLOTS + HIDDEN + words
    model, listing = out / "explainer.onnx", out / "explainer.json"
    with torch.no_grad():
        export(Step(net.eval(), words).eval(), (1, 1, 1, count), "trace", list(OUTPUTS), model)
    vocabulary.save(listing)
    values = golden(model, "trace", lattice(count))
    return {
        **file_entry(model),
        "input": {
            "name": "trace",
            "shape": [1, 1, 1, count],
            "features": FEATURES,
            "slots": SLOTS,
            "state": HIDDEN,
            "tokens": words,
        },
        "outputs": {name: value.pop("shape") for name, value in values.items()},
        "golden": {"input": "lattice", "tolerance": TOLERANCE, "outputs": values},
        "vocabulary": file_entry(listing),
        "bars": {"sentence": round(bars.sentence, 4), "noun": round(bars.noun, 4)},
        "enabled": enabled,
        "cells": CELLS,
    }


class Runner:
    """The exported decoder on the CPU."""

    def __init__(self, folder: Path):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            str(folder / "explainer.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self.vocabulary = Vocabulary.load(folder / "explainer.json")

    def run(self, features: np.ndarray, slots: np.ndarray, state: np.ndarray, token: int) -> list[np.ndarray]:
        """Logits, state and subject logits after one token."""
        told = np.zeros(len(self.vocabulary.words), np.float32)
        told[token] = 1
        value = np.concatenate([features, slots, state, told]).astype(np.float32).reshape(1, 1, 1, -1)
        return [part[0] for part in self.session.run(None, {"trace": value})]

    def subject(self, features: np.ndarray) -> np.ndarray:
        """Distribution over the coarse subjects from the features alone."""
        logits = self.run(features, np.zeros(SLOTS), np.zeros(HIDDEN), 0)[2].astype(np.float64)
        values = np.exp(logits - logits.max())
        return values / values.sum()

    def step(self, features: np.ndarray, slots: np.ndarray) -> Callable[[int], np.ndarray]:
        """Decoding of one sentence: token -> logits."""
        state = np.zeros(HIDDEN, np.float32)

        def advance(token: int) -> np.ndarray:
            nonlocal state
            logits, state, _ = self.run(features, slots, state, token)
            return logits

        return advance
