import { expect, test } from 'vitest';
import { readArguments, UsageError } from '../../src/cli/arguments';

test('files keep their order, and the rest has defaults', () => {
  expect(readArguments(['b.mp4', 'a.mp4'])).toEqual({
    files: ['b.mp4', 'a.mp4'],
    backend: 'auto',
    predictions: false,
    threshold: undefined,
    out: undefined,
    browser: undefined,
    browserArgs: [],
    help: false,
  });
});

test('options are read wherever they stand', () => {
  const call = readArguments([
    'a.mp4',
    '--backend',
    'wasm',
    '--out=lines.ndjson',
    'b.mp4',
    '--browser',
    '/c',
  ]);
  expect(call).toMatchObject({
    files: ['a.mp4', 'b.mp4'],
    backend: 'wasm',
    out: 'lines.ndjson',
    browser: '/c',
  });
});

test('a browser argument may begin with dashes, with or without an equals sign', () => {
  const call = readArguments(['--browser-arg', '--enable-unsafe-webgpu', '--browser-arg=--x=y', 'a.mp4']);
  expect(call.browserArgs).toEqual(['--enable-unsafe-webgpu', '--x=y']);
  expect(call.files).toEqual(['a.mp4']);
});

test('behind two dashes everything is a file', () => {
  expect(readArguments(['--', '--browser-arg', '-a.mp4']).files).toEqual(['--browser-arg', '-a.mp4']);
});

test('help needs no file', () => {
  expect(readArguments(['--help']).help).toBe(true);
});

test.each([
  ['no file', []],
  ['an unknown option', ['--fast', 'a.mp4']],
  ['an unknown backend', ['--backend', 'cuda', 'a.mp4']],
  ['a threshold that is none', ['--predictions', '--threshold', 'high', 'a.mp4']],
  ['a threshold for reports, which have none', ['--threshold', '0.5', 'a.mp4']],
  ['an option without its value', ['a.mp4', '--out']],
  ['a browser argument without its value', ['a.mp4', '--browser-arg']],
])('%s is a wrong call', (_, argv) => {
  expect(() => readArguments(argv)).toThrow(UsageError);
});
