import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { build, type Plugin, type ResolvedConfig } from 'vite';
import type { AppFile } from '../service-worker/files.ts';
import { SERVICE_WORKER_FILE } from '../service-worker/messages.ts';
import { filesIn } from './files-in.ts';

/** Served by the host, never asked for by the app. */
const NOT_OF_THE_APP = new Set(['_headers', SERVICE_WORKER_FILE]);

/** Model and runtime: too large to fetch anew with every version of the app. */
const LARGE = /\.(onnx|wasm)$/;

/** Builds the service worker last, when all files of the app are there to be listed with their hashes. */
export function serviceWorker(source: string): Plugin {
  let config: ResolvedConfig;
  return {
    name: 'tellscope-service-worker',
    apply: 'build',
    configResolved(resolved) {
      config = resolved;
    },
    closeBundle: {
      // After what else writes into the build.
      order: 'post',
      sequential: true,
      async handler() {
        const folder = path.resolve(config.root, config.build.outDir);
        const files = listFiles(folder);
        const list = JSON.stringify(files);
        await build({
          configFile: false,
          root: config.root,
          publicDir: false,
          logLevel: 'warn',
          define: {
            TELLSCOPE_FILES: list,
            TELLSCOPE_VERSION: JSON.stringify(createHash('sha256').update(list).digest('hex').slice(0, 16)),
          },
          build: {
            outDir: folder,
            emptyOutDir: false,
            target: config.build.target,
            // A classic script: Firefox runs modules as service workers only since recently.
            lib: { entry: source, formats: ['iife'], name: 'tellscope', fileName: () => SERVICE_WORKER_FILE },
          },
        });
      },
    },
  };
}

function listFiles(folder: string): AppFile[] {
  return filesIn(folder)
    .filter((name) => !NOT_OF_THE_APP.has(name))
    .map((name) => {
      const content = readFileSync(path.join(folder, name));
      const sha256 = createHash('sha256').update(content).digest('hex');
      return { path: name, bytes: content.length, sha256, large: LARGE.test(name) };
    });
}
