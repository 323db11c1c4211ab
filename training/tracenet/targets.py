"""Dense targets of one window from annotated boxes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .contract import CATEGORIES, GRID, SAMPLES_PER_SECOND, STRIDE, WINDOW
from .preprocess import Letterbox
from .subjects import coarse_subject

CORE = 0.6
TIME_SLACK = 0.1
OUTSIDE_WEIGHT = 0.4


@dataclass(frozen=True)
class Annotation:
    """One trace: box as fractions of the frame, times in seconds of the clip, weight 0..1."""

    category: int
    subject: int
    box: tuple[float, float, float, float]
    start: float
    end: float
    weight: float


def annotations_of(rows: list[dict]) -> list[Annotation]:
    """From the rows of ``annotations.jsonl``; boxes without area are left out."""
    return [
        Annotation(
            CATEGORIES.index(row["category"]),
            coarse_subject(row["subject"]),
            tuple(row["box"]),
            row["start"],
            row["end"],
            row["confidence"],
        )
        for row in rows
        if row["box"][2] - row["box"][0] > 0.01 and row["box"][3] - row["box"][1] > 0.01
    ]


def mirrored(annotation: Annotation) -> Annotation:
    """The same trace in the horizontally mirrored clip."""
    x0, y0, x1, y1 = annotation.box
    return Annotation(
        annotation.category,
        annotation.subject,
        (1 - x1, y0, 1 - x0, y1),
        annotation.start,
        annotation.end,
        annotation.weight,
    )


_CENTRES = (np.arange(GRID) + 0.5) * STRIDE


def core_cells(box: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Normalised distance from the box centre ``[14, 14]`` (1 at the box edge) and the mask of the core.

    The core is the box shrunk by 0.6, at least the cell that holds the centre. ``box`` in input pixels.
    """
    middle_x, middle_y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    dx = np.abs(_CENTRES - middle_x) / ((box[2] - box[0]) / 2)
    dy = np.abs(_CENTRES - middle_y) / ((box[3] - box[1]) / 2)
    distance = np.maximum(dx[None, :], dy[:, None])
    core = distance < CORE
    column = int(np.clip(middle_x // STRIDE, 0, GRID - 1))
    row = int(np.clip(middle_y // STRIDE, 0, GRID - 1))
    core[row, column] = True
    return distance, core


def window_targets(
    annotations: list[Annotation], letterbox: Letterbox, indices: list[int], generated: bool
) -> dict[str, np.ndarray]:
    """Targets over ``[12, 14, 14]``.

    ``objectness`` and its ``weight`` (0: ignored), ``owner`` (index of the annotation, -1: none), ``box`` ``[12, 4,
    14, 14]`` in input pixels, ``boundary`` ``[12, 2, 14, 14]`` in seconds. Where boxes overlap the smallest wins. Cells
    outside every box of an annotated generated clip are weak negatives: no annotator found all traces.
    """
    shape = (WINDOW, GRID, GRID)
    objectness = np.zeros(shape, np.float32)
    weight = np.full(shape, OUTSIDE_WEIGHT if generated else 1.0, np.float32)
    owner = np.full(shape, -1, np.int64)
    box = np.zeros((WINDOW, 4, GRID, GRID), np.float32)
    boundary = np.zeros((WINDOW, 2, GRID, GRID), np.float32)
    boxes = [letterbox.to_input(np.array(item.box)) for item in annotations]
    areas = [(b[2] - b[0]) * (b[3] - b[1]) for b in boxes]
    for index in sorted(range(len(boxes)), key=lambda i: -areas[i]):
        item, limits = annotations[index], boxes[index]
        distance, core = core_cells(limits)
        rim = (distance < 1) & ~core
        for k, g in enumerate(indices):
            time = g / SAMPLES_PER_SECOND
            if not item.start - TIME_SLACK <= time <= item.end + TIME_SLACK:
                continue
            weight[k][rim & (owner[k] < 0)] = 0.0
            owner[k][core] = index
            weight[k][core] = max(item.weight, 0.1) * 2
            objectness[k][core] = 1 - 0.4 * np.minimum(distance[core], 1)
            boundary[k, 0][core] = max(0.0, time - item.start)
            boundary[k, 1][core] = max(0.0, item.end - time)
            box[k, 0][core] = np.broadcast_to(_CENTRES[None, :] - limits[0], (GRID, GRID))[core]
            box[k, 1][core] = np.broadcast_to(_CENTRES[:, None] - limits[1], (GRID, GRID))[core]
            box[k, 2][core] = np.broadcast_to(limits[2] - _CENTRES[None, :], (GRID, GRID))[core]
            box[k, 3][core] = np.broadcast_to(limits[3] - _CENTRES[:, None], (GRID, GRID))[core]
    return {
        "objectness": objectness,
        "weight": weight,
        "owner": owner,
        "box": box.clip(0),
        "boundary": boundary,
    }
