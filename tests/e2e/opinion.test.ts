import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MODELS } from '../../src/lib/opinion/registry';
import type { Report } from '../../workers/report';
import { AppPage } from '../support/app-page';
import { expectAccessible } from '../support/axe';
import { fixture } from '../support/detect';
import { TINY_MODELS } from '../support/opinion';
import { expectValidReport } from '../support/report-schema';

let app: AppPage;

beforeAll(async () => {
  app = await AppPage.open();
  await app.drop('good/plain-h264.mp4');
  await app.page.getByRole('heading', { level: 2, name: 'Second opinion' }).click();
});

afterAll(async () => {
  await app.close();
});

test('without consent no request leaves the origin', async () => {
  const { page } = app;
  await page.getByLabel('Model', { exact: true }).selectOption('smolvlm2-500m');
  await page.getByRole('button', { name: /^Download 510.0 MB from huggingface.co/ }).click();
  const dialog = page.getByRole('dialog', { name: /Download 510.0 MB from huggingface.co\?/ });
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  app.expectClean();
});

test('a model from files answers, beside the verdict, and its answer is in the report', async () => {
  const { page } = app;
  const smol = MODELS.find(({ id }) => id === 'smolvlm2-500m');
  const own = {
    ...smol,
    id: 'tiny',
    name: 'A tiny model',
    hub: null,
    variants: [
      {
        id: 'wasm-fp32',
        dtype: { embed_tokens: 'fp32', vision_encoder: 'fp32', decoder_model_merged: 'fp32' },
        device: 'wasm',
        needs: { shaderF16: false, bufferBytes: null },
        download: { bytes: 300_000, basis: 'listed' },
        files: [],
      },
    ],
  };
  const verdict = await page.locator('#verdict-title').innerText();
  await page.getByTestId('model-files').setInputFiles([
    ...TINY_MODELS['smolvlm-scripted'].map((path) => ({
      name: path.split('/').at(-1) ?? path,
      mimeType: 'application/octet-stream',
      buffer: readFileSync(fixture(`opinion/smolvlm-scripted/${path}`)),
    })),
    { name: 'tellscope-model.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(own)) },
  ]);
  await page.getByRole('button', { name: 'Ask about the clip' }).click();
  await page.getByRole('heading', { level: 3, name: 'Says: generated' }).waitFor();
  await expectAccessible(page);
  await page.getByText('The hand bends as no hand can.').first().waitFor();
  expect(await page.locator('#verdict-title').innerText()).toBe(verdict);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: /download report/i }).click(),
  ]);
  const report = JSON.parse(readFileSync(await download.path(), 'utf8')) as Report;
  expectValidReport(report);
  expect(report.secondOpinions).toHaveLength(1);
  expect(report.secondOpinions[0]).toMatchObject({
    model: { id: 'tiny', dtype: 'fp32', source: 'a folder on this machine' },
    parsed: { label: 'FAKE', traces: [{ startSeconds: 0.5, endSeconds: 1 }] },
    malformed: false,
  });
  app.expectClean();
});
