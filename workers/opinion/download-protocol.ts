import type { OpinionOutcome } from './errors';
import type { ModelSource, StoredModel } from './store';

/** What is to be fetched, from where, and how much of it was agreed to. */
export type DownloadRequest = {
  key: string;
  /** The registry entry, kept with the files. */
  entry: unknown;
  variant: string;
  dtype: Record<string, string>;
  source: ModelSource;
  /** What the registry knows of single files. */
  known: { path: string; bytes: number | null; sha256: string | null }[];
  /** Bytes the visitor agreed to; a source that wants clearly more is refused. */
  agreedBytes: number;
};

/** What the downloader tells while it works. */
export type DownloadEvent =
  | { type: 'listing' }
  | { type: 'progress'; path: string; bytesDone: number; bytesTotal: number | null }
  | { type: 'checking'; path: string; bytesDone: number; bytesTotal: number | null };

/** What a download worker offers. One download at a time. */
export type DownloadApi = {
  /** Fetches what is not stored yet; a download that was broken off goes on where it ended. */
  download(
    request: DownloadRequest,
    onEvent: (event: DownloadEvent) => void,
  ): Promise<OpinionOutcome<StoredModel>>;
  /** Fetches the text of one small file of a mirror, the registry entry it may bring. */
  readText(url: string): Promise<OpinionOutcome<string>>;
  /** Breaks the download off; what is stored stays. */
  pause(): void;
};
