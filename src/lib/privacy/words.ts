import type { Answer, OfflineState } from '../../service-worker/messages';
import { formatCount } from '../format';

/** How a request was answered, in words. */
export const ANSWER_WORDS: Record<Answer, string> = {
  stored: 'from this browser’s storage',
  network: 'by a server',
  refused: 'refused',
};

/** The numbers of the request log in a sentence and what it means. */
export function describeRequests(log: {
  sent: number;
  sentSinceFile: number | undefined;
  servers: readonly string[];
  /** Origin of the app itself. */
  own: string;
}): { title: string; detail: string } {
  const count = log.sentSinceFile ?? log.sent;
  const since = log.sentSinceFile === undefined ? 'since this page was opened' : 'since you dropped the file';
  const foreign = log.servers.filter((origin) => origin !== log.own);
  const title = `${formatCount(count, 'request')} ${since}`;
  if (foreign.length > 0) {
    return { title, detail: `Servers asked on this visit, beside the app’s own: ${foreign.join(', ')}.` };
  }
  if (count === 0) {
    return { title, detail: 'Nothing was asked of any server, not even of the one this app came from.' };
  }
  return {
    title,
    detail:
      'All of them fetched parts of the app from the server it came from. ' +
      'Nothing of a file is ever in a request.',
  };
}

/** Whether the app works without a network, in a sentence. */
export function describeOffline(state: OfflineState | undefined): string {
  switch (state?.state) {
    case undefined:
      return 'The app is not stored in this browser yet.';
    case 'storing':
      return `The app is being stored in this browser: ${state.done} of ${state.files} files.`;
    case 'ready':
      return 'Ready: the whole app is stored in this browser and each file is checked against its SHA-256 when it is read. Pull the cable and try.';
    case 'failed':
      return `Not possible here. ${state.reason}`;
  }
}
