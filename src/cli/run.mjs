/**
 * Runs one of the project's TypeScript programs, after installing what it needs:
 * `node src/cli/run.mjs PROGRAM.ts [ARGUMENT]...`, the program by its path from the project's root.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureInstalled, ROOT } from './install.mjs';

const program = process.argv[2];
if (!program) {
  throw new Error('Name the program to run.');
}
try {
  ensureInstalled();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
// The program sees its own arguments where it would had it been started directly.
process.argv.splice(1, 2, path.join(ROOT, program));
const { tsImport } = await import('tsx/esm/api');
await tsImport(pathToFileURL(path.join(ROOT, program)).href, import.meta.url);
