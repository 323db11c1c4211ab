"""From head tensors to traces: the reference of the decoding in the app (same steps, same order)."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, replace
from typing import ClassVar

import numpy as np

from .contract import CATEGORIES, SAMPLES_PER_SECOND, STRIDE
from .coverage import best_box, expected_iou
from .preprocess import Letterbox
from .subjects import SUBJECTS

MIN_SIDE = 0.01


@dataclass(frozen=True)
class DecodeSettings:
    """Thresholds of the manifest's ``decoding`` entry."""

    candidate_threshold: float
    max_per_sample: int
    nms_iou: float
    link_iou: float
    max_gap: int
    min_samples: int
    trace_threshold: float
    likely_trace_threshold: float
    likely_probability: float
    duplicate_iou: float
    boundary_blend: float
    edge_slack: float
    category_bias: tuple[float, ...]
    max_traces: int

    _NAMES: ClassVar[dict[str, str]] = {
        "candidate_threshold": "candidateThreshold",
        "max_per_sample": "maxPerSample",
        "nms_iou": "nmsIou",
        "link_iou": "linkIou",
        "max_gap": "maxGap",
        "min_samples": "minSamples",
        "trace_threshold": "traceThreshold",
        "likely_trace_threshold": "likelyTraceThreshold",
        "likely_probability": "likelyProbability",
        "duplicate_iou": "duplicateIou",
        "boundary_blend": "boundaryBlend",
        "edge_slack": "edgeSlack",
        "category_bias": "categoryBias",
        "max_traces": "maxTraces",
    }

    @classmethod
    def from_manifest(cls, entry: dict) -> DecodeSettings:
        """From the camelCase entry of the manifest."""
        return cls(**{name: entry[key] for name, key in cls._NAMES.items()})

    def to_manifest(self) -> dict:
        """The camelCase entry of the manifest."""
        return {self._NAMES[name]: value for name, value in asdict(self).items()}


@dataclass(frozen=True)
class Segment:
    """Samples ``begin .. end - 1`` between hard cuts, and the segment's limits in seconds."""

    begin: int
    end: int
    start_time: float
    end_time: float


@dataclass
class WindowHeads:
    """Raw outputs of one window. ``start``: global sample index; only the first ``valid`` samples count."""

    start: int
    valid: int
    objectness: np.ndarray  # [T, 1, H, W] logits
    category: np.ndarray  # [T, 9, H, W] logits
    box: np.ndarray  # [T, 4, H, W] input pixels
    boundary: np.ndarray  # [T, 2, H, W] seconds
    subject: np.ndarray  # [T, K, H, W] logits
    coverage: np.ndarray  # [1, 1, H, W] logits


@dataclass
class Candidate:
    """One box at one sample."""

    score: float
    box: np.ndarray  # x0, y0, x1, y1 as fractions of the frame
    category: np.ndarray
    subject: np.ndarray
    boundary: np.ndarray


@dataclass
class Tube:
    """Candidates linked over time."""

    samples: list[int] = field(default_factory=list)
    points: list[Candidate] = field(default_factory=list)

    def score(self) -> float:
        """Mean of the better half of the scores."""
        best = sorted((point.score for point in self.points), reverse=True)
        half = math.ceil(len(best) / 2)
        return sum(best[:half]) / half


@dataclass
class Trace:
    """One decoded trace; times in seconds, boxes as fractions of the frame."""

    category: str
    subject: str
    score: float
    onset: float
    offset: float
    box: list[float]
    category_scores: list[float]
    subject_scores: list[float]
    samples: list[int]
    boxes: list[list[float]]


def iou(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two boxes (x0, y0, x1, y1)."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    inner = width * height
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inner
    return float(inner / union)


def candidates_of_sample(heads: WindowHeads, k: int, letterbox: Letterbox, settings: DecodeSettings) -> list[Candidate]:
    """Cells above the threshold at sample ``k`` of a window, best first."""
    width = heads.objectness.shape[-1]
    logits = heads.objectness[k, 0].reshape(-1).astype(np.float64)
    scores = 1 / (1 + np.exp(-logits))
    order = [i for i in np.argsort(-scores, kind="stable") if scores[i] >= settings.candidate_threshold]
    found = []
    for cell in order[: settings.max_per_sample]:
        y, x = divmod(int(cell), width)
        left, top, right, bottom = heads.box[k, :, y, x].astype(np.float64)
        centre_x, centre_y = (x + 0.5) * STRIDE, (y + 0.5) * STRIDE
        box = letterbox.to_frame(np.array([centre_x - left, centre_y - top, centre_x + right, centre_y + bottom])).clip(
            0.0, 1.0
        )
        if box[2] - box[0] < MIN_SIDE or box[3] - box[1] < MIN_SIDE:
            continue
        subject = heads.subject[k, :, y, x].astype(np.float64)
        subject = np.exp(subject - subject.max())
        category = 1 / (1 + np.exp(-heads.category[k, :, y, x].astype(np.float64)))
        found.append(
            Candidate(
                float(scores[cell]),
                box,
                category,
                subject / subject.sum(),
                heads.boundary[k, :, y, x].astype(np.float64),
            )
        )
    return found


def _mean(points: list[Candidate], name: str) -> np.ndarray:
    weights = np.array([point.score for point in points])
    values = np.stack([getattr(point, name) for point in points])
    return (weights[:, None] * values).sum(0) / weights.sum()


def fuse(points: list[Candidate], nms_iou: float) -> list[Candidate]:
    """Cluster the candidates of one sample around the best ones and average every cluster."""
    left = sorted(points, key=lambda point: -point.score)
    fused = []
    while left:
        head = left[0]
        cluster = [head] + [point for point in left[1:] if iou(head.box, point.box) > nms_iou]
        left = [point for point in left[1:] if iou(head.box, point.box) <= nms_iou]
        fused.append(
            Candidate(
                head.score,
                _mean(cluster, "box"),
                _mean(cluster, "category"),
                _mean(cluster, "subject"),
                _mean(cluster, "boundary"),
            )
        )
    return fused


def link(samples: list[tuple[int, list[Candidate]]], settings: DecodeSettings) -> list[Tube]:
    """Link candidates over ascending samples into tubes.

    A tube stays open while at most ``max_gap`` samples in a row lack it. Ties of the greedy matching:
    higher IoU, then higher candidate score, then the older tube.
    """
    tubes: list[Tube] = []
    for g, points in samples:
        active = [i for i, tube in enumerate(tubes) if g - tube.samples[-1] - 1 <= settings.max_gap]
        pairs = []
        for i in active:
            for j, point in enumerate(points):
                overlap = iou(tubes[i].points[-1].box, point.box)
                if overlap >= settings.link_iou:
                    pairs.append((-overlap, -point.score, i, j))
        taken_tubes: set[int] = set()
        taken_points: set[int] = set()
        for _, _, i, j in sorted(pairs):
            if i in taken_tubes or j in taken_points:
                continue
            taken_tubes.add(i)
            taken_points.add(j)
            tubes[i].samples.append(g)
            tubes[i].points.append(points[j])
        tubes.extend(Tube([g], [point]) for j, point in enumerate(points) if j not in taken_points)
    return tubes


def finish(tube: Tube, times: list[float], segment: Segment, settings: DecodeSettings) -> Trace:
    """Times, summary box, category and subject of a tube."""
    step = 1 / SAMPLES_PER_SECOND
    weights = np.array([point.score for point in tube.points])
    at = np.array([times[g] for g in tube.samples])
    boundary = np.stack([point.boundary for point in tube.points])
    mean_on = float((weights * (at - boundary[:, 0])).sum() / weights.sum())
    mean_off = float((weights * (at + boundary[:, 1])).sum() / weights.sum())
    blend = settings.boundary_blend
    onset = blend * mean_on + (1 - blend) * float(at[0])
    offset = blend * mean_off + (1 - blend) * (float(at[-1]) + step)
    onset = min(max(onset, segment.start_time), segment.end_time)
    offset = min(max(offset, segment.start_time), segment.end_time)
    if onset - segment.start_time <= settings.edge_slack:
        onset = segment.start_time
    if segment.end_time - offset <= settings.edge_slack:
        offset = segment.end_time
    if offset < onset + step:
        offset = min(segment.end_time, onset + step)
    category, subject = _mean(tube.points, "category"), _mean(tube.points, "subject")
    names = SUBJECTS if len(subject) == len(SUBJECTS) else tuple(str(i) for i in range(len(subject)))
    return Trace(
        category=CATEGORIES[int(np.argmax(np.log(category + 1e-9) + np.array(settings.category_bias)))],
        subject=names[int(np.argmax(subject))],
        score=tube.score(),
        onset=onset,
        offset=offset,
        box=_mean(tube.points, "box").tolist(),
        category_scores=category.tolist(),
        subject_scores=subject.tolist(),
        samples=list(tube.samples),
        boxes=[point.box.tolist() for point in tube.points],
    )


def coverage_over(tube: Tube, windows: list[WindowHeads]) -> np.ndarray:
    """Mean coverage ``[H, W]`` of the windows that share a sample with the tube."""
    shared = [w for w in windows if w.start <= tube.samples[-1] and w.start + w.valid > tube.samples[0]]
    return np.mean([1 / (1 + np.exp(-w.coverage[0, 0].astype(np.float64))) for w in shared], 0)


def moved(trace: Trace, box: np.ndarray) -> Trace:
    """The trace with another summary box; its track keeps its motion and takes on the size."""
    old = np.array(trace.box)
    track = []
    for point in trace.boxes:
        shift = [(point[i] + point[i + 2] - old[i] - old[i + 2]) / 2 for i in (0, 1)] * 2
        track.append((box + shift).clip(0.0, 1.0).tolist())
    return replace(trace, box=box.tolist(), boxes=track)


def placed(traces: list[tuple[Trace, np.ndarray]], letterbox: Letterbox) -> list[Trace]:
    """Weigh every trace by how well its box agrees with the coverage, and give the leading one the best box.

    The score is multiplied by the expected IoU of the trace's box over that of the best box. Of traces that share
    time the one with the highest score leads: its place is taken from the coverage map. Returned best first.
    """
    weighed = []
    for trace, coverage in traces:
        box, value = best_box(coverage, letterbox)
        own = float(expected_iou(np.array([trace.box]), coverage, letterbox)[0])
        weighed.append((trace.score * min(1.0, own / value), trace, box))
    found: list[Trace] = []
    leading: list[Trace] = []
    for score, trace, box in sorted(weighed, key=lambda item: -item[0]):
        if any(other.onset < trace.offset and trace.onset < other.offset for other in leading):
            found.append(replace(trace, score=score))
        else:
            leading.append(moved(trace, box))
    return sorted(leading + found, key=lambda trace: -trace.score)


def decode_segment(
    windows: list[WindowHeads],
    letterbox: Letterbox,
    times: list[float],
    segment: Segment,
    settings: DecodeSettings,
) -> list[Trace]:
    """All traces of one segment, best first, however weak. ``times``: seconds of every global sample."""
    by_sample: dict[int, list[Candidate]] = {}
    for heads in windows:
        for k in range(heads.valid):
            points = candidates_of_sample(heads, k, letterbox, settings)
            by_sample.setdefault(heads.start + k, []).extend(points)
    samples = [(g, fuse(by_sample[g], settings.nms_iou)) for g in sorted(by_sample)]
    tubes = [tube for tube in link(samples, settings) if len(tube.samples) >= settings.min_samples]
    traces = [(finish(tube, times, segment, settings), coverage_over(tube, windows)) for tube in tubes]
    return without_duplicates(placed(traces, letterbox), settings.duplicate_iou)[: settings.max_traces]


def without_duplicates(traces: list[Trace], duplicate_iou: float) -> list[Trace]:
    """Drop every trace that shares time and place with a stronger one. ``traces``: best first."""
    kept: list[Trace] = []
    for trace in traces:
        if not any(
            other.onset < trace.offset
            and trace.onset < other.offset
            and iou(np.array(other.box), np.array(trace.box)) > duplicate_iou
            for other in kept
        ):
            kept.append(trace)
    return kept


def shown_traces(traces: list[Trace], fake_probability: float, settings: DecodeSettings) -> list[Trace]:
    """The traces to show, best first: in a clip that is likely generated weaker ones too, and at least the best."""
    if fake_probability < settings.likely_probability:
        return [trace for trace in traces if trace.score >= settings.trace_threshold]
    return [trace for trace in traces if trace.score >= settings.likely_trace_threshold] or traces[:1]
