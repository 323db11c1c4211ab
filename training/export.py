"""Write trace.onnx, forensic.onnx and model.json from checkpoints, figures and a configuration."""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import torch

from tracenet import contract
from tracenet.model import (
    CROP_STATISTICS,
    HEADS,
    CoverageHead,
    CropStatistics,
    ForensicNet,
    TraceHead,
    TraceNet,
    VerdictHead,
)
from tracenet.model_card import write_card
from tracenet.onnx_export import export, golden, operators
from tracenet.preprocess import golden_lattice
from tracenet.subjects import SUBJECTS
from tracenet.trunk import Lite0, fold_batch_norm

FRAMES = (contract.WINDOW, 3, contract.INPUT_SIZE, contract.INPUT_SIZE)
CROPS = (len(contract.CROP_ANCHORS), 3, contract.CROP_SIZE, contract.CROP_SIZE)
TOLERANCE = 1e-3


def load_trace(path: Path | None, verdict_path: Path | None, coverage_path: Path | None) -> TraceNet:
    """The trace stream in eval mode; heads untrained where no checkpoint is given."""
    head, verdict, coverage = TraceHead.load(path) if path else TraceHead(), VerdictHead(), [CoverageHead()]
    if verdict_path is not None:
        verdict.load_state_dict(torch.load(verdict_path, map_location="cpu", weights_only=True))
    if coverage_path is not None:
        coverage = CoverageHead.load_all(coverage_path)
    net = TraceNet(Lite0((2, 4, 10, 15)), head, verdict, coverage).eval()
    fold_batch_norm(net.trunk)
    return net


def load_forensic(path: Path | None) -> ForensicNet:
    """The forensic stream in eval mode."""
    head = VerdictHead(CROP_STATISTICS)
    if path is not None:
        head.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    net = ForensicNet(CropStatistics(), head).eval()
    fold_batch_norm(net.statistics.trunk)
    return net


def session_entry(path: Path, input_entry: dict, lattice) -> dict:
    """The manifest entry of one session."""
    values = golden(path, input_entry["name"], lattice)
    data = path.read_bytes()
    return {
        "file": path.name,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "input": input_entry,
        "outputs": {name: value.pop("shape") for name, value in values.items()},
        "golden": {"input": "lattice", "tolerance": TOLERANCE, "outputs": values},
    }


def kept_explainer(path: Path) -> dict:
    """The entry that ``evaluate_explainer.py`` put into the manifest that is about to be written again, if any."""
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {"explainer": known["explainer"]} if "explainer" in known else {}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="configs/<version>.json")
    parser.add_argument("--trace", type=Path)
    parser.add_argument("--verdict", type=Path)
    parser.add_argument("--coverage", type=Path)
    parser.add_argument("--forensic", type=Path)
    parser.add_argument("--report", type=Path, help="reports/<version>.json: figures and model card")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()

    config = json.loads(args.config.read_text(encoding="utf-8"))
    report = json.loads(args.report.read_text(encoding="utf-8")) if args.report else None
    torch.manual_seed(0)
    args.out.mkdir(parents=True, exist_ok=True)
    trace_path, forensic_path = args.out / "trace.onnx", args.out / "forensic.onnx"
    with torch.no_grad():
        trace = load_trace(args.trace, args.verdict, args.coverage)
        export(trace, FRAMES, "frames", [*HEADS, "verdict", "context", "coverage"], trace_path)
        export(load_forensic(args.forensic), CROPS, "crops", ["forensic"], forensic_path)

    frames_entry = {"name": "frames", "shape": list(FRAMES), "fit": "letterbox", "fill": contract.FILL}
    crops_entry = {
        "name": "crops",
        "shape": list(CROPS),
        "fit": "crops",
        "anchors": [list(anchor) for anchor in contract.CROP_ANCHORS],
    }
    trace_entry = session_entry(trace_path, frames_entry, golden_lattice(FRAMES[0], FRAMES[2]))
    manifest = {
        "schema": contract.SCHEMA,
        "id": "tracenet",
        "version": config["version"],
        "precision": "fp16-weights",
        "releasedAt": config["releasedAt"],
        "sampling": {
            "framesPerSecond": contract.SAMPLES_PER_SECOND,
            "windowFrames": contract.WINDOW,
            "hopFrames": contract.HOP,
        },
        "canonicalShortSide": contract.CANONICAL_SHORT_SIDE,
        "categories": list(contract.CATEGORIES),
        "subjects": list(SUBJECTS),
        "sessions": {
            "trace": {**trace_entry, "stride": contract.STRIDE},
            "forensic": session_entry(forensic_path, crops_entry, golden_lattice(CROPS[0], CROPS[2])),
        },
        "decoding": config["decoding"],
        "verdict": config["verdict"],
        "figures": report["figures"] if report else {},
        "data": config["data"],
    }
    manifest |= kept_explainer(args.out / "model.json")
    (args.out / "model.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    if report:
        write_card(args.out, report)
    for path in (trace_path, forensic_path):
        print(path.name, path.stat().st_size, dict(operators(path)))


if __name__ == "__main__":
    main()
