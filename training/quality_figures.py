"""How the verdict fares by picture quality, from the app's own reports on the test clips.

Reads what ``npm run --silent detect -- CLIPS`` printed (one report a line; files are named by clip id). Prints how
many clips lie beyond the limits that the page names (``src/lib/picture-quality.ts``: half of the windows or more) and
the AUC by quarter of detail.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from tracenet.data import load_clips
from tracenet.metrics import auc

LITTLE_DETAIL, DARK, VISIBLE_BLOCKS = 1.5, 30.0, 1.3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--reports", type=Path, required=True)
    args = parser.parse_args()

    generated = {clip.id: clip.generated for clip in load_clips(args.data, ("test",))}
    labels, scores, details = [], [], []
    beyond = {"little detail": 0, "dark": 0, "visible blocks": 0}
    for line in args.reports.read_text(encoding="utf-8").splitlines():
        report = json.loads(line)
        name = Path(report["file"]["name"]).stem
        if "error" in report or name not in generated:
            continue
        windows = [window["quality"] for window in report["windows"]]
        detail, brightness = (np.array([w[key] for w in windows]) for key in ("detail", "brightness"))
        blocks = np.array([w.get("blockiness", 1.0) for w in windows])
        beyond["little detail"] += bool((detail < LITTLE_DETAIL).mean() >= 0.5)
        beyond["dark"] += bool((brightness < DARK).mean() >= 0.5)
        beyond["visible blocks"] += bool((blocks >= VISIBLE_BLOCKS).mean() >= 0.5)
        labels.append(generated[name])
        scores.append(report["verdict"]["fakeProbability"])
        details.append(detail.mean())
    print(f"{len(labels)} clips, AUC {auc(labels, scores):.3f}; beyond the limits: {beyond}")
    low, high = np.quantile(details, (0.25, 0.75))
    parts = {"least": lambda d: d <= low, "middle half": lambda d: low < d < high, "most": lambda d: d >= high}
    for name, holds in parts.items():
        chosen = [i for i, d in enumerate(details) if holds(d)]
        value = auc([labels[i] for i in chosen], [scores[i] for i in chosen])
        print(f"{name} detail: {len(chosen)} clips, AUC {value:.3f}")


if __name__ == "__main__":
    main()
