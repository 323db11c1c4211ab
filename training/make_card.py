"""Write a model's card again, from its manifest, its report and its failure cases, without exporting anything."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tracenet.model_card import write_card


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--model", type=Path, required=True, help="folder with model.json, and failures/ if there are any"
    )
    parser.add_argument("--report", type=Path, required=True, help="reports/<version>.json")
    args = parser.parse_args()
    write_card(args.model, json.loads(args.report.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
