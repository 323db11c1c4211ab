import { closeSync, openSync, writeSync } from 'node:fs';
import { toErrorData } from '../../workers/errors';
import type { AnalysisEvent, Outcome } from '../../workers/protocol';
import type { Report } from '../../workers/report';
import { HELP, readArguments, UsageError, type Arguments } from './arguments';
import { buildIfStale } from './build';
import { DetectorBrowser } from './detector-browser';
import { BROWSER_HINT, findBrowser } from './find-browser.mjs';
import { describeFailure, requireFile, type Failure } from './result-line';
import { serveApp } from './server';

const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** Where the lines go, each as soon as it is there. */
type Output = { write: (line: Report | Failure) => void; close: () => void };

async function main(argv: readonly string[]): Promise<number> {
  try {
    const options = readArguments(argv);
    if (options.help) {
      process.stdout.write(HELP);
      return EXIT.done;
    }
    return await detectAll(options);
  } catch (error) {
    const usage = error instanceof UsageError;
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(usage ? `${message}\n\n${HELP}` : `${message}\n`);
    return usage ? EXIT.usage : EXIT.failed;
  }
}

async function detectAll(options: Arguments): Promise<number> {
  const executablePath = options.browser ?? findBrowser();
  if (!executablePath) {
    throw new Error(BROWSER_HINT);
  }
  const output = openOutput(options.out);
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
    let failures = 0;
    for (const [index, file] of options.files.entries()) {
      const progress = new Progress(`[${index + 1}/${options.files.length}] ${file}`);
      const outcome = await detectOne(browser, file, progress);
      if (interruption.signal.aborted) {
        break;
      }
      failures += outcome.ok ? 0 : 1;
      progress.end(outcome);
      output.write(outcome.ok ? outcome.value : await describeFailure(file, outcome.error));
    }
    if (interruption.signal.aborted) {
      return EXIT.interrupted;
    }
    return failures > 0 ? EXIT.failed : EXIT.done;
  } catch (error) {
    if (interruption.signal.aborted) {
      return EXIT.interrupted;
    }
    throw error;
  } finally {
    output.close();
    await browser.close();
    await server.close();
  }
}

async function detectOne(
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

function openOutput(file: string | undefined): Output {
  if (file === undefined) {
    return { write: (line) => process.stdout.write(`${JSON.stringify(line)}\n`), close: () => {} };
  }
  let descriptor: number;
  try {
    descriptor = openSync(file, 'w');
  } catch (error) {
    throw new UsageError(`${file} cannot be written.`, { cause: error });
  }
  return {
    write: (line) => writeSync(descriptor, `${JSON.stringify(line)}\n`),
    close: () => {
      closeSync(descriptor);
    },
  };
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

// A reader that has seen enough, such as `head`, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? EXIT.done : EXIT.failed);
});
process.exitCode = await main(process.argv.slice(2));
