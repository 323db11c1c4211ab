"""The explainer: pooling, the reduced language, constrained decoding and its check, the exported step."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from tracenet.contract import CATEGORIES
from tracenet.explain.check import Bars, Sentence, Slots, contradiction, greedy, measured_subject, objection, text_of
from tracenet.explain.dataset import annotated_rows
from tracenet.explain.decoder import HIDDEN, SLOTS, Explainer
from tracenet.explain.grammar import grammar_sentence
from tracenet.explain.graph import Runner, export_explainer, lattice
from tracenet.explain.language import SPECIAL, WORD_CLAIMS, is_plural, noun_class, reduce, subject_phrase
from tracenet.explain.pooling import FEATURES, Bin, Point, add_bins, cell_weights, pool, window_bins
from tracenet.explain.vocabulary import Vocabulary, compatible
from tracenet.preprocess import letterbox_geometry
from tracenet.subjects import SUBJECTS

SQUARE = letterbox_geometry(224, 224)
DISTORTION, MERGING = CATEGORIES.index("object-distortion"), CATEGORIES.index("object-merging")
LEG, BUILDING = SUBJECTS.index("leg"), SUBJECTS.index("building")
WORDS = Vocabulary.of(
    [
        *SPECIAL,
        *[
            "the",
            "dog's",
            "leg",
            "wall",
            "bends",
            "merges",
            "suddenly",
            "keeps",
            "bending",
            "into",
            "background",
            "object",
        ],
    ]
)


def bin_of(value: float, start: float, end: float) -> Bin:
    return Bin(start, end, np.full((2, 49), value, np.float32), np.full((2, 49), value / 2, np.float32))


def test_cells_count_by_the_share_of_the_box():
    weights = cell_weights((0.0, 0.0, 1.5 / 7, 1 / 7), SQUARE).reshape(7, 7)
    assert weights[0, :2] == pytest.approx([2 / 3, 1 / 3], abs=1e-5)
    assert weights.sum() == pytest.approx(1)
    assert cell_weights((0.5, 0.5, 0.5, 0.5), SQUARE).reshape(7, 7)[3, 3] == 1
    # A wide frame lies in the middle of the input: its rows 0 and 6 are grey field.
    wide = cell_weights((0.0, 0.0, 1.0, 1.0), letterbox_geometry(224, 96)).reshape(7, 7)
    assert wide[2:5].sum() == pytest.approx(1) and wide[1].sum() == 0


def test_pooling_weighs_bins_by_the_time_the_trace_lasts():
    bins = [bin_of(1, 0.0, 1.0), bin_of(3, 1.0, 2.0), bin_of(100, 2.0, 3.0)]
    inside, contrast, step, trend = pool(bins, SQUARE, (0.2, 0.2, 0.6, 0.6), 0.5, 2.0).reshape(4, 2)
    assert inside == pytest.approx([7 / 3] * 2)
    assert contrast == pytest.approx([0, 0], abs=1e-5)
    assert step == pytest.approx([7 / 6] * 2)
    assert trend == pytest.approx([2, 2])
    outside = pool(bins, SQUARE, (0.2, 0.2, 0.6, 0.6), 7.0, 8.0).reshape(4, 2)
    assert outside[0] == pytest.approx([100, 100], rel=1e-5)


def test_pooling_follows_the_track():
    mean = np.zeros((1, 49), np.float32)
    mean[0, 48] = 1
    bins = [Bin(0.0, 1.0, mean, mean)]
    corner = (6 / 7, 6 / 7, 1.0, 1.0)
    assert pool(bins, SQUARE, (0.0, 0.0, 0.1, 0.1), 0.0, 1.0)[0] == 0
    assert pool(bins, SQUARE, (0.0, 0.0, 0.1, 0.1), 0.0, 1.0, [Point(0.5, corner)])[0] == pytest.approx(1, abs=1e-5)


def test_bins_of_a_short_window_and_their_merging():
    context = np.arange(4 * 2 * 49, dtype=np.float32).reshape(4, 2, 7, 7)
    assert len(window_bins(context, [0.0, 1 / 6])) == 1
    assert [item.start for item in window_bins(context, [k / 6 for k in range(12)])] == [0.0, 1.0]
    merged = add_bins([bin_of(1, 0.0, 1.0), bin_of(3, 1.0, 2.0)], [bin_of(5, 2.0, 3.0)], limit=2)
    assert [(item.start, item.end, float(item.mean[0, 0])) for item in merged] == [(0.0, 2.0, 2.0), (2.0, 3.0, 5.0)]


@pytest.mark.parametrize(
    ("category", "subject", "sentence", "reduced"),
    [
        (
            "object-distortion",
            "dog's front leg",
            "The dog's front leg bends like rubber and melts as the dog walks.",
            "the dog's leg bends like rubber and melts",
        ),
        (
            "object-distortion",
            "man's hands",
            "The man's hands smear and change shape as he gestures, with fingers missing.",
            "the person's hands smear and change shape",
        ),
        (
            "object-disappearance",
            "red ball",
            "The red ball on the left suddenly vanishes behind two white cups.",
            "the ball <place> suddenly vanishes",
        ),
        # What another category claims ends the sentence; nothing is left of this one.
        ("object-merging", "kite", "The kite bends and vanishes.", None),
    ],
)
def test_sentences_are_reduced_to_what_a_detector_can_claim(category, subject, sentence, reduced):
    found = reduce(sentence, subject, category)
    assert (found and " ".join(found)) == reduced


def test_subject_phrases_and_plurals():
    assert subject_phrase("woman's left hand on the right") == ["the", "person's", "hand"]
    assert subject_phrase("two people") == ["the", "people"]
    assert [is_plural(word) for word in ("legs", "people", "glass", "grass", "leg")] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert noun_class("leg") == LEG and noun_class("melts") is None


def test_no_training_sentence_contradicts_its_trace(data):
    rows = [row for split in ("train", "val") for row in annotated_rows(data, split)]
    reduced = [(row, reduce(row.explanation, row.subject, CATEGORIES[row.category])) for row in rows]
    kept = [(row, words) for row, words in reduced if words]
    assert len(kept) > 0.6 * len(rows)
    for row, words in kept:
        predicate = words[len(subject_phrase(row.subject)) :]
        claims = [WORD_CLAIMS[word] for word in predicate if word in WORD_CLAIMS]
        assert claims and all(CATEGORIES[row.category] in claim for claim in claims)
        assert not {"red", "left", "right", "two", "man", "woman", "he", "she"} & set(words)


def test_compatible_subjects():
    assert compatible(LEG, SUBJECTS.index("person")) and compatible(SUBJECTS.index("dog"), LEG)
    assert compatible(LEG, LEG) and not compatible(LEG, BUILDING)
    assert measured_subject(np.eye(26)[3]) == 3 and measured_subject(np.full(26, 1 / 26)) is None
    assert measured_subject(np.eye(26)[SUBJECTS.index("object")]) is None


def sentence(text: str, likelihood: float = 0.0) -> Sentence:
    return Sentence(tuple(WORDS.encode(text.split())), True, likelihood, likelihood)


@pytest.mark.parametrize(
    ("text", "slots", "reason"),
    [
        ("the dog's leg suddenly bends", Slots(DISTORTION, LEG, 0, 2, 4), None),
        ("the leg bends", Slots(DISTORTION, None, 0, 2, 4), None),
        ("the object bends", Slots(DISTORTION, None, 0, 2, 4), None),
        ("the leg merges", Slots(DISTORTION, LEG, 0, 2, 4), "category"),
        ("the leg merges into background", Slots(MERGING, LEG, 0, 2, 4), None),
        ("the wall bends", Slots(DISTORTION, LEG, 0, 2, 4), "subject"),
        ("the leg suddenly bends", Slots(DISTORTION, LEG, 0, 4, 4), "time"),
        ("the leg keeps bending", Slots(DISTORTION, LEG, 0, 0.5, 4), "time"),
        ("the leg", Slots(DISTORTION, LEG, 0, 2, 4), "degenerate"),
        ("the bends bends", Slots(DISTORTION, LEG, 0, 2, 4), "degenerate"),
        ("the leg bends the leg bends", Slots(DISTORTION, LEG, 0, 2, 4), "degenerate"),
    ],
)
def test_objections(text, slots, reason):
    assert objection(WORDS, sentence(text), slots, Bars(-2, -2)) == reason


def test_place_and_period_are_written_into_the_sentence():
    tokens = tuple(WORDS.encode(["the", "dog's", "leg", "<place>", "bends"]))
    named, unnamed = Slots(DISTORTION, LEG, 0, 4, 4), Slots(DISTORTION, None, 0, 4, 4)
    unsure = Slots(DISTORTION, LEG, 0, 4, 4, certain=False)
    assert text_of(WORDS, tokens, named, "on the left", "throughout the clip") == (
        "The dog's leg on the left bends throughout the clip."
    )
    thing = tuple(WORDS.encode(["the", "object", "bends"]))
    assert text_of(WORDS, thing, unnamed, "on the left", "throughout the clip") == (
        "Something on the left bends throughout the clip."
    )
    for guessed in (unsure, unnamed):
        assert text_of(WORDS, tokens, guessed, "on the left", "throughout the clip") == (
            "What may be a leg on the left bends throughout the clip."
        )


def test_guesses_and_endless_sentences_are_not_shown():
    slots = Slots(DISTORTION, LEG, 0, 2, 4)
    assert objection(WORDS, sentence("the leg bends", -3.0), slots, Bars(-2, -2)) == "unlikely"
    endless = Sentence(tuple(WORDS.encode(["the", "leg", "bends"])), False, 0.0, 0.0)
    assert objection(WORDS, endless, slots, Bars(-2, -2)) == "degenerate"


def test_decoding_says_nothing_that_contradicts_a_slot():
    rng = np.random.default_rng(0)
    for _ in range(50):
        slots = Slots(int(rng.integers(9)), int(rng.integers(26)), 0.0, float(rng.choice([0.5, 2.0, 4.0])), 4.0)
        said = greedy(lambda _: rng.normal(size=len(WORDS.words)), WORDS, slots)
        assert contradiction(WORDS, said.tokens, slots) is None
        assert text_of(WORDS, said.tokens, slots, "on the left", "throughout the clip").endswith(".")


def test_exported_step_gives_the_networks_results(tmp_path):
    torch.manual_seed(0)
    net = Explainer(len(WORDS.words)).eval()
    entry = export_explainer(net, WORDS, Bars(-1, -2), True, tmp_path)
    assert entry["bytes"] < 5e6 and entry["input"]["shape"][3] == FEATURES + SLOTS + HIDDEN + len(WORDS.words)
    runner = Runner(tmp_path)
    assert runner.vocabulary == WORDS
    rng = np.random.default_rng(1)
    features, slots = rng.normal(size=FEATURES), rng.random(SLOTS)
    step = runner.step(features, slots)
    state = torch.zeros(1, HIDDEN)
    tensors = [torch.from_numpy(v).float()[None] for v in (features, slots)]
    for token in (1, 4, 5):
        told = torch.nn.functional.one_hot(torch.tensor([token]), len(WORDS.words)).float()
        with torch.inference_mode():
            logits, state, subject = net(*tensors, state, told)
        # Weights are rounded to fp16.
        np.testing.assert_allclose(step(token), logits[0].numpy(), rtol=0.02, atol=0.02)
    np.testing.assert_allclose(runner.subject(features), subject.softmax(1)[0].numpy(), atol=0.02)
    assert lattice(5).reshape(-1).tolist() == pytest.approx([v / 255 for v in (0, 3, 6, 9, 12)])


def test_grammar_sentences_of_the_app():
    text = grammar_sentence(DISTORTION, "hand", (0.05, 0.05, 0.25, 0.3), 1.0, 2.0, 4.0)
    assert (
        text == "The hand at the upper left appears to bend, stretch or melt out of its own shape from 1.0 s to 2.0 s."
    )


def test_shipped_explainer_matches_the_manifest(model_folder):
    manifest = json.loads((model_folder / "model.json").read_text(encoding="utf-8"))
    entry = manifest.get("explainer")
    if entry is None:
        pytest.skip("the shipped model has no explainer")
    runner = Runner(model_folder)
    assert len(runner.vocabulary.words) == entry["input"]["tokens"]
    values = runner.session.run(None, {"trace": lattice(entry["input"]["shape"][3])})
    for output, value in zip(runner.session.get_outputs(), values, strict=True):
        golden = entry["golden"]["outputs"][output.name]
        np.testing.assert_allclose(
            value.reshape(-1)[golden["indices"]], golden["values"], atol=entry["golden"]["tolerance"]
        )
