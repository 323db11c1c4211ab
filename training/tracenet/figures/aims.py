"""What the model was meant to reach, and whether it does: judged on the figures of the run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

AUC, TPR, COST, PROBE = 0.93, 0.6, 0.07, 0.6
BOX_LEAD, INJECTED_BOX = 0.06, 0.35
START = 0.25
CATEGORIES, INJECTED_CATEGORIES = 0.35, 0.6
ECE = 0.08

Figure = dict[str, float]


@dataclass(frozen=True)
class Aim:
    """One aim: what is measured, what was wanted, what came out.

    ``topic`` groups aims with what was tried for them; ``figure`` is None where nothing was measured, ``met`` then too.
    """

    topic: str
    name: str
    wanted: str
    figure: Figure | None
    met: bool | None
    note: str = ""


def at_least(topic: str, name: str, bound: float, figure: Figure | None, note: str = "") -> Aim:
    """An aim that holds from ``bound`` on."""
    return Aim(topic, name, f"at least {bound:g}", figure, figure and figure["value"] >= bound, note)


def at_most(topic: str, name: str, bound: float, figure: Figure | None, note: str = "") -> Aim:
    """An aim that holds up to ``bound``."""
    return Aim(topic, name, f"at most {bound:g}", figure, figure and figure["value"] <= bound, note)


def aims(report: dict) -> list[dict]:
    """All aims, judged on the values of a report of ``evaluate.py`` (the intervals say how sure that is)."""
    parts: tuple[Callable[[dict], list[Aim]], ...] = (
        _verdict,
        _calibration,
        _boxes,
        _start,
        _categories,
        _explanations,
    )
    return [asdict(aim) for part in parts for aim in part(report)]


def _verdict(report: dict) -> list[Aim]:
    clean, cost, again = report["views"]["clean"], report["costliest"], report["rebalanced"]
    plain = report["figures"]["probes"]
    name = max(plain, key=lambda probe: plain[probe])
    worst = again["worstProbe"] if again else {"name": name, "value": plain[name]}
    return [
        at_least("verdict", "AUC", AUC, clean["auc"]),
        at_least("verdict", "true positive rate at 5 % false positives", TPR, clean["truePositiveRateAt5"]),
        at_most(
            "verdict",
            "AUC lost by the costliest re-encoding",
            COST,
            cost and cost["cost"],
            cost["view"] if cost else "",
        ),
        at_most(
            "verdict",
            "strongest shortcut probe (AUC)",
            PROBE,
            {key: value for key, value in worst.items() if key != "name"},
            f"{worst['name']}, {'re-balanced test set' if again else 'test set as it is'}",
        ),
    ]


def _calibration(report: dict) -> list[Aim]:
    note = f"both classes weighted alike: {report['balanced']['ece']['value']:.3f}"
    return [at_most("calibration", "calibration error (ECE)", ECE, report["views"]["clean"]["ece"], note)]


def _outright(report: dict, name: str) -> str:
    return f"asked outright: {report['outright'][name]['value']:.3f}"


def _boxes(report: dict) -> list[Aim]:
    lead, injected = report["localisation"]["boxIouAboveTrivial"], report["injected"]
    return [
        at_least(
            "boxes", "box IoU above the best trivial box", BOX_LEAD, lead, _outright(report, "boxIouAboveTrivial")
        ),
        at_least(
            "injected",
            "box IoU on injected clips",
            INJECTED_BOX,
            injected and injected["all"]["boxIou"],
            f"asked outright: {injected['outright']['boxIou']['value']:.3f}" if injected else "",
        ),
    ]


def _start(report: dict) -> list[Aim]:
    found = report["localisation"]
    figure, trivial = found["timeDistance"], found["timeDistanceStartAtZero"]["value"]
    note = _outright(report, "timeDistance")
    return [
        at_most("start", "start time distance", START, figure, note),
        Aim(
            "start",
            'start time distance against "starts at 0"',
            f"below {trivial:.3f}",
            figure,
            figure["value"] < trivial,
            note,
        ),
    ]


def _categories(report: dict) -> list[Aim]:
    injected = report["injected"]
    return [
        at_least(
            "categories",
            "category macro-F1",
            CATEGORIES,
            report["localisation"]["categoryMacroF1"],
            _outright(report, "categoryMacroF1"),
        ),
        at_least(
            "injected",
            "category macro-F1 on injected clips",
            INJECTED_CATEGORIES,
            injected and injected["all"]["categoryMacroF1"],
            f"asked outright: {injected['outright']['categoryMacroF1']['value']:.3f}" if injected else "",
        ),
    ]


def _explanations(report: dict) -> list[Aim]:
    found = report["explanations"]
    figure = found and {"value": float(found["contradicting"])}
    note = f"of {found['statements']} statements" if found else ""
    return [
        Aim(
            "explanations",
            "statements that contradict their own slots",
            "none",
            figure,
            found and not figure["value"],
            note,
        )
    ]
