"""Injected artifacts stay inside their boxes and times; shams change nothing; sentences and the plan are true."""

from __future__ import annotations

import re
from collections import Counter
from itertools import product

import numpy as np
import pytest

from tracenet.contract import CATEGORIES
from tracenet.data import Clip
from tracenet.injection.benign import EDITS
from tracenet.injection.pixels import bounds, moved
from tracenet.injection.places import WITH_ONSET, choose_site, choose_times, found_things, named_things
from tracenet.injection.plan import plan
from tracenet.injection.recipes import RECIPES, inject, sham
from tracenet.injection.sentences import TEMPLATES, is_plural, sentence
from tracenet.injection.site import Site
from tracenet.wording import direction, period, region

COUNT, HEIGHT, WIDTH = 10, 72, 96


def moving_scene(fixed_camera: bool = False) -> tuple[np.ndarray, Site]:
    """Noise with a bright square that moves to the right, and the site around it."""
    rng = np.random.default_rng(3)
    frames = rng.integers(0, 120, (COUNT, HEIGHT, WIDTH, 3)).astype(np.uint8)
    boxes = []
    for g in range(COUNT):
        frames[g, 20:50, 10 + 2 * g : 40 + 2 * g] += 100
        boxes.append([10 + 2 * g, 20, 40 + 2 * g, 50])
    return frames, Site(np.array(boxes, np.float32), 3, 7, 0.8, fixed_camera=fixed_camera)


@pytest.mark.parametrize(("name", "fixed"), list(product(RECIPES, (False, True))))
def test_the_boxes_are_the_smallest_that_hold_every_changed_pixel(name, fixed):
    frames, site = moving_scene(fixed)
    for seed in range(4):
        changed, boxes, layer = inject(frames, site, RECIPES[name], np.random.default_rng(seed))
        different = (changed != frames).any(-1)
        active = [g for g in range(COUNT) if different[g].any()]
        # Played backwards, the middle frame stays where it is.
        expected = [g for g in site.active if layer.variant != "reverse" or 2 * g != site.first + site.last]
        assert active == expected, layer.variant
        for g in active:
            y, x = np.nonzero(different[g])
            seen = np.array([x.min(), y.min(), x.max() + 1, y.max() + 1])
            x0, y0, x1, y1 = boxes[g]
            assert x0 <= seen[0] and y0 <= seen[1] and x1 >= seen[2] and y1 >= seen[3]
            assert 0 <= x0 < x1 <= WIDTH and 0 <= y0 < y1 <= HEIGHT


def test_a_blurred_box_is_the_box_of_the_site():
    frames, site = moving_scene()
    _, boxes, _ = inject(frames, site, RECIPES["sudden-blurring"], np.random.default_rng(1))
    np.testing.assert_allclose(boxes[3:8], site.boxes[3:8], atol=2)


def test_a_moved_object_leaves_its_place_and_arrives_elsewhere():
    frames, site = moving_scene()
    changed, _, layer = inject(frames, site, RECIPES["object-trajectory"], np.random.default_rng(2))
    assert np.hypot(*layer.move) > 5
    before, after = (np.argwhere(f[5].astype(int).mean(-1) > 130).mean(0) for f in (frames, changed))
    shift = (after - before)[::-1]
    assert np.dot(shift, layer.move) > 0


def test_a_sham_changes_nothing_before_the_encoder():
    frames, site = moving_scene()
    changed, _, _ = inject(frames, site, sham, np.random.default_rng(1))
    np.testing.assert_array_equal(changed, frames)


@pytest.mark.parametrize("name", ["object-distortion", "redundant-object"])
def test_the_same_seed_gives_the_same_artifact(name):
    frames, site = moving_scene()
    first, _, _ = inject(frames, site, RECIPES[name], np.random.default_rng(5))
    second, _, _ = inject(frames, site, RECIPES[name], np.random.default_rng(5))
    np.testing.assert_array_equal(first, second)


def test_moving_by_a_fraction_is_linear():
    image = np.zeros((3, 4), np.float32)
    image[1, 1] = 1
    np.testing.assert_allclose(moved(image, 0.25, 0)[1], [0, 0.75, 0.25, 0])
    np.testing.assert_allclose(moved(image, 0, -1)[0], [0, 1, 0, 0])
    np.testing.assert_array_equal(bounds(moved(image, 1, 1)), [2, 2, 3, 3])
    assert bounds(np.zeros((3, 3))) is None


def test_every_category_has_a_recipe_and_sentences_for_all_its_variants():
    assert tuple(RECIPES) == CATEGORIES == tuple(TEMPLATES)
    for name, recipe in RECIPES.items():
        seen = set()
        for fixed, seed in product((False, True), range(12)):
            frames, site = moving_scene(fixed)
            seen.add(recipe(frames.astype(np.float32), site, np.random.default_rng(seed)).variant)
        assert seen <= set(TEMPLATES[name])


def test_a_sentence_names_the_thing_its_region_and_its_way():
    rng = np.random.default_rng(0)
    box = (0.05, 0.7, 0.25, 0.95)
    for category, variants in TEMPLATES.items():
        for variant in variants:
            for _ in range(6):
                text = sentence(category, variant, "red shoes", "ball", (0.2, 0.0), box, (0.0, 3.0, 3.0), rng)
                assert re.fullmatch(r"[A-Z][^\[\]{}]*\.", text), text
                assert "red shoes" in text or category == "object-merging"
                assert not re.search(r"to the left|upwards|downwards (?!like|as)", text) or variant == "melt"
                assert not re.search(r"at the top|on the right|upper", text)


def test_plurals():
    assert is_plural("green goggles") and is_plural("pianist's hands") and is_plural("people in the street")
    assert is_plural("salt and pepper") and not is_plural("glass of wine") and not is_plural("bus")
    assert not is_plural("man with glasses")


def test_words_for_measured_facts():
    assert region((0, 0, 0.2, 0.2)) == "at the upper left"
    assert region((0.4, 0.4, 0.6, 0.6)) == "in the middle"
    assert region((0.05, 0.05, 0.95, 0.95)) == "across most of the picture"
    assert direction(0.1, -0.05) == "to the right" and direction(0.0, -0.1) == "upwards" and direction(0.01, 0) == ""
    assert period(0, 3, 3) == "throughout the clip" and period(2, 3, 3) == "towards the end of the clip"


def test_times_leave_something_to_see_before_an_abrupt_artifact():
    rng = np.random.default_rng(1)
    for category, _ in product(CATEGORIES, range(40)):
        first, last = choose_times(category, 18, rng)
        assert 0 <= first < last <= 17 and last - first >= 4
        assert first >= 2 or category not in WITH_ONSET


def test_named_things_follow_their_boxes():
    keys = [{"t": 0.0, "box": [0, 0, 0.2, 0.4]}, {"t": 1.0, "box": [0.5, 0.5, 0.7, 0.9]}]
    described = {"subjects": [{"subject": "dog", "static": False, "boxes": keys}]}
    (thing,) = named_things(described, 7, 100, 50)
    np.testing.assert_allclose(thing.boxes[3], [25, 12.5, 45, 32.5])


def test_motion_finds_the_square_of_a_still_scene():
    frames = np.full((COUNT, HEIGHT, WIDTH, 3), 60, np.uint8)
    for g in range(COUNT):
        frames[g, 40:60, 60 + g : 80 + g] = np.random.default_rng(0).integers(0, 255, (20, 20, 3))
    best = found_things(frames)[0]
    assert best.name == "object"
    x0, y0, x1, y1 = best.boxes[0]
    assert x0 <= 62 and x1 >= 78 and y0 <= 42 and y1 >= 58
    assert choose_site("object-distortion", frames, None, np.random.default_rng(0)) is not None


@pytest.mark.parametrize("name", list(EDITS))
def test_benign_edits_keep_length_and_size(name):
    frames, _ = moving_scene()
    other = np.full_like(frames, 30)
    changed = EDITS[name](frames, other, np.random.default_rng(4))
    assert changed.shape == frames.shape and changed.dtype == np.uint8
    assert (changed != frames).any()


def test_the_plan_is_balanced_and_holds_whole_sources_out():
    clips = [Clip(f"{k:08x}0000", False, "stock", f"source{k % 23}", "train" if k % 5 else "test") for k in range(230)]
    items = plan(clips, 330, 66, {clips[3].id})
    kinds = Counter(item.kind.split("-")[0] if item.kind.startswith("benign") else item.kind for item in items)
    assert set(kinds) == {*CATEGORIES, "sham", "benign"} and max(kinds.values()) - min(kinds.values()) <= 4
    assert len({item.id for item in items}) == len(items) == 396
    source_of = {clip.id: clip.source for clip in clips if clip.split == "train"}
    sides = {flag: {source_of.get(i.source) for i in items if i.held_out == flag} for flag in (False, True)}
    assert not (sides[False] & sides[True] - {None})
    assert all(item.source != clips[3].id for item in items)
    split_of = {clip.id: clip.split for clip in clips}
    assert all(item.held_out for item in items if split_of[item.source] == "test")
    used = Counter((item.source, item.kind) for item in items)
    assert max(used.values()) == 1
