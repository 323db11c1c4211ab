import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { TellscopeError, type ErrorData } from '../../workers/errors';
import type { Report } from '../../workers/report';

/** Stands in place of a report where a file could not be judged. */
export type Failure = {
  schema: Report['schema'];
  file: {
    name: string;
    /** Null when there is no such file. */
    bytes: number | null;
    /** Null when the file cannot be read. */
    sha256: string | null;
  };
  error: ErrorData;
};

/** Describes a file that could not be judged. */
export async function describeFailure(file: string, error: ErrorData): Promise<Failure> {
  const status = await stat(file).catch(() => undefined);
  const readable = status?.isFile() === true;
  return {
    schema: 'tellscope-report/1',
    file: {
      name: path.basename(file),
      bytes: readable ? status.size : null,
      sha256: readable ? await hash(file).catch(() => null) : null,
    },
    error,
  };
}

/**
 * Refuses what is not a file before a browser is asked to open it.
 *
 * @throws {TellscopeError} `unreadable-file`
 */
export async function requireFile(file: string): Promise<void> {
  let status;
  try {
    status = await stat(file);
  } catch (error) {
    throw new TellscopeError('unreadable-file', `There is no file ${file}, or it cannot be reached.`, {
      cause: error,
    });
  }
  if (!status.isFile()) {
    const kind = status.isDirectory() ? 'a folder: name the files in it' : 'not a regular file';
    throw new TellscopeError('unreadable-file', `${file} is ${kind}.`);
  }
}

async function hash(file: string): Promise<string> {
  const digest = createHash('sha256');
  await pipeline(createReadStream(file), digest);
  return digest.digest('hex');
}
