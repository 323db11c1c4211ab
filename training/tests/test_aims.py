"""What a report says of its aims, and the prose on what was tried for them."""

from __future__ import annotations

import pytest

from tracenet.figures.aims import aims
from tracenet.report import TOPICS
from tracenet.tried import FOLDER, load_tried


def figure(value: float) -> dict[str, float]:
    return {"value": value, "low": value - 0.05, "high": value + 0.05}


def report(auc: float = 0.95, start: float = 0.2, injected: dict | None = None) -> dict:
    """The parts of a report that aims are judged on."""
    traces = {
        "boxIouAboveTrivial": figure(0.06),
        "timeDistance": figure(start),
        "timeDistanceStartAtZero": {"value": 0.13},
        "categoryMacroF1": figure(0.2),
    }
    return {
        "views": {"clean": {"auc": figure(auc), "truePositiveRateAt5": figure(0.61), "ece": figure(0.05)}},
        "costliest": {"view": "crf35", "cost": figure(0.08)},
        "rebalanced": {"worstProbe": {"name": "height", **figure(0.57)}},
        "figures": {"probes": {"height": 0.64, "fps": 0.5}},
        "balanced": {"ece": figure(0.04)},
        "localisation": traces,
        "outright": traces,
        "injected": injected,
        "explanations": {"contradicting": 0, "statements": 3},
    }


def outcomes(**changes) -> dict[str, bool | None]:
    return {aim["name"]: aim["met"] for aim in aims(report(**changes))}


def test_an_aim_is_met_from_its_bound_on():
    found = outcomes()
    assert found["AUC"] is True and outcomes(auc=0.92)["AUC"] is False
    assert found["AUC lost by the costliest re-encoding"] is False
    assert found["strongest shortcut probe (AUC)"] is True
    assert found["box IoU above the best trivial box"] is True
    assert found["category macro-F1"] is False
    assert found["statements that contradict their own slots"] is True


def test_the_start_is_held_against_the_trivial_answer_too():
    found = outcomes(start=0.2)
    assert found["start time distance"] is True and found['start time distance against "starts at 0"'] is False
    assert outcomes(start=0.12)['start time distance against "starts at 0"'] is True


def test_what_is_not_measured_is_neither_met_nor_missed():
    assert outcomes()["box IoU on injected clips"] is None
    measured = {"boxIou": figure(0.4), "categoryMacroF1": figure(0.5)}
    found = outcomes(injected={"all": measured, "outright": measured})
    assert found["box IoU on injected clips"] is True and found["category macro-F1 on injected clips"] is False


def test_without_rebalancing_the_plain_probe_counts():
    plain = report() | {"rebalanced": None, "costliest": None}
    found = {aim["name"]: aim for aim in aims(plain)}
    assert found["strongest shortcut probe (AUC)"]["figure"] == {"value": 0.64}
    assert found["strongest shortcut probe (AUC)"]["met"] is False
    assert found["AUC lost by the costliest re-encoding"]["met"] is None


def test_every_topic_has_its_prose_and_the_other_way_round():
    assert set(load_tried()) == set(TOPICS)
    assert {aim["topic"] for aim in aims(report())} == set(TOPICS)


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_what_was_tried_has_no_heading_of_its_own(topic):
    assert not any(line.startswith("#") for line in (FOLDER / f"{topic}.md").read_text(encoding="utf-8").splitlines())
