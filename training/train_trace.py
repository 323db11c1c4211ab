"""Train neck and heads of the trace stream on cached trunk features.

A batch mixes windows of annotated generated clips, real clips (no trace anywhere: an exact negative), generated
clips without annotation (weak label) and, when cached, injected clips. Resumable.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from tracenet.contract import CATEGORIES, SAMPLES_PER_SECOND, WINDOW
from tracenet.data import load_annotations, load_clips, load_subjects
from tracenet.folds import assign_folds, clip_weights
from tracenet.losses import focal, giou, soft_maximum
from tracenet.model import TraceHead
from tracenet.preprocess import Letterbox, letterbox_geometry
from tracenet.subjects import coarse_subject
from tracenet.targets import Annotation, annotations_of, core_cells, mirrored, window_targets

EMA = 0.997
SAVE_EVERY = 250
MIL_WEIGHT = 0.05
INJECTED_SHARE = 3  # windows of a batch, beside 4 annotated, 3 real and 1 weak one


@dataclass
class Sequence:
    """Cached features of one clip in one view with what is known about it."""

    s16: np.ndarray
    s32: np.ndarray
    letterbox: Letterbox
    annotations: list[Annotation]
    subjects: list[dict]
    generated: bool

    def window(self, rng: np.random.Generator) -> list[int]:
        """Sample indices of a random window."""
        count = len(self.s16)
        start = int(rng.integers(max(1, count - WINDOW + 1)))
        return [min(start + k, count - 1) for k in range(WINDOW)]


def read(path: Path, annotations: list[Annotation], subjects: list[dict], generated: bool) -> Sequence:
    """Load one cached clip."""
    with np.load(path) as file:
        width, height = (int(side) for side in file["size"])
        geometry = letterbox_geometry(width, height)
        return Sequence(file["s16"], file["s32"], geometry, annotations, subjects, generated)


def mirrored_subjects(subjects: list[dict]) -> list[dict]:
    """Named subjects of the mirrored clip."""
    return [
        {
            **item,
            "boxes": [
                {"t": key["t"], "box": [1 - key["box"][2], key["box"][1], 1 - key["box"][0], key["box"][3]]}
                for key in item["boxes"]
            ],
        }
        for item in subjects
    ]


def load_sequences(args: argparse.Namespace, clips: list) -> dict[str, dict[str, list[Sequence]]]:
    """All cached views of the clips, by role (annotated, real, weak) and clip id."""
    annotations, subjects = load_annotations(args.data), load_subjects(args.data)
    found: dict[str, dict[str, list[Sequence]]] = {"annotated": {}, "real": {}, "weak": {}}
    for clip in clips:
        rows = annotations_of(annotations.get(clip.id, []))
        named = subjects.get(clip.id, {}).get("subjects", [])
        role = "real" if not clip.generated else "annotated" if rows else "weak"
        for view in args.views:
            path = args.work / "features" / view / f"{clip.id}.npz"
            if not path.exists() or (role == "weak" and view != "clean"):
                continue
            flip = view == "flip"
            sequence = read(
                path,
                [mirrored(row) for row in rows] if flip else rows,
                mirrored_subjects(named) if flip else named,
                clip.generated,
            )
            found[role].setdefault(clip.id, []).append(sequence)
    return found


def load_injected(args: argparse.Namespace, allowed: set[str]) -> list[Sequence]:
    """Injected and sham clips whose source clip is allowed."""
    listing = args.work / "injected" / "injected.jsonl"
    if not args.injected or not listing.exists():
        return []
    found = []
    for line in listing.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["kind"] == args.without:
            continue
        path = args.work / "features" / "injected" / f"{row['id']}.npz"
        if row["source"] in allowed and not row.get("heldOut") and path.exists():
            found.append(read(path, annotations_of(row["traces"]), [], False))
    return found


def subject_targets(sequence: Sequence, indices: list[int]) -> np.ndarray:
    """``[12, 14, 14]``: coarse subject at the core of every named subject of a real clip, -1 elsewhere."""
    target = np.full((WINDOW, 14, 14), -1, np.int64)
    for item in sequence.subjects:
        times = [key["t"] for key in item["boxes"]]
        boxes = np.array([key["box"] for key in item["boxes"]])
        if not times:
            continue
        for k, g in enumerate(indices):
            now = g / SAMPLES_PER_SECOND
            box = np.array([np.interp(now, times, boxes[:, i]) for i in range(4)])
            if box[2] - box[0] < 0.02 or box[3] - box[1] < 0.02:
                continue
            _, core = core_cells(sequence.letterbox.to_input(box))
            target[k][core] = coarse_subject(item["subject"])
    return target


def batch_of(windows: list[tuple[Sequence, list[int]]], device: str) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
    """Features and targets, stacked along time: ``[clips * 12, ...]``."""
    parts = []
    for sequence, indices in windows:
        target = window_targets(sequence.annotations, sequence.letterbox, indices, sequence.generated)
        subject = subject_targets(sequence, indices)
        category = np.zeros_like(target["owner"])
        confidence = np.zeros(target["owner"].shape, np.float32)
        for number, item in enumerate(sequence.annotations):
            mine = target["owner"] == number
            category[mine], subject[mine], confidence[mine] = item.category, item.subject, item.weight
        target |= {"subject": subject, "category": category, "confidence": confidence}
        target["s16"] = sequence.s16[indices].astype(np.float32)
        target["s32"] = sequence.s32[indices].astype(np.float32)
        parts.append(target)
    stacked = {key: torch.from_numpy(np.concatenate([part[key] for part in parts])).to(device) for key in parts[0]}
    return stacked.pop("s16"), stacked.pop("s32"), stacked


def losses(
    out: dict[str, Tensor], target: dict[str, Tensor], weak: list[int], class_weight: Tensor
) -> dict[str, Tensor]:
    """Weighted losses by name. ``weak``: which windows of the batch have only the label "generated"."""
    logits = out["objectness"][:, 0]
    weight = target["weight"].clone()
    for index in weak:
        weight[index * WINDOW : (index + 1) * WINDOW] = 0
    result = {"objectness": 4 * focal(logits, target["objectness"], weight)}
    if weak:
        rows = torch.stack([logits[i * WINDOW : (i + 1) * WINDOW] for i in weak])
        result["weak"] = MIL_WEIGHT * functional.softplus(-soft_maximum(rows)).mean()
    positive = target["owner"] >= 0
    if positive.any():
        trust = target["confidence"][positive]
        total = trust.sum()

        def at(name: str) -> Tensor:
            return out[name].permute(0, 2, 3, 1)[positive]

        box = target["box"].permute(0, 2, 3, 1)[positive]
        offset = functional.smooth_l1_loss(at("box") / 16, box / 16, reduction="none").mean(1)
        result["box"] = (trust * (1 - giou(at("box"), box) + 0.1 * offset)).sum() / total
        category = functional.one_hot(target["category"][positive], len(CATEGORIES)).float()
        per_class = functional.binary_cross_entropy_with_logits(at("category"), category, reduction="none")
        per_class = per_class * (1 + category * (class_weight - 1))
        result["category"] = 2 * (trust * per_class.mean(1)).sum() / total
        boundary = target["boundary"].permute(0, 2, 3, 1)[positive]
        apart = functional.smooth_l1_loss(at("boundary"), boundary, reduction="none").mean(1)
        result["boundary"] = 0.5 * (trust * apart).sum() / total
    named = target["subject"] >= 0
    if named.any():
        rows = out["subject"].permute(0, 2, 3, 1)[named]
        result["subject"] = 0.3 * functional.cross_entropy(rows, target["subject"][named], label_smoothing=0.05)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--views", nargs="+", default=["clean", "flip"])
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--fold", help="k/n: leave fold k of n out")
    parser.add_argument("--injected", action="store_true")
    parser.add_argument("--without", choices=CATEGORIES, help="leave the injected clips of this recipe out")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--decay", type=float, default=0.2)
    parser.add_argument("--channels", type=int, default=64)
    parser.add_argument("--blocks", type=int, default=2)
    parser.add_argument("--dropout", type=float, default=0.3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--name", required=True)
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    clips = load_clips(args.data, ("train",))
    if args.fold:
        fold, count = (int(part) for part in args.fold.split("/"))
        folds = assign_folds(clips, count)
        clips = [clip for clip in clips if folds[clip.id] != fold]
    found = load_sequences(args, clips)
    injected = load_injected(args, {clip.id for clip in clips})
    weights = dict(zip((clip.id for clip in clips), clip_weights(clips), strict=True))
    names = {role: sorted(found[role]) for role in found}
    chance = {}
    for role, ids in names.items():
        chance[role] = np.array([weights[name] for name in ids])
        chance[role] /= chance[role].sum()
    counts = np.zeros(len(CATEGORIES))
    for sequences in found["annotated"].values():
        for item in sequences[0].annotations:
            counts[item.category] += 1
    class_weight = torch.tensor((counts.max() / counts.clip(1)) ** 0.5, dtype=torch.float32).clamp(max=6)

    head = TraceHead(args.channels, args.blocks, args.dropout).to(args.device).train()
    average = TraceHead(args.channels, args.blocks).to(args.device).eval()
    average.load_state_dict(head.state_dict())
    optimiser = torch.optim.AdamW(head.parameters(), args.rate, weight_decay=args.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, args.rate, args.steps, pct_start=0.1)
    folder = args.work / "trace"
    folder.mkdir(parents=True, exist_ok=True)
    resume = folder / f"{args.name}.resume.pt"
    begin = 0
    if resume.exists():
        state = torch.load(resume, map_location=args.device, weights_only=True)
        begin = state["step"]
        for part, key in ((head, "head"), (average, "average"), (optimiser, "optimiser"), (schedule, "schedule")):
            part.load_state_dict(state[key])
    shares = {"annotated": 4, "real": 3, "weak": 1}
    sizes = {role: len(ids) for role, ids in names.items()} | {"injected": len(injected)}
    print(json.dumps({**vars(args), **sizes}, default=str), flush=True)
    begun = time.time()
    running: dict[str, float] = {}
    for step in range(begin, args.steps):
        rng = np.random.default_rng([args.seed, step])
        windows, weak = [], []
        for role, share in shares.items():
            for name in rng.choice(names[role], share, p=chance[role]):
                views = found[role][str(name)]
                sequence = views[rng.integers(len(views))]
                if role == "weak":
                    weak.append(len(windows))
                windows.append((sequence, sequence.window(rng)))
        for index in rng.integers(len(injected), size=INJECTED_SHARE) if injected else ():
            windows.append((injected[index], injected[index].window(rng)))
        s16, s32, target = batch_of(windows, args.device)
        parts = losses(head(s16, s32), target, weak, class_weight.to(args.device))
        loss = sum(parts.values())
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(head.parameters(), 5.0)
        optimiser.step()
        schedule.step()
        decay = min(EMA, (step + 1) / (step + 20))
        with torch.no_grad():
            for mean, value in zip(average.state_dict().values(), head.state_dict().values(), strict=True):
                if mean.is_floating_point():
                    mean.lerp_(value, 1 - decay)
        for key, value in parts.items():
            running[key] = 0.98 * running.get(key, value.item()) + 0.02 * value.item()
        if (step + 1) % 50 == 0:
            shown = " ".join(f"{key} {value:.4f}" for key, value in running.items())
            print(f"step {step + 1} {shown} {time.time() - begun:.0f} s", flush=True)
        if (step + 1) % SAVE_EVERY == 0 or step + 1 == args.steps:
            state = {
                "step": step + 1,
                "head": head.state_dict(),
                "average": average.state_dict(),
                "optimiser": optimiser.state_dict(),
                "schedule": schedule.state_dict(),
            }
            torch.save(state, resume.with_suffix(".part"))
            resume.with_suffix(".part").rename(resume)
    torch.save(average.state_dict(), folder / f"{args.name}.pt")


if __name__ == "__main__":
    main()
