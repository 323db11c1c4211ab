"""Choosing where and when an artifact goes: named subjects, else regions found by motion and saliency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..contract import SAMPLES_PER_SECOND
from ..metrics import box_iou
from ..saliency import luma_planes, motion, salient_boxes, spectral_residual
from .site import Site

MIN_SIDE, MIN_AREA, MAX_AREA = 0.09, 0.012, 0.55
GRID = 20
# Painting over a larger hole leaves little to see but the hole.
MAX_CUT_AREA = 0.25
CUT_OUT = ("object-trajectory", "object-splitting", "object-disappearance", "unexpected-move", "redundant-object")
# These begin with something to see before: a thing must be sharp, single or there at first.
WITH_ONSET = ("sudden-blurring", "object-splitting", "object-disappearance", "redundant-object")


@dataclass(frozen=True)
class Thing:
    """A nameable thing of a clip: boxes ``[n, 4]`` in pixels at every sample; ``still``: it does not move by itself."""

    name: str
    boxes: np.ndarray
    still: bool


def boxes_over_time(keys: list[dict], times: np.ndarray, width: int, height: int) -> np.ndarray:
    """Boxes in pixels ``[n, 4]`` interpolated between annotated times (``t``, ``box`` as fractions)."""
    at = [key["t"] for key in keys]
    corners = np.array([key["box"] for key in keys], np.float32)
    boxes = np.stack([np.interp(times, at, corners[:, i]) for i in range(4)], 1)
    return (boxes * [width, height, width, height]).astype(np.float32)


def named_things(described: dict | None, count: int, width: int, height: int) -> list[Thing]:
    """The annotated subjects of a clip over ``count`` samples."""
    times = np.arange(count) / SAMPLES_PER_SECOND
    return [
        Thing(row["subject"], boxes_over_time(row["boxes"], times, width, height), bool(row["static"]))
        for row in (described or {}).get("subjects", [])
        if row["boxes"]
    ]


def found_things(frames: np.ndarray) -> list[Thing]:
    """Regions that move ("object") or stand out ("area") in uint8 frames ``[n, h, w, 3]``, most energy first."""
    count, height, width, _ = frames.shape
    planes = luma_planes(frames)
    still = np.mean([spectral_residual(planes[g]) for g in np.linspace(0, count - 1, 3).astype(int)], axis=0)
    limits = np.array([width, height, width, height], np.float32)
    found = []
    for name, heat in (("object", motion(planes)), ("area", still)):
        for box in salient_boxes(heat)[:4]:
            grown = _grown(box)
            found.append(Thing(name, np.tile(grown * limits, (count, 1)).astype(np.float32), name == "area"))
    return found


def _grown(box: np.ndarray, least: float = 0.2, most: float = 0.6) -> np.ndarray:
    """A box with sides between ``least`` and ``most``, inside the frame."""
    half = np.clip((box[2:] - box[:2]) / 2, least / 2, most / 2)
    middle = np.clip((box[:2] + box[2:]) / 2, half, 1 - half)
    return np.concatenate([middle - half, middle + half])


def usable(thing: Thing, width: int, height: int, most: float) -> bool:
    """Neither tiny nor larger than ``most`` of the frame."""
    sides = (thing.boxes[:, 2:] - thing.boxes[:, :2]) / [width, height]
    area = sides.prod(1)
    return bool(sides.min() >= MIN_SIDE and area.min() >= MIN_AREA and area.max() <= most)


def choose_times(category: str, count: int, rng: np.random.Generator) -> tuple[int, int]:
    """First and last active sample. Half of the traces that can do so last for the whole clip, as annotated ones do."""
    if category not in WITH_ONSET and rng.random() < 0.5:
        return 0, count - 1
    earliest = 2 if category in WITH_ONSET else 0
    first = int(rng.integers(earliest, max(earliest + 1, int(count * 0.6))))
    if rng.random() < 0.5:
        return first, count - 1
    return first, int(rng.integers(min(count - 1, first + 4), count))


def neighbour(thing: Thing, things: list[Thing]) -> Thing | None:
    """The nearest other thing that does not cover this one, if it is close by."""
    middle = len(thing.boxes) // 2
    box = thing.boxes[middle]
    reach = max(box[2] - box[0], box[3] - box[1])
    best, distance = None, np.inf
    for other in things:
        theirs = other.boxes[middle]
        gap = np.hypot(*((theirs[:2] + theirs[2:] - box[:2] - box[2:]) / 2))
        inside = box_iou(box, theirs) > 0.35 or gap < 0.35 * reach
        if other is not thing and other.name != thing.name and not inside and gap < distance and gap < 2.0 * reach:
            best, distance = other, gap
    return best


def _covered(box: Sequence[float]) -> np.ndarray:
    """Which cells of a coarse grid have their centre in a box (fractions of the frame)."""
    cells = (np.arange(GRID) + 0.5) / GRID
    across, down = (cells > box[0]) & (cells < box[2]), (cells > box[1]) & (cells < box[3])
    return down[:, None] & across[None, :]


def background_boxes(things: list[Thing], count: int, width: int, height: int, rng: np.random.Generator) -> np.ndarray:
    """A part of the frame that the things in front mostly leave free, ``[n, 4]`` in pixels."""
    candidates = [(0, 0, 0.5, 1), (0.5, 0, 1, 1), (0, 0, 1, 0.5), (0, 0.4, 1, 1), (0, 0, 0.4, 0.6), (0.6, 0, 1, 0.6)]
    candidates += [(0.2, 0, 0.8, 0.5), (0, 0, 1, 1)]
    free = []
    for box in candidates:
        taken = np.zeros((GRID, GRID), bool)
        for thing in things:
            taken |= _covered(thing.boxes[count // 2] / [width, height, width, height])
        inside = _covered(box)
        free.append((inside & ~taken).sum() / inside.sum())
    chance = np.array(free) ** 3 + 1e-6
    box = np.array(candidates[rng.choice(len(candidates), p=chance / chance.sum())], np.float32)
    return np.tile(box * [width, height, width, height], (count, 1)).astype(np.float32)


def choose_site(
    category: str, frames: np.ndarray, described: dict | None, rng: np.random.Generator
) -> tuple[Site, str, str] | None:
    """Where a recipe goes in uint8 frames ``[n, h, w, 3]``, the name of the thing and of its partner ("" if none).

    ``described``: the row of ``subjects.jsonl``. None when the clip has no place for it.
    """
    count, height, width, _ = frames.shape
    named = named_things(described, count, width, height)
    fixed = bool(described) and described["camera"] == "static"
    most = MAX_CUT_AREA if category in CUT_OUT else MAX_AREA
    things = [thing for thing in named if usable(thing, width, height, most)]
    if not things:
        things = [thing for thing in found_things(frames) if usable(thing, width, height, most)]
    first, last = choose_times(category, count, rng)
    severity = float(rng.beta(1.3, 1.6))
    if category == "background-distortion":
        front = named or [Thing("", thing.boxes, still=False) for thing in found_things(frames)[:4]]
        boxes = background_boxes(front, count, width, height, rng)
        others = np.stack([thing.boxes for thing in front if not thing.still][:4] or [np.zeros((count, 4), np.float32)])
        name = (described or {}).get("background") or "background"
        return Site(boxes, first, last, severity, others=others), name, ""
    if not things:
        return None
    wanted = {"object-trajectory": False, "unexpected-move": True}.get(category)
    fitting = [thing for thing in things if wanted is None or thing.still == wanted] or things
    # Of unnamed regions the moving ones, which come first, are more likely a thing.
    chance = np.geomspace(1.0, 1.0 if named else 0.15, len(fitting))
    thing = fitting[rng.choice(len(fitting), p=chance / chance.sum())]
    partner = neighbour(thing, named) if category == "object-merging" else None
    site = Site(
        thing.boxes,
        first,
        last,
        severity,
        still=thing.still,
        fixed_camera=fixed,
        partner=None if partner is None else partner.boxes,
    )
    return site, thing.name, "" if partner is None else partner.name
