import { createSHA256 } from 'hash-wasm';

/**
 * SHA-256 of a file in lower-case hexadecimal, read in slices: WebCrypto would need the whole file in memory.
 */
export async function fileSha256(file: Blob): Promise<string> {
  const hasher = await createSHA256();
  const reader = file.stream().getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      return hasher.digest('hex');
    }
    hasher.update(value);
  }
}
