import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { launchBrowser } from '../../src/cli/detector-browser';
import { BROWSER_HINT, findBrowser } from '../../src/cli/find-browser.mjs';
import { serveApp, type AppServer } from '../../src/cli/server';
import { fixture } from './detect';

/** Console errors that say nothing about the app, each with the reason. */
const ALLOWED = [
  // The player asks for the first bytes of a file that has none.
  /ERR_REQUEST_RANGE_NOT_SATISFIABLE/,
];

/** How to open the app. */
export type AppPageOptions = {
  server?: AppServer;
  args?: string[];
  serviceWorkers?: 'allow' | 'block';
};

/** The built app in a browser, watched. */
export class AppPage {
  readonly page: Page;
  readonly #server: AppServer;
  readonly #browser: Browser;
  /** Addresses of all requests so far, those to memory (blob:, data:) left out. */
  readonly #requests: string[] = [];
  readonly #problems: string[] = [];

  private constructor(server: AppServer, browser: Browser, page: Page) {
    this.#server = server;
    this.#browser = browser;
    this.page = page;
  }

  /**
   * Opens the built app with the model on the processor.
   *
   * @param options a server other than the preview, arguments for the browser, or no service worker.
   */
  static async open({ server, args = [], serviceWorkers = 'allow' }: AppPageOptions = {}): Promise<AppPage> {
    const executablePath = findBrowser();
    if (!executablePath) {
      throw new Error(BROWSER_HINT);
    }
    server ??= await serveApp();
    const browser = await launchBrowser({ executablePath, args });
    const context = await browser.newContext({ acceptDownloads: true, serviceWorkers });
    const page = await context.newPage();
    page.setDefaultTimeout(120_000);
    const app = new AppPage(server, browser, page);
    app.#watch();
    await page.goto(`${server.url}?backend=wasm`);
    return app;
  }

  /** Address the app is served from. */
  get origin(): string {
    return new URL(this.#server.url).origin;
  }

  /** Addresses of all requests so far. */
  get requests(): readonly string[] {
    return this.#requests;
  }

  /** Drops fixtures (by their path in `tests/fixtures`) on the page, all at once. */
  async drop(...names: string[]): Promise<void> {
    await this.dropBytes(
      ...names.map((name) => ({ name: path.basename(name), bytes: readFileSync(fixture(name)) })),
    );
  }

  /** Drops files of these names and contents on the page, all at once. */
  async dropBytes(...contents: { name: string; bytes: Buffer }[]): Promise<void> {
    const files = contents.map(({ name, bytes }) => ({ name, base64: bytes.toString('base64') }));
    await this.page.evaluate((dropped) => {
      const dataTransfer = new DataTransfer();
      for (const { name, base64 } of dropped) {
        const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
        // A file from a folder has a type by its name only; the app must not rely on it.
        dataTransfer.items.add(new File([bytes], name));
      }
      for (const type of ['dragenter', 'dragover', 'drop']) {
        document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
      }
    }, files);
  }

  /** Waits until the app has stored itself for use without a network, which takes requests of its own. */
  async waitUntilStored(): Promise<void> {
    await this.page.getByRole('button', { name: /Nothing is uploaded|since you dropped/ }).click();
    const panel = this.page.getByRole('dialog', { name: 'What leaves this machine' });
    await panel.getByText(/^Ready: the whole app is stored/).waitFor();
    await panel.getByRole('button', { name: 'Close' }).click();
  }

  /** Brings a dropped clip to the front by its name. */
  async select(name: string): Promise<void> {
    const clips = this.page.getByRole('navigation', { name: 'Clips' });
    await clips
      .getByRole('button')
      .filter({ hasText: path.basename(name) })
      .click();
    await this.page.getByRole('heading', { level: 1, name: path.basename(name) }).waitFor();
  }

  /** Fails the test if the page logged an error, threw, or asked anyone but its own server for anything. */
  expectClean(): void {
    const foreign = this.#requests.filter((address) => new URL(address).origin !== this.origin);
    expect(foreign, 'requests to other origins').toEqual([]);
    expect(this.#problems, 'errors on the page').toEqual([]);
  }

  /** Ends browser and server. */
  async close(): Promise<void> {
    await this.#browser.close();
    await this.#server.close();
  }

  #watch(): void {
    this.page.context().on('request', (request) => {
      if (!/^(blob|data):/.test(request.url())) {
        this.#requests.push(request.url());
      }
    });
    this.page.on('websocket', (socket) => this.#requests.push(socket.url()));
    this.page.on('console', (message) => {
      if (message.type() === 'error' && !ALLOWED.some((pattern) => pattern.test(message.text()))) {
        this.#problems.push(`${message.text()} (${message.location().url})`);
      }
    });
    this.page.on('pageerror', (error) => this.#problems.push(String(error)));
    this.page.on('crash', () => this.#problems.push('the page crashed'));
  }
}
