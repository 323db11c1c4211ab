"""Nine recipes that turn a tracked box of a real clip into an artifact, one for each category of the contract.

All follow the idea of self-blended images and videos (arXiv 2204.08376, 2501.01184): material of the same clip, one
set of parameters for a whole trace, smooth over time, soft masks, severity mostly mild. A recipe returns a
:class:`Layer`; blending and the exact boxes are done once for all of them, by :func:`inject`.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates, median_filter

from .pixels import Matte, bounds, feathered, filled, grown, moved, rotated, warped, window_of
from .site import Layer, Recipe, Site

FIELD = 48
PLATE_DIFFERENCE, PLATE_SHARE = 16.0, 0.6


def distortion(frames: np.ndarray, site: Site, rng: np.random.Generator) -> Layer:
    """Object distortion: the thing in the box ripples, bends, bulges, melts or stretches."""
    variant = str(rng.choice(["ripple", "bend", "bulge", "melt", "stretch"]))
    layer = Layer.blank(frames, variant)
    height, width = frames.shape[1:3]
    reach = site.reach(0.07, 0.24)
    field = _smooth_field(rng, 4, 6)
    turn, speed, sign = rng.uniform(0, 2 * np.pi), rng.uniform(0.5, 0.9), rng.choice([-1, 1])
    for g in site.active:
        box = site.boxes[g]
        rows, columns = window_of(box, height, width)
        u, v = _unit(box, rows, columns)
        phase = turn + speed * (g - site.first)
        amount = reach * (0.5 + 0.5 * min(1.0, (g - site.first + 1) / 3))
        if variant == "ripple":
            wave = field[:2] * np.cos(phase) + field[2:] * np.sin(phase)
            dx, dy = (_at(part, u, v) * amount for part in wave)
        elif variant == "bend":
            along = v if box[3] - box[1] >= box[2] - box[0] else u
            curve = amount * np.sin(np.pi * along * 1.5 + phase)
            dx, dy = (curve, 0 * curve) if along is v else (0 * curve, curve)
        elif variant == "bulge":
            pull = 0.9 * amount * np.sin(phase) / max(1.0, site.size / 2)
            near = np.clip(1 - (2 * u - 1) ** 2 - (2 * v - 1) ** 2, 0, 1)
            dx = -pull * near * (2 * u - 1) * (box[2] - box[0]) / 2
            dy = -pull * near * (2 * v - 1) * (box[3] - box[1]) / 2
            dx, dy = 2 * dx, 2 * dy
        elif variant == "melt":
            drip = np.clip(0.5 + _at(field[0], u, 0 * v + 0.5), 0, 1.3)
            dx = 0.3 * amount * _at(field[1], u, v)
            dy = -2.2 * amount * (0.4 + 0.6 * site.since(g)) * drip * np.clip(v * 1.4, 0, 1)
        else:
            pull = sign * 1.6 * amount * (0.35 + 0.65 * np.sin(np.pi * min(1.0, 0.2 + 0.8 * site.since(g))))
            dx, dy = (0 * u, -pull * (v - 0.5)) if turn < np.pi else (-pull * (u - 0.5), 0 * u)
        layer.images[g][rows, columns] = warped(frames[g], rows, columns, dx, dy)
        layer.masks[g] = feathered(height, width, box)
    return layer


def blurring(frames: np.ndarray, site: Site, rng: np.random.Generator) -> Layer:
    """Sudden blurring: the region loses its detail from one sample to the next (out of focus, smeared, or patches)."""
    variant = str(rng.choice(["soft", "smear", "patches"]))
    layer = Layer.blank(frames, variant)
    height, width = frames.shape[1:3]
    radius = site.reach(0.025, 0.085, 3.0)
    angle = rng.uniform(0, np.pi)
    for g in site.active:
        box = site.boxes[g]
        rows, columns = window_of(box, height, width, 2 * radius)
        part = frames[g][rows, columns]
        if variant == "soft":
            blurred = gaussian_filter(part, (radius, radius, 0), mode="nearest")
        elif variant == "smear":
            reach = np.linspace(-2.2 * radius, 2.2 * radius, 9)
            blurred = np.mean([moved(part, r * np.cos(angle), r * np.sin(angle)) for r in reach], axis=0)
        else:
            side = max(3, int(radius * 0.6) * 2 + 1)
            blurred = median_filter(part[::2, ::2], size=(side, side, 1), mode="nearest")
            blurred = np.repeat(np.repeat(blurred, 2, 0), 2, 1)[: part.shape[0], : part.shape[1]]
            blurred = gaussian_filter(blurred, (1.5, 1.5, 0), mode="nearest")
        layer.images[g][rows, columns] = blurred
        layer.masks[g] = feathered(height, width, box)
    return layer


def trajectory(frames: np.ndarray, site: Site, rng: np.random.Generator) -> Layer:
    """Object trajectory: the object is cut out and goes a way that its motion does not explain."""
    variant = str(rng.choice(["kink", "drift", "arc"]))
    reach = site.reach(0.2, 0.6, 8.0)
    direction = _roomy_direction(site, frames.shape[2], frames.shape[1], rng)
    count = len(site.active)
    steps = np.arange(count)
    progress = np.minimum(1.0, (steps + 1) / max(4, 0.6 * count))
    if variant == "kink":
        period = int(rng.integers(3, 6))
        along = np.abs((steps + 1) % (2 * period) - period) / period
        path = (1 - along)[:, None] * direction + 0.35 * along[:, None] * np.array([-direction[1], direction[0]])
    elif variant == "drift":
        path = progress[:, None] * direction
    else:
        angle = np.arctan2(direction[1], direction[0]) + np.linspace(0, rng.choice([-1, 1]) * np.pi, count)
        path = progress[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
    return _carried(frames, site, variant, path * reach, rng)


def redundant(frames: np.ndarray, site: Site, rng: np.random.Generator) -> Layer:
    """Redundant object: a copy of the object pops in beside it, at once or within three samples."""
    variant = str(rng.choice(["twin", "mirrored"]))
    layer = Layer.blank(frames, variant)
    height, width = frames.shape[1:3]
    dx, dy = _beside(site.boxes[site.first], width, height, rng)
    matte = _matte(frames, site)
    scale, angle, fade = rng.uniform(0.7, 1.05), rng.uniform(-0.25, 0.25), int(rng.integers(0, 4))
    follows = rng.random() < 0.6
    for g in site.active:
        source = g if follows else site.first
        box = site.boxes[source]
        centre = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        change = (angle, centre, scale, variant == "mirrored")
        layer.images[g] = moved(rotated(frames[source], *change), dx, dy)
        opacity = min(1.0, (g - site.first + 1) / (fade + 1)) * (0.75 + 0.25 * site.severity)
        layer.masks[g] = moved(rotated(matte(frames[source], box), *change), dx, dy) * opacity
    return layer


def merging(frames: np.ndarray, site: Site, rng: np.random.Generator) -> Layer:
    """Object merging: two neighbours are pulled together and dissolve into each other along their border.

    Without a partner the object fuses with what lies beside it.
    """
    layer = Layer.blank(frames, "pair" if site.partner is not None else "surroundings")
    height, width = frames.shape[1:3]
    reach = site.reach(0.16, 0.4, 8.0)
    wobble = _smooth_field(rng, 2, 5)
    beside = None if site.partner is not None else _beside(site.boxes[site.first], width, height, rng)
    for g in site.active:
        one = site.boxes[g]
        two = site.partner[g] if beside is None else one + np.array([*beside, *beside]) * 0.8
        seam_box, axis = _seam(one, two)
        rows, columns = window_of(seam_box, height, width)
        y, x = np.mgrid[rows, columns].astype(np.float32)
        middle = (seam_box[:2] + seam_box[2:]) / 2
        half = max(8.0, float(np.abs(axis) @ (seam_box[2:] - seam_box[:2]) / 2))
        u, v = _unit(seam_box, rows, columns)
        along = ((x - middle[0]) * axis[0] + (y - middle[1]) * axis[1]) / half
        along = along + 0.35 * _at(wobble[0], u, v)
        amount = reach * (0.6 + 0.4 * min(1.0, (g - site.first + 1) / 5))
        pull = amount * np.clip(1 - np.abs(along), 0, 1) ** 0.7
        shake = 0.35 * amount * _at(wobble[1], u, v)
        toward = [warped(frames[g], rows, columns, -s * pull * axis[0] + shake, -s * pull * axis[1]) for s in (1, -1)]
        share = 1 / (1 + np.exp(4 * along))[..., None]
        layer.images[g][rows, columns] = share * toward[0] + (1 - share) * toward[1]
        layer.masks[g] = feathered(height, width, seam_box)
    return layer


def splitting(frames: np.ndarray, site: Site, rng: np.random.Generator) -> Layer:
    """Object splitting: the object comes apart into two halves, or a second copy glides out of it."""
    variant = str(rng.choice(["halves", "copy"]))
    layer = Layer.blank(frames, variant)
    height, width = frames.shape[1:3]
    matte = _matte(frames, site)
    erased = Eraser(frames, site)
    direction = _roomy_direction(site, width, height, rng)
    for g in site.active:
        box = site.boxes[g]
        cut = matte(frames[g], box)
        part = min(1.0, (g - site.first + 1) / 6)
        if variant == "copy":
            dx, dy = direction * site.reach(0.45, 0.9, 12.0) * part
            layer.images[g] = moved(frames[g], dx, dy)
            layer.masks[g] = moved(cut, dx, dy) * (0.8 + 0.2 * site.severity)
            # The original stays; it is drawn over the copy so that the copy comes out from behind it.
            own = np.clip(cut * 2, 0, 1)[..., None]
            layer.images[g] = own * frames[g] + (1 - own) * layer.images[g]
            layer.masks[g] = np.maximum(layer.masks[g], cut)
            continue
        gap = direction * site.reach(0.14, 0.4, 7.0) * part
        middle = (box[:2] + box[2:]) / 2
        y, x = np.mgrid[:height, :width].astype(np.float32)
        signed = (x - middle[0]) * direction[0] + (y - middle[1]) * direction[1]
        forward = 1 / (1 + np.exp(-np.clip(signed / max(2.0, 0.03 * site.size), -30, 30)))
        hole = grown(cut, max(2.0, 0.03 * site.size))
        image = erased(g, hole, box)
        total = hole.copy()
        for sign, half in ((1, forward), (-1, 1 - forward)):
            piece = moved(cut * half, sign * gap[0], sign * gap[1])
            image = piece[..., None] * moved(frames[g], sign * gap[0], sign * gap[1]) + (1 - piece[..., None]) * image
            total = np.maximum(total, piece)
        layer.images[g], layer.masks[g] = image, total
    return layer


def background(frames: np.ndarray, site: Site, rng: np.random.Generator) -> Layer:
    """Background distortion: what lies behind ripples or swims in a slow field, the things in front are spared."""
    variant = str(rng.choice(["ripple", "swim", "breathe"]))
    layer = Layer.blank(frames, variant)
    height, width = frames.shape[1:3]
    fine = _smooth_field(rng, 4, {"ripple": 3.5, "swim": 5, "breathe": 8}[variant])
    reach = max(5.0, min(height, width) * (0.018 + 0.05 * site.severity))
    speed, turn = rng.uniform(0.5, 1.0), rng.uniform(0, 2 * np.pi)
    for g in site.active:
        box = site.boxes[g]
        rows, columns = window_of(box, height, width)
        u, v = _unit(box, rows, columns)
        phase = turn + speed * (g - site.first)
        wave = fine[:2] * np.cos(phase) + fine[2:] * np.sin(phase)
        dx, dy = (_at(part, u, v) * reach for part in wave)
        if variant == "swim":
            dx = dx + reach * np.sin(phase) * 0.6
        layer.images[g][rows, columns] = warped(frames[g], rows, columns, dx, dy)
        mask = feathered(height, width, box)
        for other in site.others:
            mask = mask * (1 - feathered(height, width, other[g]))
        layer.masks[g] = mask
    return layer


def disappearance(frames: np.ndarray, site: Site, rng: np.random.Generator) -> Layer:
    """Object disappearance: the object is painted over with its surroundings, at once or within three samples."""
    fade = int(rng.integers(0, 4))
    layer = Layer.blank(frames, "fade" if fade > 1 else "vanish")
    matte = _matte(frames, site)
    erased = Eraser(frames, site)
    for g in site.active:
        box = site.boxes[g]
        hole = grown(matte(frames[g], box), max(2.0, 0.03 * site.size))
        hole *= feathered(*frames.shape[1:3], _padded(box, 0.08))
        layer.images[g] = erased(g, hole, box)
        layer.masks[g] = hole * min(1.0, (g - site.first + 1) / (fade + 1))
    return layer


def unexpected_move(frames: np.ndarray, site: Site, rng: np.random.Generator) -> Layer:
    """Unexpected move: a resting thing slides or tilts by itself; a moving one freezes or runs backwards in jerks."""
    still = site.still or not site.fixed_camera
    variant = str(rng.choice(["slide", "tilt"] if still else ["slide", "tilt", "reverse"]))
    if variant == "reverse":
        return _backwards(frames, site)
    count = len(site.active)
    wave = np.sin(np.linspace(0, rng.uniform(1.0, 2.2) * np.pi, count + 1)[1:])
    if variant == "slide":
        direction = _roomy_direction(site, frames.shape[2], frames.shape[1], rng)
        return _carried(frames, site, variant, wave[:, None] * direction * site.reach(0.1, 0.32, 6.0), rng)
    angles = wave * rng.choice([-1, 1]) * (0.16 + 0.35 * site.severity)
    return _carried(frames, site, variant, np.zeros((count, 2)), rng, angles)


def sham(frames: np.ndarray, site: Site, rng: np.random.Generator) -> Layer:
    """Nothing: the same mask, blend and re-encode, but no artifact."""
    layer = Layer.blank(frames, "sham")
    for g in site.active:
        layer.masks[g] = feathered(*frames.shape[1:3], site.boxes[g])
    return layer


RECIPES: dict[str, Recipe] = {
    "object-distortion": distortion,
    "sudden-blurring": blurring,
    "object-trajectory": trajectory,
    "redundant-object": redundant,
    "object-merging": merging,
    "object-splitting": splitting,
    "background-distortion": background,
    "object-disappearance": disappearance,
    "unexpected-move": unexpected_move,
}


def inject(
    frames: np.ndarray, site: Site, recipe: Recipe, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, Layer]:
    """Apply a recipe to uint8 frames ``[n, h, w, 3]``.

    Returns the blended uint8 frames, boxes ``[n, 4]`` (pixels; of the active frames, the smallest that hold every
    changed pixel; zeros elsewhere), and the layer.
    """
    source = frames.astype(np.float32)
    layer = recipe(source, site, rng)
    result = frames.copy()
    boxes = np.zeros((len(frames), 4), np.float32)
    for g in site.active:
        box = bounds(layer.masks[g])
        if box is None:
            continue
        boxes[g] = box
        rows, columns = window_of(box, *frames.shape[1:3])
        mask = layer.masks[g][rows, columns, None]
        blended = mask * layer.images[g][rows, columns] + (1 - mask) * source[g][rows, columns]
        result[g][rows, columns] = (blended + 0.5).clip(0, 255)
    return result, boxes, layer


def _matte(frames: np.ndarray, site: Site) -> Matte:
    """The cut-out of the site's object, learnt from three of its frames."""
    chosen = sorted({site.first, (site.first + site.last) // 2, site.last})
    return Matte(frames, site.boxes, chosen)


class Eraser:
    """Frames without the object: the temporal median where most of it shows something else, else painted over."""

    def __init__(self, frames: np.ndarray, site: Site):
        self.frames = frames
        self.plate = np.median(frames, axis=0) if site.fixed_camera and not site.still else None
        self.side = _sides(site.boxes[site.first], frames.shape[2])

    def __call__(self, g: int, hole: np.ndarray, box: np.ndarray) -> np.ndarray:
        """Frame ``g`` with what lies under the mask ``hole`` (inside or close to ``box``) gone."""
        weight = hole.sum()
        if self.plate is not None and weight > 0:
            differs = np.abs(self.plate - self.frames[g]).mean(-1) > PLATE_DIFFERENCE
            if (differs * hole).sum() / weight > PLATE_SHARE:
                return self.plate
        return filled(self.frames[g], hole, box, self.side)


def _carried(
    frames: np.ndarray,
    site: Site,
    variant: str,
    path: np.ndarray,
    rng: np.random.Generator,
    angles: np.ndarray | None = None,
) -> Layer:
    """Cut the object out, paint over the hole, put it down again moved by ``path`` ``[active, 2]`` and turned."""
    layer = Layer.blank(frames, variant)
    matte = _matte(frames, site)
    erased = Eraser(frames, site)
    for k, g in enumerate(site.active):
        box = site.boxes[g]
        cut = matte(frames[g], box)
        hole = grown(cut, max(2.0, 0.03 * site.size))
        image = erased(g, hole, box)
        object_image, piece = frames[g], cut
        if angles is not None:
            foot = ((box[0] + box[2]) / 2, box[3])
            object_image = rotated(object_image, angles[k], foot, 1.0, False)
            piece = rotated(piece, angles[k], foot, 1.0, False)
        object_image, piece = moved(object_image, *path[k]), moved(piece, *path[k])
        layer.images[g] = piece[..., None] * object_image + (1 - piece[..., None]) * image
        layer.masks[g] = np.maximum(hole, piece)
    # The first clear step is what a viewer sees the thing do.
    far = int(np.argmax(np.hypot(path[:, 0], path[:, 1]))) if len(path) else 0
    layer.move = (float(path[far, 0]), float(path[far, 1]))
    return layer


def _backwards(frames: np.ndarray, site: Site) -> Layer:
    """The region of a fixed camera shows its own frames in reverse order, with a jump at the end."""
    layer = Layer.blank(frames, "reverse")
    for g in site.active:
        other = site.last - (g - site.first)
        mask = np.maximum(
            feathered(*frames.shape[1:3], site.boxes[g]), feathered(*frames.shape[1:3], site.boxes[other])
        )
        layer.images[g], layer.masks[g] = frames[other], mask
    return layer


def _smooth_field(rng: np.random.Generator, count: int, sigma: float) -> np.ndarray:
    """Random smooth fields ``[count, 48, 48]`` with largest value 1."""
    field = np.stack([gaussian_filter(rng.normal(size=(FIELD, FIELD)), sigma, mode="wrap") for _ in range(count)])
    return field / np.abs(field).max((1, 2), keepdims=True)


def _unit(box: np.ndarray, rows: slice, columns: slice) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates of the pixels of a part inside a box, 0..1."""
    y, x = np.mgrid[rows, columns].astype(np.float32)
    u = (x - box[0]) / max(box[2] - box[0], 1)
    v = (y - box[1]) / max(box[3] - box[1], 1)
    return u.clip(0, 1), v.clip(0, 1)


def _at(field: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """A field read at box coordinates."""
    return map_coordinates(field, [v * (FIELD - 1), u * (FIELD - 1)], order=1).astype(np.float32)


def _padded(box: np.ndarray, share: float) -> np.ndarray:
    """The box grown by a share of its sides."""
    dx, dy = (box[2] - box[0]) * share, (box[3] - box[1]) * share
    return box + np.array([-dx, -dy, dx, dy])


def _sides(box: np.ndarray, width: int) -> int:
    """-1 or 1: the side of the box with more room."""
    return 1 if width - box[2] >= box[0] else -1


def _roomy_direction(site: Site, width: int, height: int, rng: np.random.Generator) -> np.ndarray:
    """A unit vector (x, y), mostly sideways, towards the side of the frame with more room."""
    box = site.boxes[site.first]
    across = _sides(box, width) * rng.uniform(0.6, 1.0)
    down = (1 if height - box[3] >= box[1] else -1) * rng.uniform(0.0, 0.9)
    if rng.random() < 0.3:
        across, down = 0.3 * across, np.sign(down or 1) * rng.uniform(0.6, 1.0)
    vector = np.array([across, down])
    return vector / np.hypot(*vector)


def _beside(box: np.ndarray, width: int, height: int, rng: np.random.Generator) -> tuple[float, float]:
    """A shift that takes the box to the side with more room and keeps most of it in the frame."""
    side = _sides(box, width)
    free = width - box[2] if side > 0 else box[0]
    dx = min((box[2] - box[0]) * rng.uniform(0.6, 1.1), free + 0.25 * (box[2] - box[0]))
    low, high = -box[1], height - box[3]
    dy = np.clip(height * rng.uniform(-0.08, 0.08), min(low, 0), max(high, 0))
    return side * float(dx), float(dy)


def _seam(one: np.ndarray, two: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where two boxes meet: a box that reaches into both, and the unit vector from the first to the second."""
    first, second = (one[:2] + one[2:]) / 2, (two[:2] + two[2:]) / 2
    axis = second - first
    axis = axis / max(1.0, np.hypot(*axis))
    inner = np.minimum(one[2:] - one[:2], two[2:] - two[:2])
    low, high = np.minimum(first, second), np.maximum(first, second)
    centre = (low + high) / 2
    half = np.maximum((high - low) / 2, 0.4 * inner)
    return np.concatenate([centre - half, centre + half]).astype(np.float32), axis
