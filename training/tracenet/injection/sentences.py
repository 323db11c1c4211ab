"""True sentences about injected artifacts, for the text decoder: what was done to which thing, where and which way.

In a template ``{s}`` is the thing, ``{p}`` its partner, ``{way}`` a direction (with a leading space, or empty), and
``[bends/bend]`` a verb for one or many.
"""

from __future__ import annotations

import re

import numpy as np

from ..wording import direction, period, region

LEAST_WAY = 0.04

DISTORTION = {
    "ripple": [
        "{s} [ripples/ripple] and [changes/change] shape as if made of jelly",
        "The outline of {s} keeps wobbling instead of staying firm",
        "{s} [warps/warp] and [wavers/waver] in a way no solid thing does",
        "{s} [keeps/keep] deforming, with edges that swim back and forth",
    ],
    "bend": [
        "{s} [bends/bend] like rubber instead of keeping a firm shape",
        "{s} [sways/sway] and [curves/curve] as if there were nothing firm inside",
        "{s} [twists/twist] into a curved shape that is not physically possible",
    ],
    "bulge": [
        "{s} [swells/swell] and [shrinks/shrink] again without any cause",
        "The middle of {s} bulges out and pinches in unnaturally",
        "{s} [inflates/inflate] like a balloon and [changes/change] proportions",
    ],
    "melt": [
        "{s} [sags/sag] and [melts/melt] downwards like warm wax",
        "The shape of {s} drips and runs down as if melting",
        "{s} [loses/lose] the firm outline and [flows/flow] downwards",
    ],
    "stretch": [
        "{s} [stretches/stretch] to the wrong proportions",
        "The proportions of {s} change, as if pulled like dough",
        "{s} [becomes/become] unnaturally drawn out and distorted",
    ],
}
BLURRING = {
    "soft": [
        "{s} suddenly [loses/lose] all detail and [turns/turn] soft while the surroundings stay sharp",
        "{s} abruptly [becomes/become] blurred although the rest of the picture is in focus",
        "The detail of {s} vanishes from one moment to the next in a soft blur",
    ],
    "smear": [
        "{s} suddenly [smears/smear] into streaks without any fast motion",
        "{s} abruptly [turns/turn] into a smear and [loses/lose] all features",
        "A sudden streaky blur wipes out the detail of {s}",
    ],
    "patches": [
        "{s} abruptly [breaks/break] up into flat patches in which no detail is left",
        "The texture of {s} suddenly turns into blotches, like a painting",
        "{s} suddenly [loses/lose] all texture and [looks/look] smeared over",
    ],
}
TRAJECTORY = {
    "kink": [
        "{s} [jumps/jump]{way} and back along a jagged path that nothing explains",
        "{s} abruptly [changes/change] course{way} as no real motion would",
        "The motion of {s} kinks{way} instead of flowing on",
    ],
    "drift": [
        "{s} [glides/glide]{way} although the motion so far does not lead there",
        "{s} [slides/slide] off{way} along a path that looks physically wrong",
        "{s} [drifts/drift]{way} without touching or pushing against anything",
    ],
    "arc": [
        "{s} [swings/swing]{way} in an arc that does not fit the motion",
        "{s} [curves/curve]{way} through the picture along an unnatural path",
        "The path of {s} bends{way} without any force that could cause it",
    ],
}
REDUNDANT = {
    "twin": [
        "A second copy of {s} pops up beside the first, which makes no sense",
        "There is one too many: a duplicate of {s} appears out of nowhere",
        "An extra copy of {s} suddenly shows up next to the real thing",
    ],
    "mirrored": [
        "A mirrored copy of {s} appears out of nowhere beside the first",
        "A mirror image of {s} pops up where nothing should be",
        "An extra, mirrored version of {s} suddenly stands beside the original",
    ],
}
MERGING = {
    "pair": [
        "{s} and {p} melt into each other where they meet",
        "The border between {s} and {p} dissolves, as if they were one",
        "{s} [fuses/fuse] with {p} instead of staying separate",
        "{s} and {p} flow together into one shape without a clear edge",
    ],
    "surroundings": [
        "{s} [fuses/fuse] with whatever lies alongside",
        "The edge of {s} dissolves into the surroundings, so that no end can be seen",
        "{s} [melts/melt] into the neighbouring area without a clear border",
    ],
}
SPLITTING = {
    "halves": [
        "{s} [comes/come] apart into two halves that drift away from each other",
        "{s} [splits/split] in two and a gap opens between the parts",
        "{s} [divides/divide] into two pieces as no real thing would",
    ],
    "copy": [
        "A second copy of {s} glides out of the first, as if dividing",
        "{s} [splits/split] into two identical copies that move apart",
        "One becomes two: a twin of {s} separates from the original",
    ],
}
BACKGROUND = {
    "ripple": [
        "{s} [ripples/ripple] like water although nothing there should move",
        "{s} [does/do] not hold still and [keeps/keep] changing shape like a reflection",
        "Fixed parts of {s} waver and bend",
    ],
    "swim": [
        "{s} [swims/swim] to and fro although the camera does not explain it",
        "The texture of {s} slides about instead of staying in place",
        "{s} [sways/sway] as if painted on cloth",
    ],
    "breathe": [
        "{s} slowly [warps/warp] and [stretches/stretch] as if breathing",
        "{s} [bulges/bulge] and [bends/bend] in slow waves, which fixed things cannot do",
        "The lines of {s} bend and straighten again without any cause",
    ],
}
DISAPPEARANCE = {
    "vanish": [
        "{s} [vanishes/vanish] from one moment to the next without leaving the picture",
        "{s} suddenly [disappears/disappear] and only the surroundings remain",
        "{s} [is/are] there and then gone at once, as if wiped away",
    ],
    "fade": [
        "{s} [fades/fade] away into the surroundings until nothing is left",
        "{s} [dissolves/dissolve] into thin air within a moment",
        "{s} [becomes/become] transparent and [disappears/disappear] without reason",
    ],
}
UNEXPECTED = {
    "slide": [
        "{s} [shifts/shift]{way} although nothing touches the spot",
        "{s} [slides/slide]{way} and back without any cause",
        "{s} [moves/move]{way} with no force behind the motion",
    ],
    "tilt": [
        "{s} [tilts/tilt] to and fro although nothing pushes there",
        "{s} [leans/lean] over and back without a push",
        "{s} [rocks/rock] on the spot without any cause",
    ],
    "reverse": [
        "{s} [jerks/jerk] and [moves/move] backwards against the natural flow of the motion",
        "The motion of {s} runs in reverse and then jumps",
        "{s} suddenly [jumps/jump] and [retraces/retrace] the last movement",
    ],
}
TEMPLATES: dict[str, dict[str, list[str]]] = {
    "object-distortion": DISTORTION,
    "sudden-blurring": BLURRING,
    "object-trajectory": TRAJECTORY,
    "redundant-object": REDUNDANT,
    "object-merging": MERGING,
    "object-splitting": SPLITTING,
    "background-distortion": BACKGROUND,
    "object-disappearance": DISAPPEARANCE,
    "unexpected-move": UNEXPECTED,
}
_PLURALS = {"people", "men", "women", "children", "feet", "teeth", "police", "cattle", "geese", "scissors", "trousers"}
_SINGULARS = {"bus", "grass", "glass", "dress", "cross", "cactus", "canvas", "tennis", "compass", "mattress", "chess"}


def is_plural(noun: str) -> bool:
    """Whether the head of a noun phrase (its last word before a preposition) stands for many."""
    head = re.split(r"\s(?:of|in|on|at|with|from|behind|beside|under|near|and)\s", noun.lower())[0].split()[-1]
    if " and " in noun.lower() and not re.search(r"\s(?:of|in|on|at|with)\s", noun.lower()):
        return True
    return head in _PLURALS or (head.endswith("s") and not head.endswith(("ss", "'s")) and head not in _SINGULARS)


def with_article(noun: str) -> str:
    """``the`` before a noun phrase that has no article yet; ``an object``, ``an area`` when the thing has no name."""
    if noun in ("object", "area"):
        return f"an {noun}"
    return noun if re.match(r"(?:the|a|an)\s", noun.lower()) else f"the {noun}"


def sentence(
    category: str,
    variant: str,
    noun: str,
    partner: str,
    move: tuple[float, float],
    box: tuple[float, ...],
    times: tuple[float, float, float],
    rng: np.random.Generator,
) -> str:
    """One true sentence about an artifact.

    ``move``: travel in fractions of the frame; ``box`` likewise; ``times``: start, end and length of the clip in
    seconds.
    """
    choices = TEMPLATES[category][variant]
    text = choices[rng.integers(len(choices))]
    plural = is_plural(noun)
    text = re.sub(r"\[([^/\]]*)/([^\]]*)\]", lambda m: m[2] if plural else m[1], text)
    way = direction(*move, LEAST_WAY)
    text = text.format(s=with_article(noun), p=with_article(partner or "surroundings"), way=f" {way}" if way else "")
    if rng.random() < 0.45:
        text = f"{region(box)}, {text[0].lower()}{text[1:]}"
    if rng.random() < 0.3:
        text += f", {period(*times)}"
    return text[0].upper() + text[1:] + "."
