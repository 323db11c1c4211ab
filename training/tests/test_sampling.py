"""Samples and windows as the contract words them."""

from __future__ import annotations

import numpy as np

from tracenet.preprocess import canonical, crop, golden_lattice, letterbox, letterbox_geometry
from tracenet.sampling import Window, sample_frames, windows_of_segment


def test_each_sample_is_the_latest_frame_not_after_the_grid_time():
    times = [0.5, 0.6, 0.7, 0.9, 1.05]
    # Grid: 0.5, 0.667, 0.833, 1.0
    assert sample_frames(times) == [0, 1, 2, 3]


def test_a_frame_up_to_a_millisecond_late_still_counts():
    assert sample_frames([0.0, 1 / 6 + 0.0009]) == [0, 1]
    assert sample_frames([0.0, 1 / 6 + 0.0011, 0.3]) == [0, 0]


def test_windows_cover_every_sample():
    assert windows_of_segment(0, 12) == [Window(0, 12)]
    assert [w.start for w in windows_of_segment(0, 24)] == [0, 9, 12]
    assert [w.start for w in windows_of_segment(5, 5 + 21)] == [5, 14]
    for count in range(12, 60):
        covered = {i for w in windows_of_segment(0, count) for i in w.indices()}
        assert covered == set(range(count))


def test_a_short_segment_repeats_its_last_sample():
    (window,) = windows_of_segment(3, 8)
    assert window == Window(3, 5)
    assert window.indices() == [3, 4, 5, 6, 7, 7, 7, 7, 7, 7, 7, 7]


def test_geometry():
    image = np.zeros((720, 1280, 3), np.uint8)
    assert canonical(image).shape == (288, 512, 3)
    assert canonical(np.zeros((200, 100, 3), np.uint8)).shape == (200, 100, 3)
    box = letterbox_geometry(512, 288)
    assert (box.width, box.height, box.offset_x, box.offset_y) == (224, 126, 0, 49)
    there = box.to_input(np.array([0.1, 0.2, 0.7, 0.9]))
    np.testing.assert_allclose(box.to_frame(there), [0.1, 0.2, 0.7, 0.9], atol=1e-6)
    field = letterbox(np.full((288, 512, 3), 7, np.uint8))
    assert field[48].max() == field[48].min() == 128
    assert field[49].max() == 7


def test_a_crop_repeats_the_edges_of_a_small_frame():
    image = np.arange(4 * 4 * 3, dtype=np.uint8).reshape(4, 4, 3)
    result = crop(image, 0.5, 0.5, 8)
    np.testing.assert_array_equal(result[2:6, 2:6], image)
    np.testing.assert_array_equal(result[0], result[2])


def test_lattice_by_hand():
    value = golden_lattice(2, 32)
    t, c, y, x = 1, 2, 20, 17
    expected = ((x * 3 + y * 5 + t * 7 + c * 85) ^ ((x >> 4) * 31 + (y >> 4) * 17 + t * 13)) & 255
    assert value[t, c, y, x] == np.float32(expected) / np.float32(255)
