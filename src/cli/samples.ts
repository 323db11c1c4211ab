import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildIfStale } from './build';
import { DetectorBrowser } from './detector-browser';
import { BROWSER_HINT, findBrowser } from './find-browser.mjs';
import { ROOT } from './install.mjs';
import { serveApp } from './server';

/**
 * Judges the sample clips with the shipped model and stores the reports beside them, so that the page can show a result
 * at once. To be run again whenever the model, the clips or the report's format changes.
 */
async function main(): Promise<void> {
  const executablePath = findBrowser();
  if (!executablePath) {
    throw new Error(BROWSER_HINT);
  }
  const folder = path.join(ROOT, 'public', 'samples');
  const samples = JSON.parse(readFileSync(path.join(folder, 'samples.json'), 'utf8')) as { file: string }[];
  await buildIfStale();
  const server = await serveApp();
  const browser = new DetectorBrowser(server.url, 'wasm', { executablePath, args: [] });
  try {
    for (const { file } of samples) {
      const outcome = await browser.detect(path.join(folder, file), () => {});
      if (!outcome.ok) {
        throw new Error(`${file}: ${outcome.error.message}`);
      }
      const name = `${file}.report.json`;
      writeFileSync(path.join(folder, name), `${JSON.stringify(outcome.value)}\n`);
      console.error(`${name}: ${outcome.value.verdict.band}`);
    }
  } finally {
    await browser.close();
    await server.close();
  }
}

await main();
