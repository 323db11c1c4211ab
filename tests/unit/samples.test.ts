import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Sample } from '../../src/lib/samples';

const FOLDER = fileURLToPath(new URL('../../public/samples', import.meta.url));
const samples = JSON.parse(readFileSync(path.join(FOLDER, 'samples.json'), 'utf8')) as Sample[];
const notice = readFileSync(path.join(FOLDER, 'NOTICE.md'), 'utf8');

test('every sample clip is listed, licensed and named in the notice', () => {
  const clips = readdirSync(FOLDER).filter((name) => name.endsWith('.mp4'));
  expect(samples.map(({ file }) => file).sort()).toEqual(clips);
  for (const sample of samples) {
    expect(notice).toContain(`\`${sample.file}\``);
    expect(notice).toContain(sample.licenceUrl);
    expect(sample.attribution).not.toBe('');
  }
});

test('the text of the licence that asks for it lies beside the clips', () => {
  expect(samples.some(({ licence }) => licence === 'Apache-2.0')).toBe(true);
  expect(existsSync(path.join(FOLDER, 'LICENSE-APACHE-2.0.txt'))).toBe(true);
});
