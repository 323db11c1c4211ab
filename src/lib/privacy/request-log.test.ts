import { expect, test } from 'vitest';
import type { Answer, ObservedRequest } from '../../service-worker/messages';
import { shortAddress } from './addresses';
import { RequestLog } from './request-log.svelte';
import { describeOffline, describeRequests } from './words';

const request = (answer: Answer, url = 'https://app.example/x.js', time = Date.now()): ObservedRequest => ({
  answer,
  url,
  time,
  by: 'page',
});

test('only what went to a server counts, and anew from the drop of a file on', () => {
  const log = new RequestLog();
  log.add(request('network'));
  log.add(request('stored'));
  expect([log.sent, log.sentSinceFile, log.list.length]).toEqual([1, undefined, 2]);
  log.startFile();
  log.add(request('refused'));
  expect(log.sentSinceFile).toBe(0);
  log.add(request('network', 'https://hub.example/y', Date.now() + 1000));
  expect([log.sent, log.sentSinceFile]).toEqual([2, 1]);
  expect(log.servers).toEqual(['https://app.example', 'https://hub.example']);
});

test('a request from before the drop that is told late does not count as one after it', () => {
  const log = new RequestLog();
  log.startFile();
  log.add(request('network', 'https://app.example/model', Date.now() - 1000));
  expect([log.sent, log.sentSinceFile]).toEqual([1, 0]);
});

test('the list stays short, the count does not', () => {
  const log = new RequestLog();
  for (let index = 0; index < 700; index++) {
    log.add(request('network'));
  }
  expect(log.list.length).toBe(500);
  expect(log.sent).toBe(700);
});

test('words never call a foreign server the app’s own', () => {
  const own = 'https://app.example';
  const none = describeRequests({ sent: 9, sentSinceFile: 0, servers: [own], own });
  expect(none).toEqual({
    title: '0 requests since you dropped the file',
    detail: 'Nothing was asked of any server, not even of the one this app came from.',
  });
  expect(describeRequests({ sent: 9, sentSinceFile: undefined, servers: [own], own }).detail).toMatch(
    /^All of them fetched parts of the app/,
  );
  const foreign = describeRequests({ sent: 9, sentSinceFile: 1, servers: [own, 'https://hub.example'], own });
  expect(foreign.detail).toBe('Servers asked on this visit, beside the app’s own: https://hub.example.');
});

test('words say why the app does not work without a network', () => {
  expect(describeOffline({ state: 'failed', reason: 'No room.' })).toBe('Not possible here. No room.');
  expect(describeOffline({ state: 'storing', files: 30, done: 3 })).toMatch(/3 of 30 files/);
});

test('addresses of the app are short, others whole', () => {
  const base = 'https://app.example/folder/?backend=wasm';
  expect(shortAddress('https://app.example/folder/samples/a.mp4#t=0.5', base)).toBe('samples/a.mp4');
  expect(shortAddress('https://app.example/folder/', base)).toBe('./');
  expect(shortAddress('https://app.example/other', base)).toBe('https://app.example/other');
});
