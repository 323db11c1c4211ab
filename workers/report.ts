/** The nine deepfake trace categories of DeeptraceReward (arXiv 2509.22646), in the order of its table. */
export const CATEGORIES = [
  'object-distortion',
  'sudden-blurring',
  'object-trajectory',
  'redundant-object',
  'object-merging',
  'object-splitting',
  'background-distortion',
  'object-disappearance',
  'unexpected-move',
] as const;

/** One of the nine trace categories. */
export type Category = (typeof CATEGORIES)[number];

/** `[x0, y0, x1, y1]`; in a report in pixels of the displayed (rotated) frame. */
export type Box = [number, number, number, number];

/**
 * What the clip can amount to, strongest first. There is no band that says "real": the absence of signs proves nothing.
 */
export const BANDS = ['substantial-evidence', 'inconclusive', 'no-strong-signs'] as const;

/** What the clip amounts to. */
export type Band = (typeof BANDS)[number];

/** Where the model runs. */
export type Backend = 'webgpu' | 'wasm';

/** One deepfake trace: a visible artifact bounded in space and time. */
export type Trace = {
  id: string;
  category: Category;
  /** The model's confidence that there is a trace here, 0..1. Not a probability that the clip is generated. */
  score: number;
  /** Onset in seconds of the media timeline. */
  startSeconds: number;
  /** Offset in seconds of the media timeline. */
  endSeconds: number;
  /** Score-weighted mean box over the track. */
  box: Box;
  /** The tube: one box per sampled time, ascending. */
  track: { timeSeconds: number; box: Box }[];
  explanation: string;
  /**
   * Who wrote the explanation: the model's text decoder, checked against the measured category, subject and times, or the
   * grammar, from these alone. Missing in reports of versions that had the grammar only.
   */
  explanationSource?: 'decoder' | 'grammar';
};

/** What is known of the video before any pixel is judged. */
export type VideoInfo = {
  /** Container by its common name, for example `MP4`, `QuickTime File Format`, `WebM`, `Matroska`. */
  container: string;
  /** Codec, for example `avc`, `hevc`, `vp8`, `vp9`, `av1`. */
  codec: string;
  /** Width of the displayed frame in pixels, rotation applied. */
  width: number;
  /** Height of the displayed frame in pixels, rotation applied. */
  height: number;
  /** Clockwise rotation the player applies to the coded frame. */
  rotation: 0 | 90 | 180 | 270;
  /** From the first frame's timestamp to the end of the last, in seconds, by packet timestamps. */
  durationSeconds: number;
  frameCount: number;
  averageFrameRate: number;
};

/** The verdict over the whole clip. */
export type Verdict = {
  band: Band;
  /** Calibrated probability that the clip is generated, 0..1. */
  fakeProbability: number;
  /** Plain sentences: what speaks for the band, and why judgement was withheld where it was. */
  reasons: string[];
};

/** Seconds spent on each stage, and in all. */
export type Timing = {
  /** Hashing the file (runs beside the rest). */
  hashSeconds: number;
  decodeSeconds: number;
  preprocessSeconds: number;
  inferenceSeconds: number;
  totalSeconds: number;
};

/** The program that made a report. */
export type AppInfo = { name: 'Tellscope'; version: string };

/** Where an analysis ran, in the browser's own words. */
export type BrowserInfo = {
  userAgent: string;
  /** Empty where the browser does not tell its brands (Firefox, Safari). */
  brands: { name: string; version: string }[];
  /** Operating system by its common name, for example `Windows`, `macOS`, `Linux`; empty where it is not told. */
  platform: string;
};

/** What an analysis was asked to do: the choices of the visitor and those that come with the model. */
export type Settings = {
  /** The backend that was asked for; `model.backend` is the one that ran. */
  requestedBackend: 'auto' | Backend;
  framesPerSecond: number;
  /** Samples of a window, and samples from the start of one window to that of the next. */
  windowFrames: number;
  hopFrames: number;
  /** Frames were scaled down to this short side, in pixels. */
  shortSide: number;
  /** Score from which a trace is listed, and from which it is in a clip that is more likely generated than not. */
  traceThreshold: number;
  likelyTraceThreshold: number;
  /** Probabilities at and above / at and below which a band is given. */
  bands: { substantialEvidence: number; noStrongSigns: number };
};

/** What the model saw in one window of the clip. */
export type WindowJudgement = {
  startSeconds: number;
  endSeconds: number;
  /** The model's probability that the clip is generated, from this window alone. */
  fakeProbability: number;
  /**
   * 95 % interval of that probability by how much the crops looked at differ (see `windowInterval`); left out where there
   * is one crop only.
   */
  interval?: { low: number; high: number };
  /**
   * Mean luma and mean absolute difference of neighbouring pixels over the window, both 0..255, and how much the codec's
   * blocks show before any scaling (1: not at all).
   */
  quality?: { brightness: number; detail: number; blockiness?: number };
};

/** One trace as a second model named it; null is what it did not say. */
export type OpinionTrace = {
  category: Category | null;
  /** In pixels of the displayed frame. */
  box: Box | null;
  startSeconds: number | null;
  endSeconds: number | null;
  explanation: string;
};

/** The answer of a larger, general model that was asked about the clip. Never part of the verdict. */
export type SecondOpinion = {
  model: {
    /** Name of the model where it is kept, for example `onnx-community/Qwen3-VL-2B-Instruct-ONNX`. */
    id: string;
    name: string;
    /** Number format of its weights, for example `q4f16`. */
    dtype: string;
    /** Where its files came from, for example `huggingface.co` or `a folder on this machine`. */
    source: string;
  };
  question: string;
  /** The answer as it was given. */
  answerText: string;
  /** What the answer says, where it could be understood. */
  parsed: { label: 'REAL' | 'FAKE'; traces: OpinionTrace[] } | null;
  /** The answer does not keep to the form that was asked for. */
  malformed: boolean;
  /** Tokens of the answer. */
  tokens: number;
  /** Seconds from the question to the end of the answer. */
  seconds: number;
  /** ISO 8601, UTC. */
  createdAt: string;
};

/** The one result object that page, exports and command line share (`public/schemas/tellscope-report-1.json`). */
export type Report = {
  schema: 'tellscope-report/1';
  app: AppInfo;
  /** When the analysis began: ISO 8601, UTC. */
  analysedAt: string;
  browser: BrowserInfo;
  file: { name: string; bytes: number; sha256: string };
  video: VideoInfo;
  model: { id: string; version: string; sha256: string; backend: Backend; precision: string };
  settings: Settings;
  verdict: Verdict;
  /** Sorted by score, highest first. */
  traces: Trace[];
  /** Hard cuts, in seconds: no trace is followed across one. */
  cuts: number[];
  /** In time order; neighbours overlap. */
  windows: WindowJudgement[];
  timing: Timing;
  warnings: string[];
  /** Answers of other models, oldest first. Empty when none was asked. */
  secondOpinions: SecondOpinion[];
};
