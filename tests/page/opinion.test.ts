import { afterEach, beforeEach, expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { makeOpinion, makeReport } from '../../src/lib/report.fixture';
import { fixture } from '../support/fixture';
import { MountedApp } from '../support/mounted-app';

let app: MountedApp;

beforeEach(async () => {
  await page.viewport(1280, 900);
  app = new MountedApp();
});

afterEach(() => app.close());

const timeline = () => page.getByRole('region', { name: 'Timeline' });
const RANGE = /^Second opinion of A model, .*: The cup melts\.$/;

test('a second opinion has a lane of its own in the timeline, and its moment is one click away', async () => {
  const report = makeReport({ secondOpinions: [makeOpinion()] });
  await app.judge(await fixture('good/plain-h264.mp4'), report);
  await timeline().getByRole('button', { name: RANGE }).click();
  await expect
    .poll(() => Number(timeline().getByRole('slider', { name: 'Playhead' }).element().ariaValueNow))
    .toBeCloseTo(0.5, 1);
  await timeline().getByText('Timeline as tables').click();
  await expect.element(timeline().getByRole('cell', { name: 'Second opinion (A model)' })).toBeVisible();
});

test('a report that is opened shows the second opinions it was saved with', async () => {
  const malformed = makeOpinion({ parsed: null, malformed: true, answerText: 'I like the cup.' });
  const report = makeReport({ secondOpinions: [makeOpinion(), malformed] });
  app.drop(new File([JSON.stringify(report)], 'saved.json', { type: 'application/json' }));
  await expect.element(timeline().getByRole('button', { name: RANGE })).toBeVisible();
  await page.getByRole('heading', { name: 'Second opinion', exact: true }).click();
  await expect.element(page.getByText('2 given, 1 of them malformed.')).toBeVisible();
  const list = page.getByRole('list', { name: 'Second opinions on this clip' });
  await expect.element(list.getByRole('heading', { name: 'Says: generated' })).toBeVisible();
  await expect.element(list.getByRole('heading', { name: 'Malformed answer' })).toBeVisible();
  await expect.element(list.getByText('I like the cup.')).toBeVisible();
});
