import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { modelCardPage } from './model-card-plugin';

test('a card becomes a page with headings, tables and pictures that open by themselves', () => {
  const html = modelCardPage('# Net 1\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n![A strip](failures/x.webp)\n');
  expect(html).toContain('<h1>Net 1</h1>');
  expect(html).toContain('<td>2</td>');
  expect(html).toContain('<a href="failures/x.webp"><img src="failures/x.webp" alt="A strip"></a>');
  expect(html).toContain('href="../../pages.css"');
  expect(html).toContain('<a href="../../">Back to Tellscope</a>');
});

test('the shipped card has a table of figures and a picture of every case listed', () => {
  const folder = fileURLToPath(new URL('../../public/models/tracenet', import.meta.url));
  const html = modelCardPage(readFileSync(`${folder}/MODEL_CARD.md`, 'utf8'));
  const { cases } = JSON.parse(readFileSync(`${folder}/failures/failures.json`, 'utf8')) as {
    cases: { file: string }[];
  };
  expect(cases.length).toBeGreaterThan(0);
  for (const { file } of cases) {
    expect(html).toContain(`<img src="failures/${file}"`);
  }
  expect(html).toContain('<table>');
  expect(html).not.toMatch(/<(?:script|style)/);
});
