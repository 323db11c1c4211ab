import { TellscopeError } from '../errors';

/** The one GPU device of the worker, or a sentence that says why there is none. */
export type GpuDevice = { device: GPUDevice; lost: Promise<never> } | { missing: string };

/** Limits the inference runtime uses as far as the adapter allows (the list is the one it asks for itself). */
const LIMITS = [
  'maxBufferSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
] as const;

const FEATURES: GPUFeatureName[] = ['shader-f16', 'subgroups'];

/**
 * Makes the GPU device the model runs on. It is ours, not the runtime's, so that its loss is noticed: the runtime says
 * nothing of it, and a run on a lost device may never end.
 *
 * @param hardwareOnly take no adapter that is emulated in software.
 * @returns the device with a promise that rejects with `gpu-lost`, or why there is none.
 */
export async function requestGpuDevice(hardwareOnly: boolean): Promise<GpuDevice> {
  // `gpu` is missing in browsers without WebGPU, whatever the type says.
  const gpu = navigator.gpu as GPU | undefined;
  if (!gpu) {
    return { missing: 'This browser has no WebGPU; the model runs on the CPU, which is slower.' };
  }
  const adapter = await gpu.requestAdapter();
  if (!adapter) {
    return { missing: 'The browser found no usable GPU; the model runs on the CPU, which is slower.' };
  }
  const software =
    adapter.info.isFallbackAdapter || /swiftshader|llvmpipe|basic render/i.test(describe(adapter));
  if (hardwareOnly && software) {
    return { missing: 'The only GPU found is emulated in software; the model runs faster on the CPU.' };
  }
  let device: GPUDevice;
  try {
    device = await adapter.requestDevice({
      requiredFeatures: FEATURES.filter((feature) => adapter.features.has(feature)),
      requiredLimits: Object.fromEntries(LIMITS.map((limit) => [limit, adapter.limits[limit]])),
    });
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { missing: `The GPU could not be used (${detail}); the model runs on the CPU, which is slower.` };
  }
  const lost = device.lost.then(({ message }): never => {
    const detail = message.trim() ? ` (${message.trim()})` : '';
    throw new TellscopeError(
      'gpu-lost',
      `The graphics card was taken away while the model ran${detail}. Close other programs that use it and try again.`,
    );
  });
  lost.catch(() => {});
  return { device, lost };
}

function describe({ info }: GPUAdapter): string {
  return `${info.vendor} ${info.architecture} ${info.device} ${info.description}`;
}
