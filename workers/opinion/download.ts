import { createSHA1 } from 'hash-wasm';
import { fileSha256 } from '../sha256';
import type { DownloadEvent, DownloadRequest } from './download-protocol';
import { messageOf, OpinionError } from './errors';
import { filesOf } from './model-folder';
import { fileUrl, isMissing, listSource, readJson, refused, request, unreachable } from './source';
import {
  modelDirectory,
  readRecord,
  removeModel,
  storedName,
  storedSize,
  writeRecord,
  type ModelSource,
  type StoredFile,
  type StoredModel,
} from './store';

/** A source may want this much more than was agreed to before it has to be asked again. */
const TOLERANCE = 1.1;

/** How often a broken connection is taken up again without asking, and after how many milliseconds. */
const RETRY_DELAYS = [500, 2000];

/** Progress is told this often, in milliseconds. */
const TELL_EVERY = 100;

/**
 * Fetches a model into the origin's private file system, file by file, and checks each against its hash.
 *
 * What is complete is not fetched again, what is half there is continued (`Range`). Without a hash to hold the result
 * against, a file is continued only under `If-Range`, so that two versions are never mixed.
 *
 * @throws {OpinionError} with a code for what went wrong; everything stored so far stays.
 */
export async function downloadModel(
  wanted: DownloadRequest,
  signal: AbortSignal,
  onEvent: (event: DownloadEvent) => void,
): Promise<StoredModel> {
  try {
    return await fetchModel(wanted, signal, onEvent);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'QuotaExceededError') {
      throw storageFull();
    }
    if (error instanceof OpinionError) {
      throw error;
    }
    throw new OpinionError(
      'storage-unavailable',
      `The browser could not store the download (${messageOf(error)}). Reload the page and go on; what is stored stays.`,
      { cause: error },
    );
  }
}

async function fetchModel(
  wanted: DownloadRequest,
  signal: AbortSignal,
  onEvent: (event: DownloadEvent) => void,
): Promise<StoredModel> {
  let directory = await modelDirectory(wanted.key);
  let model = await resumable(directory, wanted);
  if (!model) {
    model = await plan(wanted, signal, onEvent);
    // Files of another version or source must not be taken for this one's.
    await removeModel(wanted.key);
    directory = await modelDirectory(wanted.key);
  }
  await checkSpace(directory, model);
  await writeRecord(directory, model);
  const progress = new Progress(model, onEvent);
  for (const [index, file] of model.files.entries()) {
    if (file.sha256 === null) {
      await fetchFile(directory, model, file, wanted.agreedBytes, signal, progress);
      onEvent(progress.event('checking', file.path));
      file.sha256 = await check(directory, model, file);
      await writeRecord(directory, model);
    } else {
      progress.add(await storedSize(directory, file.path));
    }
    if (index === model.files.length - 1) {
      model.complete = true;
      await writeRecord(directory, model);
    }
  }
  return model;
}

/** The record of an earlier download of the same files, if there is one to go on with. */
async function resumable(
  directory: FileSystemDirectoryHandle,
  wanted: DownloadRequest,
): Promise<StoredModel | undefined> {
  const record = await readRecord(directory);
  return record?.variant === wanted.variant && sameSource(record.source, wanted.source) ? record : undefined;
}

function sameSource(a: ModelSource, b: ModelSource): boolean {
  // The revision of the record is the commit that a name like "main" stood for when it was listed.
  return a.kind === 'hub' && b.kind === 'hub'
    ? a.base === b.base && a.repository === b.repository
    : a.kind === b.kind && a.base === b.base;
}

async function plan(
  wanted: DownloadRequest,
  signal: AbortSignal,
  onEvent: (event: DownloadEvent) => void,
): Promise<StoredModel> {
  onEvent({ type: 'listing' });
  const { source, listing, complete } = await listSource(wanted.source, signal);
  const config = await readJson(fileUrl(source, 'config.json'), signal, noConfig);
  const files: StoredFile[] = [];
  for (const { path, optional } of filesOf(config, wanted.dtype)) {
    const known = wanted.known.find((file) => file.path === path);
    const listed = listing.get(path);
    if (complete && !listed) {
      if (optional) {
        continue;
      }
      throw new OpinionError(
        'file-missing',
        `The source does not have ${path}. The model’s layout there is another than expected.`,
      );
    }
    const bytes = known?.bytes ?? listed?.bytes ?? (await sizeAtMirror(source, path, optional, signal));
    if (bytes !== undefined) {
      const expected = known?.sha256
        ? { algorithm: 'sha256' as const, digest: known.sha256 }
        : (listed?.expected ?? null);
      files.push({ path, bytes, expected, validator: null, sha256: null });
    }
  }
  const bytesTotal = files.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  if (bytesTotal > wanted.agreedBytes * TOLERANCE) {
    throw tooLarge(bytesTotal);
  }
  const { key, entry, variant } = wanted;
  const createdAt = new Date().toISOString();
  return { key, entry, variant, source, files, complete: false, createdAt };
}

function noConfig(url: string, cause: unknown): OpinionError {
  return new OpinionError('source-refused', `What lies at ${url} is no model: its config.json is no JSON.`, {
    cause,
  });
}

/** Size of a file at a mirror without a listing: `null` when it does not say, `undefined` when it need not be there. */
async function sizeAtMirror(
  source: ModelSource,
  path: string,
  optional: boolean,
  signal: AbortSignal,
): Promise<number | null | undefined> {
  const url = fileUrl(source, path);
  const response = await request(url, signal, { method: 'HEAD' });
  if (isMissing(response)) {
    if (optional) {
      return undefined;
    }
    throw refused(url, response);
  }
  // Small files may be sent compressed, and then the length is not theirs.
  const length = path.startsWith('onnx/') && response.ok ? response.headers.get('content-length') : null;
  return length === null ? null : Number(length);
}

function tooLarge(bytes: number): OpinionError {
  return new OpinionError(
    'larger-than-agreed',
    'The source wants to send more than was agreed to. Look at the new size and decide again.',
    { bytes },
  );
}

/** Says before anything is fetched that it will not fit. */
async function checkSpace(directory: FileSystemDirectoryHandle, model: StoredModel): Promise<void> {
  let left = 0;
  for (const { path, bytes } of model.files) {
    left += Math.max(0, (bytes ?? 0) - (await storedSize(directory, path)));
  }
  const { quota, usage } = await navigator.storage.estimate();
  if (quota !== undefined && left > quota - (usage ?? 0)) {
    throw storageFull(left, Math.max(0, quota - (usage ?? 0)));
  }
}

function storageFull(needed?: number, free?: number): OpinionError {
  const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;
  const figures =
    needed === undefined || free === undefined
      ? ''
      : ` ${megabytes(needed)} are still needed, ${megabytes(free)} are free for this page.`;
  return new OpinionError(
    'storage-full',
    `The browser gives this page no more room on the disk.${figures} Remove another model or free disk space, then go on; ` +
      'or choose the model from a folder on this machine.',
  );
}

/** Fetches what is missing of one file, taking a broken connection up again a few times. */
async function fetchFile(
  directory: FileSystemDirectoryHandle,
  model: StoredModel,
  file: StoredFile,
  agreedBytes: number,
  signal: AbortSignal,
  progress: Progress,
): Promise<void> {
  const before = progress.bytesDone;
  for (let attempt = 0; ; attempt++) {
    progress.bytesDone = before;
    try {
      await fetchRest(directory, model, file, agreedBytes, signal, progress);
      return;
    } catch (error) {
      const delay = RETRY_DELAYS[attempt];
      const broken = error instanceof OpinionError && error.data.code === 'source-unreachable';
      if (!broken || delay === undefined) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, delay));
    }
  }
}

async function fetchRest(
  directory: FileSystemDirectoryHandle,
  model: StoredModel,
  file: StoredFile,
  agreedBytes: number,
  signal: AbortSignal,
  progress: Progress,
): Promise<void> {
  const { path } = file;
  const url = fileUrl(model.source, path);
  const there = await storedSize(directory, path);
  if (there > 0 && there === file.bytes) {
    progress.add(there);
    return;
  }
  const { response, offset } = await open(url, file, there, signal);
  if (!response.ok || !response.body) {
    throw refused(url, response);
  }
  const validator = response.headers.get('etag') ?? response.headers.get('last-modified');
  // A weak tag may stand for two contents that differ.
  file.validator = validator?.startsWith('W/') ? null : validator;
  await writeRecord(directory, model);
  progress.add(offset);
  const handle = await (
    await directory.getFileHandle(storedName(path), { create: true })
  ).createSyncAccessHandle();
  try {
    handle.truncate(offset);
    let position = offset;
    const reader = response.body.getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read().catch((error: unknown) => {
          throw unreachable(url, signal, error);
        });
        if (done) {
          break;
        }
        write(handle, value, position);
        position += value.byteLength;
        progress.add(value.byteLength);
        progress.tell(path);
        if (progress.bytesDone > agreedBytes * TOLERANCE) {
          throw tooLarge(progress.bytesDone);
        }
      }
    } finally {
      await reader.cancel().catch(() => {});
    }
    handle.flush();
    // Where room runs out, Chromium has been seen to take a write and to keep only a part of it.
    if (handle.getSize() < position) {
      throw storageFull();
    }
    if (file.bytes !== null && position < file.bytes) {
      throw unreachable(url, signal, new Error(`${position} of ${file.bytes} bytes came`));
    }
  } finally {
    handle.close();
  }
}

/** Asks for the rest of a file, or for all of it where a rest cannot be had or not be trusted. */
async function open(
  url: string,
  file: StoredFile,
  there: number,
  signal: AbortSignal,
): Promise<{ response: Response; offset: number }> {
  if (there > 0 && (file.expected || file.validator)) {
    const response = await requestRest(url, file, there, signal);
    if (response?.status === 206) {
      return { response, offset: there };
    }
    if (response?.ok) {
      return { response, offset: 0 };
    }
    await response?.body?.cancel();
  }
  return { response: await request(url, signal), offset: 0 };
}

/** Asks for the rest of a file; `undefined` where the host refuses the condition it has to be asked under. */
async function requestRest(
  url: string,
  { expected, validator }: StoredFile,
  there: number,
  signal: AbortSignal,
): Promise<Response | undefined> {
  const range = { Range: `bytes=${there}-` };
  // With a hash to hold the whole against, no condition is needed, and every host lets it pass across origins.
  if (expected || validator === null) {
    return request(url, signal, { headers: range });
  }
  try {
    return await request(url, signal, { headers: { ...range, 'If-Range': validator } });
  } catch (error) {
    if (signal.aborted) {
      throw error;
    }
    return undefined;
  }
}

function write(handle: FileSystemSyncAccessHandle, bytes: Uint8Array<ArrayBuffer>, at: number): void {
  const written = handle.write(bytes, { at });
  if (written < bytes.byteLength) {
    throw storageFull();
  }
}

/**
 * Holds a fetched file against its hash or, where there is none, its size. One that is not right is thrown away.
 *
 * @returns SHA-256 of what is stored, to be held against later.
 */
async function check(
  directory: FileSystemDirectoryHandle,
  model: StoredModel,
  file: StoredFile,
): Promise<string> {
  const stored = await (await directory.getFileHandle(storedName(file.path))).getFile();
  const sha256 = await fileSha256(stored);
  const { expected } = file;
  const right = expected
    ? expected.digest === (expected.algorithm === 'sha256' ? sha256 : await gitBlobHash(stored))
    : file.bytes === null || file.bytes === stored.size;
  if (!right) {
    await directory.removeEntry(storedName(file.path));
    file.validator = null;
    await writeRecord(directory, model);
    const measure = expected ? 'hash' : 'size';
    throw new OpinionError(
      'file-altered',
      `${file.path} did not arrive as it should be: its ${measure} is another. It was thrown away; go on to fetch it ` +
        'again. If it fails again, the source is not to be trusted.',
    );
  }
  return sha256;
}

/** Git's hash of a file, by which the hub lists its small ones. */
async function gitBlobHash(file: File): Promise<string> {
  const hasher = await createSHA1();
  hasher.update(`blob ${file.size}\0`);
  hasher.update(new Uint8Array(await file.arrayBuffer()));
  return hasher.digest('hex');
}

/** Counts bytes over all files and tells of them now and then. */
class Progress {
  bytesDone = 0;
  readonly #bytesTotal: number | null;
  readonly #onEvent: (event: DownloadEvent) => void;
  #told = { at: -Infinity, path: '' };

  constructor({ files }: StoredModel, onEvent: (event: DownloadEvent) => void) {
    const known = files.every(({ bytes, path }) => bytes !== null || !path.startsWith('onnx/'));
    this.#bytesTotal = known ? files.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0) : null;
    this.#onEvent = onEvent;
  }

  add(bytes: number): void {
    this.bytesDone += bytes;
  }

  tell(path: string): void {
    const now = performance.now();
    if (path !== this.#told.path || now - this.#told.at >= TELL_EVERY) {
      this.#told = { at: now, path };
      this.#onEvent(this.event('progress', path));
    }
  }

  event(type: 'progress' | 'checking', path: string): DownloadEvent {
    return { type, path, bytesDone: this.bytesDone, bytesTotal: this.#bytesTotal };
  }
}
