"""Export a trained explainer, choose its bars on validation, and measure it.

Writes ``explainer.onnx``, ``explainer.json``, ``explainer-entry.json`` (the manifest's ``explainer``) and
``explainer-figures.json`` to ``--out``; with ``--model`` also the statements on predicted traces that ``evaluate.py``
reads (``work/outputs/VERSION/explanations-test.jsonl``). With ``--into`` the entry goes into that folder's manifest.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
import torch

from tracenet.data import load_clips
from tracenet.explain.check import Bars, objection
from tracenet.explain.decoder import Explainer
from tracenet.explain.evaluation import Told, explanation_figures, marks, statements_of, tell_all
from tracenet.explain.graph import Runner, export_explainer
from tracenet.explain.vocabulary import Vocabulary
from tracenet.figures.outcome import Outcome

QUANTILES = (0.0, 0.2, 0.35, 0.5, 0.65, 0.8)
MIN_ACCEPTED = 0.2


def choose_bars(told: list[Told], vocabulary: Vocabulary) -> tuple[Bars, list[dict]]:
    """Bars at which the accepted sentences name the subject best, of those that accept a fifth of the rows."""
    spoken = [item for item in told if objection(vocabulary, item.sentence, item.slots, Bars(-np.inf, -np.inf)) is None]
    sentence = np.array([item.sentence.likelihood for item in spoken])
    noun = np.array([item.sentence.noun_likelihood for item in spoken])
    table = []
    for a in QUANTILES:
        for b in QUANTILES:
            bars = Bars(float(np.quantile(sentence, a)), float(np.quantile(noun, b)))
            rows = [marks(item, vocabulary, bars) for item in told]
            chosen = [row for row in rows if row["accepted"]]
            grammar = [marks(item, vocabulary, None) for item, row in zip(told, rows, strict=True) if row["accepted"]]
            if len(chosen) >= MIN_ACCEPTED * len(told):
                mean = {name: float(np.mean([row[name] for row in chosen])) for name in ("subjectRight", "contentF1")}
                table.append(
                    {
                        "bars": bars,
                        "accepted": len(chosen) / len(told),
                        **mean,
                        "grammarSubjectRight": float(np.mean([row["subjectRight"] for row in grammar])),
                    }
                )
    best = max(table, key=lambda row: row["subjectRight"] + row["contentF1"])
    return best["bars"], table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--name", required=True, help="of the run of train_explainer.py")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--model", type=Path, help="folder with model.json whose raw outputs on the test split are cached (infer.py)"
    )
    parser.add_argument("--off", action="store_true", help="ship it switched off")
    parser.add_argument("--into", type=Path, help="model folder whose model.json gets the entry")
    args = parser.parse_args()

    torch.set_num_threads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    folder = args.work / "explainer"
    vocabulary = Vocabulary.load(folder / f"{args.name}.json")
    net = Explainer(len(vocabulary.words))
    state = torch.load(folder / f"{args.name}.pt", map_location="cpu", weights_only=True)
    net.load_state_dict(state.get("average", state))
    export_explainer(net, vocabulary, Bars(0, 0), True, args.out)
    bars, table = choose_bars(tell_all(Runner(args.out), args.data, args.work, "val"), vocabulary)
    entry = export_explainer(net, vocabulary, bars, not args.off, args.out)
    traces = None
    if args.model:
        manifest = json.loads((args.model / "model.json").read_text(encoding="utf-8"))
        root = args.work / "outputs" / manifest["version"]
        clips = load_clips(args.data, ("test",))
        outcome = Outcome(clips, root / "clean-test", manifest)
        traces = {clip.id: found for clip, found in zip(clips, outcome.traces, strict=True)}
        statements = statements_of(args.work, args.out, entry, traces)
        (root / "explanations-test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in statements), "utf-8")
    result = explanation_figures(args.data, args.work, args.out, entry, "test", traces)
    for row in table:
        print({key: round(value, 3) for key, value in row.items() if key != "bars"}, row["bars"])
    print(json.dumps(result, indent=1))
    (args.out / "explainer-entry.json").write_text(json.dumps(entry, indent=1) + "\n", encoding="utf-8")
    (args.out / "explainer-figures.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    if args.into:
        path = args.into / "model.json"
        manifest = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps(manifest | {"explainer": entry}, indent=1) + "\n", encoding="utf-8")
        for name in ("explainer.onnx", "explainer.json"):
            shutil.copy(args.out / name, args.into / name)


if __name__ == "__main__":
    main()
