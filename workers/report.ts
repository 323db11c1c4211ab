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

/** What the clip amounts to. There is no band that says "real": the absence of signs proves nothing. */
export type Band = 'substantial-evidence' | 'inconclusive' | 'no-strong-signs';

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

/** The one result object that page, exports and command line share (`public/schemas/tellscope-report-1.json`). */
export type Report = {
  schema: 'tellscope-report/1';
  file: { name: string; bytes: number; sha256: string };
  video: VideoInfo;
  model: { id: string; version: string; sha256: string; backend: Backend; precision: string };
  verdict: Verdict;
  /** Sorted by score, highest first. */
  traces: Trace[];
  /** Hard cuts, in seconds: no trace is followed across one. */
  cuts: number[];
  /** The model's probability per window, in time order. */
  windows: { startSeconds: number; endSeconds: number; fakeProbability: number }[];
  timing: Timing;
  warnings: string[];
};
