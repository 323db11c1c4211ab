"""What a model says about clips, from its raw outputs, and values with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..contract import SAMPLES_PER_SECOND
from ..data import Clip
from ..decode import DecodeSettings, Trace, shown_traces
from ..metrics import bootstrap
from ..pipeline import traces_of
from ..verdict import band, probability, verdict_features

ROUNDS = 1000


class Outcome:
    """What the model says about the clips of a split in one view."""

    def __init__(self, clips: list[Clip], folder: Path, manifest: dict):
        settings = DecodeSettings.from_manifest(manifest["decoding"])
        self.clips, self.traces, self.features, self.seconds = clips, [], [], []
        # For every clip what is shown, or the best candidate where nothing is.
        self.outright: list[list[Trace]] = []
        for clip in clips:
            raw, traces = decoded(folder / f"{clip.id}.npz", settings)
            scores = [trace.score for trace in traces if trace.score >= settings.trace_threshold]
            features = verdict_features(raw["verdict"], raw["forensic"].reshape(-1), scores)
            self.features.append(features)
            self.traces.append(shown_traces(traces, probability(features, manifest["verdict"]), settings))
            self.outright.append(self.traces[-1] or best_candidate(raw, traces, settings))
            self.seconds.append(int(raw["count"]) / SAMPLES_PER_SECOND)
        self.labels = np.array([clip.generated for clip in clips])
        self.p = np.array([probability(row, manifest["verdict"]) for row in self.features])
        self.bands = [band(value, manifest["verdict"]["bands"]) for value in self.p]
        self.families = np.array([clip.family for clip in clips])

    @property
    def strata(self) -> list[np.ndarray]:
        """Indices of generated and of real clips; the bootstrap draws inside each."""
        return [np.flatnonzero(self.labels), np.flatnonzero(~self.labels)]


def decoded(path: Path, settings: DecodeSettings) -> tuple[dict[str, np.ndarray], list[Trace]]:
    """Raw outputs of a clip and all its traces, best first."""
    with np.load(path) as file:
        raw = dict(file)
    return raw, traces_of(raw, settings)


def best_candidate(raw: dict[str, np.ndarray], traces: list[Trace], settings: DecodeSettings) -> list[Trace]:
    """What the model answers when it has to name a trace: its best one however weak, the verdict aside.

    ``traces``: all decoded traces of the clip. Where there is none, every cell is a candidate and a single sample is
    enough; empty only if no cell holds a box at all.
    """
    anything = replace(settings, candidate_threshold=0.0, min_samples=1)
    return (traces or traces_of(raw, anything))[:1]


def auc_with_interval(scores: np.ndarray, positive: np.ndarray, negative: np.ndarray) -> dict[str, float]:
    """AUC and its bootstrap 95 % interval, drawing inside ``positive`` and ``negative`` (indices).

    All draws at once: how often each clip is drawn, times the table of who scores above whom.
    """
    a, b = scores[positive], scores[negative]
    above = (a[:, None] > b[None, :]) + 0.5 * (a[:, None] == b[None, :])
    rng = np.random.default_rng(0)
    counts = [rng.multinomial(len(s), np.full(len(s), 1 / len(s)), size=ROUNDS).astype(float) for s in (a, b)]
    values = ((counts[0] @ above) * counts[1]).sum(1) / (len(a) * len(b))
    low, high = np.percentile(values, [2.5, 97.5])
    return {"value": round(float(above.mean()), 4), "low": round(float(low), 4), "high": round(float(high), 4)}


def with_interval(statistic: Callable[[np.ndarray], float], strata: Sequence[np.ndarray]) -> dict[str, float]:
    """Value and bootstrap 95 % interval of ``statistic(indices)``."""
    low, high = bootstrap(statistic, strata, ROUNDS)
    value = statistic(np.concatenate(strata))
    return {"value": round(float(value), 4), "low": round(low, 4), "high": round(high, 4)}
