"""Train the explainer on the sentences of annotated (and injected) traces and on named subjects of real clips.

Reads cached trunk features (``cache_features.py``; the mirrored view where it is cached). Resumable: a step depends on
the seed and its number only. Writes ``work/explainer/NAME.{pt,json,log}``.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from tracenet.contract import CATEGORIES
from tracenet.explain.dataset import (
    ClipBins,
    Row,
    annotated_rows,
    injected_rows,
    load_bins,
    mirrored_box,
    named_rows,
)
from tracenet.explain.decoder import HIDDEN, Explainer
from tracenet.explain.language import BEGIN, END, PAD, PLACE, WORD_CLAIMS, is_plural, noun_class, reduce, subject_phrase
from tracenet.explain.pooling import geometry_vector, pool
from tracenet.explain.vocabulary import Vocabulary
from tracenet.subjects import SUBJECTS, coarse_subject

VIEWS = 8
JITTER = 0.12
EMA = 0.998
SAVE_EVERY = 100
# Probability that the decoder is not told the subject, that a predicate is another trace's of the same category, that
# an owner is left out, and that a noun is called by its class.
UNTOLD, BORROWED, OWNERLESS, CLASSED = 0.5, 0.35, 0.2, 0.1
SUBJECT_WEIGHT = 0.5


class Examples:
    """Pooled features and sentences of all training rows."""

    def __init__(self, rows: list[Row], bins: dict[str, dict[str, ClipBins]], seed: int):
        self.rows = [row for row in rows if any(row.clip in found for found in bins.values())]
        rng = np.random.default_rng(seed)
        views = [self._views(row, bins, rng) for row in self.rows]
        self.features = np.stack([features for features, _ in views])
        self.geometry = np.stack([geometry for _, geometry in views])
        self.subject = np.array([coarse_subject(row.subject) for row in self.rows])
        self.phrases = [subject_phrase(row.subject) for row in self.rows]
        self.predicates: list[list[str] | None] = []
        self.lent: dict[tuple[int, bool], list[list[str]]] = {}
        for row, phrase in zip(self.rows, self.phrases, strict=True):
            words = row.explanation and reduce(row.explanation, row.subject, CATEGORIES[row.category])
            self.predicates.append(words[len(phrase) :] if words else None)
            if words:
                predicate = [word for word in words[len(phrase) :] if word != PLACE]
                self.lent.setdefault((row.category, is_plural(phrase[-1])), []).append(predicate)
        self.lending = [key for key, found in self.lent.items() if len(found) > 2]

    @staticmethod
    def _views(row: Row, bins: dict[str, dict[str, ClipBins]], rng: np.random.Generator):
        """``[VIEWS, FEATURES]`` with jittered boxes and times; the first view of all is exact."""
        features, geometry = [], []
        known = [found[row.clip] for found in bins.values() if row.clip in found]
        for view in range(VIEWS):
            clip = known[view % len(known)]
            box = np.array(mirrored_box(row.box) if clip.mirrored else row.box)
            start, end = row.start, row.end
            if view >= len(known):
                sides = np.array([box[2] - box[0], box[3] - box[1]] * 2)
                box = (box + rng.normal(0, JITTER, 4) * sides).clip(0, 1)
                box = np.concatenate([np.minimum(box[:2], box[2:]), np.maximum(box[:2], box[2:])])
                shift = rng.normal(0, JITTER, 2) * max(end - start, 0.5)
                start, end = max(0.0, start + shift[0]), min(clip.length, max(start + 1 / 6, end + shift[1]))
            features.append(pool(clip.bins, clip.place, box, start, end))
            geometry.append(geometry_vector(box, start, end, clip.length))
        return np.stack(features), np.stack(geometry)

    def vocabulary(self) -> Vocabulary:
        """Words of all predicates and the common nouns."""
        whole = [predicate for predicate in self.predicates if predicate]
        seen = {(row.clip, row.subject): phrase for row, phrase in zip(self.rows, self.phrases, strict=True)}
        return Vocabulary.build(list(seen.values()), whole)

    def sentence(self, index: int, rng: np.random.Generator, known: set[str]) -> tuple[int, list[str]]:
        """Category and words to say of a row this time."""
        row, phrase, predicate = self.rows[index], list(self.phrases[index]), self.predicates[index]
        plural = is_plural(phrase[-1])
        category = row.category
        if category is None:
            choices = [key for key in self.lending if key[1] == plural]
            odds = np.array([len(self.lent[key]) ** 0.5 for key in choices])
            category = choices[rng.choice(len(choices), p=odds / odds.sum())][0]
        lent = self.lent.get((category, plural))
        if lent and (predicate is None or rng.random() < BORROWED):
            predicate = lent[rng.integers(len(lent))]
        if predicate is None:
            predicate = self.lent[(category, not plural)][0]
        if len(phrase) > 2 and (rng.random() < OWNERLESS or phrase[1] not in known):
            phrase = [phrase[0], phrase[-1]]
        noun = phrase[-1]
        unknown = noun not in known or noun in WORD_CLAIMS or noun_class(noun) is None
        if unknown or rng.random() < CLASSED:
            phrase[-1] = SUBJECTS[self.subject[index]]
        return category, [*phrase, *predicate]


def batch_of(examples: Examples, indices: np.ndarray, rng: np.random.Generator, vocabulary: Vocabulary):
    """Tensors of a batch; words in front of the sentence's end are padded away."""
    index = vocabulary.index
    known = set(index)
    features, slots, sentences = [], [], []
    for i in indices:
        view = rng.integers(VIEWS)
        category, words = examples.sentence(int(i), rng, known)
        told = np.zeros(len(SUBJECTS), np.float32)
        if rng.random() >= UNTOLD:
            told[examples.subject[i]] = rng.uniform(0.2, 1.0)
        named = np.eye(len(CATEGORIES), dtype=np.float32)[category] * rng.uniform(0.6, 1.0)
        features.append(examples.features[i, view])
        slots.append(np.concatenate([named, told, examples.geometry[i, view]]))
        sentences.append([index[BEGIN], *(index[word] for word in words), index[END]])
    length = max(map(len, sentences))
    padded = np.full((len(indices), length), index[PAD])
    for row, sentence in zip(padded, sentences, strict=True):
        row[: len(sentence)] = sentence
    return (
        torch.from_numpy(np.stack(features)),
        torch.from_numpy(np.stack(slots).astype(np.float32)),
        torch.from_numpy(padded),
        torch.from_numpy(examples.subject[indices]),
    )


def losses(net: Explainer, batch: tuple[Tensor, ...], words: int, pad: int) -> tuple[Tensor, Tensor]:
    """Cross-entropy of the next word and of the subject."""
    features, slots, sentences, subject = batch
    context, guess = net.context(features, slots)
    state = torch.zeros(len(features), HIDDEN)
    told = functional.one_hot(sentences, words).float()
    logits = []
    for k in range(sentences.shape[1] - 1):
        found, state = net.step(context, state, told[:, k])
        logits.append(found)
    flat = torch.stack(logits, 1).reshape(-1, words)
    said = functional.cross_entropy(flat, sentences[:, 1:].reshape(-1), ignore_index=pad, label_smoothing=0.05)
    return said, functional.cross_entropy(guess, subject, label_smoothing=0.1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--batch", type=int, default=40)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--decay", type=float, default=0.1)
    parser.add_argument("--dropout", type=float, default=0.4)
    parser.add_argument("--no-injected", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--name", required=True)
    args = parser.parse_args()

    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    annotated, named = annotated_rows(args.data, "train"), named_rows(args.data)
    injected = [] if args.no_injected else injected_rows(args.work)
    rows = annotated + named + injected
    bins = {view: load_bins(args.work, rows, view) for view in ("clean", "flip")}
    examples = Examples(rows, bins, args.seed)
    vocabulary = examples.vocabulary()
    words, pad = len(vocabulary.words), vocabulary.words.index(PAD)
    # A batch is half annotated traces; the other half is shared by injected traces and named subjects.
    shares = {"annotated": 0.5, "injected": 0.25, "named": 0.25}
    weights = np.array([row.weight for row in examples.rows])
    roles = np.array([row.role for row in examples.rows])
    chance = np.zeros(len(weights))
    for role, share in shares.items():
        if (roles == role).any():
            chance[roles == role] = share * weights[roles == role] / weights[roles == role].sum()
    chance /= chance.sum()

    net = Explainer(words, dropout=args.dropout)
    flat = examples.features.reshape(-1, examples.features.shape[-1])
    net.centre.copy_(torch.from_numpy(flat.mean(0)))
    net.scale.copy_(torch.from_numpy(1 / (flat.std(0) + 1e-3)))
    average = Explainer(words)
    average.load_state_dict(net.state_dict())
    optimiser = torch.optim.AdamW(net.parameters(), args.rate, weight_decay=args.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, args.rate, args.steps, pct_start=0.1)
    folder = args.work / "explainer"
    folder.mkdir(parents=True, exist_ok=True)
    resume = folder / f"{args.name}.resume.pt"
    begin = 0
    parts = {"net": net, "average": average, "optimiser": optimiser, "schedule": schedule}
    if resume.exists():
        state = torch.load(resume, map_location="cpu", weights_only=True)
        begin = state["step"]
        for key, part in parts.items():
            part.load_state_dict(state[key])
    vocabulary.save(folder / f"{args.name}.json")
    begun, running = time.time(), {}
    with (folder / f"{args.name}.log").open("a", encoding="utf-8") as log:

        def tell(line: str) -> None:
            print(line, flush=True)
            log.write(line + "\n")
            log.flush()

        counts = {role: int((roles == role).sum()) for role in shares}
        sentences = sum(predicate is not None for predicate in examples.predicates)
        size = sum(p.numel() for p in net.parameters())
        options = {key: value for key, value in vars(args).items() if key not in ("data", "work")}
        tell(json.dumps(options | counts | {"sentences": sentences, "words": words, "parameters": size}))
        for step in range(begin, args.steps):
            rng = np.random.default_rng([args.seed, step])
            torch.manual_seed(args.seed * 1_000_003 + step)
            indices = rng.choice(len(chance), args.batch, p=chance)
            said, subject = losses(net, batch_of(examples, indices, rng, vocabulary), words, pad)
            optimiser.zero_grad()
            (said + SUBJECT_WEIGHT * subject).backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            decay = min(EMA, (step + 1) / (step + 20))
            with torch.no_grad():
                for mean, value in zip(average.state_dict().values(), net.state_dict().values(), strict=True):
                    mean.lerp_(value, 1 - decay)
            for key, value in (("words", said), ("subject", subject)):
                running[key] = 0.98 * running.get(key, value.item()) + 0.02 * value.item()
            if (step + 1) % SAVE_EVERY == 0 or step + 1 == args.steps:
                shown = " ".join(f"{key} {value:.4f}" for key, value in running.items())
                tell(f"step {step + 1} {shown} {time.time() - begun:.0f} s")
                torch.save({"step": step + 1} | {k: p.state_dict() for k, p in parts.items()}, resume)
    torch.save(average.state_dict(), folder / f"{args.name}.pt")


if __name__ == "__main__":
    main()
