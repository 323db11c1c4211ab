import { closeSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { Outcome } from '../../workers/protocol';
import type { Report } from '../../workers/report';
import { toPredictionLine, type PredictionLine } from '../lib/scoring/prediction-line';
import { noAnswer } from '../lib/scoring/report-lines';
import { HELP, readArguments, UsageError, type Arguments } from './arguments';
import { installedModel } from './installed-model';
import { judgeFiles } from './judge-files';
import { describeFailure, type Failure } from './result-line';

const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** Where the lines go, each as soon as it is there. */
type Output = { write: (line: Report | Failure | PredictionLine) => void; close: () => void };

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
  const output = openOutput(options.out);
  try {
    let failures = 0;
    const { interrupted } = await judgeFiles(options.files, options, async (file, outcome) => {
      failures += outcome.ok ? 0 : 1;
      output.write(options.predictions ? prediction(file, outcome, options) : await report(file, outcome));
    });
    if (interrupted) {
      return EXIT.interrupted;
    }
    return failures > 0 ? EXIT.failed : EXIT.done;
  } finally {
    output.close();
  }
}

async function report(file: string, outcome: Outcome<Report>): Promise<Report | Failure> {
  return outcome.ok ? outcome.value : describeFailure(file, outcome.error);
}

function prediction(file: string, outcome: Outcome<Report>, { threshold }: Arguments): PredictionLine {
  if (outcome.ok) {
    return toPredictionLine(outcome.value, threshold ?? installedModel().threshold);
  }
  const { code, message } = outcome.error;
  return { ...noAnswer(path.basename(file), `${code}: ${message}`), model_id: installedModel().name };
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

// A reader that has seen enough, such as `head`, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? EXIT.done : EXIT.failed);
});
process.exitCode = await main(process.argv.slice(2));
