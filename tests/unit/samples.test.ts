import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Sample } from '../../src/lib/samples';
import type { Report } from '../../workers/report';
import { expectValidReport } from '../support/report-schema';

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

test.each(samples.map(({ file }) => file))(
  'the stored result of %s is of this clip and of the model that ships; if not, run `npm run samples`',
  (file) => {
    const sha256 = (name: string): string =>
      createHash('sha256')
        .update(readFileSync(path.join(FOLDER, name)))
        .digest('hex');
    const report = JSON.parse(readFileSync(path.join(FOLDER, `${file}.report.json`), 'utf8')) as Report;
    expectValidReport(report);
    expect(report.file.sha256).toBe(sha256(file));
    expect(report.model.sha256).toBe(sha256('../models/tracenet/model.json'));
  },
);
