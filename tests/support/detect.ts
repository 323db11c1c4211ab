import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { ROOT } from '../../src/cli/install.mjs';

/** How a call of the command line ended. */
export type Call = { code: number | null; stdout: string; stderr: string };

/** Path of a video fixture. */
export function fixture(name: string): string {
  return path.join(ROOT, 'tests', 'fixtures', name);
}

/** Starts the command line as `npm run detect` does. */
export function startDetect(...args: string[]): { child: ChildProcess; ended: Promise<Call> } {
  const child = spawn(process.execPath, ['src/cli/run.mjs', 'src/cli/detect.ts', ...args], { cwd: ROOT });
  const call: Call = { code: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    call.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    call.stderr += text;
  });
  const ended = new Promise<Call>((resolve, reject) => {
    child.on('error', reject).on('close', (code) => {
      resolve({ ...call, code });
    });
  });
  return { child, ended };
}

/** Calls the command line and waits for its end. */
export function detect(...args: string[]): Promise<Call> {
  return startDetect(...args).ended;
}

/** Takes newline-delimited JSON apart. */
export function parseLines(text: string): unknown[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}
