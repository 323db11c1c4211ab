import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TellscopeError } from '../errors';
import { goldenMismatch, latticeInput } from './golden';
import { parseManifest } from './manifest';

const shipped = readFileSync(new URL('../../public/models/tracenet/model.json', import.meta.url), 'utf8');

function changed(change: (manifest: ReturnType<typeof parseManifest>) => void): string {
  const manifest = parseManifest(shipped);
  change(manifest);
  return JSON.stringify(manifest);
}

describe('parseManifest', () => {
  it('reads the shipped manifest', () => {
    const manifest = parseManifest(shipped);
    expect(manifest.sessions.trace.input.shape[0]).toBe(manifest.sampling.windowFrames);
    expect(manifest.sessions.trace.input.shape[2]).toBe(
      manifest.sessions.trace.outputs['objectness']![2]! * manifest.sessions.trace.stride,
    );
    expect(manifest.sessions.forensic.input.anchors).toHaveLength(manifest.sessions.forensic.input.shape[0]);
    expect(manifest.verdict.bands.substantialEvidence).toBeGreaterThan(manifest.verdict.bands.noStrongSigns);
  });

  it('names the field that is wrong', () => {
    const text = changed((manifest) => {
      manifest.sessions.trace.sha256 = 'xyz';
    });
    expect(() => parseManifest(text)).toThrow(/sessions\.trace\.sha256/);
  });

  it('refuses a file name that leaves its folder', () => {
    const text = changed((manifest) => {
      manifest.sessions.trace.file = '../trace.onnx';
    });
    expect(() => parseManifest(text)).toThrow(TellscopeError);
  });

  it('refuses what is not JSON', () => {
    expect(() => parseManifest('<!doctype html>')).toThrow(/not JSON/);
  });
});

describe('golden input', () => {
  it('is the integer lattice', () => {
    const data = latticeInput([2, 3, 20, 20]);
    const at = (t: number, c: number, y: number, x: number): number =>
      data[((t * 3 + c) * 20 + y) * 20 + x]! * 255;
    expect(at(0, 0, 0, 0)).toBe(0);
    expect(at(0, 0, 0, 5)).toBeCloseTo(15, 4);
    expect(at(1, 2, 17, 18)).toBeCloseTo(((54 + 85 + 7 + 170) ^ (31 + 17 + 13)) & 255, 4);
  });

  it('accepts small differences and names the output with a large one', () => {
    const spec = parseManifest(shipped).sessions.forensic;
    const expected = spec.golden.outputs['forensic']!;
    const values = Float32Array.from(expected.values);
    expect(goldenMismatch(spec, { forensic: values })).toBeUndefined();
    values[1]! += 0.1;
    expect(goldenMismatch(spec, { forensic: values })).toContain('"forensic"');
  });

  it('rejects NaN, infinities and missing outputs', () => {
    const spec = parseManifest(shipped).sessions.forensic;
    const values = Float32Array.from(spec.golden.outputs['forensic']!.values);
    values[0] = NaN;
    expect(goldenMismatch(spec, { forensic: values })).toBeDefined();
    expect(goldenMismatch(spec, {})).toBeDefined();
  });
});
