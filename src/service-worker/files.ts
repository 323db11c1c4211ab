/** A file of the build, as it has to be. */
export type AppFile = {
  /** Path from the app's root. */
  path: string;
  bytes: number;
  /** In lower-case hexadecimal. */
  sha256: string;
  /** Model and runtime: stored apart from the app's own files, and kept when a new version brings the same. */
  large: boolean;
};

/** A file is not the one the build made. */
export class AlteredFileError extends Error {
  override readonly name = 'AlteredFileError';

  constructor(path: string) {
    super(`${path} is not the file that belongs to this version (its SHA-256 differs)`);
  }
}

/**
 * The file as a response, after proving that its bytes are the expected ones.
 *
 * @param headers those to send with it, beside its type.
 * @throws {AlteredFileError}
 */
export async function verified(
  response: Response,
  file: AppFile,
  headers: Record<string, string>,
): Promise<Response> {
  const bytes = await response.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (!response.ok || bytes.byteLength !== file.bytes || sha256 !== file.sha256) {
    throw new AlteredFileError(file.path);
  }
  return new Response(bytes, {
    headers: {
      ...headers,
      'Content-Type': response.headers.get('Content-Type') ?? 'application/octet-stream',
      'Content-Length': String(bytes.byteLength),
    },
  });
}
