"""Nothing of one family or source may stand on two sides."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from tracenet.data import Clip, load_annotations, load_clips
from tracenet.folds import assign_folds, clip_weights


def some_clips() -> list[Clip]:
    clips = []
    for k in range(60):
        generated = k % 3 > 0
        name = f"{'model' if generated else 'source'}{k % 7}"
        clips.append(Clip(f"{k:012x}", generated, name if generated else "stock", name, "train"))
    return clips


def test_folds_keep_groups_whole_and_fill_every_fold_with_both_classes():
    clips = some_clips()
    folds = assign_folds(clips, 3)
    seen = defaultdict(set)
    for clip in clips:
        seen[clip.group].add(folds[clip.id])
    assert all(len(found) == 1 for found in seen.values())
    for fold in range(3):
        assert {clip.generated for clip in clips if folds[clip.id] == fold} == {True, False}


def test_weights_balance_the_classes():
    clips = some_clips()
    weights = clip_weights(clips)
    generated = np.array([clip.generated for clip in clips])
    assert np.isclose(weights[generated].sum(), 0.5) and np.isclose(weights[~generated].sum(), 0.5)


def test_no_family_and_no_source_in_two_splits(data):
    seen = defaultdict(set)
    for clip in load_clips(data):
        seen[clip.group].add(clip.split)
    assert {group for group, splits in seen.items() if len(splits) > 1} == set()


def test_annotated_boxes_and_times_are_sane(data):
    known = {clip.id for clip in load_clips(data)}
    for name, rows in load_annotations(data).items():
        assert name in known
        for row in rows:
            x0, y0, x1, y1 = row["box"]
            assert 0 <= x0 <= x1 <= 1 and 0 <= y0 <= y1 <= 1 and row["start"] <= row["end"]
