import { toErrorData } from '../../workers/errors';
import type { AnalysisEvent, BackendChoice, Outcome } from '../../workers/protocol';
import type { Report } from '../../workers/report';
import { buildIfStale } from './build';
import { DetectorBrowser } from './detector-browser';
import { BROWSER_HINT, findBrowser } from './find-browser.mjs';
import { requireFile } from './result-line';
import { serveApp } from './server';

/** How files are judged. */
export type JudgeOptions = {
  backend: BackendChoice;
  browser: string | undefined;
  browserArgs: readonly string[];
};

/**
 * Judges files one after the other in one headless browser; tells on standard error how far each has come.
 *
 * @param onOutcome told how each file ended, before the next one begins.
 * @returns whether it was interrupted (SIGINT, SIGTERM): the files behind have then not been judged.
 */
export async function judgeFiles(
  files: readonly string[],
  options: JudgeOptions,
  onOutcome: (file: string, outcome: Outcome<Report>) => Promise<void>,
): Promise<{ interrupted: boolean }> {
  const executablePath = options.browser ?? findBrowser();
  if (!executablePath) {
    throw new Error(BROWSER_HINT);
  }
  await buildIfStale();
  const server = await serveApp();
  const browser = new DetectorBrowser(server.url, options.backend, {
    executablePath,
    args: options.browserArgs,
  });
  const interruption = new AbortController();
  const interrupt = (): void => {
    interruption.abort();
    void browser.close();
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    // A browser that cannot be started at all is no fault of any file.
    await browser.open();
    for (const [index, file] of files.entries()) {
      const progress = new Progress(`[${index + 1}/${files.length}] ${file}`);
      const outcome = await judgeOne(browser, file, progress);
      if (interruption.signal.aborted) {
        break;
      }
      progress.end(outcome);
      await onOutcome(file, outcome);
    }
    return { interrupted: interruption.signal.aborted };
  } catch (error) {
    if (interruption.signal.aborted) {
      return { interrupted: true };
    }
    throw error;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    await browser.close();
    await server.close();
  }
}

async function judgeOne(
  browser: DetectorBrowser,
  file: string,
  progress: Progress,
): Promise<Outcome<Report>> {
  try {
    await requireFile(file);
    return await browser.detect(file, (event) => {
      progress.show(event);
    });
  } catch (error) {
    return { ok: false, error: toErrorData(error) };
  }
}

/** Tells on standard error how far a file has come: in place on a terminal, else only how it ended. */
class Progress {
  readonly #label: string;

  constructor(label: string) {
    this.#label = label;
  }

  show(event: AnalysisEvent): void {
    if (!process.stderr.isTTY) {
      return;
    }
    if (event.type === 'stage') {
      this.#rewrite(event.stage.replace('-', ' '));
    } else if (event.type === 'progress') {
      this.#rewrite(`window ${event.windowsDone} of about ${event.windowsExpected}`);
    }
  }

  end(outcome: Outcome<Report>): void {
    if (process.stderr.isTTY) {
      process.stderr.write('\r\u001b[2K');
    }
    const { label, detail } = outcome.ok
      ? { label: outcome.value.verdict.band, detail: `${outcome.value.timing.totalSeconds.toFixed(1)} s` }
      : { label: outcome.error.code, detail: outcome.error.message };
    process.stderr.write(`${this.#label}: ${label} (${detail})\n`);
  }

  #rewrite(text: string): void {
    process.stderr.write(`\r\u001b[2K${this.#label}: ${text}`);
  }
}
