import { mount, unmount } from 'svelte';
import { expect } from 'vitest';
import { page } from 'vitest/browser';
import App from '../../src/App.svelte';
import '../../src/app.css';
import { AnalysisManager } from '../../src/lib/analyses.svelte';
import { TellscopeError } from '../../workers/errors';
import type { AnalysisEvent } from '../../workers/protocol';
import type { Report } from '../../workers/report';

/** One file the page asked the detector to judge. */
export type Job = {
  file: File;
  tell: (event: AnalysisEvent) => void;
  resolve: (report: Report) => void;
  reject: (error: unknown) => void;
};

/** The page with a detector that the test answers for. */
export class MountedApp {
  readonly jobs: Job[] = [];
  readonly #app: Record<string, unknown>;

  /** Mounts the page. */
  constructor() {
    const analyses = new AnalysisManager({
      prepare: () => {},
      analyse: (file, tell, signal) =>
        new Promise((resolve, reject) => {
          this.jobs.push({ file, tell, resolve, reject });
          signal.addEventListener('abort', () => {
            reject(new TellscopeError('cancelled', 'Cancelled.'));
          });
        }),
    });
    this.#app = mount(App, { target: document.body, props: { analyses } });
  }

  /** Drops files on the page. */
  drop(...files: File[]): void {
    const dataTransfer = new DataTransfer();
    for (const file of files) {
      dataTransfer.items.add(file);
    }
    window.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
  }

  /** Drops a file and answers with a report for it. */
  async judge(file: File, report: Report): Promise<void> {
    const before = this.jobs.length;
    this.drop(file);
    await expect.poll(() => this.jobs.length).toBe(before + 1);
    this.jobs[before]!.resolve(report);
    await expect.element(page.getByRole('heading', { name: 'Details for the record' })).toBeVisible();
  }

  /** Takes the page away. */
  async close(): Promise<void> {
    await unmount(this.#app);
  }
}
