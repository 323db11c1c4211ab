import type { Analysis, AnalysisManager } from '../analyses.svelte';
import { formatCount } from '../format';
import { splitDocument, type ReportDocument } from '../report-document';
import type { Problem } from '../scoring/problems';
import { keepReview } from './keep-review';
import { ImportError, readImport, type Import } from './read-import';
import { kindOf, reportsOf, textOf } from './sort-files';

/** Something to say about a file that was no video: why it was not opened, or what of it can be. */
export type Notice = {
  id: number;
  fileName: string;
  text: string;
  problems: readonly Problem[];
  /** Opens what can be read; missing where that is nothing. */
  accept: { label: string; run: () => Promise<void> } | undefined;
};

/** What the inbox hands things to. */
export type Destinations = {
  analyses: Pick<AnalysisManager, 'list' | 'add' | 'addReports' | 'select'>;
  /** Takes predictions and data sets to be scored. */
  score: (found: Exclude<Import, { kind: 'reports' }>, fileName: string) => void;
  /** SHA-256 of a file. */
  hash: (file: File) => Promise<string>;
};

/**
 * Takes whatever is dropped, picked or pasted: videos are judged, reports opened, predictions and data sets scored.
 * A file with problems is opened in no part until the person says so.
 */
export class Inbox {
  notices = $state.raw<Notice[]>([]);

  readonly #to: Destinations;
  #lastId = 0;

  /** Creates an inbox. */
  constructor(destinations: Destinations) {
    this.#to = destinations;
  }

  /** Takes files in. Never rejects: what is wrong with a file is said in a notice. */
  async take(files: Iterable<File>): Promise<void> {
    const videos: File[] = [];
    for (const file of files) {
      const kind = await kindOf(file);
      if (kind !== 'video') {
        await this.#open(file, kind);
      } else if (!(await this.#putToReport(file))) {
        videos.push(file);
      }
    }
    if (videos.length > 0) {
      this.#to.analyses.add(videos);
    }
  }

  /**
   * Puts a video to an opened report.
   *
   * @returns nothing when it is the video that was judged, else why it is not, in a sentence.
   */
  async match(analysis: Analysis, file: File): Promise<string | undefined> {
    const judged = analysis.report?.file;
    if (judged?.bytes !== file.size) {
      return `This is another file: it has ${file.size.toLocaleString('en')} bytes, the one that was judged has ${judged?.bytes.toLocaleString('en') ?? '?'}.`;
    }
    let sha256: string;
    try {
      sha256 = await this.#to.hash(file);
    } catch {
      return 'The file could not be read. It may have been moved or changed: choose it again.';
    }
    if (sha256 !== judged.sha256) {
      return `This is another file: its SHA-256 is ${sha256}, that of the one that was judged is ${judged.sha256}.`;
    }
    analysis.attach(file);
    return undefined;
  }

  /** Takes a notice away. */
  dismiss(notice: Notice): void {
    this.notices = this.notices.filter((other) => other !== notice);
  }

  async #putToReport(file: File): Promise<boolean> {
    for (const analysis of this.#to.analyses.list) {
      const waits = analysis.imported && analysis.url === undefined;
      if (
        waits &&
        analysis.report?.file.bytes === file.size &&
        (await this.match(analysis, file)) === undefined
      ) {
        this.#to.analyses.select(analysis.id);
        return true;
      }
    }
    return false;
  }

  async #open(file: File, kind: 'text' | 'archive'): Promise<void> {
    try {
      const found = kind === 'archive' ? readArchive(await reportsOf(file)) : readImport(await textOf(file));
      await this.#settle(found, file.name);
    } catch (error) {
      if (!(error instanceof ImportError)) {
        throw error;
      }
      this.#tell({ fileName: file.name, text: error.message, problems: [], accept: undefined });
    }
  }

  async #settle(found: Import, fileName: string): Promise<void> {
    const usable = countUsable(found);
    if (found.problems.length === 0 && (found.kind !== 'reports' || found.failures.length === 0)) {
      await this.#hand(found, fileName);
      return;
    }
    const { count, noun } = usable;
    const failures = found.kind === 'reports' ? found.failures : [];
    const parts = [
      found.problems.length > 0
        ? `${formatCount(found.problems.length, 'problem')} in this file; ${formatCount(count, noun)} can be read.`
        : '',
      failures.length > 0
        ? `${formatCount(failures.length, 'file')} could not be judged when it was made: ${failures.map(({ fileName: name, error }) => `${name} (${error.message})`).join('; ')}`
        : '',
    ];
    this.#tell({
      fileName,
      text: parts.filter((part) => part !== '').join(' '),
      problems: found.problems,
      accept:
        count > 0
          ? { label: `Open the ${formatCount(count, noun)}`, run: () => this.#hand(found, fileName) }
          : undefined,
    });
  }

  async #hand(found: Import, fileName: string): Promise<void> {
    if (found.kind !== 'reports') {
      this.#to.score(found, fileName);
      return;
    }
    await this.#openReports(found.documents, fileName);
  }

  async #openReports(documents: readonly ReportDocument[], fileName: string): Promise<void> {
    const parts = documents.map(splitDocument);
    // The review is looked up when its report is shown.
    for (const { report, review } of parts) {
      const problem = review && (await keepReview(report, review));
      if (problem !== undefined) {
        this.#tell({ fileName, text: problem, problems: [], accept: undefined });
      }
    }
    this.#to.analyses.addReports(parts.map(({ report }) => report));
  }

  #tell(notice: Omit<Notice, 'id'>): void {
    this.notices = [...this.notices, { id: ++this.#lastId, ...notice }];
  }
}

function readArchive(entries: { name: string; text: string }[]): Import {
  const all: Extract<Import, { kind: 'reports' }> = {
    kind: 'reports',
    documents: [],
    failures: [],
    problems: [],
  };
  for (const { name, text } of entries) {
    const found = readImport(text);
    if (found.kind === 'reports') {
      all.documents.push(...found.documents);
      all.problems.push(...found.problems.map((problem) => ({ ...problem, file: name })));
    }
  }
  return all;
}

function countUsable(found: Import): { count: number; noun: string } {
  switch (found.kind) {
    case 'reports':
      return { count: found.documents.length, noun: 'report' };
    case 'predictions':
      return { count: found.predictions.byVideo.size, noun: 'prediction' };
    case 'marks':
      return { count: found.marks.byTrace.size, noun: 'mark' };
    case 'reward-data':
      return { count: found.data.videos.length, noun: 'video' };
  }
}
