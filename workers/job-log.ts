import type { WindowEvidence } from './evidence';
import type { Bin } from './traces/explain-context';
import type { QualityState } from './video/quality';
import type { AssemblerState } from './video/sampling';

/** One thing that happened on the way through a clip, in the order it has to be done again. */
export type JobStep = { type: 'window'; evidence: WindowEvidence } | { type: 'cut'; seconds: number };

/** Where reading goes on after a {@link JobLogEntry}: what is needed beside the steps, without a pixel. */
export type Checkpoint = {
  /** Samples of the grid that have been read; the last of them waits for the next. */
  samplesRead: number;
  assembler: AssemblerState;
  quality: QualityState;
};

/** What the worker tells the page whenever windows are finished, so that they need not be run again. */
export type JobLogEntry = { steps: JobStep[]; checkpoint: Checkpoint };

/** What a job starts from that was interrupted: by a lost worker, a lost GPU or a reloaded page. */
export type JobLog = {
  /** Hash of the model's manifest: evidence of another model is not taken up. */
  modelSha256: string;
  /** SHA-256 of the file, as far as it was known. */
  fileSha256: string | undefined;
  /** The file is the very object the log was made from, so its hash need not be checked. */
  sameFile: boolean;
  entries: readonly JobLogEntry[];
  /** The explainer's bins of all windows of the entries, merged as the worker merges them. */
  bins: readonly Bin[];
};
