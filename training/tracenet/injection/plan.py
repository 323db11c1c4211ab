"""Which clips are made of which sources: a fixed list, balanced over the categories, with whole sources held out."""

from __future__ import annotations

from dataclasses import dataclass

from ..contract import CATEGORIES
from ..data import Clip
from ..folds import assign_folds
from .benign import EDITS

HELD_OUT_FOLDS = 10
# One negative after every nine injected clips in training; as often in the held-out set.
BLOCK = (*CATEGORIES, "sham", "benign")


@dataclass(frozen=True)
class Planned:
    """One clip to make: ``kind`` is a category, ``sham``, or ``benign-NAME``."""

    id: str
    source: str
    kind: str
    held_out: bool


def number_of(name: str) -> int:
    """A number of a clip id that does not change between runs."""
    return int(name[:8], 16) * 2654435761 % 2**32


def is_held_out(clips: list[Clip]) -> dict[str, bool]:
    """For every real clip: whether it only serves the held-out set.

    Held out are the sources of one of ten folds of the training split, and the validation and test splits.
    """
    train = [clip for clip in clips if clip.split == "train"]
    folds = assign_folds(train, HELD_OUT_FOLDS)
    return {clip.id: folds.get(clip.id, 0) == 0 for clip in clips if not clip.generated}


def plan(clips: list[Clip], count: int, held_out_count: int, skip: set[str]) -> list[Planned]:
    """The clips to make, in an order in which every beginning is about balanced.

    ``count`` training clips and ``held_out_count`` held-out ones; sources in ``skip`` are left out.
    """
    held_out = is_held_out(clips)
    sources = {
        flag: sorted((c for c, held in held_out.items() if held == flag and c not in skip), key=number_of)
        for flag in (False, True)
    }
    training = _entries(sources[False], count, held_out=False)
    held = _entries(sources[True], held_out_count, held_out=True)
    merged = [((k + 0.5) / len(part), item) for part in (training, held) for k, item in enumerate(part)]
    return [item for _, item in sorted(merged, key=lambda pair: pair[0])]


def _entries(sources: list[str], count: int, held_out: bool) -> list[Planned]:
    """Go round the sources and round the kinds; a source meets another kind every time."""
    found, edits = [], list(EDITS)
    for k in range(count if sources else 0):
        round_, place = divmod(k, len(sources))
        kind = BLOCK[(place + 3 * round_) % len(BLOCK)]
        if kind == "benign":
            kind = f"benign-{edits[(k // len(BLOCK)) % len(edits)]}"
        found.append(Planned(f"{sources[place]}-{round_}", sources[place], kind, held_out))
    return found
