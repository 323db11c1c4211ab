"""Figures of the explanations: right category and subject, overlap with the written ones, and contradictions.

No judge but the text itself: ROUGE-L (Lin, 2004), content-word F1, and a parser of the words for place, time and
category that is independent of the tables the sentences are made with.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import numpy as np

from ..contract import CATEGORIES
from ..subjects import coarse_subject
from .outcome import with_interval

STOP = frozenset(
    re.findall(
        r"\w+",
        "a an the and or but of in on at by to from with into like as if so than that this which it its they their "
        "them is are was were be been being has have had do does did not no any some while then there here although "
        "though for up down out off over after before all both each other one",
    )
)
TIME_TOLERANCE = 0.15

D, B, T, R, M, S, G, V, U = CATEGORIES
# Unmistakable words and the categories whose statements may use them.
CATEGORY_WORDS: tuple[tuple[str, frozenset[str]], ...] = (
    (r"merg(?:e|es|ed|ing)|fus(?:e|es|ed|ing)|flow(?:s|ing)? together", frozenset({M})),
    (r"melts? into|dissolves? into each other", frozenset({M})),
    (r"split(?:s|ting)?|divid(?:e|es|ed|ing)|com(?:e|es|ing) apart|one becomes two|two halves", frozenset({S})),
    (r"vanish\w*|disappear\w*|wiped away|out of existence", frozenset({V, B})),
    (r"blurr?\w*|out of focus|smear\w*", frozenset({B, D, G})),
    (r"duplicate\w*|one too many|out of nowhere|an extra|there without reason", frozenset({R})),
    (r"(?:un)?natural path|change\w* course|along a path", frozenset({T, U})),
    (r"by (?:itself|themselves)|nothing (?:touches|sets|pushes)", frozenset({U, T})),
    (r"bulg\w+|ripple\w*|warp\w*|deform\w*|misshapen|rubber\w*", frozenset({D, G})),
)
_LEFT, _RIGHT = r"(?:on the|upper|lower|at the|far|to the) left\b(?! to)", r"(?:on the|upper|lower|at the|far) right\b"
_SAYS_LEFT, _SAYS_RIGHT = re.compile(_LEFT), re.compile(_RIGHT)
_SAYS_UPPER = re.compile(r"\bupper (?:left|right|half|part|edge)|at the top\b|in the upper")
_SAYS_LOWER = re.compile(r"\blower (?:left|right|half|part|edge)|at the bottom\b|in the lower")
_SAYS_MIDDLE = re.compile(r"\bin the (?:middle|cent(?:re|er))\b(?! of (?:the|its|a))")
_SAYS_WIDE = re.compile(r"across most of the picture|across the (?:whole|entire) (?:picture|frame)")
_SAYS_WHOLE_CLIP = re.compile(r"throughout(?: the clip)?|the whole time|for the whole clip")
_SAYS_LATE = re.compile(r"towards? the end(?: of the clip)?|at the (?:very )?end of the clip|in the later part")
_SAYS_EARLY = re.compile(r"at the (?:very )?(?:start|beginning)(?: of the clip)?")
_SECONDS = re.compile(r"(\d+(?:\.\d+)?)\s?s(?:ec\w*)?\b")


def words(text: str) -> list[str]:
    """Lower-case words of a text."""
    return re.findall(r"[a-z]+(?:'[a-z]+)?", text.lower())


def rouge_l(candidate: str, reference: str) -> float:
    """ROUGE-L F1: twice the longest common subsequence of words over the words of both."""
    a, b = words(candidate), words(reference)
    if not a or not b:
        return 0.0
    row = [0] * (len(b) + 1)
    for word in a:
        before = 0
        for k, other in enumerate(b):
            above = row[k + 1]
            row[k + 1] = before + 1 if word == other else max(above, row[k])
            before = above
    return 2 * row[-1] / (len(a) + len(b))


def content_f1(candidate: str, reference: str) -> float:
    """F1 of the content words (stop words left out), with multiplicity."""
    a, b = (Counter(w for w in words(text) if w not in STOP) for text in (candidate, reference))
    total = a.total() + b.total()
    return 2 * (a & b).total() / total if total else 0.0


def place_contradictions(text: str, box: tuple[float, ...]) -> list[str]:
    """Words for a place that the box (fractions of the frame) does not bear out."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    area = (box[2] - box[0]) * (box[3] - box[1])
    checks = (
        (_SAYS_LEFT, x <= 0.5, "left"),
        (_SAYS_RIGHT, x >= 0.5, "right"),
        (_SAYS_UPPER, y <= 0.5, "upper"),
        (_SAYS_LOWER, y >= 0.5, "lower"),
        (_SAYS_MIDDLE, 0.25 <= x <= 0.75 and 0.25 <= y <= 0.75, "middle"),
        (_SAYS_WIDE, area > 0.5, "wide"),
    )
    return [name for pattern, holds, name in checks if pattern.search(text) and not holds]


def time_contradictions(text: str, start: float, end: float, length: float) -> list[str]:
    """Words and numbers for a time that the times (seconds) do not bear out."""
    found = []
    if _SAYS_WHOLE_CLIP.search(text) and end - start < 0.8 * length:
        found.append("throughout")
    if _SAYS_LATE.search(text) and end < 0.8 * length:
        found.append("late")
    if _SAYS_EARLY.search(text) and start > 0.2 * length:
        found.append("early")
    for number in _SECONDS.findall(text):
        if min(abs(float(number) - start), abs(float(number) - end)) > TIME_TOLERANCE:
            found.append(f"{number} s")
    return found


def category_contradictions(text: str, category: str) -> list[str]:
    """Words of another category."""
    return [
        match[0]
        for pattern, allowed in CATEGORY_WORDS
        for match in [re.search(rf"\b(?:{pattern})\b", text)]
        if match and category not in allowed
    ]


def contradictions(statement: dict, length: float) -> dict[str, list[str]]:
    """Where a statement's text contradicts its own ``box``, ``start`` and ``end``, or ``category``."""
    text = statement["explanation"].lower()
    found = {
        "place": place_contradictions(text, statement["box"]),
        "time": time_contradictions(text, statement["start"], statement["end"], length),
        "category": category_contradictions(text, statement["category"]),
    }
    return {name: words_found for name, words_found in found.items() if words_found}


def load_statements(path: Path) -> dict[str, list[dict]]:
    """Statements by clip, best trace first, from JSON lines ``{id, box, start, end, category, subject, explanation,
    source?}`` (times in seconds from the clip's first frame, box as fractions; ``source``: decoder or grammar)."""
    found: dict[str, list[dict]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        found.setdefault(row["id"], []).append(row)
    return found


def explanation_figures(
    statements: dict[str, list[dict]], annotations: dict[str, list[dict]], lengths: dict[str, float]
) -> dict:
    """First statement of every annotated clip against its rows (a missing one scores 0), and all contradictions.

    ``rougeL`` and ``contentF1`` are means over the rows of a clip, ``...BestRow`` the best of them. A category or
    subject is right when one of the rows has it; the subject by its coarse class.
    """
    rows = []
    for clip, truths in sorted(annotations.items()):
        if not truths or clip not in lengths:
            continue
        first = (statements.get(clip) or [None])[0]
        rows.append(_clip_scores(first, truths))
    table = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    result: dict = {"clips": len(rows)}
    for name, column in table.items():
        result[name] = with_interval(lambda i, c=column: float(c[i].mean()), [np.arange(len(rows))])
    every = [(clip, row) for clip, found in statements.items() if clip in lengths for row in found]
    wrong = [(row["explanation"], found) for clip, row in every if (found := contradictions(row, lengths[clip]))]
    sources = Counter(row.get("source", "unstated") for _, row in every)
    return result | {
        "statements": len(every),
        "bySource": dict(sources),
        "distinct": len({row["explanation"] for _, row in every}),
        "contradicting": len(wrong),
        "contradictingShare": round(len(wrong) / len(every), 4) if every else 0.0,
        "contradictions": [{"text": text, "words": found} for text, found in wrong[:20]],
    }


def _clip_scores(first: dict | None, truths: list[dict]) -> dict[str, float]:
    if first is None:
        names = ("rougeL", "contentF1", "rougeLBestRow", "contentF1BestRow", "categoryRight", "subjectRight", "stated")
        return dict.fromkeys(names, 0.0)
    text = first["explanation"]
    rouge = [rouge_l(text, truth["explanation"]) for truth in truths]
    content = [content_f1(text, truth["explanation"]) for truth in truths]
    subject = coarse_subject(first["subject"])
    return {
        "rougeL": float(np.mean(rouge)),
        "contentF1": float(np.mean(content)),
        "rougeLBestRow": max(rouge),
        "contentF1BestRow": max(content),
        "categoryRight": float(any(truth["category"] == first["category"] for truth in truths)),
        "subjectRight": float(any(coarse_subject(truth["subject"]) == subject for truth in truths)),
        "stated": 1.0,
    }
