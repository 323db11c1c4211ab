import { unzipSync } from 'fflate';
import { ImportError } from './read-import';

/** What a dropped file is taken for. */
export type FileKind = 'video' | 'text' | 'archive';

const TEXT_NAME = /\.(json|jsonl|ndjson)$/i;
const PROBE_BYTES = 512;

/** Tells by a file's first bytes, and its name where these say nothing, what it is to be taken for. */
export async function kindOf(file: File): Promise<FileKind> {
  const head = new Uint8Array(
    await file
      .slice(0, PROBE_BYTES)
      .arrayBuffer()
      .catch(() => new ArrayBuffer(0)),
  );
  if (head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4) {
    return 'archive';
  }
  const start = new TextDecoder()
    .decode(head)
    .replace(/^\uFEFF/, '')
    .trimStart();
  return TEXT_NAME.test(file.name) || /^[{[]\s*["{[\]}]/.test(start) ? 'text' : 'video';
}

/** A report is some hundred kilobytes, all rows of DeeptraceReward are ten megabytes. */
const MAX_TEXT_BYTES = 256 * 1024 * 1024;

/**
 * The text of a file.
 *
 * @throws {ImportError} when it is too large to be one of ours, or cannot be read.
 */
export async function textOf(file: File): Promise<string> {
  if (file.size > MAX_TEXT_BYTES) {
    throw new ImportError('The file is larger than 256 MB: it cannot be a report or a list of predictions.');
  }
  try {
    return await file.text();
  } catch (error) {
    throw new ImportError('The file can no longer be read: it was moved, changed or removed.', {
      cause: error,
    });
  }
}

/** Reports in an archive of results lie one folder deep. */
const REPORT_ENTRY = /^[^/\\]+\/report\.json$/;
const MAX_ARCHIVE_BYTES = 1024 * 1024 * 1024;

/**
 * The reports of an archive as “Save all results” writes it, in the order they stand in. Nothing is unpacked to a
 * disk: entries are looked up by their whole name, and those of any other name are not opened.
 *
 * @throws {ImportError} when it is no such archive.
 */
export async function reportsOf(archive: File): Promise<{ name: string; text: string }[]> {
  if (archive.size > MAX_ARCHIVE_BYTES) {
    throw new ImportError('The archive is larger than 1 GB: it cannot hold reports only.');
  }
  let unpacked = 0;
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(new Uint8Array(await archive.arrayBuffer()), {
      filter: ({ name, originalSize }) => {
        unpacked += REPORT_ENTRY.test(name) ? originalSize : 0;
        return REPORT_ENTRY.test(name) && unpacked <= MAX_TEXT_BYTES;
      },
    });
  } catch (error) {
    throw new ImportError('The archive is damaged: it cannot be unpacked.', { cause: error });
  }
  const names = Object.keys(entries);
  if (unpacked > MAX_TEXT_BYTES) {
    throw new ImportError('The reports in the archive are larger than 256 MB together.');
  }
  if (names.length === 0) {
    throw new ImportError(
      'The archive holds no reports. Unpack it and choose the videos or reports in it; archives of results made by Tellscope open as they are.',
    );
  }
  return names.map((name) => ({ name, text: new TextDecoder().decode(entries[name]) }));
}
