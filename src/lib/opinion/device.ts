import type { ModelEntry, ModelVariant } from './registry';

/** What the device can do, found out before anything is downloaded. */
export type DeviceReport = {
  /** `emulated`: there is an adapter, but it computes on the processor. */
  webgpu: 'hardware' | 'emulated' | 'none';
  shaderF16: boolean;
  /** Largest GPU buffer and largest binding of one, whichever is smaller, in bytes. */
  bufferBytes: number;
  /** Memory of the device in bytes as the browser tells it (never more than 8 GiB); `null` where it does not. */
  memoryBytes: number | null;
  ios: boolean;
};

/** Whether a model can run here, and what is to be said about it, in sentences. */
export type Fitness = { fits: boolean; sentences: string[] };

/** Browsers tell no more than this, so more memory than that may be there. */
const MOST_MEMORY_TOLD = 8 * 2 ** 30;

/** A tab on an iPhone is ended at about 500 MB (arXiv 2605.20706). */
const IOS_DOWNLOAD_LIMIT = 300_000_000;

/** WebAssembly addresses 4 GiB, and weights are there twice while a session is built. */
const WASM_DOWNLOAD_LIMIT = 1_500_000_000;

/** Asks the browser what it can do. Never fails: what cannot be found out is not there. */
export async function probeDevice(): Promise<DeviceReport> {
  const { userAgent, maxTouchPoints } = navigator;
  const { deviceMemory } = navigator as { deviceMemory?: number };
  const report: DeviceReport = {
    webgpu: 'none',
    shaderF16: false,
    bufferBytes: 0,
    memoryBytes: deviceMemory === undefined ? null : deviceMemory * 2 ** 30,
    // An iPad calls itself a Macintosh, but no Macintosh has a touch screen.
    ios: /iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1),
  };
  // `gpu` is missing in browsers without WebGPU, whatever the type says.
  const gpu = navigator.gpu as GPU | undefined;
  const adapter = await gpu?.requestAdapter().catch(() => null);
  if (adapter) {
    const { vendor, architecture, description } = adapter.info;
    const emulated =
      adapter.info.isFallbackAdapter ||
      /swiftshader|llvmpipe|basic render/i.test(`${vendor} ${architecture} ${description}`);
    report.webgpu = emulated ? 'emulated' : 'hardware';
    report.shaderF16 = adapter.features.has('shader-f16');
    report.bufferBytes = Math.min(adapter.limits.maxBufferSize, adapter.limits.maxStorageBufferBindingSize);
  }
  return report;
}

/** Memory a model takes while it is built, in bytes: an estimate, since it depends on browser and driver. */
export function memoryEstimate({ download }: ModelVariant): number {
  return 2 * download.bytes + 500_000_000;
}

/** Judges whether a variant can run on a device. */
export function judgeFitness(variant: ModelVariant, device: DeviceReport): Fitness {
  const reasons = [...graphicsReasons(variant, device), ...memoryReasons(variant, device)];
  if (reasons.length > 0) {
    return { fits: false, sentences: reasons };
  }
  const warnings: string[] = [];
  if (variant.device === 'wasm') {
    warnings.push('It runs on the processor: an answer takes minutes, and the computer is busy with it.');
  } else if (device.webgpu === 'emulated') {
    warnings.push('The only graphics card found is emulated in software: an answer takes very long.');
  }
  if (device.memoryBytes === null) {
    warnings.push('The browser does not tell how much memory there is; too little of it ends the attempt.');
  }
  return { fits: true, sentences: warnings };
}

function graphicsReasons({ device: wanted, needs }: ModelVariant, device: DeviceReport): string[] {
  if (wanted === 'wasm') {
    return [];
  }
  if (device.webgpu === 'none') {
    return ['It needs WebGPU, and this browser has none or found no graphics card for it.'];
  }
  const reasons: string[] = [];
  // transformers.js looks for this with fp16 only, but q4f16 computes in half precision as well.
  if (needs.shaderF16 && !device.shaderF16) {
    reasons.push('It computes in half precision (shader-f16), which this graphics card does not offer.');
  }
  if (needs.bufferBytes !== null && device.bufferBytes < needs.bufferBytes) {
    reasons.push(
      `It needs ${megabytes(needs.bufferBytes)} of graphics memory in one piece; this one gives ${megabytes(device.bufferBytes)}.`,
    );
  }
  return reasons;
}

function memoryReasons(variant: ModelVariant, device: DeviceReport): string[] {
  if (device.ios && variant.download.bytes > IOS_DOWNLOAD_LIMIT) {
    return ['It is too large for an iPhone or iPad: the system ends pages that take that much memory.'];
  }
  if (variant.device === 'wasm' && variant.download.bytes > WASM_DOWNLOAD_LIMIT) {
    return ['It is too large for the processor: WebAssembly has 4 GiB of memory.'];
  }
  const { memoryBytes } = device;
  const needed = memoryEstimate(variant);
  if (memoryBytes !== null && memoryBytes < MOST_MEMORY_TOLD && needed > memoryBytes) {
    return [
      `It takes about ${megabytes(needed)} of memory while it is built; this device has ${megabytes(memoryBytes)}.`,
    ];
  }
  return [];
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

/** The first variant that runs on a device, or the last one with what speaks against it. */
export function chooseVariant(
  model: ModelEntry,
  device: DeviceReport,
): { variant: ModelVariant; fitness: Fitness } {
  const judged = model.variants.map((variant) => ({ variant, fitness: judgeFitness(variant, device) }));
  const fitting = judged.find(({ fitness }) => fitness.fits);
  const first = judged[0];
  if (!first) {
    throw new Error(`${model.id} has no variant`);
  }
  return fitting ?? first;
}
