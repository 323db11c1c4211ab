"""Constrained greedy decoding, and the check of a sentence against what was measured.

The reference of ``workers/traces/explain-decoder.ts``. A decoder's sentence is shown only where :func:`objection` has
none; else the grammar sentence is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..subjects import SUBJECTS
from .grammar import subject_words
from .language import BEGIN, END, MAX_WORDS, PAD, PLACE, is_plural
from .vocabulary import Vocabulary, compatible

# Traces that overlap an annotated row, out of fold and on validation: from a share of 0.4 on the noun fitted what was
# annotated in 9 of 9, from 0.3 on in 18 of 22, from 0.2 on in 29 of 45. So it is named from 0.4 on, and called
# possible from 0.2 on.
MIN_SUBJECT_SHARE = 0.2
CERTAIN_SUBJECT_SHARE = 0.4
# What a trace is about where nothing stood out; a noun that names nothing.
UNNAMED = "object"
WHOLE_CLIP = 0.9
LASTING_SECONDS = 1.0
MIN_WORDS = 4
FORBIDDEN = -1e9


@dataclass(frozen=True)
class Slots:
    """What the detector measured of a trace. ``subject``: coarse class, ``None`` where none stood out; ``certain``:
    whether it is named without reservation."""

    category: int
    subject: int | None
    start: float
    end: float
    clip_seconds: float
    certain: bool = True

    @property
    def named(self) -> bool:
        """Whether a noun may be said of it as a fact."""
        return self.subject is not None and self.certain

    @property
    def spans_clip(self) -> bool:
        """Whether it lasts for practically the whole clip."""
        return self.end - self.start >= WHOLE_CLIP * self.clip_seconds


@dataclass(frozen=True)
class Sentence:
    """Tokens without begin and end, with the mean log-likelihood of a word and of the nouns, before constraints."""

    tokens: tuple[int, ...]
    finished: bool
    likelihood: float
    noun_likelihood: float


@dataclass(frozen=True)
class Bars:
    """Least likelihoods of the manifest below which the grammar sentence is shown."""

    sentence: float
    noun: float


def measured_subject(scores: np.ndarray) -> int | None:
    """The noun class of a subject distribution, when one stands out that says more than "object"."""
    best = int(np.argmax(scores))
    return best if scores[best] >= MIN_SUBJECT_SHARE and SUBJECTS[best] != UNNAMED else None


def contradicts(vocabulary: Vocabulary, token: int, slots: Slots, begun: bool, previous: int | None) -> str | None:
    """Which slot a single word contradicts: ``category``, ``subject`` or ``time``.

    ``begun``: whether the predicate has begun; nouns behind its beginning are not what the sentence is about.
    ``previous``: the word before it.
    """
    if vocabulary.claims[token] and slots.category not in vocabulary.claims[token]:
        return "category"
    if previous is not None and slots.category not in vocabulary.joined.get((previous, token), (slots.category,)):
        return "category"
    noun = vocabulary.noun[token]
    if noun >= 0 and not begun and slots.subject is not None and not compatible(noun, slots.subject):
        return "subject"
    time = vocabulary.time[token]
    if time == "sudden" and slots.spans_clip:
        return "time"
    if time == "lasting" and slots.end - slots.start < LASTING_SECONDS:
        return "time"
    return None


def allowed(vocabulary: Vocabulary, slots: Slots, begun: bool) -> np.ndarray:
    """Mask ``[V]`` of the next words that contradict nothing; begin and padding are never said."""
    words = vocabulary.words
    return np.array(
        [w not in (PAD, BEGIN) and contradicts(vocabulary, i, slots, begun, None) is None for i, w in enumerate(words)]
    )


def greedy(step: Callable[[int], np.ndarray], vocabulary: Vocabulary, slots: Slots) -> Sentence:
    """The likeliest allowed word after word. ``step``: token -> logits ``[V]``, keeping its own state."""
    masks = [allowed(vocabulary, slots, begun) for begun in (False, True)]
    end, token = vocabulary.words.index(END), vocabulary.words.index(BEGIN)
    said: list[int] = []
    total = nouns = 0.0
    count = 0
    finished = begun = False
    while len(said) < MAX_WORDS and not finished:
        logits = step(token).astype(np.float64)
        logs = logits - logits.max()
        logs -= np.log(np.exp(logs).sum())
        mask = masks[begun].copy()
        for (first, second), claims in vocabulary.joined.items():
            if first == token and slots.category not in claims:
                mask[second] = False
        token = int(np.argmax(np.where(mask, logs, FORBIDDEN)))
        total += logs[token]
        if token == end:
            finished = True
            continue
        begun = begun or vocabulary.verb[token]
        if vocabulary.noun[token] >= 0 and not begun:
            nouns += logs[token]
            count += 1
        said.append(token)
    steps = len(said) + (1 if finished else 0)
    return Sentence(tuple(said), finished, total / steps, nouns / count if count else FORBIDDEN)


def contradiction(vocabulary: Vocabulary, tokens: tuple[int, ...], slots: Slots) -> str | None:
    """The first slot that a sentence contradicts."""
    begun, previous = False, None
    for token in tokens:
        begun = begun or vocabulary.verb[token]
        slot = contradicts(vocabulary, token, slots, begun, previous)
        if slot:
            return slot
        previous = token
    return None


def degenerate(vocabulary: Vocabulary, sentence: Sentence) -> bool:
    """Unfinished, too short, repeating itself, or without a noun or a predicate."""
    said = sentence.tokens
    pairs = list(pairwise(said))
    return (
        not sentence.finished
        or len(said) < MIN_WORDS - 1
        or len(set(pairs)) < len(pairs)
        or any(a == b for a, b in pairs)
        or vocabulary.words[said[0]] != "the"
        or said_subject(vocabulary, said) is None
        or not any(vocabulary.claims[token] for token in said)
        or sum(vocabulary.words[token] == PLACE for token in said) > 1
    )


def objection(vocabulary: Vocabulary, sentence: Sentence, slots: Slots, bars: Bars) -> str | None:
    """Why a sentence is not shown: ``degenerate``, the contradicted slot, or ``unlikely``; ``None`` when it is."""
    if degenerate(vocabulary, sentence):
        return "degenerate"
    slot = contradiction(vocabulary, sentence.tokens, slots)
    if slot:
        return slot
    if sentence.likelihood < bars.sentence or sentence.noun_likelihood < bars.noun:
        return "unlikely"
    return None


def said_subject(vocabulary: Vocabulary, tokens: tuple[int, ...]) -> int | None:
    """Class of the noun a sentence is about: the last noun before its predicate."""
    found = None
    for token in tokens:
        if vocabulary.verb[token]:
            break
        if vocabulary.noun[token] >= 0:
            found = vocabulary.noun[token]
    return found


def said_categories(vocabulary: Vocabulary, tokens: tuple[int, ...]) -> set[int]:
    """Categories that every claiming word of a sentence allows."""
    claims = [set(vocabulary.claims[token]) for token in tokens if vocabulary.claims[token]]
    return set.intersection(*claims) if claims else set()


def text_of(vocabulary: Vocabulary, tokens: tuple[int, ...], slots: Slots, place: str, period: str) -> str:
    """The written sentence: behind its subject where the measured box lies, at its end when the trace lasts."""
    said = [token for token in tokens if vocabulary.words[token] != PLACE]
    words = [vocabulary.words[token] for token in said]
    verb = next((i for i, token in enumerate(said) if vocabulary.verb[token]), len(said))
    # What was not measured with certainty is only called possible.
    noun = said_subject(vocabulary, tuple(said))
    name = None if noun is None or SUBJECTS[noun] == UNNAMED else SUBJECTS[noun]
    if slots.named:
        subject = words[:verb]
    elif name is not None and is_plural(words[verb - 1]):
        # Many, so that the predicate agrees.
        subject = ["what may be", *words[1:verb]]
    else:
        subject = [subject_words(name, certain=False)]
    text = " ".join([*subject, place, *words[verb:], period]).replace(" ,", ",")
    return text[:1].upper() + text[1:] + "."
