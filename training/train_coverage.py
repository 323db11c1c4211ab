"""Train the coverage head of the trace stream on cached trunk features.

A batch mixes annotated generated clips, injected clips (exact boxes) and, for the second channel, real clips with
named subjects. With ``--folds`` it first prints the IoU of the chosen boxes out of fold (generator families and real
sources left out) and keeps the heads of every fold, with which the decoding can be tuned.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from tracenet.contract import CATEGORIES, SAMPLES_PER_SECOND
from tracenet.coverage import best_box, cell_edges, cover_of
from tracenet.data import load_annotations, load_clips, load_subjects
from tracenet.folds import assign_folds
from tracenet.metrics import box_iou
from tracenet.model import CoverageHead, coverage_maps
from tracenet.preprocess import Letterbox, letterbox_geometry
from tracenet.sampling import Window, windows_of_segment

CENTRE = np.array([0.2, 0.2, 0.8, 0.8])
ROLES = ("annotated", "injected", "subjects")


@dataclass
class Example:
    """One window: maps, the cells inside the frame, what covers them, the clip it stems from."""

    clip: str
    letterbox: Letterbox
    maps: np.ndarray
    inside: np.ndarray
    cover: np.ndarray


def inside_of(letterbox: Letterbox) -> np.ndarray:
    """Which cells ``[14, 14]`` have their centre inside the frame."""
    x, y = ((edges[1:] + edges[:-1]) / 2 for edges in cell_edges(letterbox))
    return np.outer((y > 0) & (y < 1), (x > 0) & (x < 1)).astype(np.float32)


def trace_cover(rows: list[dict], letterbox: Letterbox, window: Window) -> np.ndarray | None:
    """Mean cover of the traces on screen during a window; None where there is none."""
    begin, end = window.start / SAMPLES_PER_SECOND, (window.start + window.valid) / SAMPLES_PER_SECOND
    shown = [row for row in rows if row["start"] < end and row["end"] > begin]
    return np.mean([cover_of(row["box"], letterbox) for row in shown], 0) if shown else None


def subject_cover(subjects: list[dict], letterbox: Letterbox) -> np.ndarray | None:
    """Cover of all named subjects together, each averaged over its key frames."""
    boxes = [[cover_of(key["box"], letterbox) for key in item["boxes"]] for item in subjects if item["boxes"]]
    return np.max([np.mean(one, 0) for one in boxes], 0) if boxes else None


def examples_of(path: Path, clip: str, cover, every: bool) -> list[Example]:
    """Windows of one cached clip for which ``cover(letterbox, window)`` is not None."""
    with np.load(path) as file:
        s16, s32, (width, height) = file["s16"], file["s32"], (int(side) for side in file["size"])
    letterbox = letterbox_geometry(width, height)
    found = []
    for window in windows_of_segment(0, len(s16))[: None if every else 1]:
        target = cover(letterbox, window)
        if target is None:
            continue
        indices = window.indices()
        parts = (torch.from_numpy(maps[indices].astype(np.float32)) for maps in (s16, s32))
        maps = coverage_maps(*parts)[0].numpy().astype(np.float16)
        found.append(Example(clip, letterbox, maps, inside_of(letterbox), target.astype(np.float32)))
    return found


def load_examples(args: argparse.Namespace) -> dict[str, list[Example]]:
    """Examples of every role. ``clip`` of an injected one is the real clip it was made of."""
    features = args.work / "features"
    annotations, subjects = load_annotations(args.data), load_subjects(args.data)
    found: dict[str, list[Example]] = {role: [] for role in ROLES}
    for clip in load_clips(args.data, ("train", "val")):
        path = features / "clean" / f"{clip.id}.npz"
        rows, named = annotations.get(clip.id, []), subjects.get(clip.id, {}).get("subjects", [])
        if rows:
            found["annotated"] += examples_of(path, clip.id, lambda box, w, r=rows: trace_cover(r, box, w), True)
        elif named:
            found["subjects"] += examples_of(path, clip.id, lambda box, w, n=named: subject_cover(n, box), False)
    listing = args.work / "injected" / "injected.jsonl"
    for line in listing.read_text(encoding="utf-8").splitlines() if listing.exists() and args.injected else ():
        row = json.loads(line)
        path = features / "injected" / f"{row['id']}.npz"
        if row["traces"] and not row.get("heldOut") and row["kind"] != args.without and path.exists():
            rows = row["traces"]
            found["injected"] += examples_of(path, row["source"], lambda box, w, r=rows: trace_cover(r, box, w), False)
    return found


def fit(examples: dict[str, list[Example]], args: argparse.Namespace, seed: int) -> CoverageHead:
    """Fit one head."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    head = CoverageHead(args.hidden, args.dropout)
    known = np.stack([e.maps for e in examples["annotated"]]).astype(np.float32)
    head.centre.copy_(torch.from_numpy(known.mean((0, 2, 3), keepdims=True)))
    head.scale.copy_(torch.from_numpy(1 / (known.std((0, 2, 3), keepdims=True) + 1e-3)))
    optimiser = torch.optim.AdamW(head.parameters(), args.rate, weight_decay=args.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, args.rate, args.steps)
    shares = {"annotated": (40, 1.0, 0), "injected": (16, args.injected, 0), "subjects": (24, 1.0, 1)}
    for _ in range(args.steps):
        loss = torch.zeros(())
        for role, (count, weight, channel) in shares.items():
            if not examples[role] or not weight:
                continue
            chosen = [examples[role][i] for i in rng.choice(len(examples[role]), count)]
            maps = torch.from_numpy(np.stack([e.maps for e in chosen]).astype(np.float32))
            inside = torch.from_numpy(np.stack([e.inside for e in chosen]))
            cover = torch.from_numpy(np.stack([e.cover for e in chosen]))
            if rng.random() < 0.5:
                maps, inside, cover = maps.flip(-1), inside.flip(-1), cover.flip(-1)
            logits = head(maps)[:, channel]
            each = functional.binary_cross_entropy_with_logits(logits, cover.clamp(0, 1), reduction="none")
            loss = loss + weight * (each * inside).sum() / inside.sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return head.eval()


@torch.inference_mode()
def coverage_of(heads: list[CoverageHead], examples: list[Example]) -> np.ndarray:
    """Mean coverage ``[14, 14]`` of a clip over its windows and over heads, zero outside the frame."""
    maps = torch.from_numpy(np.stack([e.maps for e in examples]).astype(np.float32))
    logits = torch.stack([head(maps)[:, 0] for head in heads]).mean(0)
    return torch.sigmoid(logits).mean(0).numpy().astype(np.float64) * examples[0].inside


def judged(heads: list[CoverageHead], examples: list[Example], annotations: dict[str, list[dict]]) -> dict[str, dict]:
    """IoU of the chosen box and of the centre box with every annotated row, by clip."""
    by_clip: dict[str, list[Example]] = {}
    for example in examples:
        by_clip.setdefault(example.clip, []).append(example)
    found = {}
    for clip, mine in by_clip.items():
        coverage = coverage_of(heads, mine)
        box, _ = best_box(coverage, mine[0].letterbox)
        ious = [box_iou(box, row["box"]) for row in annotations[clip]]
        centre = [box_iou(CENTRE, row["box"]) for row in annotations[clip]]
        found[clip] = {"ious": ious, "centre": centre}
    return found


def line(name: str, found: dict[str, dict]) -> str:
    """One line of figures over annotated rows."""
    ious = np.concatenate([one["ious"] for one in found.values()])
    centre = np.concatenate([one["centre"] for one in found.values()])
    return f"{name}: IoU {ious.mean():.4f}, centre box {centre.mean():.4f}, {len(ious)} rows of {len(found)} clips"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--injected", type=float, default=0.0, help="weight of injected clips")
    parser.add_argument("--without", choices=CATEGORIES, help="leave the injected clips of this recipe out")
    parser.add_argument("--name", default="final")
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--heads", type=int, default=3, help="heads that are averaged")
    parser.add_argument("--steps", type=int, default=250)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--decay", type=float, default=0.3)
    parser.add_argument("--hidden", type=int, default=48)
    parser.add_argument("--dropout", type=float, default=0.5)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    examples, annotations = load_examples(args), load_annotations(args.data)
    print(json.dumps({**vars(args), **{role: len(rows) for role, rows in examples.items()}}, default=str), flush=True)
    train = load_clips(args.data, ("train",))
    folder = args.work / "coverage"
    folder.mkdir(parents=True, exist_ok=True)

    def heads_for(allowed: set[str]) -> list[CoverageHead]:
        mine = {role: [e for e in rows if e.clip in allowed] for role, rows in examples.items()}
        return [fit(mine, args, seed) for seed in range(args.heads)]

    if args.folds:
        folds = assign_folds(train, args.folds)
        found: dict[str, dict] = {}
        for fold in range(args.folds):
            heads = heads_for({clip.id for clip in train if folds[clip.id] != fold})
            held = judged(heads, [e for e in examples["annotated"] if folds.get(e.clip) == fold], annotations)
            found |= held
            print(line(f"fold {fold}", held), flush=True)
            torch.save([head.state_dict() for head in heads], folder / f"fold{fold}.pt")
        print(line("out of fold", found), flush=True)
    names = {clip.id for clip in train}
    heads = heads_for(names)
    held = judged(heads, [e for e in examples["annotated"] if e.clip not in names], annotations)
    print(line("validation", held))
    torch.save([head.state_dict() for head in heads], folder / f"{args.name}.pt")


if __name__ == "__main__":
    main()
