import { describe, expect, it } from 'vitest';
import { TellscopeError, type ErrorCode } from '../../workers/errors';
import { GpuRecord, Recovery } from './recovery';

const fault = (code: ErrorCode): TellscopeError => new TellscopeError(code, 'A fault.');

describe('Recovery', () => {
  it('goes on after a lost worker, and says where', () => {
    const recovery = new Recovery(new GpuRecord());
    expect(recovery.goesOn(fault('worker-lost'), 0, 'wasm')).toMatch(/starts anew/);
    expect(recovery.goesOn(fault('worker-lost'), 7, 'wasm')).toMatch(/goes on after window 7/);
    expect(recovery.notes()).toHaveLength(1);
  });

  it('gives up at one place, but not where the job got further', () => {
    const recovery = new Recovery(new GpuRecord());
    expect(recovery.goesOn(fault('worker-lost'), 3, 'wasm')).toBeDefined();
    expect(recovery.goesOn(fault('worker-lost'), 4, 'wasm')).toBeDefined();
    expect(recovery.goesOn(fault('worker-lost'), 4, 'wasm')).toBeDefined();
    expect(recovery.goesOn(fault('worker-lost'), 4, 'wasm')).toBeUndefined();
  });

  it('gives up in the end, however far each attempt gets', () => {
    const recovery = new Recovery(new GpuRecord());
    let windows = 0;
    while (recovery.goesOn(fault('worker-lost'), windows, 'wasm') !== undefined) {
      windows++;
    }
    expect(windows).toBe(12);
  });

  it('tries nothing again that cannot change', () => {
    for (const code of ['cancelled', 'model-mismatch', 'webcodecs-missing', 'model-unavailable'] as const) {
      expect(new Recovery(new GpuRecord()).goesOn(fault(code), 0, 'wasm')).toBeUndefined();
    }
  });

  it('avoids a GPU that failed twice, across jobs, and lets the job go on', () => {
    const gpu = new GpuRecord();
    expect(new Recovery(gpu).goesOn(fault('gpu-lost'), 2, 'webgpu')).toBeDefined();
    expect(gpu.reasonToAvoid).toBeUndefined();
    const recovery = new Recovery(gpu);
    expect(recovery.goesOn(fault('inference-failed'), 2, 'wasm')).toBeDefined();
    expect(gpu.reasonToAvoid).toBeUndefined();
    expect(recovery.goesOn(fault('gpu-lost'), 2, 'webgpu')).toBeDefined();
    expect(gpu.reasonToAvoid).toMatch(/failed 2 times/);
  });
});
