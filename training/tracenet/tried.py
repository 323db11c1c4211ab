"""What was tried, kept as prose beside the training code, one file an aim."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "tried"


def load_tried(folder: Path = FOLDER) -> dict[str, str]:
    """Markdown by topic (the name of its file), without surrounding space."""
    return {path.stem: path.read_text(encoding="utf-8").strip() for path in sorted(folder.glob("*.md"))}
