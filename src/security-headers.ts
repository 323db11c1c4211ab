/** Headers that isolate the page from other origins; without them the runtime has one thread only. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  // The inference runtime compiles WebAssembly; nothing evaluates JavaScript from strings.
  "script-src 'self' 'wasm-unsafe-eval'",
  // To merge colour and transparency, mediabunny starts a worker from a blob; it inherits this policy.
  "worker-src 'self' blob:",
  "connect-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  // The dropped file is played from a blob URL.
  "media-src 'self' blob:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Response headers of the built app, on documents and worker scripts alike. */
export const SECURITY_HEADERS: Record<string, string> = {
  ...ISOLATION,
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
};

/** Response headers of the development server, whose hot reload needs inline styles and a socket. */
export const DEVELOPMENT_HEADERS: Record<string, string> = ISOLATION;

/** The same headers in the `_headers` format that Netlify and Cloudflare Pages read. */
export function headersFile(): string {
  const lines = Object.entries(SECURITY_HEADERS).map(([name, value]) => `  ${name}: ${value}`);
  return ['/*', ...lines, ''].join('\n');
}
