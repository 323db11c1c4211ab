"""The parity fixture of the explainer: what the app's pooling, decoding and check must give."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np

from ..contract import CATEGORIES, WINDOW
from ..preprocess import letterbox_geometry
from ..subjects import SUBJECTS
from ..wording import region
from .check import Bars, Slots, greedy, objection, text_of
from .evaluation import slot_vector
from .language import SPECIAL
from .pooling import Bin, Point, add_bins, pool, window_bins
from .vocabulary import Vocabulary

WORDS = [
    "the",
    "dog's",
    "leg",
    "hand",
    "wall",
    "bends",
    "melts",
    "merges",
    "slowly",
    "suddenly",
    "keeps",
    "bending",
    "into",
    "its",
    "shape",
    "background",
    ",",
    "object",
    "hands",
]


def _pooling() -> dict:
    """Windows of three channels, merged beyond five bins, and pooled traces."""
    rng = np.random.default_rng(11)
    place = letterbox_geometry(160, 90)
    windows, bins = [], []
    for start, valid in ((0, WINDOW), (9, WINDOW), (18, WINDOW), (27, 4)):
        context = rng.normal(size=(4, 3, 7, 7)).round(3).astype(np.float32)
        times = [round(0.25 + (start + k) / 6, 6) for k in range(valid)]
        windows.append({"times": times, "context": context.reshape(-1).round(3).tolist()})
        bins = add_bins(bins, window_bins(context, times), 5)
    traces = []
    cases = (
        ((0.1, 0.2, 0.5, 0.9), 0.3, 2.0, True),
        ((0.4, 0.4, 0.4, 0.4), 4.0, 6.0, False),
        ((0.0, 0.0, 1.0, 1.0), 9.0, 9.5, False),
    )
    for box, start, end, moves in cases:
        track = [Point(0.25 + g / 6, [min(1.0, v + 0.02 * g) for v in box]) for g in range(9)] if moves else []
        traces.append(
            {
                "box": list(box),
                "start": start,
                "end": end,
                "track": [{"time": round(p.time, 6), "box": [round(v, 6) for v in p.box]} for p in track],
                "features": pool(bins, place, box, start, end, track).astype(float).round(5).tolist(),
            }
        )
    return {
        "frame": {"width": 160, "height": 90},
        "limit": 5,
        "windows": windows,
        "bins": [_bin(item) for item in bins],
        "traces": traces,
    }


def _bin(item: Bin) -> dict:
    return {"start": round(item.start, 6), "end": round(item.end, 6), "mean": round(float(item.mean.sum()), 4)}


def _sentences(vocabulary: Vocabulary) -> list[dict]:
    """Decoded with made-up logits: one list of wishes a word, so that constraints bite."""
    leg, wall = SUBJECTS.index("leg"), SUBJECTS.index("building")
    distortion, merging = CATEGORIES.index("object-distortion"), CATEGORIES.index("object-merging")
    cases = (
        (Slots(distortion, leg, 0.0, 2.0, 4.0), "the dog's leg suddenly bends <end>"),
        (Slots(distortion, leg, 0.0, 4.0, 4.0), "the leg suddenly bends <end>"),
        (Slots(distortion, wall, 0.0, 2.0, 4.0), "the leg <place> melts into its shape <end>"),
        (Slots(merging, None, 1.0, 1.5, 4.0), "the hand keeps bending <end>"),
        (Slots(merging, None, 1.0, 3.5, 4.0), "the dog's hands <place> keeps bending <end>"),
        (Slots(merging, None, 1.0, 3.5, 4.0), "the object merges into the background <end>"),
        (Slots(merging, leg, 1.0, 3.5, 4.0, False), "the leg merges into the background <end>"),
        (Slots(merging, leg, 1.0, 3.5, 4.0), "the leg merges into the background <end>"),
        (Slots(distortion, leg, 0.0, 2.0, 4.0), "the the leg bends <end>"),
        (Slots(distortion, leg, 0.0, 2.0, 4.0), "the leg melts into its shape <end>"),
        (Slots(merging, leg, 0.0, 2.0, 4.0), "the leg melts into the background <end>"),
        (Slots(distortion, leg, 0.0, 2.0, 4.0), "the leg <end>"),
        (Slots(distortion, leg, 0.0, 2.0, 4.0), "bends bends <end>"),
    )
    index, found = vocabulary.index, []
    for number, (slots, wish) in enumerate(cases):
        rng = np.random.default_rng(number)
        logits = rng.normal(size=(30, len(vocabulary.words))).round(2)
        for k, word in enumerate(wish.split(" ")):
            logits[k, index[word]] += 8
        rows = iter(logits.round(2))
        sentence = greedy(lambda _, rows=rows: next(rows), vocabulary, slots)
        found.append(
            {
                "slots": {
                    "category": slots.category,
                    **({} if slots.subject is None else {"subject": _subject(slots)}),
                    "startSeconds": slots.start,
                    "endSeconds": slots.end,
                    "clipSeconds": slots.clip_seconds,
                },
                "logits": logits.round(2).tolist(),
                "tokens": list(sentence.tokens),
                "finished": sentence.finished,
                "likelihood": round(sentence.likelihood, 5),
                "nounLikelihood": round(max(sentence.noun_likelihood, -1e9), 5),
                "objection": objection(vocabulary, sentence, slots, Bars(-3.0, -4.0)),
                "text": text_of(
                    vocabulary, sentence.tokens, slots, region((0.0, 0.0, 0.3, 0.3)), "throughout the clip"
                ),
            }
        )
    return found


def _subject(slots: Slots) -> dict:
    return {"index": slots.subject, "noun": SUBJECTS[slots.subject], "certain": slots.certain}


def explain_fixture() -> dict:
    """Inputs and expected results; arrays are flat and row-major."""
    vocabulary = Vocabulary.of([*SPECIAL, *WORDS])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "words.json"
        vocabulary.save(path)
        listing = json.loads(path.read_text(encoding="utf-8"))
    box, slots = (0.1, 0.2, 0.4, 0.8), Slots(2, 5, 1.0, 3.0, 4.0)
    scores = np.zeros(len(SUBJECTS))
    scores[5] = 0.6
    return {
        "pooling": _pooling(),
        "vocabulary": listing,
        "subjects": list(SUBJECTS),
        "bars": {"sentence": -3.0, "noun": -4.0},
        "box": [0.0, 0.0, 0.3, 0.3],
        "sentences": _sentences(vocabulary),
        "slotVector": {
            "box": list(box),
            "category": slots.category,
            "subject": slots.subject,
            "share": 0.6,
            "start": slots.start,
            "end": slots.end,
            "length": 4.0,
            "values": slot_vector(slots, scores, box, 4.0).astype(float).round(6).tolist(),
        },
    }
