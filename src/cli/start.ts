import { parseArgs } from 'node:util';
import { buildIfStale } from './build';
import { serveApp } from './server';

const { values } = parseArgs({ options: { port: { type: 'string', default: '4173' } } });

await buildIfStale();
const { url } = await serveApp(Number(values.port));
console.log(`Tellscope is ready: ${url} (stop with Ctrl+C)`);
