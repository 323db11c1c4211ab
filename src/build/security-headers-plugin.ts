import { writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import type { Plugin, ResolvedConfig } from 'vite';
import { developmentHeadersFor, headersFile, headersFor, metaPolicy } from '../security-headers.ts';
import { SERVICE_WORKER_FILE } from '../service-worker/messages.ts';
import { filesIn } from './files-in.ts';

/**
 * Sends each file with its own security headers, in the development and in the preview server, and writes them into
 * the build for static hosts.
 */
export function securityHeaders(): Plugin {
  let config: ResolvedConfig;
  return {
    name: 'tellscope-security-headers',
    configResolved(resolved) {
      config = resolved;
    },
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        send(response, developmentHeadersFor(pathOf(request.url)));
        next();
      });
    },
    configurePreviewServer(server) {
      server.middlewares.use((request, response, next) => {
        send(response, headersFor(pathOf(request.url).slice(1)));
        next();
      });
    },
    transformIndexHtml() {
      const attrs = { 'http-equiv': 'Content-Security-Policy', content: metaPolicy() };
      return config.command === 'build' ? [{ tag: 'meta', attrs, injectTo: 'head-prepend' }] : [];
    },
    closeBundle() {
      if (config.command === 'build') {
        const folder = path.resolve(config.root, config.build.outDir);
        writeFileSync(path.join(folder, '_headers'), headersFile([...filesIn(folder), SERVICE_WORKER_FILE]));
      }
    },
  };
}

function pathOf(url: string | undefined): string {
  return new URL(url ?? '/', 'http://localhost').pathname;
}

function send(response: ServerResponse, headers: Record<string, string>): void {
  for (const [name, value] of Object.entries(headers)) {
    response.setHeader(name, value);
  }
}
