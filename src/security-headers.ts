import { SERVICE_WORKER_FILE } from './service-worker/messages.ts';

/** Headers that everything is served with: no other origin may frame, open, embed or learn of it. */
export const COMMON_HEADERS: Readonly<Record<string, string>> = {
  // Without these two the runtime has one thread only.
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Permissions-Policy': permissions({ allowed: ['autoplay', 'fullscreen'] }),
};

/** The powers of the web platform that reach a sensor, a device, a person, another program or another site. */
function permissions({ allowed }: { allowed: readonly string[] }): string {
  const refused = [
    'accelerometer',
    'browsing-topics',
    'camera',
    'clipboard-read',
    'compute-pressure',
    'display-capture',
    'encrypted-media',
    'gamepad',
    'geolocation',
    'gyroscope',
    'hid',
    'identity-credentials-get',
    'idle-detection',
    'local-fonts',
    'magnetometer',
    'microphone',
    'midi',
    'otp-credentials',
    'payment',
    'publickey-credentials-create',
    'publickey-credentials-get',
    'screen-wake-lock',
    'serial',
    'storage-access',
    'usb',
    'window-management',
    'xr-spatial-tracking',
  ];
  return [...allowed.map((name) => `${name}=(self)`), ...refused.map((name) => `${name}=()`)].join(', ');
}

/** Where a hub that is asked for a larger model sends the request for a file on to; see {@link WORKER_ROOMS}. */
const HUB = 'https://huggingface.co https://*.huggingface.co https://*.hf.co';

type Directives = Readonly<Record<string, string>>;

/** Documents: the app's own files and the dropped one, which is played from memory. */
const DOCUMENT: Directives = {
  'default-src': "'none'",
  'script-src': "'self'",
  'worker-src': "'self'",
  'connect-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self' blob: data:",
  'media-src': "'self' blob:",
  'manifest-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
  // No string becomes markup or a script's address but through a policy: Svelte's own for the templates it compiled,
  // and the app's, which lets no markup through (`src/lib/privacy/harden.ts`).
  'require-trusted-types-for': "'script'",
  'trusted-types': 'default svelte-trusted-html',
};

/**
 * Workers that see a video. No source in this policy lies on a network, not even on the app's own server: the script
 * is one file, the runtime's glue and threads start from memory (`blob:`) and inherit the policy.
 */
const ISOLATED: Directives = {
  'default-src': "'none'",
  'script-src': "blob: 'wasm-unsafe-eval'",
  'worker-src': 'blob:',
};

/** The worker that downloads what the visitor has agreed to download. It is never handed a video. */
const DOWNLOADING: Directives = {
  'default-src': "'none'",
  // Hashes are computed in WebAssembly.
  'script-src': "'wasm-unsafe-eval'",
  'connect-src': HUB,
};

/** The same for a mirror of the hub, whose address the visitor gives: any, as long as it is encrypted or near. */
const MIRRORING: Directives = {
  ...DOWNLOADING,
  'connect-src': 'https: http://localhost:* http://127.0.0.1:*',
};

/** The service worker fetches the app's own files, for use without a network. */
const SERVICE_WORKER: Directives = {
  'default-src': "'none'",
  'script-src': "'self'",
  'connect-src': "'self'",
};

/**
 * Where the scripts of workers are served from and what may be done there. A worker obeys the headers of its own
 * script, so each policy has a folder of its own. The first room whose `sources` match a worker's source file takes
 * it; what matches none, a worker added without a thought for this table, is isolated.
 */
const WORKER_ROOMS: readonly { folder: string; sources: RegExp; policy: Directives }[] = [
  {
    folder: 'workers/downloading',
    sources: /\/workers\/opinion\/download\.worker\.ts$/,
    policy: DOWNLOADING,
  },
  {
    folder: 'workers/mirroring',
    sources: /\/workers\/opinion\/mirror-download\.worker\.ts$/,
    policy: MIRRORING,
  },
  { folder: 'workers/isolated', sources: /\.worker\.ts$/, policy: ISOLATED },
];

/** Which policy rules a file of the built app, by the start of its path; the first that fits. */
const PATHS: readonly { start: string; policy: Directives }[] = [
  ...WORKER_ROOMS.map(({ folder, policy }) => ({ start: `${folder}/`, policy })),
  { start: SERVICE_WORKER_FILE, policy: SERVICE_WORKER },
  { start: '', policy: DOCUMENT },
];

/** The folder of the build that a worker's script belongs in, by the path of its source. */
export function workerFolder(source: string): string {
  return roomOf(source)?.folder ?? 'workers/isolated';
}

function roomOf(source: string) {
  return WORKER_ROOMS.find(({ sources }) => sources.test(source));
}

/**
 * Response headers of a file of the built app.
 *
 * @param file its path from the app's root, without a slash in front; '' is the start page.
 */
export function headersFor(file: string): Record<string, string> {
  const policy = PATHS.find(({ start }) => file.startsWith(start))?.policy ?? DOCUMENT;
  return { ...COMMON_HEADERS, 'Content-Security-Policy': policyText(policy) };
}

/**
 * Response headers of the development server, for documents and workers as strict as hot reload allows: it puts
 * styles into the page and shows errors as markup, and a worker that is not bundled loads its modules one by one.
 *
 * @param file path that was asked for, without query.
 */
export function developmentHeadersFor(file: string): Record<string, string> {
  const room = roomOf(file);
  if (room) {
    const scripts = { 'script-src': `'self' ${room.policy['script-src'] ?? ''}`.trim() };
    return { ...COMMON_HEADERS, 'Content-Security-Policy': policyText({ ...room.policy, ...scripts }) };
  }
  // The pages of the test runner bring inline scripts; they are no part of the app.
  if (/^\/(?:[\w-]+\.html)?$/.test(file)) {
    const {
      'require-trusted-types-for': _sinks,
      'trusted-types': _policies,
      ...rest
    } = DOCUMENT as Record<string, string>;
    const strict = { ...rest, 'style-src': "'self' 'unsafe-inline'" };
    return { ...COMMON_HEADERS, 'Content-Security-Policy': policyText(strict) };
  }
  return { ...COMMON_HEADERS };
}

/** The policy of documents for a `<meta>` element: hosts that send no headers still serve that. */
export function metaPolicy(): string {
  // Browsers take this one from headers only.
  const { 'frame-ancestors': _framing, ...rest } = DOCUMENT;
  return policyText(rest);
}

function policyText(policy: Directives): string {
  return Object.entries(policy)
    .map(([name, sources]) => `${name} ${sources}`)
    .join('; ');
}

/**
 * The same headers in the `_headers` format that Netlify and Cloudflare Pages read. No two of its rules give the same
 * header to the same file: hosts differ in what they make of that.
 *
 * @param files paths of all files of the build.
 */
export function headersFile(files: readonly string[]): string {
  const inRooms = WORKER_ROOMS.map(({ folder }) => `${folder}/`);
  const others = files.filter((file) => !inRooms.some((room) => file.startsWith(room)));
  const patterns = new Set([
    ...WORKER_ROOMS.map(({ folder }) => `${folder}/*`),
    '',
    ...others.flatMap(patternsOf).sort(),
  ]);
  const rules = [...patterns].map((pattern) => {
    const policy = headersFor(pattern.replace('*', ''))['Content-Security-Policy'] ?? '';
    return `/${pattern}\n  Content-Security-Policy: ${policy}\n`;
  });
  const common = Object.entries(COMMON_HEADERS).map(([name, value]) => `  ${name}: ${value}\n`);
  return `/*\n${common.join('')}${rules.join('')}`;
}

/** What lies in a folder shares the folder's policy, what lies at the root has its own. */
function patternsOf(file: string): string[] {
  if (file.includes('/')) {
    return [`${file.slice(0, file.indexOf('/'))}/*`];
  }
  // Many hosts serve a page under its name without the ending as well.
  return file.endsWith('.html') ? [file, file.replace(/\.html$/, '')] : [file];
}
