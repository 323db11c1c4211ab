import { expect, test } from 'vitest';
import { describeBrowser } from './browser';

test('Chromium tells its brands; the made-up one is left out', () => {
  const brands = [
    { brand: 'Chromium', version: '140' },
    { brand: 'Not=A?Brand', version: '24' },
    { brand: 'Google Chrome', version: '140' },
  ];
  const userAgentData = { brands, platform: 'Windows' };
  expect(describeBrowser({ userAgent: 'Mozilla/5.0', userAgentData })).toEqual({
    userAgent: 'Mozilla/5.0',
    brands: [
      { name: 'Chromium', version: '140' },
      { name: 'Google Chrome', version: '140' },
    ],
    platform: 'Windows',
  });
});

test.each([
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0', 'Windows'],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/26.0 Safari/605.1.15',
    'macOS',
  ],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 Version/26.0', 'iOS'],
  ['Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0', 'Android'],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0', 'Linux'],
  ['something else', ''],
])('%s runs on %s', (userAgent, platform) => {
  expect(describeBrowser({ userAgent })).toEqual({ userAgent, brands: [], platform });
});
