"""The grammar sentence of the app (``workers/traces/explain.ts``), to measure the decoder against."""

from __future__ import annotations

from collections.abc import Sequence

from ..contract import CATEGORIES, round_half_up
from ..wording import WHOLE, region

_UNCOUNTED = {"text", "hair", "clothing", "food", "water", "fire", "furniture"}
_INDEFINITE = {"animal", "person"}
_FRAMES: dict[str, tuple[str, ...]] = {
    "object-distortion": (
        "{s}{w} appears to bend, stretch or melt out of its own shape {t}.",
        "The outline of {s}{w} does not keep its shape {t}.",
    ),
    "sudden-blurring": (
        "{s}{w} appears to lose its definition {t}, while its surroundings stay sharp.",
        "The detail of {s}{w} smears abruptly {t}.",
    ),
    "object-trajectory": (
        "{s}{w} appears to move along a path that its motion so far does not explain, {t}.",
        "The motion of {s}{w} looks physically wrong {t}.",
    ),
    "redundant-object": (
        "{s}{w} appears to be there without reason from {on} on.",
        "There seems to be one too many{w}: {s} that does not belong to the scene {t}.",
    ),
    "object-merging": (
        "{s}{w} appears to fuse with what is next to it {t}.",
        "The border between {s} and its neighbour{w} dissolves {t}, as if they were one.",
    ),
    "object-splitting": ("{s}{w} appears to come apart into two {t}.", "One becomes two{w}: {s} divides {t}."),
    "background-distortion": (
        "{b}{w} appears to warp or ripple {t}.",
        "The surroundings{w} do not hold still as fixed things should {t}.",
    ),
    "object-disappearance": (
        "{s}{w} appears to vanish by {off} without leaving the picture.",
        "{s}{w} fades out of existence {t}.",
    ),
    "unexpected-move": (
        "{s}{w} appears to move {t} although nothing sets it in motion.",
        "{s}{w} shifts by itself {t}.",
    ),
}


def period(start: float, end: float, length: float) -> str:
    """Words for when a trace lasts, in a clip of ``length`` seconds."""
    return "throughout the clip" if end - start >= 0.9 * length else f"from {start:.1f} s to {end:.1f} s"


def subject_words(subject: str | None, certain: bool) -> str:
    """Words for a coarse noun inside a sentence: "the hand", "what may be a hand", "something"."""
    if subject is None:
        return "something"
    definite = f"the {subject}"
    indefinite = subject if subject in _UNCOUNTED else f"{'an' if subject[0] in 'aeiou' else 'a'} {subject}"
    if certain:
        return indefinite if subject in _INDEFINITE else definite
    return f"what may be {definite if subject == 'background' else indefinite}"


def grammar_sentence(
    category: int,
    subject: str | None,
    box: Sequence[float],
    start: float,
    end: float,
    length: float,
    certain: bool = True,
) -> str:
    """The sentence for measured slots (a box that does not travel). ``subject``: coarse noun or ``None``."""
    frames = _FRAMES[CATEGORIES[category]]
    frame = frames[round_half_up((box[0] + box[1] + start) * 1000) % len(frames)]
    phrase = subject_words(subject, certain)
    where = "" if subject == "background" and region(box) == WHOLE else f" {region(box)}"
    text = frame.format(
        s=phrase,
        b="the background" if subject is None else phrase,
        w=where,
        t=period(start, end, length),
        on=f"{start:.1f} s",
        off=f"{end:.1f} s",
    )
    return text[:1].upper() + text[1:]
