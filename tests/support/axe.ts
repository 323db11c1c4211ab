import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** WCAG 2.2 up to AA, and what axe knows beyond it. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/**
 * What axe finds wrong with the page as it stands, one line each; nothing when it is clean.
 *
 * @param without rules that cannot be judged in this state.
 */
export async function axeViolations(page: Page, without: readonly string[] = []): Promise<string[]> {
  // Evaluated, not added as a script: the page's policy forbids inline scripts.
  await page.evaluate(SOURCE);
  const rules = Object.fromEntries([
    ['target-size', { enabled: true }],
    ...without.map((rule) => [rule, { enabled: false }] as const),
  ]);
  const { violations } = await page.evaluate<AxeResults>(
    `axe.run(document, { runOnly: ${JSON.stringify(TAGS)}, rules: ${JSON.stringify(rules)} })`,
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary ?? ''}`),
  );
}
