import path from 'node:path';
import { preview } from 'vite';
import { ROOT } from './install.mjs';

/** A running server of the built app. */
export type AppServer = {
  /** Address of the app, ending in a slash. */
  url: string;
  close: () => Promise<void>;
};

/**
 * Serves `dist` to this machine alone, with the headers that the app is meant to be hosted with.
 *
 * @param port the port to try first; 0 takes any free one.
 */
export async function serveApp(port = 0): Promise<AppServer> {
  const server = await preview({
    configFile: path.join(ROOT, 'vite.config.ts'),
    logLevel: 'error',
    preview: { host: '127.0.0.1', port, open: false },
  });
  const address = server.httpServer.address();
  if (address === null || typeof address === 'string') {
    throw new Error('The server did not say where it listens.');
  }
  return { url: `http://127.0.0.1:${address.port}/`, close: () => server.close() };
}
