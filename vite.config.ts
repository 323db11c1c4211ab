import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defaultClientConditions, defineConfig, type Plugin } from 'vite';
import { licences } from './src/build/licences-plugin.ts';
import { modelCard } from './src/build/model-card-plugin.ts';
import { securityHeaders } from './src/build/security-headers-plugin.ts';
import { serviceWorker } from './src/build/service-worker-plugin.ts';
import { COMMON_HEADERS, workerFolder } from './src/security-headers.ts';

const RUNTIME_FOLDER = path.dirname(createRequire(import.meta.url).resolve('onnxruntime-web/webgpu'));
const RUNTIME_FILES = ['ort-wasm-simd-threaded.asyncify.mjs', 'ort-wasm-simd-threaded.asyncify.wasm'];

/**
 * Serves the inference runtime from our own origin under `/runtime/`: from the installed package in development,
 * copied into the build otherwise. The runtime imports its glue module by URL, so it must not be bundled.
 */
function serveRuntime(): Plugin {
  return {
    name: 'tellscope-runtime',
    configureServer(server) {
      server.middlewares.use('/runtime/', (request, response, next) => {
        const name = RUNTIME_FILES.find((file) => request.url?.split('?')[0] === `/${file}`);
        if (!name) {
          next();
          return;
        }
        response.setHeader('Content-Type', name.endsWith('.mjs') ? 'text/javascript' : 'application/wasm');
        response.end(readFileSync(path.join(RUNTIME_FOLDER, name)));
      });
    },
    generateBundle() {
      for (const name of RUNTIME_FILES) {
        this.emitFile({
          type: 'asset',
          fileName: `runtime/${name}`,
          source: readFileSync(path.join(RUNTIME_FOLDER, name)),
        });
      }
    },
  };
}

/** Absolute path of something in the project, so that builds do not depend on where they are started from. */
function inProject(name: string): string {
  return path.join(import.meta.dirname, name);
}

const { page: licencesPage, workers: licencesOfWorkers } = licences(
  inProject('public'),
  RUNTIME_FILES.map((name) => path.join(RUNTIME_FOLDER, name)),
);

export default defineConfig({
  root: inProject('src'),
  publicDir: inProject('public'),
  cacheDir: inProject('node_modules/.vite'),
  base: './',
  // A missing file is a 404, not the start page.
  appType: 'mpa',
  plugins: [
    securityHeaders(),
    svelte({ configFile: false }),
    serveRuntime(),
    licencesPage,
    modelCard(inProject('public')),
    serviceWorker(inProject('src/service-worker/service-worker.ts')),
  ],
  resolve: {
    // Takes onnxruntime-web's build that loads its wasm glue by URL, so that no second copy lands in the bundle.
    conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions],
  },
  build: {
    outDir: inProject('dist'),
    emptyOutDir: true,
    target: 'es2023',
    rolldownOptions: {
      input: ['index.html', 'headless.html', 'storage.html'].map((page) => inProject(`src/${page}`)),
      checks: { bundlerTimings: false },
    },
  },
  // The test runner's own pages are answered before any plugin is asked.
  server: { headers: COMMON_HEADERS },
  worker: {
    format: 'es',
    plugins: () => [licencesOfWorkers],
    rolldownOptions: {
      output: {
        entryFileNames: ({ facadeModuleId }) => `${workerFolder(facadeModuleId ?? '')}/[name]-[hash].js`,
        // A worker without the right to load scripts has to come in one file.
        codeSplitting: false,
      },
    },
  },
});
