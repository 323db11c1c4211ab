"""Injected artifacts stay inside their boxes and times; a sham changes nothing."""

from __future__ import annotations

import numpy as np
import pytest

from tracenet.injection.recipes import RECIPES, Site, inject, sham


def moving_scene() -> tuple[np.ndarray, Site]:
    """Noise with a bright square that moves to the right, and the site around it."""
    rng = np.random.default_rng(3)
    frames = rng.integers(0, 120, (10, 72, 96, 3)).astype(np.uint8)
    boxes = []
    for g in range(10):
        frames[g, 20:50, 10 + 2 * g : 40 + 2 * g] += 100
        boxes.append([10 + 2 * g, 20, 40 + 2 * g, 50])
    return frames, Site(np.array(boxes, np.float32), 3, 7, 0.8)


@pytest.mark.parametrize("name", list(RECIPES))
def test_every_changed_pixel_lies_inside_box_and_time(name):
    frames, site = moving_scene()
    changed, boxes = inject(frames, site, RECIPES[name][1], np.random.default_rng(1))
    different = (changed != frames).any(-1)
    active = [g for g in range(len(frames)) if different[g].any()]
    assert active and min(active) >= site.first and max(active) <= site.last
    assert site.first in active
    for g in active:
        y, x = np.nonzero(different[g])
        x0, y0, x1, y1 = boxes[g]
        assert x.min() >= np.floor(x0) and x.max() < np.ceil(x1)
        assert y.min() >= np.floor(y0) and y.max() < np.ceil(y1)


def test_a_sham_changes_nothing_before_the_encoder():
    frames, site = moving_scene()
    changed, _ = inject(frames, site, sham, np.random.default_rng(1))
    np.testing.assert_array_equal(changed, frames)


def test_the_same_seed_gives_the_same_artifact():
    frames, site = moving_scene()
    first, _ = inject(frames, site, RECIPES["distortion"][1], np.random.default_rng(5))
    second, _ = inject(frames, site, RECIPES["distortion"][1], np.random.default_rng(5))
    np.testing.assert_array_equal(first, second)
