import type { BrowserInfo } from './report';

/** What Chromium's browsers say of themselves in parts (User-Agent Client Hints); no other browser does. */
type ClientHints = { brands: { brand: string; version: string }[]; platform: string };

/** Describes the browser by what it says without being asked for more: no property that would single out a person. */
export function describeBrowser(navigator: { userAgent: string; userAgentData?: ClientHints }): BrowserInfo {
  const { userAgent, userAgentData } = navigator;
  return {
    userAgent,
    // Chromium adds a made-up brand that changes, so that nobody relies on the list.
    brands: (userAgentData?.brands ?? [])
      .filter(({ brand }) => !/not.?a.?brand/i.test(brand.replace(/[^a-z]/gi, ' ')))
      .map(({ brand, version }) => ({ name: brand, version })),
    platform: userAgentData?.platform ?? platformOf(userAgent),
  };
}

const PLATFORMS: [name: string, pattern: RegExp][] = [
  ['Android', /Android/],
  ['iOS', /iPhone|iPad/],
  ['Windows', /Windows/],
  ['macOS', /Mac OS X|Macintosh/],
  ['Chrome OS', /CrOS/],
  ['Linux', /Linux/],
];

function platformOf(userAgent: string): string {
  return PLATFORMS.find(([, pattern]) => pattern.test(userAgent))?.[0] ?? '';
}
