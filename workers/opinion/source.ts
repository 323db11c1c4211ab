import * as v from 'valibot';
import { OpinionError } from './errors';
import type { ModelSource, StoredFile } from './store';

/** What a source says of its files; `undefined` where it says nothing and each file has to be asked for. */
export type Listing = Map<string, Pick<StoredFile, 'bytes' | 'expected'>>;

/** Name of the list of hashes that a mirror may hold, as `sha256sum` writes it. */
const SUMS = 'SHA256SUMS';

const TreeSchema = v.array(
  v.object({
    type: v.string(),
    path: v.string(),
    size: v.number(),
    oid: v.string(),
    lfs: v.optional(v.object({ oid: v.string(), size: v.number() })),
  }),
);

/** Whether an answer stands for a file that is not there. */
export function isMissing({ status }: Response): boolean {
  return status === 404 || status === 410;
}

/** Address of a file at its source. */
export function fileUrl(source: ModelSource, path: string): string {
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  return source.kind === 'hub'
    ? `${source.base}/${source.repository}/resolve/${encodeURIComponent(source.revision)}/${encoded}`
    : `${source.base}${encoded}`;
}

/**
 * Asks a source for something. Nothing of the visitor goes along: no cookie, no referrer.
 *
 * @throws {OpinionError} `source-unreachable` when there is no answer, `cancelled` when the signal fires.
 */
export async function request(url: string, signal: AbortSignal, init: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(url, {
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      cache: 'no-store',
      ...init,
      signal,
    });
  } catch (error) {
    throw unreachable(url, signal, error);
  }
}

/** Turns a broken connection into words; what was stored is not lost by it. */
export function unreachable(url: string, signal: AbortSignal, cause: unknown): OpinionError {
  if (signal.aborted) {
    return new OpinionError('cancelled', 'The download was paused.');
  }
  const { host } = new URL(url);
  return new OpinionError(
    'source-unreachable',
    `${host} does not answer, or does not allow this page to read its files (CORS). ` +
      'Check the connection and the address, then go on: what has been downloaded is kept.',
    { cause },
  );
}

/** Turns an answer that is no file into words. */
export function refused(url: string, { status }: Response): OpinionError {
  const { host, pathname } = new URL(url);
  const name = decodeURIComponent(pathname.split('/').at(-1) ?? '');
  if (status === 401 || status === 403) {
    return new OpinionError(
      'source-refused',
      `${host} does not give out ${name} without an account (HTTP ${status}). ` +
        'Download the model there yourself and choose its folder.',
    );
  }
  return new OpinionError(
    status === 404 ? 'file-missing' : 'source-refused',
    `${host} does not give out ${name} (HTTP ${status}). ` +
      (status === 404 ? 'The address or the model’s layout is another than expected.' : 'Try again later.'),
  );
}

/**
 * Fetches and reads JSON.
 *
 * @param wrong the error where the answer is no JSON.
 * @throws {OpinionError} as {@link request} and {@link refused} do, or what `wrong` makes.
 */
export async function readJson(
  url: string,
  signal: AbortSignal,
  wrong: (url: string, cause: unknown) => OpinionError = unexpected,
): Promise<unknown> {
  const response = await request(url, signal);
  if (!response.ok) {
    throw refused(url, response);
  }
  try {
    return (await response.json()) as unknown;
  } catch (error) {
    throw signal.aborted ? unreachable(url, signal, error) : wrong(url, error);
  }
}

function unexpected(url: string, cause?: unknown): OpinionError {
  return new OpinionError(
    'source-refused',
    `${new URL(url).host} answered something that is no listing of files. Try again later, or choose a folder.`,
    { cause },
  );
}

/**
 * Fixes a source to one state of its files and asks what it says of them. The hub gives the size of every file, the
 * SHA-256 of the large ones and git's hash of the small ones; a mirror may have a list of hashes.
 */
export async function listSource(
  source: ModelSource,
  signal: AbortSignal,
): Promise<{ source: ModelSource; listing: Listing; complete: boolean }> {
  if (source.kind === 'mirror') {
    return { source, listing: await readSums(source, signal), complete: false };
  }
  const api = `${source.base}/api/models/${source.repository}`;
  const head = await readJson(`${api}/revision/${encodeURIComponent(source.revision)}`, signal);
  const commit = v.safeParse(v.object({ sha: v.pipe(v.string(), v.regex(/^[0-9a-f]{6,64}$/)) }), head);
  if (!commit.success) {
    throw unexpected(api);
  }
  const revision = commit.output.sha;
  const tree = v.safeParse(TreeSchema, await readJson(`${api}/tree/${revision}?recursive=true`, signal));
  if (!tree.success) {
    throw unexpected(api);
  }
  const listing: Listing = new Map();
  for (const { type, path, size, oid, lfs } of tree.output) {
    if (type === 'file') {
      listing.set(path, {
        bytes: lfs?.size ?? size,
        expected: lfs ? { algorithm: 'sha256', digest: lfs.oid } : { algorithm: 'git-blob', digest: oid },
      });
    }
  }
  return { source: { ...source, revision }, listing, complete: true };
}

async function readSums(source: ModelSource, signal: AbortSignal): Promise<Listing> {
  const listing: Listing = new Map();
  const response = await request(fileUrl(source, SUMS), signal);
  if (!response.ok) {
    return listing;
  }
  const text = await response.text();
  for (const line of text.split('\n')) {
    const match = /^([0-9a-f]{64}) [ *](?:\.\/)?(.+)$/i.exec(line.trim());
    if (match?.[1] && match[2]) {
      const digest = match[1].toLowerCase();
      listing.set(match[2], { bytes: null, expected: { algorithm: 'sha256', digest } });
    }
  }
  return listing;
}
