import './lib/privacy/harden';
import { TellscopeError, toErrorData } from '../workers/errors';
import type { AnalysisEvent, Outcome } from '../workers/protocol';
import type { Report } from '../workers/report';
import { DetectorClient } from './lib/detector-client';
import { backendFromQuery } from './lib/environment';

/** What this page offers to the program that drives it. */
export type HeadlessApi = {
  /** Judges the file at this place in the page's file input. Never rejects. */
  detect: (fileIndex: number) => Promise<Outcome<Report>>;
};

declare global {
  interface Window {
    tellscope: HeadlessApi;
    /** Told of stages and progress, where the driving program provides it. */
    tellscopeEvent?: (event: AnalysisEvent) => unknown;
  }
}

const client = new DetectorClient(backendFromQuery(location.search));

async function detect(fileIndex: number): Promise<Outcome<Report>> {
  try {
    const file = document.querySelector<HTMLInputElement>('#files')?.files?.[fileIndex];
    if (!file) {
      throw new TellscopeError('unreadable-file', 'The file could not be handed to the browser.');
    }
    const value = await client.analyse(file, notify, new AbortController().signal);
    return { ok: true, value };
  } catch (error) {
    return { ok: false, error: toErrorData(error) };
  }
}

function notify(event: AnalysisEvent): void {
  // Partial traces are large, and a driving program gets them all in the report.
  if (event.type !== 'window') {
    window.tellscopeEvent?.(event);
  }
}

window.tellscope = { detect };
client.prepare();
