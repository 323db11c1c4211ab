"""The words of the decoder with what each of them claims, and the file the app reads them from."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..contract import CATEGORIES
from ..subjects import SUBJECTS
from .language import (
    BEGIN,
    END,
    LASTING,
    PAD,
    PAIR_CLAIMS,
    PLACE,
    SPECIAL,
    STARTS,
    SUDDEN,
    WORD_CLAIMS,
    is_plural,
    noun_class,
    tokens,
)

SCHEMA = "tracenet-explainer/1"
MIN_COUNT = 3
SECOND = {second for _, second in PAIR_CLAIMS}
# Classes a word of one class does not contradict, besides its own: parts and their owners, kinds and their kind.
_PARTS = ("hand", "face", "hair", "arm", "leg", "head", "clothing")
_ANIMALS = ("animal", "dog", "cat", "bird", "fish")
_PAIRS = {
    *(("person", part) for part in _PARTS),
    *((animal, part) for animal in _ANIMALS for part in ("face", "hair", "leg", "head")),
    *(("animal", animal) for animal in _ANIMALS),
    *(("object", name) for name in SUBJECTS),
    ("hand", "arm"),
    ("face", "head"),
    ("hair", "head"),
    ("car", "vehicle"),
    ("boat", "vehicle"),
    ("drink", "water"),
    ("drink", "food"),
    ("plant", "background"),
    ("building", "background"),
    ("water", "background"),
}


def compatible(a: int, b: int) -> bool:
    """Whether two coarse subjects can be the same thing, or one a part of the other."""
    pair = SUBJECTS[a], SUBJECTS[b]
    return a == b or pair in _PAIRS or pair[::-1] in _PAIRS


@dataclass(frozen=True)
class Vocabulary:
    """Index is the token. ``noun``: coarse subject or -1; ``claims``: categories; ``time``: sudden, lasting or empty;
    ``verb``: whether the predicate begins with this word."""

    words: tuple[str, ...]
    noun: tuple[int, ...]
    claims: tuple[tuple[int, ...], ...]
    time: tuple[str, ...]
    verb: tuple[bool, ...]

    @cached_property
    def joined(self) -> dict[tuple[int, int], tuple[int, ...]]:
        """Categories that two words in a row claim together, by their tokens."""
        index = self.index
        return {
            (index[first], index[second]): tuple(CATEGORIES.index(name) for name in claims)
            for (first, second), claims in PAIR_CLAIMS.items()
            if first in index and second in index
        }

    @property
    def index(self) -> dict[str, int]:
        """Token of every word."""
        return {word: i for i, word in enumerate(self.words)}

    def encode(self, words: list[str]) -> list[int]:
        """Tokens of a sentence without begin and end."""
        index = self.index
        return [index[word] for word in words]

    @classmethod
    def of(cls, words: list[str]) -> Vocabulary:
        """Tags for the given words."""
        noun, claims, time = [], [], []
        for word in words:
            claimed = WORD_CLAIMS.get(word, ())
            stem = word.removesuffix("'s").removesuffix("'")
            found = None if claimed or word in SPECIAL else noun_class(stem)
            noun.append(-1 if found is None else found)
            claims.append(tuple(CATEGORIES.index(name) for name in claimed))
            time.append("sudden" if word in SUDDEN else "lasting" if word in LASTING else "")
        verb = tuple(word in STARTS or bool(claimed) for word, claimed in zip(words, claims, strict=True))
        return cls(tuple(words), tuple(noun), tuple(claims), tuple(time), verb)

    @classmethod
    def build(cls, phrases: list[list[str]], predicates: list[list[str]]) -> Vocabulary:
        """Words of predicates and the nouns that occur often enough; rarer nouns are called by their class."""
        counts = Counter(word for phrase in phrases for word in phrase)
        nouns = {word for word, n in counts.items() if n >= MIN_COUNT and tokens(word) == [word]}
        said = {word for words in predicates for word in words}
        return cls.of([*SPECIAL, ",", *sorted((nouns | said | set(SUBJECTS) | {"the"}) - {*SPECIAL, ","})])

    def save(self, path: Path) -> None:
        """The file of the app."""
        compat = [[i for i in range(len(SUBJECTS)) if compatible(i, j)] for j in range(len(SUBJECTS))]
        content = {
            "schema": SCHEMA,
            "pad": self.words.index(PAD),
            "begin": self.words.index(BEGIN),
            "end": self.words.index(END),
            "place": self.words.index(PLACE),
            "compatible": compat,
            "words": [
                {
                    "word": word,
                    **({"noun": self.noun[i]} if self.noun[i] >= 0 else {}),
                    **({"plural": True} if self.noun[i] >= 0 and is_plural(word) else {}),
                    **({"claims": list(self.claims[i])} if self.claims[i] else {}),
                    **(
                        {"joined": {str(a): list(c) for (a, b), c in self.joined.items() if b == i}}
                        if word in SECOND
                        else {}
                    ),
                    **({"verb": True} if self.verb[i] else {}),
                    **({"time": self.time[i]} if self.time[i] else {}),
                }
                for i, word in enumerate(self.words)
            ],
        }
        path.write_text(json.dumps(content, separators=(",", ":")) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Vocabulary:
        """Back from the file."""
        content = json.loads(path.read_text(encoding="utf-8"))
        return cls.of([entry["word"] for entry in content["words"]])
