import { TellscopeError } from '../../workers/errors';
import { modelFiles, parseManifest, type Manifest } from '../../workers/model/manifest';
import type { ModelAssets } from '../../workers/protocol';

const RUNTIME_BASE = 'ort-wasm-simd-threaded.asyncify';

/** Resolves a path of the built app against the document, so that the app can live in any folder of a host. */
function assetUrl(path: string): string {
  return new URL(path, document.baseURI).href;
}

async function fetchAsset(path: string): Promise<Response> {
  const hint = 'Reload the page; if it stays, the installation is incomplete.';
  let response: Response;
  try {
    response = await fetch(assetUrl(path));
  } catch (error) {
    throw new TellscopeError('model-unavailable', `${path} could not be loaded. ${hint}`, { cause: error });
  }
  // A static host without the file may answer with its start page.
  if (!response.ok || response.headers.get('content-type')?.startsWith('text/html')) {
    throw new TellscopeError('model-unavailable', `${path} is missing (HTTP ${response.status}). ${hint}`);
  }
  return response;
}

async function fetchBlob(path: string): Promise<Blob> {
  return (await fetchAsset(path)).blob();
}

async function fetchManifestText(): Promise<string> {
  return (await fetchAsset('models/tracenet/model.json')).text();
}

/**
 * Fetches the manifest of the installed model from the app's own origin.
 *
 * @throws {TellscopeError} `model-unavailable` when it cannot be had, `model-altered` when it is not a manifest.
 */
export async function fetchManifest(): Promise<Manifest> {
  return parseManifest(await fetchManifestText());
}

/**
 * Fetches manifest, model files and inference runtime from the app's own origin.
 * Contents are checked where they are used, in the worker.
 *
 * @throws {TellscopeError} `model-unavailable` when a file cannot be had, `model-altered` when the manifest is not one.
 */
export async function fetchModelAssets(): Promise<ModelAssets> {
  const runtime = fetchRuntime();
  // A failed manifest must not leave this rejection unhandled; it is awaited below all the same.
  runtime.catch(() => {});
  const manifest = await fetchManifestText();
  const names = modelFiles(parseManifest(manifest));
  const files = await Promise.all(
    names.map(async (name) => {
      return [name, await fetchBlob(`models/tracenet/${name}`)] as const;
    }),
  );
  return { manifest, files: Object.fromEntries(files), ...(await runtime) };
}

/**
 * Fetches the inference runtime from the app's own origin.
 *
 * @throws {TellscopeError} `model-unavailable` when it cannot be had.
 */
export async function fetchRuntime(): Promise<Pick<ModelAssets, 'runtimeBinary' | 'runtimeModule'>> {
  const [runtimeBinary, runtimeModule] = await Promise.all([
    fetchBlob(`runtime/${RUNTIME_BASE}.wasm`),
    fetchBlob(`runtime/${RUNTIME_BASE}.mjs`),
  ]);
  return { runtimeBinary, runtimeModule };
}
