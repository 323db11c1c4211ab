import { expect, test } from 'vitest';
import { fetchModelAssets } from '../../src/lib/model-assets';

test('the test page is isolated from other origins, so that the runtime may use threads', () => {
  expect(crossOriginIsolated).toBe(true);
});

test('the browser decodes what the detector reads', async () => {
  const { supported } = await VideoDecoder.isConfigSupported({ codec: 'avc1.42001e' });
  expect(supported).toBe(true);
});

test('model and inference runtime come from the page’s own origin', async () => {
  const assets = await fetchModelAssets();
  expect(assets.runtimeModule.size).toBeGreaterThan(1e4);
  expect(assets.runtimeBinary.size).toBeGreaterThan(1e6);
  expect(Object.values(assets.files).every((file) => file.size > 0)).toBe(true);
});
