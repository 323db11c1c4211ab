import * as v from 'valibot';
import { OpinionError } from './errors';

/** Folder of the origin's private file system in which the models lie, one folder each. */
const ROOM = 'second-opinion';
const RECORD = 'record.json';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const StoredFileSchema = v.object({
  path: v.string(),
  /** Size as the source gives it; `null` where it does not. */
  bytes: v.nullable(count),
  /** What the content must hash to, by the registry or by the source's own listing. */
  expected: v.nullable(v.object({ algorithm: v.picklist(['sha256', 'git-blob']), digest: v.string() })),
  /** What a half-fetched file is compared by when it is resumed. */
  validator: v.nullable(v.string()),
  /** SHA-256 of what was stored, once it is complete. */
  sha256: v.nullable(v.string()),
});

const StoredModelSchema = v.object({
  key: v.string(),
  /** The registry entry as data; read again before use. */
  entry: v.unknown(),
  variant: v.string(),
  source: v.variant('kind', [
    v.object({
      kind: v.literal('hub'),
      base: v.string(),
      repository: v.string(),
      /** The commit that was listed, so that a resumed download continues the same files. */
      revision: v.string(),
    }),
    v.object({ kind: v.literal('mirror'), base: v.string() }),
  ]),
  files: v.array(StoredFileSchema),
  complete: v.boolean(),
  createdAt: v.string(),
});

/** One file of a stored model. */
export type StoredFile = v.InferOutput<typeof StoredFileSchema>;

/** What is stored of a model, and where it is from. */
export type StoredModel = v.InferOutput<typeof StoredModelSchema>;

/** Where a model is fetched from. */
export type ModelSource = StoredModel['source'];

/** A stored model with the bytes it takes on this device. */
export type StoredModelListing = { model: StoredModel; bytesStored: number };

async function room(): Promise<FileSystemDirectoryHandle> {
  try {
    const root = await navigator.storage.getDirectory();
    return await root.getDirectoryHandle(ROOM, { create: true });
  } catch (error) {
    throw new OpinionError(
      'storage-unavailable',
      'This browser gives the page no storage (private windows and some settings do that). ' +
        'Choose the model from a folder on this machine instead.',
      { cause: error },
    );
  }
}

/** Name of a file in its model's folder: paths have slashes, names may not. */
export function storedName(path: string): string {
  return encodeURIComponent(path);
}

/** The folder of one model, made when it is not there. */
export async function modelDirectory(key: string): Promise<FileSystemDirectoryHandle> {
  return (await room()).getDirectoryHandle(key, { create: true });
}

/** Reads what is stored under a key; `undefined` when there is nothing, or nothing readable. */
export async function readRecord(directory: FileSystemDirectoryHandle): Promise<StoredModel | undefined> {
  try {
    const handle = await directory.getFileHandle(RECORD);
    const value: unknown = JSON.parse(await (await handle.getFile()).text());
    const result = v.safeParse(StoredModelSchema, value);
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}

/** Writes the record. In workers only: Safari before 26 can write files nowhere else. */
export async function writeRecord(directory: FileSystemDirectoryHandle, model: StoredModel): Promise<void> {
  const handle = await (await directory.getFileHandle(RECORD, { create: true })).createSyncAccessHandle();
  try {
    const bytes = new TextEncoder().encode(JSON.stringify(model));
    handle.truncate(0);
    handle.write(bytes, { at: 0 });
    handle.flush();
  } finally {
    handle.close();
  }
}

/** Bytes of a file in a model's folder; 0 when it is not there. */
export async function storedSize(directory: FileSystemDirectoryHandle, path: string): Promise<number> {
  try {
    return (await (await directory.getFileHandle(storedName(path))).getFile()).size;
  } catch {
    return 0;
  }
}

/** All stored models, complete or not. Folders without a readable record are left out. */
export async function listModels(): Promise<StoredModelListing[]> {
  const listing: StoredModelListing[] = [];
  for await (const handle of (await room()).values()) {
    const model = handle.kind === 'directory' ? await readRecord(handle) : undefined;
    if (model && handle.kind === 'directory') {
      const sizes = await Promise.all(model.files.map(({ path }) => storedSize(handle, path)));
      listing.push({ model, bytesStored: sizes.reduce((sum, size) => sum + size, 0) });
    }
  }
  return listing.sort((a, b) => a.model.createdAt.localeCompare(b.model.createdAt));
}

/**
 * The files of a complete model, to be read from disk as they are needed, with the hashes they were stored with.
 *
 * @throws {OpinionError} `file-missing` when the browser has cleared some of it.
 */
export async function openModel(
  model: StoredModel,
): Promise<{ files: Record<string, File>; hashes: Record<string, string> }> {
  const directory = await modelDirectory(model.key);
  const files: Record<string, File> = {};
  const hashes: Record<string, string> = {};
  for (const { path, sha256 } of model.files) {
    try {
      files[path] = await (await directory.getFileHandle(storedName(path))).getFile();
    } catch (error) {
      throw new OpinionError(
        'file-missing',
        `${path} is no longer stored: the browser may have cleared it for lack of space. Download the model again.`,
        { cause: error },
      );
    }
    if (sha256 !== null) {
      hashes[path] = sha256;
    }
  }
  return { files, hashes };
}

/** Removes a model and everything half-fetched of it. */
export async function removeModel(key: string): Promise<void> {
  try {
    await (await room()).removeEntry(key, { recursive: true });
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'NotFoundError')) {
      throw error;
    }
  }
}
