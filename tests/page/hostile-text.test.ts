import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { toCvatXml } from '../../src/lib/exports/cvat';
import { timelineSvg } from '../../src/lib/exports/timeline-svg';
import { makeOpinion, makeReport, makeReview, makeTrace } from '../../src/lib/report.fixture';
import { deleteAllReviews } from '../../src/lib/review/store';
import { TellscopeError } from '../../workers/errors';
import type { Report } from '../../workers/report';
import { fixture } from '../support/fixture';
import { MountedApp } from '../support/mounted-app';

/** Text that would run, load or navigate if any of it were taken for markup. */
const PAYLOAD =
  '"\'></title></style></textarea><img src=x onerror="window.hit=1"><script>window.hit=1</script>' +
  '<svg onload="window.hit=1"><a href="javascript:window.hit=1">a</a>{@html hit}';

/** What the payload sets if it ever runs. */
const hit = (): unknown => (window as { hit?: unknown }).hit;

let app: MountedApp;

beforeEach(async () => {
  await page.viewport(1280, 900);
  await deleteAllReviews();
  app = new MountedApp();
});

afterEach(async () => {
  await app.close();
});

/** A report in which every free text is hostile: what a file, a model, a second model and a stranger's JSON can hold. */
function hostileReport(): Report {
  const opinion = makeOpinion();
  return makeReport({
    browser: { userAgent: PAYLOAD, brands: [{ name: PAYLOAD, version: PAYLOAD }], platform: PAYLOAD },
    file: { name: `${PAYLOAD}.mp4`, bytes: 1000, sha256: 'a'.repeat(64) },
    video: { ...makeReport().video, container: PAYLOAD, codec: PAYLOAD },
    model: { ...makeReport().model, id: PAYLOAD, version: PAYLOAD, precision: PAYLOAD },
    verdict: { band: 'substantial-evidence', fakeProbability: 0.93, reasons: [PAYLOAD, PAYLOAD] },
    traces: [makeTrace({ explanation: PAYLOAD }), makeTrace({ id: PAYLOAD, explanation: PAYLOAD })],
    // Twice the same: the page must not count on entries being different.
    warnings: [PAYLOAD, PAYLOAD],
    secondOpinions: [
      {
        ...opinion,
        model: { id: PAYLOAD, name: PAYLOAD, dtype: PAYLOAD, source: PAYLOAD },
        question: PAYLOAD,
        answerText: PAYLOAD,
        parsed: {
          label: 'FAKE',
          traces: opinion.parsed!.traces.map((trace) => ({ ...trace, explanation: PAYLOAD })),
        },
      },
    ],
  });
}

/** Fails if any of the payload has become more than text. */
async function expectOnlyText(): Promise<void> {
  // What loads, and fails to, does so in a later task.
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(hit()).toBeUndefined();
  const become = document.body.querySelectorAll('img[src="x"], body script:not([src]), [onload], [onerror]');
  expect(Array.from(become, (element) => element.outerHTML)).toEqual([]);
  expect(document.querySelectorAll('a[href^="javascript:"]').length).toBe(0);
  expect(document.body.textContent).toContain(PAYLOAD);
}

/** Opens whatever is folded away, so that its text is in the page too. */
function unfold(): void {
  for (const details of document.querySelectorAll('details')) {
    details.open = true;
  }
}

describe('text from strangers is shown as text', () => {
  test('in the name of a file while it is judged, and in why it could not be', async () => {
    const video = await fixture('good/plain-h264.mp4');
    app.drop(new File([video], `${PAYLOAD}.mp4`));
    await expect.poll(() => app.jobs.length).toBe(1);
    await expectOnlyText();
    app.jobs[0]!.reject(new TellscopeError('unreadable-file', `${PAYLOAD} Get another copy.`));
    await expect.element(page.getByText('unreadable-file', { exact: true })).toBeVisible();
    await expectOnlyText();
  });

  test('in a result: model, codec, explanations, warnings and second opinions', async () => {
    const video = await fixture('good/plain-h264.mp4');
    await app.judge(new File([video], `${PAYLOAD}.mp4`), hostileReport());
    unfold();
    await expectOnlyText();
  });

  test('in an opened report with its review', async () => {
    const review = makeReview({ reviewer: PAYLOAD });
    const added = review.added.map((one) => ({ ...one, trace: { ...one.trace, words: PAYLOAD } }));
    const document = { ...hostileReport(), humanReview: { ...review, added } };
    app.drop(new File([JSON.stringify(document)], `${PAYLOAD}.json`));
    await expect.element(page.getByRole('heading', { name: 'Details for the record' })).toBeVisible();
    unfold();
    await expectOnlyText();
  });

  test('in what is said of a report that cannot be opened', async () => {
    const wrong = { ...hostileReport(), cuts: [PAYLOAD], [PAYLOAD]: PAYLOAD };
    app.drop(new File([JSON.stringify(wrong)], `${PAYLOAD}.json`));
    await expect.element(page.getByRole('region', { name: /^About/ })).toBeVisible();
    await expectOnlyText();
  });
});

test('tracks for annotators and the timeline picture are well-formed whatever the text', () => {
  const report = hostileReport();
  const control = String.fromCharCode(0, 8, 0x1f, 0xfffe);
  const named = { ...report, file: { ...report.file, name: `${PAYLOAD}${control}` } };
  const xml = new DOMParser().parseFromString(toCvatXml(named), 'application/xml');
  expect(xml.querySelector('parsererror')).toBeNull();
  expect(xml.querySelector('script, img, svg, a')).toBeNull();
  expect(xml.querySelector('source')!.textContent).toContain(PAYLOAD);
  expect(xml.querySelector('track attribute[name="explanation"]')!.textContent).toBe(PAYLOAD);
  const svg = new DOMParser().parseFromString(timelineSvg(report).text, 'image/svg+xml');
  expect(svg.querySelector('parsererror, script, image, a, [onload]')).toBeNull();
});
