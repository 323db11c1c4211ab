"""Figures on held-out injected clips: by recipe, without the recipe in training, and the false alarms on shams."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from scipy.stats import fisher_exact

from ..contract import CATEGORIES, SAMPLES_PER_SECOND
from ..decode import DecodeSettings, Trace
from .outcome import Outcome, best_candidate, decoded
from .traces import Box, Truth, false_traces, trace_figures, truth_of

INJECTED_VIEW = "injected-held-out"
SHORT = (
    "boxIou",
    "boxDistance",
    "timeDistance",
    "endTimeDistance",
    "temporalIou",
    "categoryAccuracy",
    "tubeRecall",
    "found",
    "centreBoxIou",
    "wholeFrameIou",
)


@dataclass
class Injected:
    """Held-out clips with their outputs: rows of the listing, all traces above the lower threshold (``outright``: or
    else the best candidate), lengths."""

    rows: list[dict]
    traces: dict[str, list[Trace]]
    outright: dict[str, list[Trace]]
    seconds: dict[str, float]

    def truths(self, category: str | None = None) -> list[Truth]:
        """True traces, of one category or all."""
        return [
            truth_of(row["id"], trace, self.seconds[row["id"]])
            for row in self.rows
            for trace in row["traces"]
            if category in (None, trace["category"])
        ]

    def of_kind(self, kind: str) -> list[str]:
        """Ids of the clips of a kind (``sham``, ``benign``)."""
        return [row["id"] for row in self.rows if row["kind"].split("-")[0] == kind]


def held_out_rows(work: Path) -> list[dict]:
    """The held-out rows of the listing; none when nothing was injected."""
    path = work / "injected" / "injected.jsonl"
    if not path.exists():
        return []
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if row["heldOut"]]


def load_injected(rows: list[dict], folder: Path, settings: DecodeSettings) -> Injected | None:
    """Decode the raw outputs of the rows that have them; None when none has.

    An injected artifact does not make a clip generated, so the lower threshold of likely generated clips is used here.
    """
    lowest = min(settings.trace_threshold, settings.likely_trace_threshold)
    found = Injected([], {}, {}, {})
    for row in rows:
        path = folder / f"{row['id']}.npz"
        if not path.exists():
            continue
        raw, traces = decoded(path, settings)
        found.rows.append(row)
        found.traces[row["id"]] = [trace for trace in traces if trace.score >= lowest]
        found.outright[row["id"]] = found.traces[row["id"]] or best_candidate(raw, traces, settings)
        found.seconds[row["id"]] = int(raw["count"]) / SAMPLES_PER_SECOND
    return found if found.rows else None


def injected_figures(injected: Injected, saliency: dict[str, Box]) -> dict:
    """Over all held-out injected clips, and by recipe."""
    by_recipe = {}
    for category in CATEGORIES:
        truths = injected.truths(category)
        if truths:
            by_recipe[category] = _short(trace_figures(truths, injected.traces, saliency))
    truths = injected.truths()
    sources = {}
    for split in ("train", "val", "test"):
        chosen = {row["id"] for row in injected.rows if row["split"] == split}
        part = [t for t in truths if t.clip in chosen]
        if part:
            sources[split] = _short(trace_figures(part, injected.traces, saliency))
    return {
        "all": trace_figures(truths, injected.traces, saliency),
        "outright": trace_figures(truths, injected.outright, saliency),
        "byRecipe": by_recipe,
        "bySplit": sources,
    }


def left_out_recipe_figures(rows: list[dict], root: Path, settings: DecodeSettings, saliency: dict[str, Box]) -> dict:
    """Each recipe judged by a model that never saw it, where raw outputs lie in ``root/without-CATEGORY/``."""
    table = {}
    for category in CATEGORIES:
        chosen = [row for row in rows if row["kind"] == category]
        injected = load_injected(chosen, root / f"without-{category}", settings)
        if injected:
            table[category] = _short(trace_figures(injected.truths(), injected.traces, saliency))
    return table


def _short(figures: dict[str, dict]) -> dict[str, dict]:
    return {name: figures[name] for name in (*SHORT, "rows")}


def sham_figures(injected: Injected, real: Outcome, settings: DecodeSettings) -> dict:
    """False alarms on shams and benign edits beside untouched real clips, at the upper threshold (as the app shows
    traces of clips that are not likely generated). ``fisherP``: two-sided exact test of sham against real clips."""
    result = {}
    for kind in ("sham", "benign"):
        ids = injected.of_kind(kind)
        shown = [[t for t in injected.traces[name] if t.score >= settings.trace_threshold] for name in ids]
        if ids:
            result[kind] = false_traces(shown, [injected.seconds[name] for name in ids])
    untouched = real.strata[1]
    kept = [[t for t in real.traces[i] if t.score >= settings.trace_threshold] for i in untouched]
    result["untouchedReal"] = false_traces(kept, [real.seconds[i] for i in untouched])
    if "sham" in result:
        pair = [result["sham"], result["untouchedReal"]]
        table = [[row["clipsWithTrace"], row["of"] - row["clipsWithTrace"]] for row in pair]
        result["fisherP"] = round(float(fisher_exact(table)[1]), 4)
    return result
