import { mergeConfig } from 'vite';
import { defineConfig } from 'vitest/config';
import { playwright } from '@vitest/browser-playwright';
import { findBrowser } from './src/cli/find-browser.mjs';
import app from './vite.config.ts';

const WEBGPU_FILES = 'tests/browser/**/*.webgpu.test.ts';

// Found while a test runs, a dependency would be bundled then and there, and the page reloaded under the test.
const optimizeDeps = {
  include: [
    '@huggingface/transformers',
    'comlink',
    'hash-wasm',
    'mediabunny',
    'onnxruntime-web/webgpu',
    'valibot',
  ],
};

/** One installed browser to run tests in; its arguments decide whether there is a (software) GPU. */
function chromium(...args: string[]) {
  const executablePath = findBrowser();
  // The sandbox cannot be set up by root.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return {
    enabled: true,
    headless: true,
    screenshotFailures: false,
    provider: playwright({
      launchOptions: { ...(executablePath && { executablePath }), args: [...sandbox, ...args] },
    }),
    instances: [{ browser: 'chromium' as const }],
  };
}

export default mergeConfig(
  app,
  defineConfig({
    root: import.meta.dirname,
    test: {
      projects: [
        {
          extends: true,
          test: {
            name: 'node',
            environment: 'node',
            include: ['src/**/*.test.ts', 'workers/**/*.test.ts', 'tests/unit/**/*.test.ts'],
            // Some read a thousand rows or start a process, on a machine that may be busy.
            testTimeout: 60_000,
          },
        },
        {
          extends: true,
          optimizeDeps,
          test: {
            name: 'browser',
            include: ['tests/browser/**/*.test.ts', 'tests/page/**/*.test.ts'],
            exclude: [WEBGPU_FILES],
            globalSetup: ['tests/support/model-server.ts'],
            setupFiles: ['tests/support/fail-on-console-errors.ts'],
            testTimeout: 60_000,
            // Memory is measured when it is asked for, and not with the next garbage collection.
            browser: chromium('--enable-blink-features=ForceEagerMeasureMemory'),
          },
        },
        {
          extends: true,
          optimizeDeps,
          test: {
            name: 'browser-webgpu',
            include: [WEBGPU_FILES],
            setupFiles: ['tests/support/fail-on-console-errors.ts'],
            // One window takes minutes where the GPU is emulated, and many where the machine does other things as well.
            testTimeout: 20 * 60_000,
            hookTimeout: 20 * 60_000,
            browser: chromium('--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'),
          },
        },
        {
          extends: true,
          test: {
            name: 'cli',
            environment: 'node',
            include: ['tests/cli/**/*.test.ts'],
            globalSetup: ['tests/support/build-app.ts'],
            testTimeout: 5 * 60_000,
            hookTimeout: 5 * 60_000,
            fileParallelism: false,
          },
        },
        {
          extends: true,
          test: {
            name: 'e2e',
            environment: 'node',
            include: ['tests/e2e/**/*.test.ts'],
            globalSetup: ['tests/support/build-app.ts'],
            testTimeout: 5 * 60_000,
            hookTimeout: 5 * 60_000,
            fileParallelism: false,
          },
        },
      ],
    },
  }),
);
