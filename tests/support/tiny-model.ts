import { latticeInput } from '../../workers/model/golden';
import type { Manifest } from '../../workers/model/manifest';
import type { ModelAssets } from '../../workers/protocol';

/** A manifest with the files it names. */
type TinyModel = { manifest: string; files: Record<string, Uint8Array<ArrayBuffer>> };

/** Side of the squares the tiny sessions take, in pixels, and of a cell of their output grids. */
const SIDE = 64;
const STRIDE = 32;

/**
 * A stand-in for the trained model in tests of everything but the model: it keeps to the installed manifest, goes the
 * same way through hash check, session and golden test, and answers in a millisecond with numbers that depend on the
 * brightness of its input. Made here, so that it follows every change of the manifest.
 *
 * @param installed text of the installed `model.json`.
 */
async function makeTinyModel(installed: string, framesPerSecond?: number): Promise<TinyModel> {
  const manifest = JSON.parse(installed) as Manifest;
  manifest.sampling.framesPerSecond = framesPerSecond ?? manifest.sampling.framesPerSecond;
  const files: TinyModel['files'] = {};
  for (const session of Object.values(manifest.sessions)) {
    const isTrace = session.input.fit === 'letterbox';
    session.input.shape = [session.input.shape[0], 3, SIDE, SIDE];
    if ('stride' in session) {
      session.stride = STRIDE;
    }
    const cells = SIDE / STRIDE;
    const brightness = mean(latticeInput(session.input.shape));
    const outputs: Output[] = Object.entries(session.outputs).map(([name, shape]) => {
      // The explainer stays the installed one, and so does the size of what it is given.
      const isGrid = isTrace && shape.length === 4 && name !== 'context';
      const small = isGrid ? [...shape.slice(0, 2), cells, cells] : shape;
      return { name, shape: small, offsets: offsetsOf(name, small) };
    });
    session.outputs = Object.fromEntries(outputs.map(({ name, shape }) => [name, shape]));
    session.golden.tolerance = 1e-3;
    session.golden.outputs = Object.fromEntries(
      outputs.map(({ name, offsets }) => [name, { indices: [0], values: [offsets[0]! + brightness] }]),
    );
    session.file = `tiny-${isTrace ? 'trace' : 'forensic'}.onnx`;
    const bytes = onnxModel(session.input.name, session.input.shape, outputs);
    session.bytes = bytes.byteLength;
    session.sha256 = await sha256(bytes);
    files[session.file] = bytes;
  }
  return { manifest: JSON.stringify(manifest), files };
}

/**
 * What the detector loads, with tiny sessions in place of the installed ones.
 *
 * @param framesPerSecond samples a second, where it should not be those of the installed model.
 */
export async function withTinyModel(assets: ModelAssets, framesPerSecond?: number): Promise<ModelAssets> {
  const { manifest, files } = await makeTinyModel(assets.manifest, framesPerSecond);
  const blobs = Object.entries(files).map(([name, bytes]) => [name, new Blob([bytes])] as const);
  return { ...assets, manifest, files: { ...assets.files, ...Object.fromEntries(blobs) } };
}

type Output = { name: string; shape: number[]; offsets: Float32Array };

/** What is added to the mean of the input: boxes of a cell's size, every fourth cell a likely trace. */
function offsetsOf(name: string, shape: readonly number[]): Float32Array {
  const length = shape.reduce((a, b) => a * b, 1);
  return Float32Array.from({ length }, (_, i) => {
    if (name === 'box') {
      return STRIDE / 2;
    }
    return name === 'objectness' ? (i % 4 === 1 ? 1 : -4) : Math.sin(i * 1.7) - 0.5;
  });
}

/** An ONNX model in which each output is the mean of the input plus a constant. */
function onnxModel(
  input: string,
  shape: readonly number[],
  outputs: readonly Output[],
): Uint8Array<ArrayBuffer> {
  const node = (operator: string, inputs: string[], output: string, attribute: number[] = []): number[] =>
    message(1, [
      ...inputs.flatMap((name) => text(1, name)),
      ...text(2, output),
      ...text(4, operator),
      ...attribute,
    ]);
  const keepNoDimensions = message(5, [...text(1, 'keepdims'), ...varint(3, 0), ...varint(20, 2)]);
  const value = (field: number, name: string, dims: readonly number[]): number[] => {
    const shapeOf = message(
      2,
      dims.flatMap((dim) => message(1, varint(1, dim))),
    );
    return message(field, [...text(1, name), ...message(2, message(1, [...varint(1, FLOAT), ...shapeOf]))]);
  };
  const graph = [
    ...node('ReduceMean', [input], 'mean', keepNoDimensions),
    ...outputs.flatMap(({ name }) => node('Add', ['mean', `${name}-offsets`], name)),
    ...text(2, 'tiny'),
    ...outputs.flatMap(({ name, shape: dims, offsets }) =>
      message(5, [
        ...dims.flatMap((dim) => varint(1, dim)),
        ...varint(2, FLOAT),
        ...text(8, `${name}-offsets`),
        ...bytesField(9, new Uint8Array(offsets.buffer)),
      ]),
    ),
    ...value(11, input, shape),
    ...outputs.flatMap(({ name, shape: dims }) => value(12, name, dims)),
  ];
  return Uint8Array.from([...varint(1, 8), ...message(7, graph), ...message(8, varint(2, 13))]);
}

/** `TensorProto.DataType.FLOAT` of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
const FLOAT = 1;

/** Protocol Buffers' wire format: a field of type varint, and one with a length. */
function varint(field: number, value: number): number[] {
  return [...base128(field << 3), ...base128(value)];
}

function bytesField(field: number, bytes: ArrayLike<number>): number[] {
  return [...base128((field << 3) | 2), ...base128(bytes.length), ...Array.from(bytes)];
}

const message = bytesField;

function text(field: number, value: string): number[] {
  return bytesField(field, new TextEncoder().encode(value));
}

function base128(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) {
      return [...bytes, rest];
    }
    bytes.push((rest % 128) | 128);
  }
}

function mean(values: Float32Array): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
