"""Which clips are shown as failure cases: picked by rules, so that nobody chooses the kind ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..decode import Trace
from ..figures.traces import time_distance
from ..metrics import box_iou
from ..verdict import BANDS


@dataclass(frozen=True)
class Judged:
    """What the model says about one test clip, beside what is known of it. ``rows``: its annotated traces."""

    id: str
    generated: bool
    family: str
    seconds: float
    probability: float
    band: str
    traces: list[Trace]
    rows: list[dict]

    def nearest_row(self) -> dict:
        """The annotated row that the leading trace overlaps most."""
        return self.ordered_rows()[0]

    def ordered_rows(self) -> list[dict]:
        """The annotated rows, those first that the leading trace overlaps most; without a trace the surest first."""
        if not self.traces:
            return sorted(self.rows, key=lambda row: -row["confidence"])
        return sorted(self.rows, key=lambda row: -box_iou(self.traces[0].box, row["box"]))


@dataclass(frozen=True)
class Case:
    """A kind of case, its rule in words, and the clip it picked (None: no clip fits)."""

    kind: str
    title: str
    rule: str
    clip: Judged | None
    caption: str


@dataclass(frozen=True)
class Rule:
    """``fits``: which clips come into question; ``rank``: the highest is taken; ``caption``: written beneath."""

    kind: str
    title: str
    rule: str
    fits: Callable[[Judged], bool]
    rank: Callable[[Judged], float]
    caption: Callable[[Judged], str]


def _overlap(clip: Judged) -> float:
    return box_iou(clip.traces[0].box, clip.nearest_row()["box"])


def _start_error(clip: Judged) -> float:
    return time_distance(clip.traces[0].onset, clip.nearest_row()["start"], clip.seconds)


def _named(clip: Judged) -> bool:
    """Whether a clip called generated shows a trace that annotated ones can be held against."""
    return clip.generated and clip.probability >= 0.5 and bool(clip.traces) and bool(clip.rows)


def _verdict(clip: Judged) -> str:
    return f'Probability of being generated {clip.probability:.2f}, "{clip.band.replace("-", " ")}"'


def _words(category: str) -> str:
    return category.replace("-", " ")


def _place(clip: Judged) -> str:
    row = clip.nearest_row()
    return (
        f"{_verdict(clip)}. Leading trace: {_words(clip.traces[0].category)}, {clip.traces[0].onset:.1f} to "
        f"{clip.traces[0].offset:.1f} s; nearest annotation: {_words(row['category'])} of {row['subject']}, "
        f"{row['start']:.1f} to {row['end']:.1f} s; box IoU {_overlap(clip):.2f}."
    )


RULES = (
    Rule(
        "wrong-real",
        "A real clip taken for a generated one",
        "the real clip with the highest probability, from 0.5 on",
        lambda clip: not clip.generated and clip.probability >= 0.5,
        lambda clip: clip.probability,
        lambda clip: f"{_verdict(clip)}, but filmed by a camera.",
    ),
    Rule(
        "missed",
        "A generated clip that passes",
        'the generated clip with the lowest probability, in "no strong signs"',
        lambda clip: clip.generated and clip.band == BANDS[0],
        lambda clip: -clip.probability,
        lambda clip: (
            f"{_verdict(clip)}, but made by {clip.family}. {len(clip.rows)} annotated traces, "
            f"{len(clip.traces)} shown by the model."
        ),
    ),
    Rule(
        "wrong-place",
        "A trace in the wrong place",
        "the clip called generated whose leading trace overlaps its nearest annotation least",
        _named,
        lambda clip: -_overlap(clip),
        _place,
    ),
    Rule(
        "wrong-start",
        "A wrong start",
        "the clip called generated whose leading trace starts farthest from its nearest annotation",
        lambda clip: _named(clip) and _start_error(clip) > 0.1,
        _start_error,
        lambda clip: (
            f"{_place(clip)} The start is off by {_start_error(clip) * clip.seconds:.1f} s, "
            f"{_start_error(clip):.0%} of the clip."
        ),
    ),
    Rule(
        "wrong-category",
        "A wrong category",
        "the clip called generated with the strongest leading trace whose category no annotation has",
        lambda clip: _named(clip) and clip.traces[0].category not in {row["category"] for row in clip.rows},
        lambda clip: clip.traces[0].score,
        lambda clip: f"{_place(clip)} The trace's score is {clip.traces[0].score:.2f}.",
    ),
    Rule(
        "right",
        "For comparison: one it gets right",
        "the clip called generated whose leading trace overlaps its nearest annotation most, with the same category",
        lambda clip: _named(clip) and clip.traces[0].category == clip.nearest_row()["category"],
        _overlap,
        _place,
    ),
)


def pick(clips: list[Judged]) -> list[Case]:
    """One case a rule, in order; no clip is taken twice. Ties go to the smaller id."""
    taken: set[str] = set()
    cases = []
    for rule in RULES:
        fitting = sorted((clip for clip in clips if clip.id not in taken and rule.fits(clip)), key=lambda clip: clip.id)
        chosen = max(fitting, key=rule.rank, default=None)
        if chosen:
            taken.add(chosen.id)
        cases.append(Case(rule.kind, rule.title, rule.rule, chosen, rule.caption(chosen) if chosen else ""))
    return cases
