import os from 'node:os';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../src/cli/detector-browser';

/** What every part of the benchmark is given. */
export type Bench = {
  /** Address of the built app, ending in a slash. */
  url: string;
  executablePath: string;
  /** How often a measurement is made. The best counts: on a machine that does other things as well, the others measure those. */
  runs: number;
};

/** What a part found: lines to print, and everything to save. */
export type Part = { title: string; rows: [label: string, value: string][]; result: object };

/** Where figures were measured. */
export type Machine = {
  cpu: string;
  cores: number;
  memoryGiB: number;
  platform: string;
  node: string;
  browser: string;
  /** What draws the page, in the browser's words. */
  graphics: string;
};

/** Describes this machine and the browser on it. */
export async function describeMachine(bench: Bench): Promise<Machine> {
  const cpus = os.cpus();
  const [browser, graphics] = await onPage(bench, async (page) => [
    page.context().browser()?.version() ?? '',
    await page.evaluate(() => {
      const gl = document.createElement('canvas').getContext('webgl');
      const info = gl?.getExtension('WEBGL_debug_renderer_info');
      return gl && info
        ? String(gl.getParameter(info.UNMASKED_RENDERER_WEBGL))
        : 'no WebGL: drawn in software';
    }),
  ]);
  return {
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cores: cpus.length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    platform: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.versions.node,
    browser,
    graphics,
  };
}

/** Runs something on the app's page in a browser of its own: nothing is compiled or cached yet, as on a first visit. */
export async function onPage<T>({ url, executablePath }: Bench, run: (page: Page) => Promise<T>): Promise<T> {
  const browser = await launchBrowser({ executablePath, args: [] });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.setDefaultTimeout(300_000);
    await page.goto(`${url}?backend=wasm`);
    return await run(page);
  } finally {
    await browser.close();
  }
}

/** The middle one of some numbers; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

/** Seconds as they are printed. */
export function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}

/** Milliseconds as they are printed. */
export function milliseconds(value: number): string {
  return `${value.toFixed(1)} ms`;
}

/** A ratio as it is printed. */
export function times(value: number): string {
  return `${value.toFixed(1)} x`;
}
