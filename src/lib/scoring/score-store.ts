import { clear, createStore, del, entries, set, type UseStore } from 'idb-keyval';
import type { ErrorData } from '../../../workers/errors';
import type { Report } from '../../../workers/report';
import type { Mark } from './predictions';

/** Names of the IndexedDB databases that hold what scoring has found so far. */
const DATABASES = { results: 'tellscope-scoring', marks: 'tellscope-scoring-marks' };

/** How the analysis of one video of a data set ended. */
export type ScoredResult = {
  /** Id and version of the model. */
  model: string;
  videoId: string;
  /** Size of the file in bytes: with the id it tells whether a file is still the same. */
  bytes: number;
  outcome: { report: Report } | { error: ErrorData };
};

/** A person's mark, and the two texts it compares: with another text it no longer holds. */
export type StoredMark = {
  modelId: string;
  videoId: string;
  /** Place of the trace among the rows of its video, from 1. */
  trace: number;
  mark: Mark;
  predicted: string;
  written: string;
};

/** What scoring keeps from one visit to the next. Every method rejects when the browser keeps nothing. */
export type ScoreStore = {
  loadResults(model: string): Promise<ScoredResult[]>;
  saveResult(result: ScoredResult): Promise<void>;
  loadMarks(): Promise<StoredMark[]>;
  saveMark(mark: StoredMark): Promise<void>;
  removeMark(mark: Omit<StoredMark, 'mark'>): Promise<void>;
  /** Deletes everything that scoring has stored in this browser. */
  clear(): Promise<void>;
};

let results: UseStore | undefined;
let marks: UseStore | undefined;
const resultStore = (): UseStore => (results ??= createStore(DATABASES.results, 'results'));
const markStore = (): UseStore => (marks ??= createStore(DATABASES.marks, 'marks'));

const resultKey = ({ model, videoId }: Pick<ScoredResult, 'model' | 'videoId'>): string =>
  JSON.stringify([model, videoId]);
const markKey = ({ modelId, videoId, trace }: Pick<StoredMark, 'modelId' | 'videoId' | 'trace'>): string =>
  JSON.stringify([modelId, videoId, trace]);

/** The store in this browser's IndexedDB. */
export const browserScoreStore: ScoreStore = {
  async loadResults(model) {
    const all = await entries<string, ScoredResult>(resultStore());
    return all.map(([, result]) => result).filter((result) => result.model === model);
  },
  saveResult: (result) => set(resultKey(result), result, resultStore()),
  async loadMarks() {
    return (await entries<string, StoredMark>(markStore())).map(([, mark]) => mark);
  },
  saveMark: (mark) => set(markKey(mark), mark, markStore()),
  removeMark: (mark) => del(markKey(mark), markStore()),
  async clear() {
    await Promise.all([clear(resultStore()), clear(markStore())]);
  },
};
