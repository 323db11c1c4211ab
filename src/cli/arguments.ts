import { parseArgs } from 'node:util';
import type { BackendChoice } from '../../workers/protocol';

/** How to call the command line. */
export const HELP = `Usage: npm run --silent detect -- [OPTION]... FILE...

Judges videos on this machine and prints one JSON report a line, in the order of the files.
A file that cannot be judged gets a line with an error in place of a report.
The lines are described in public/schemas/tellscope-report-1.json.

Options:
  --backend auto|webgpu|wasm  where the model runs (default: auto)
  --predictions               print DeeptraceReward's prediction lines in place of reports
  --threshold P               with --predictions: probability from which a clip counts as FAKE (default: the model's own)
  --out FILE                  write the lines to FILE instead of standard output
  --browser PATH              Chromium or Chrome to use (default: CHROMIUM_PATH, then the usual places)
  --browser-arg ARG           an argument for the browser; may be given more than once
  --help                      print this text

Exit status: 0 when every file was judged, 1 when one was not, 2 when called wrongly, 130 when interrupted.
`;

/** A call of the command line, understood. */
export type Arguments = {
  files: string[];
  backend: BackendChoice;
  /** Prediction lines are wanted in place of reports, and the probability from which a clip counts as FAKE. */
  predictions: boolean;
  threshold: number | undefined;
  out: string | undefined;
  browser: string | undefined;
  browserArgs: string[];
  help: boolean;
};

/** A wrong call; the message says what is wrong with it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Reads the arguments of the command line.
 *
 * @throws {UsageError}
 */
export function readArguments(argv: readonly string[]): Arguments {
  const { values, positionals } = parse(argv);
  const help = values.help ?? false;
  if (!help && positionals.length === 0) {
    throw new UsageError('Name at least one file.');
  }
  if (values.threshold !== undefined && !values.predictions) {
    throw new UsageError('--threshold is for --predictions.');
  }
  return {
    files: positionals,
    backend: readBackend(values.backend ?? 'auto'),
    predictions: values.predictions ?? false,
    threshold: readThreshold(values.threshold),
    out: values.out,
    browser: values.browser,
    browserArgs: values['browser-arg'] ?? [],
    help,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: joinBrowserArguments(argv),
      allowPositionals: true,
      options: {
        backend: { type: 'string' },
        predictions: { type: 'boolean' },
        threshold: { type: 'string' },
        out: { type: 'string' },
        browser: { type: 'string' },
        'browser-arg': { type: 'string', multiple: true },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** Browser arguments begin with dashes themselves, which the parser takes as a value only behind `=`. */
function joinBrowserArguments(argv: readonly string[]): string[] {
  const joined: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index] ?? '';
    if (argument === '--') {
      return [...joined, ...argv.slice(index)];
    }
    const value = argv[index + 1];
    if (argument === '--browser-arg' && value !== undefined) {
      joined.push(`${argument}=${value}`);
      index++;
    } else {
      joined.push(argument);
    }
  }
  return joined;
}

/**
 * Reads the probability from which a clip counts as FAKE.
 *
 * @throws {UsageError} when it is none.
 */
export function readThreshold(text: string | undefined): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  const value = text.trim() === '' ? NaN : Number(text);
  if (!(value >= 0 && value <= 1)) {
    throw new UsageError(`--threshold is a number from 0 to 1, not "${text}".`);
  }
  return value;
}

/**
 * Reads where the model is to run.
 *
 * @throws {UsageError} when there is no such backend.
 */
export function readBackend(name: string): BackendChoice {
  if (name === 'auto' || name === 'webgpu' || name === 'wasm') {
    return name;
  }
  throw new UsageError(`--backend is auto, webgpu or wasm, not "${name}".`);
}
