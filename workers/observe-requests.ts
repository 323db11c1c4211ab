import type { ObservedRequest } from '../src/service-worker/messages';

/** What a worker tells its page of its own requests, beside the calls it answers. */
export type RequestNotice = { tellscopeRequest: ObservedRequest };

/** The part of a worker's or a page's scope in which requests are seen. */
type Scope = Pick<typeof globalThis, 'addEventListener' | 'performance' | 'PerformanceObserver'>;

/**
 * Watches the requests of this page or worker: those the browser has timed, and those its policy has refused. Requests
 * that the service worker answered or passed on are left to it, since it knows how.
 *
 * Not seen here: WebSocket, WebRTC and WebTransport connections that are not refused by the policy, and whatever a
 * worker started from here asks for; the policies leave neither a way (`src/security-headers.ts`).
 *
 * @param by who asks, as shown to people.
 */
export function observeRequests(
  by: string,
  tell: (request: ObservedRequest) => void,
  scope: Scope = globalThis,
): void {
  new scope.PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const {
        name: url,
        startTime,
        workerStart,
        transferSize,
        deliveryType,
      } = entry as PerformanceResourceTiming & { deliveryType?: string };
      if (workerStart > 0 || !/^(https?|wss?):/.test(url)) {
        continue;
      }
      // Of the browser's own cache, where the browser says so.
      const stored = deliveryType === 'cache' && transferSize === 0;
      const time = scope.performance.timeOrigin + startTime;
      tell({ time, url, answer: stored ? 'stored' : 'network', by });
    }
  }).observe({ type: 'resource', buffered: true });
  scope.addEventListener('securitypolicyviolation', (event) => {
    const { blockedURI } = event as SecurityPolicyViolationEvent;
    tell({ time: Date.now(), url: blockedURI, answer: 'refused', by });
  });
}

/** Watches the requests of this worker and tells the page that started it. */
export function observeRequestsOfWorker(by: string): void {
  observeRequests(by, (request) => {
    postMessage({ tellscopeRequest: request } satisfies RequestNotice);
  });
}
