"""Figures of the explanations on annotated traces; ``evaluate.py`` includes :func:`explanation_figures`.

Every row is one annotated trace. Compared are the decoder's sentence where the check accepts it (else the grammar's, as
in the app), the grammar sentence alone, and the most frequent reduced sentence of the training split.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..contract import CATEGORIES, SAMPLES_PER_SECOND
from ..decode import Trace
from ..figures.explanations import content_f1, rouge_l
from ..metrics import bootstrap, box_iou
from ..subjects import SUBJECTS, coarse_subject
from ..wording import region
from .check import (
    CERTAIN_SUBJECT_SHARE,
    Bars,
    Sentence,
    Slots,
    contradiction,
    greedy,
    measured_subject,
    objection,
    said_categories,
    said_subject,
    text_of,
)
from .dataset import ClipBins, Row, annotated_rows, load_bins, read_bins
from .grammar import grammar_sentence, period
from .graph import Runner
from .pooling import Point, geometry_vector, pool
from .vocabulary import Vocabulary, compatible

MEASURES = ("subjectRight", "subjectFits", "categoryRight", "rougeL", "contentF1")
MIN_IOU = 0.3


@dataclass(frozen=True)
class Found:
    """What a detector says of the trace of a row: box, times, category scores, subject scores (or ``None``)."""

    box: Sequence[float]
    start: float
    end: float
    category: int
    subject_scores: np.ndarray | None
    track: tuple[Point, ...] = ()


@dataclass(frozen=True)
class Told:
    """One trace with all its sentences, and the annotated row it is measured on."""

    row: Row | None
    slots: Slots
    sentence: Sentence
    decoded: str
    grammar: str


def true_slots(row: Row) -> Found:
    """Box, times and category as annotated; the subject is left to the model."""
    return Found(row.box, row.start, row.end, row.category, None)


def tell(runner: Runner, row: Row, clip: ClipBins, found: Found) -> Told:
    """Decode the trace found for a row."""
    return replace(tell_trace(runner, clip, found), row=row)


def tell_trace(runner: Runner, clip: ClipBins, found: Found) -> Told:
    """Decode one trace. Without subject scores of a detector, the explainer's own subject output is the measure."""
    features = pool(clip.bins, clip.place, found.box, found.start, found.end, found.track)
    scores = runner.subject(features) if found.subject_scores is None else found.subject_scores
    subject = measured_subject(scores)
    certain = subject is not None and scores[subject] >= CERTAIN_SUBJECT_SHARE
    slots = Slots(found.category, subject, found.start, found.end, clip.length, certain)
    sentence = greedy(
        runner.step(features, slot_vector(slots, scores, found.box, clip.length)), runner.vocabulary, slots
    )
    when = period(found.start, found.end, clip.length)
    text = text_of(runner.vocabulary, sentence.tokens, slots, region(found.box), when)
    noun = None if subject is None else SUBJECTS[subject]
    grammar = grammar_sentence(found.category, noun, found.box, found.start, found.end, clip.length, certain)
    return Told(None, slots, sentence, text, grammar)


def slot_vector(slots: Slots, scores: np.ndarray, box: Sequence[float], length: float) -> np.ndarray:
    """Category one-hot, subject one-hot by its share where one stood out, geometry."""
    category = np.zeros(len(CATEGORIES), np.float32)
    category[slots.category] = 1
    subject = np.zeros(len(SUBJECTS), np.float32)
    if slots.subject is not None:
        subject[slots.subject] = scores[slots.subject]
    return np.concatenate([category, subject, geometry_vector(box, slots.start, slots.end, length)])


def tell_all(runner: Runner, data: Path, work: Path, split: str) -> list[Told]:
    """All rows of a split with true boxes, times and categories given."""
    rows = annotated_rows(data, split)
    bins = load_bins(work, rows)
    return [tell(runner, row, bins[row.clip], true_slots(row)) for row in rows if row.clip in bins]


def marks(told: Told, vocabulary: Vocabulary, bars: Bars | None) -> dict[str, float]:
    """Marks of the sentence that would be shown (``bars`` ``None``: of the grammar's)."""
    truth = coarse_subject(told.row.subject)
    accepted = bars is not None and objection(vocabulary, told.sentence, told.slots, bars) is None
    subject = said_subject(vocabulary, told.sentence.tokens) if accepted else told.slots.subject
    text = told.decoded if accepted else told.grammar
    # The grammar says one category by construction, a decoder's sentence those its words allow.
    categories = said_categories(vocabulary, told.sentence.tokens) if accepted else {told.slots.category}
    return {
        "subjectRight": float(subject == truth),
        "subjectFits": float(subject is not None and compatible(subject, truth)),
        "categoryRight": float(told.row.category in categories and told.slots.category == told.row.category),
        "rougeL": rouge_l(text, told.row.explanation),
        "contentF1": content_f1(text, told.row.explanation),
        "accepted": float(accepted),
        "contradicts": float(accepted and contradiction(vocabulary, told.sentence.tokens, told.slots) is not None),
    }


def constant_marks(told: Told, text: str, subject: int, categories: set[int]) -> dict[str, float]:
    """Marks of one and the same sentence for every trace."""
    truth = coarse_subject(told.row.subject)
    return {
        "subjectRight": float(subject == truth),
        "subjectFits": float(compatible(subject, truth)),
        "categoryRight": float(told.row.category in categories),
        "rougeL": rouge_l(text, told.row.explanation),
        "contentF1": content_f1(text, told.row.explanation),
    }


def summary(
    rows: Sequence[dict[str, float]], clips: Sequence[str], names: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Mean of every measure with its bootstrap 95 % interval over clips."""
    order = sorted(set(clips))
    members = {clip: [i for i, name in enumerate(clips) if name == clip] for clip in order}
    result = {}
    for name in names:
        values = np.array([row[name] for row in rows])
        sums = np.array([values[members[clip]].sum() for clip in order])
        sizes = np.array([len(members[clip]) for clip in order])

        def mean(index: np.ndarray, sums: np.ndarray = sums, sizes: np.ndarray = sizes) -> float:
            return float(sums[index].sum() / sizes[index].sum())

        low, high = bootstrap(mean, [np.arange(len(order))], rounds=1000)
        result[name] = {"value": round(float(values.mean()), 4), "low": round(low, 4), "high": round(high, 4)}
    return result


def figures(told: Sequence[Told], vocabulary: Vocabulary, bars: Bars) -> dict:
    """All variants side by side, over all rows and over the rows whose decoded sentence is shown."""
    clips = [item.row.clip for item in told]
    shown = [marks(item, vocabulary, bars) for item in told]
    grammar = [marks(item, vocabulary, None) for item in told]
    always = [marks(item, vocabulary, Bars(-np.inf, -np.inf)) for item in told]
    constant = [constant_marks(item, "The object changes shape.", SUBJECTS.index("object"), {0, 6}) for item in told]
    chosen = [i for i, row in enumerate(shown) if row["accepted"]]
    result = {
        "rows": len(told),
        "clips": len(set(clips)),
        "accepted": summary(shown, clips, ["accepted"])["accepted"],
        "contradictionsShown": int(sum(row["contradicts"] for row in shown)),
        "asShown": summary(shown, clips, MEASURES),
        "decoderAlways": summary(always, clips, MEASURES),
        "grammar": summary(grammar, clips, MEASURES),
        "mostFrequentSentence": summary(constant, clips, MEASURES),
    }
    if chosen:
        names = [clips[i] for i in chosen]
        result["whereAccepted"] = {
            "rows": len(chosen),
            "decoder": summary([shown[i] for i in chosen], names, MEASURES),
            "grammar": summary([grammar[i] for i in chosen], names, MEASURES),
        }
    return result


def predicted_rows(data: Path, work: Path, runner: Runner, split: str, traces: dict[str, list]) -> list[Told]:
    """Rows of a split that a predicted trace overlaps by ``MIN_IOU``, told from the best overlapping one.

    ``traces``: decoded traces of every clip (:func:`tracenet.pipeline.traces_of`).
    """
    rows = annotated_rows(data, split)
    bins = load_bins(work, rows)
    told = []
    for row in rows:
        best = max(traces.get(row.clip, []), key=lambda trace: box_iou(trace.box, row.box), default=None)
        if best is None or row.clip not in bins or box_iou(best.box, row.box) < MIN_IOU:
            continue
        found = found_by(best)
        told.append(tell(runner, row, bins[row.clip], found))
    return told


def found_by(trace: Trace) -> Found:
    """A decoded trace of a detector."""
    track = tuple(Point(g / SAMPLES_PER_SECOND, box) for g, box in zip(trace.samples, trace.boxes, strict=True))
    category = CATEGORIES.index(trace.category)
    return Found(trace.box, trace.onset, trace.offset, category, np.array(trace.subject_scores), track)


def statements_of(work: Path, folder: Path, entry: dict, traces: dict[str, list[Trace]]) -> list[dict]:
    """What the app would say of every trace: rows for :func:`tracenet.figures.explanations.load_statements`."""
    runner, bars = Runner(folder), Bars(entry["bars"]["sentence"], entry["bars"]["noun"])
    rows = []
    for clip, found in traces.items():
        bins = read_bins(work / "features" / "clean" / f"{clip}.npz") if found else None
        for trace in found:
            told = tell_trace(runner, bins, found_by(trace))
            shown = entry["enabled"] and objection(runner.vocabulary, told.sentence, told.slots, bars) is None
            subject = said_subject(runner.vocabulary, told.sentence.tokens) if shown else told.slots.subject
            rows.append(
                {
                    "id": clip,
                    "box": list(trace.box),
                    "start": trace.onset,
                    "end": trace.offset,
                    "category": trace.category,
                    "subject": "something" if subject is None else SUBJECTS[subject],
                    "explanation": told.decoded if shown else told.grammar,
                    "source": "decoder" if shown else "grammar",
                }
            )
    return rows


def explanation_figures(
    data: Path, work: Path, folder: Path, entry: dict, split: str = "test", traces: dict[str, list] | None = None
) -> dict:
    """Figures for the report. ``folder``: where ``explainer.onnx`` lies; ``entry``: the manifest's ``explainer``.

    With ``traces`` (decoded traces by clip) also on predicted boxes, times, categories and subjects.
    """
    runner = Runner(folder)
    bars = Bars(entry["bars"]["sentence"], entry["bars"]["noun"])
    result = {"trueBoxes": figures(tell_all(runner, data, work, split), runner.vocabulary, bars)}
    if traces:
        told = predicted_rows(data, work, runner, split, traces)
        if told:
            result["predictedBoxes"] = figures(told, runner.vocabulary, bars)
    return result
