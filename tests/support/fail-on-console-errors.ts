import { afterEach, beforeEach, expect, vi } from 'vitest';

/** Errors that say nothing about our code, each with the reason. */
const ALLOWED: RegExp[] = [];

beforeEach(() => {
  vi.spyOn(console, 'error');
});

afterEach(() => {
  const messages = vi
    .mocked(console.error)
    .mock.calls.map((parts) => parts.map(String).join(' '))
    .filter((message) => !ALLOWED.some((pattern) => pattern.test(message)));
  vi.mocked(console.error).mockRestore();
  expect(messages, 'errors on the console').toEqual([]);
});
