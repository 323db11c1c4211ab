import { chromium, type Browser, type Page } from 'playwright-core';
import { TellscopeError } from '../../workers/errors';
import type { AnalysisEvent, BackendChoice, Outcome } from '../../workers/protocol';
import type { Report } from '../../workers/report';
import type {} from '../headless';

/** Keeps the browser from talking to anyone but our server. */
const QUIET = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** A page that tells nothing for this long is given up; one window on an emulated GPU takes minutes. */
const STALL_MILLISECONDS = 15 * 60_000;

/** How to run a browser. */
export type BrowserOptions = {
  executablePath: string;
  args: readonly string[];
};

/** Starts a headless Chromium that keeps to itself. */
export function launchBrowser({ executablePath, args }: BrowserOptions): Promise<Browser> {
  // The sandbox cannot be set up by root.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({
    executablePath,
    args: [...QUIET, ...sandbox, ...args],
    // Interrupts are handled by whoever asked for the browser.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}

/** Judges files in a headless browser, which is started anew when it or its page is lost. */
export class DetectorBrowser {
  readonly #address: string;
  readonly #options: BrowserOptions;
  #browser: Browser | undefined;
  #page: Page | undefined;
  #onEvent: (event: AnalysisEvent) => void = () => {};

  /** Prepares a detector on the app served at `url`; the browser starts with {@link open} or the first file. */
  constructor(url: string, backend: BackendChoice, options: BrowserOptions) {
    this.#address = new URL(`headless.html?backend=${backend}`, url).href;
    this.#options = options;
  }

  /** Starts browser and page unless they are there. The model begins to load. */
  async open(): Promise<Page> {
    if (this.#page) {
      return this.#page;
    }
    this.#browser ??= await launchBrowser(this.#options);
    const page = await this.#browser.newPage();
    await page.exposeFunction('tellscopeEvent', (event: AnalysisEvent) => {
      this.#onEvent(event);
    });
    await page.goto(this.#address);
    this.#page = page;
    return page;
  }

  /** Judges one file. Never rejects: a lost page or browser is an outcome too. */
  async detect(file: string, onEvent: (event: AnalysisEvent) => void): Promise<Outcome<Report>> {
    const stall = new StallTimer();
    this.#onEvent = (event) => {
      stall.restart();
      onEvent(event);
    };
    try {
      return await Promise.race([this.#run(file), stall.promise]);
    } catch (error) {
      await this.close();
      const detail = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      const message = `The browser stopped while it judged this file (${detail}). Try the file on its own.`;
      return { ok: false, error: new TellscopeError('worker-lost', message).toData() };
    } finally {
      stall.stop();
      this.#onEvent = () => {};
    }
  }

  /** Ends the browser. */
  async close(): Promise<void> {
    const browser = this.#browser;
    this.#browser = undefined;
    this.#page = undefined;
    await browser?.close();
  }

  async #run(file: string): Promise<Outcome<Report>> {
    const page = await this.open();
    await page.setInputFiles('#files', file);
    return page.evaluate(() => window.tellscope.detect(0));
  }
}

/** Rejects its promise when it has not been restarted for too long. */
class StallTimer {
  readonly promise: Promise<never>;
  readonly #reject: (error: Error) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor() {
    const { promise, reject } = withRejection();
    this.promise = promise;
    this.#reject = reject;
    this.restart();
  }

  restart(): void {
    this.stop();
    this.#timer = setTimeout(() => {
      this.#reject(new Error(`no sign of life for ${STALL_MILLISECONDS / 60_000} minutes`));
    }, STALL_MILLISECONDS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

function withRejection(): { promise: Promise<never>; reject: (error: Error) => void } {
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<never>((_, rejectPromise) => {
    reject = rejectPromise;
  });
  return { promise, reject };
}
