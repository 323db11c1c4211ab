"""Failure cases: which clips are picked, how they are drawn, and that their licence is looked at."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from failure_pictures import CONFIGS, may_be_shown, notice
from tracenet.decode import Trace
from tracenet.failures.cases import Judged, pick
from tracenet.failures.sheet import HEIGHT, LABEL, MAX_BYTES, MODEL, STILLS, TEXT, sheet_of, still_times, webp
from tracenet.model_card import write_card

LEFT, RIGHT = [0.0, 0.0, 0.5, 1.0], [0.5, 0.0, 1.0, 1.0]


def trace(box: list[float], onset: float = 0.0, category: str = "object-merging", score: float = 0.9) -> Trace:
    return Trace(category, "hand", score, onset, 4.0, box, [], [], [0], [box])


def row(box: list[float], start: float = 0.0, category: str = "object-merging", confidence: float = 0.5) -> dict:
    return {"box": box, "start": start, "end": 4.0, "category": category, "subject": "hand", "confidence": confidence}


def clip(name: str, probability: float, traces=(), rows=(), generated: bool = True) -> Judged:
    band = "no-strong-signs" if probability < 0.3 else "inconclusive"
    return Judged(name, generated, "cogvideox", 4.0, probability, band, list(traces), list(rows))


def test_every_rule_takes_the_worst_of_those_it_fits():
    clips = [
        clip("mild-miss", 0.2, rows=[row(LEFT)]),
        clip("bad-miss", 0.1, rows=[row(LEFT)]),
        clip("displaced", 0.8, [trace(LEFT)], [row(RIGHT)]),
        clip("late", 0.8, [trace(LEFT)], [row(LEFT, start=2.0)]),
        clip("misnamed", 0.8, [trace(LEFT, category="object-splitting")], [row(LEFT)]),
        clip("good", 0.9, [trace(LEFT)], [row(LEFT)]),
        clip("sure-real", 0.7, generated=False),
        clip("plain-real", 0.1, generated=False),
    ]
    found = {case.kind: case.clip.id for case in pick(clips) if case.clip}
    assert found == {
        "wrong-real": "sure-real",
        "missed": "bad-miss",
        "wrong-place": "displaced",
        "wrong-start": "late",
        "wrong-category": "misnamed",
        "right": "good",
    }
    assert [case.clip for case in pick(clips[:1])] == [None, clips[0], None, None, None, None]


def test_captions_state_what_was_measured():
    cases = {case.kind: case for case in pick([clip("late", 0.8, [trace(LEFT)], [row(LEFT, start=2.0), row(RIGHT)])])}
    # Taken by the first rule that fits; its nearest annotation is the one at the same place.
    assert "box IoU 1.00" in cases["wrong-place"].caption and "2.0 to 4.0 s" in cases["wrong-place"].caption
    assert cases["wrong-start"].clip is None


def test_without_a_trace_the_surest_annotation_leads():
    judged = clip("a", 0.1, rows=[row(LEFT), row(RIGHT, confidence=0.9)])
    assert judged.ordered_rows()[0]["box"] == RIGHT


def test_a_sheet_shows_boxes_in_their_time_only():
    assert still_times(4.0) == [0.5, 1.5, 2.5, 3.5]
    grey = [np.full((100, 150, 3), 128, np.uint8)] * STILLS
    model, label = [((0.1, 0.1, 0.4, 0.9), 0.0, 2.0)], [((0.6, 0.1, 0.9, 0.9), 2.0, 4.0)]
    picture = np.array(sheet_of(grey, 4.0, model, label)).astype(int)[: 2 * (HEIGHT + TEXT), :285]

    def rows(colour: tuple) -> np.ndarray:
        return np.flatnonzero((np.abs(picture - colour).max(2) == 0).any(1))

    # The paper is white too: only the left stills are looked at.
    paper = [*range(HEIGHT, HEIGHT + TEXT), *range(2 * HEIGHT + TEXT, 2 * (HEIGHT + TEXT))]
    picture[paper] = 128
    # Two stills to a row: the first two show the model's box, the last two the annotated one.
    assert len(rows(MODEL)) and rows(MODEL).max() < HEIGHT
    assert len(rows(LABEL)) and rows(LABEL).min() > HEIGHT + TEXT


def test_a_sheet_fits_or_is_refused():
    noise = np.random.default_rng(0).integers(0, 255, (288, 512, 3), np.uint8)
    assert len(webp(Image.fromarray(noise[:100, :100]))) <= MAX_BYTES
    with pytest.raises(ValueError, match="does not fit"):
        webp(Image.fromarray(np.tile(noise, (2, 2, 1))))


def test_only_clips_with_a_licence_may_be_shown():
    licences = {"a/b": {"families": ["cogvideox"]}}
    assert may_be_shown({"repository": "a/b", "family": "cogvideox"}, licences)
    assert not may_be_shown({"repository": "a/b", "family": "pika10"}, licences)
    assert not may_be_shown({"repository": "c/d", "family": "cogvideox"}, licences)


def test_the_listed_licences_are_complete():
    for licence in json.loads((CONFIGS / "redistributable.json").read_text(encoding="utf-8")).values():
        assert licence["licence"] in ("Apache-2.0", "MIT", "CC-BY-4.0", "CC0-1.0")
        assert licence["rights"] and licence["covers"] and licence["families"]
        assert licence["text"].startswith("../") or (CONFIGS / licence["text"]).exists()


def test_the_shipped_pictures_are_those_of_the_card(model_folder):
    card_text = (model_folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    folder = model_folder / "failures"
    listing = json.loads((folder / "failures.json").read_text(encoding="utf-8"))
    assert listing["version"] == json.loads((model_folder / "model.json").read_text(encoding="utf-8"))["version"]
    assert {path.name for path in folder.glob("*.webp")} == {case["file"] for case in listing["cases"]}
    rights = (folder / "NOTICE.md").read_text(encoding="utf-8")
    total = 0
    for case in listing["cases"]:
        assert f"](failures/{case['file']})" in card_text and case["caption"] in card_text
        assert f"`{case['file']}`" in rights and case["licence"]["licenceUrl"] in rights
        total += (folder / case["file"]).stat().st_size
    assert total <= 400_000


def test_a_notice_names_source_rights_and_licence():
    case = {
        "file": "missed.webp",
        "source": {"repository": "a/b", "original": "x.mp4", "source": "gen"},
        "licence": {"licence": "MIT", "licenceUrl": "https://e.org", "rights": "Copyright A"},
    }
    text = notice([case], {"a/b": {"covers": "All of it.", "text": "LICENSE.txt"}})
    for part in (
        "`missed.webp`",
        "`x.mp4` of [a/b]",
        "Copyright A",
        "[MIT](https://e.org)",
        "All of it.",
        "`LICENSE.txt`",
    ):
        assert part in text


def test_a_card_is_not_made_of_two_versions(tmp_path):
    (tmp_path / "model.json").write_text(json.dumps({"version": "2"}))
    with pytest.raises(ValueError, match="report: version 1"):
        write_card(tmp_path, {"version": "1"})
    (tmp_path / "failures").mkdir()
    (tmp_path / "failures" / "failures.json").write_text(json.dumps({"version": "1"}))
    with pytest.raises(ValueError, match="failures: version 1"):
        write_card(tmp_path, {"version": "2"})
