import { readdirSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import type { Plugin, ResolvedConfig } from 'vite';
import { developmentHeadersFor, headersFile, headersFor } from '../security-headers.ts';

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
    closeBundle() {
      if (config.command === 'build') {
        const folder = path.resolve(config.root, config.build.outDir);
        writeFileSync(path.join(folder, '_headers'), headersFile(filesIn(folder)));
      }
    },
  };
}

/** Paths of all files in a folder, from there, with slashes. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
    .sort();
}

function pathOf(url: string | undefined): string {
  return new URL(url ?? '/', 'http://localhost').pathname;
}

function send(response: ServerResponse, headers: Record<string, string>): void {
  for (const [name, value] of Object.entries(headers)) {
    response.setHeader(name, value);
  }
}
