"""The text decoder: one step of a GRU over words, conditioned on the features and slots of one trace."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..contract import CATEGORIES
from ..subjects import SUBJECTS
from .pooling import FEATURES

GEOMETRY = 7
SLOTS = len(CATEGORIES) + len(SUBJECTS) + GEOMETRY
HIDDEN = 128


class Explainer(nn.Module):
    """One decoding step, static shapes: the app calls it word by word.

    Inputs ``features`` ``[n, FEATURES]`` (:func:`pooling.pool`), ``slots`` ``[n, SLOTS]`` (category scores, subject
    scores or zeros where none was measured, geometry), ``state`` ``[n, HIDDEN]`` (zeros at first), ``token`` ``[n, V]``
    (one-hot). Outputs logits ``[n, V]``, the next state, and ``subject`` logits ``[n, 26]`` from the features alone.
    """

    def __init__(self, words: int, width: int = 128, embedding: int = 96, dropout: float = 0.4):
        super().__init__()
        self.register_buffer("centre", torch.zeros(FEATURES))
        self.register_buffer("scale", torch.ones(FEATURES))
        self.encode = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(FEATURES, width), nn.LayerNorm(width), nn.ReLU(), nn.Dropout(dropout)
        )
        self.subject = nn.Linear(width, len(SUBJECTS))
        self.condition = nn.Sequential(nn.Linear(width + SLOTS, width), nn.ReLU(), nn.Dropout(dropout / 2))
        self.embed = nn.Linear(words, embedding, bias=False)
        self.gates = nn.Linear(embedding + width + HIDDEN, 2 * HIDDEN)
        self.candidate = nn.Linear(embedding + width + HIDDEN, HIDDEN)
        self.drop = nn.Dropout(dropout)
        self.out = nn.Sequential(nn.Linear(HIDDEN + width, embedding), nn.Tanh(), nn.Linear(embedding, words))

    def context(self, features: Tensor, slots: Tensor) -> tuple[Tensor, Tensor]:
        """What every step is conditioned on ``[n, width]``, and the subject logits."""
        x = self.encode(((features - self.centre) * self.scale).clamp(-4.0, 4.0))
        return self.condition(torch.cat([x, slots], 1)), self.subject(x)

    def step(self, context: Tensor, state: Tensor, token: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of the next word and the next state (GRU, Cho et al., arXiv 1406.1078)."""
        x = torch.cat([self.embed(token), context], 1)
        update, reset = torch.sigmoid(self.gates(torch.cat([x, state], 1))).chunk(2, 1)
        proposed = torch.tanh(self.candidate(torch.cat([x, reset * state], 1)))
        state = update * state + (1 - update) * proposed
        return self.out(self.drop(torch.cat([state, context], 1))), state

    def forward(self, features: Tensor, slots: Tensor, state: Tensor, token: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        context, subject = self.context(features, slots)
        logits, state = self.step(context, state, token)
        return logits, state, subject
