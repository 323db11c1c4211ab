import type { OpinionOutcome } from './errors';

/** Width and height in pixels. */
export type PixelSize = { width: number; height: number };

/** The files of a model by their path in its folder, handed over so that the worker never needs the network. */
export type ModelFiles = Record<string, Blob>;

/** Everything the inference worker needs to build a model. */
export type LoadRequest = {
  files: ModelFiles;
  /** SHA-256 of those files whose hash is known, in lower-case hexadecimal; checked before anything runs. */
  hashes: Record<string, string>;
  /** Dtype by session file, as transformers.js takes it. */
  dtype: Record<string, string>;
  device: 'webgpu' | 'wasm';
  /** Threads for what runs on the processor; one where the page is not isolated. */
  threads: number;
  /** The runtime's WebAssembly binary. */
  runtimeBinary: Blob;
  /** The runtime's JavaScript glue module. */
  runtimeModule: Blob;
};

/** What the worker tells while it loads. */
export type LoadEvent = { type: 'checking'; bytesDone: number; bytesTotal: number } | { type: 'building' };

/** A question, worded, with the frames it is about. */
export type AskRequest = {
  video: Blob;
  frames: { count: number; startSeconds: number; endSeconds: number } & PixelSize;
  /** `each`: a placeholder and a time before each frame. `stack`: an even number of frames behind one placeholder. */
  placeholders: 'each' | 'stack';
  style: 'chat' | 'florence';
  processor: 'text-first' | 'images-first';
  processorOptions: Record<string, boolean | number | string>;
  /** The question; where `timesMark` stands, the times of the frames are put. */
  text: string;
  timesMark: string;
  maxTokens: number;
};

/** What the worker tells while it answers. */
export type AskEvent =
  | { type: 'frames'; timesSeconds: number[] }
  | { type: 'thinking'; promptTokens: number }
  | { type: 'text'; text: string; tokens: number };

/** An answer as it was given. */
export type Answer = {
  text: string;
  /** The question with the times of the frames in it. */
  question: string;
  /** Tokens of the answer. */
  tokens: number;
  promptTokens: number;
  /** From the question to the end of the answer. */
  seconds: number;
  /** Packet timestamps of the frames that were shown. */
  timesSeconds: number[];
  /** Size of a frame as the model saw it. */
  input: PixelSize;
  /** Whether it was stopped before its end. */
  stopped: boolean;
};

/** What the inference worker offers. One call at a time, but for `stop`. After a failed call it must be replaced. */
export type OpinionApi = {
  load(request: LoadRequest, onEvent: (event: LoadEvent) => void): Promise<OpinionOutcome<void>>;
  ask(request: AskRequest, onEvent: (event: AskEvent) => void): Promise<OpinionOutcome<Answer>>;
  /** Ends the answer after the next token. */
  stop(): void;
};
