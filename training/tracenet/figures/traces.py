"""Figures of the traces: one predicted trace a clip against every true row, as DeeptraceReward does
(arXiv 2509.22646), with end times, tubes, and the trivial answers beside.

A clip without a predicted trace gets the worst score on each of its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..contract import CATEGORIES, SAMPLES_PER_SECOND
from ..decode import Trace
from ..localisation import CENTRE_BOX, WHOLE_FRAME
from ..metrics import bootstrap, box_distance, box_iou

Box = tuple[float, float, float, float]
TUBE_IOU = 0.3
ROUNDS = 500
# Measures that a bootstrap interval is given for (others are constants of the truth or follow from these).
INTERVALS = (
    "boxIou",
    "boxDistance",
    "timeDistance",
    "endTimeDistance",
    "temporalIou",
    "tubeRecall",
    "categoryMacroF1",
    "categoryAccuracy",
    "boxIouAboveTrivial",
)


@dataclass(frozen=True)
class Truth:
    """A true trace: ``clip`` names its clip, ``length`` is the clip's in seconds, ``tube`` a box by sample."""

    clip: str
    category: str
    box: Box
    start: float
    end: float
    length: float
    tube: dict[int, Box]


def truth_of(clip: str, row: dict, length: float) -> Truth:
    """From a row of ``annotations.jsonl`` or ``injected.jsonl``; without a ``track`` the box stands still."""
    start, end, box = float(row["start"]), float(row["end"]), tuple(row["box"])
    if "track" in row:
        tube = {round(key["t"] * SAMPLES_PER_SECOND): tuple(key["box"]) for key in row["track"]}
    else:
        tube = {g: box for g in samples_between(start, end, length)}
    return Truth(clip, row["category"], box, start, end, length, tube)


def samples_between(start: float, end: float, length: float) -> list[int]:
    """Samples of the 6 Hz grid inside a time range, at least the nearest one."""
    count = max(1, round(length * SAMPLES_PER_SECOND))
    inside = [g for g in range(count) if start - 1e-3 <= g / SAMPLES_PER_SECOND < end - 1e-3]
    return inside or [min(count - 1, max(0, round(start * SAMPLES_PER_SECOND)))]


def tube_of(trace: Trace) -> dict[int, Box]:
    """A box by sample of a predicted trace."""
    return {g: tuple(box) for g, box in zip(trace.samples, trace.boxes, strict=True)}


def tube_iou(a: dict[int, Box], b: dict[int, Box]) -> float:
    """Space-time overlap of two tubes: sum of the box IoU over the samples of both, divided by the samples of either
    (spatio-temporal IoU of video action detection, e.g. arXiv 1705.08421)."""
    return sum(box_iou(a[g], b[g]) for g in a.keys() & b.keys()) / len(a.keys() | b.keys())


def temporal_iou(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Overlap of two time ranges divided by their union."""
    inner = max(0.0, min(a[1], b[1]) - max(a[0], b[0]))
    outer = max(a[1], b[1]) - min(a[0], b[0])
    return inner / outer if outer > 0 else 1.0


def time_distance(a: float, b: float, length: float) -> float:
    """Distance of two times as a share of the clip's length, at most 1."""
    return min(1.0, abs(a - b) / length)


def row_scores(truth: Truth, traces: Sequence[Trace], saliency: Box | None) -> dict[str, float]:
    """Scores of one true row against the traces of its clip, best first. ``saliency``: the clip's saliency box."""
    scores = {
        "boxIou": 0.0,
        "boxDistance": 1.0,
        "timeDistance": 1.0,
        "endTimeDistance": 1.0,
        "temporalIou": 0.0,
        "found": float(bool(traces)),
        "categoryAccuracy": 0.0,
        "tubeRecall": float(any(tube_iou(tube_of(t), truth.tube) >= TUBE_IOU for t in traces)),
        "bestOfAllBoxIou": max((box_iou(t.box, truth.box) for t in traces), default=0.0),
    }
    if traces:
        best = traces[0]
        scores |= {
            "boxIou": box_iou(best.box, truth.box),
            "boxDistance": box_distance(best.box, truth.box),
            "timeDistance": time_distance(best.onset, truth.start, truth.length),
            "endTimeDistance": time_distance(best.offset, truth.end, truth.length),
            "temporalIou": temporal_iou((best.onset, best.offset), (truth.start, truth.end)),
            "categoryAccuracy": float(best.category == truth.category),
        }
    trivial = {"wholeFrame": WHOLE_FRAME, "centreBox": CENTRE_BOX} | ({"saliencyBox": saliency} if saliency else {})
    for name, box in trivial.items():
        scores[f"{name}Iou"] = box_iou(box, truth.box)
        scores[f"{name}Distance"] = box_distance(box, truth.box)
    whole = {g: CENTRE_BOX for g in samples_between(0, truth.length, truth.length)}
    return scores | {
        "timeDistanceStartAtZero": time_distance(0.0, truth.start, truth.length),
        "endTimeDistanceAtEnd": time_distance(truth.length, truth.end, truth.length),
        "temporalIouWholeClip": temporal_iou((0.0, truth.length), (truth.start, truth.end)),
        "tubeRecallCentreBox": float(tube_iou(whole, truth.tube) >= TUBE_IOU),
    }


def macro_f1_of(truth: np.ndarray, predicted: np.ndarray) -> float:
    """Mean F1 over the classes that occur in ``truth`` (indices; -1 in ``predicted``: none)."""
    f1 = [
        2 * ((truth == k) & (predicted == k)).sum() / ((truth == k).sum() + (predicted == k).sum())
        for k in np.unique(truth)
    ]
    return float(np.mean(f1))


def trace_figures(truths: list[Truth], traces: dict[str, list[Trace]], saliency: dict[str, Box]) -> dict[str, dict]:
    """Means over all rows with bootstrap intervals over clips.

    ``traces``: by clip, best first. ``boxIouAboveTrivial`` is the lead over the best of the trivial boxes.
    """
    rows = [row_scores(t, traces.get(t.clip, []), saliency.get(t.clip)) for t in truths]
    shared = [name for name in rows[0] if all(name in row for row in rows)]
    table = {name: np.array([row[name] for row in rows]) for name in shared}
    rival = max(("wholeFrameIou", "centreBoxIou", "saliencyBoxIou"), key=lambda n: table[n].mean() if n in table else 0)
    table["boxIouAboveTrivial"] = table["boxIou"] - table[rival]
    true = np.array([CATEGORIES.index(t.category) for t in truths])
    said = np.array([_category(traces.get(t.clip, [])) for t in truths])
    statistics: dict[str, Callable[[np.ndarray], float]] = {
        name: (lambda i, column=column: float(column[i].mean())) for name, column in table.items()
    }
    statistics["categoryMacroF1"] = lambda i: macro_f1_of(true[i], said[i])
    common = int(np.bincount(true).argmax())
    statistics["categoryMacroF1MostCommon"] = lambda i: macro_f1_of(true[i], np.full(len(i), common))
    return with_clip_intervals(statistics, [t.clip for t in truths]) | {
        "rows": {"value": len(truths)},
        "clips": {"value": len({t.clip for t in truths})},
    }


def _category(traces: Sequence[Trace]) -> int:
    return CATEGORIES.index(traces[0].category) if traces else -1


def with_clip_intervals(statistics: dict[str, Callable[[np.ndarray], float]], clips: list[str]) -> dict[str, dict]:
    """Values over all rows and, for those named in ``INTERVALS``, intervals from drawing whole clips."""
    members: dict[str, list[int]] = {}
    for index, clip in enumerate(clips):
        members.setdefault(clip, []).append(index)
    groups = [np.array(rows) for rows in members.values()]
    every = np.arange(len(clips))
    result = {name: {"value": round(statistic(every), 4)} for name, statistic in statistics.items()}
    for name in (name for name in INTERVALS if name in statistics and len(groups) > 1):
        statistic = statistics[name]
        low, high = bootstrap(
            lambda chosen, f=statistic: f(np.concatenate([groups[k] for k in chosen])), [np.arange(len(groups))], ROUNDS
        )
        result[name] |= {"low": round(low, 4), "high": round(high, 4)}
    return result


def false_traces(traces: Sequence[list[Trace]], seconds: Sequence[float]) -> dict:
    """Traces drawn on clips that have none: count, by minute, and how many clips have one."""
    count = sum(len(found) for found in traces)
    minutes = sum(seconds) / 60
    return {
        "count": count,
        "minutes": round(minutes, 2),
        "perMinute": round(count / minutes, 2) if minutes else 0.0,
        "clipsWithTrace": sum(bool(found) for found in traces),
        "of": len(traces),
    }
