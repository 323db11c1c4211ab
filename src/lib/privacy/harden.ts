/**
 * Imported first by every page. Takes away what the Content Security Policy cannot: browsers have no policy for direct
 * connections (WebRTC). And since the policy demands trusted types, no string can become markup or the address of a
 * script anywhere on the page unless it passes here: no markup at all, and scripts of the app's own origin only.
 */
type TrustedTypes = {
  createPolicy(name: string, rules: { createScriptURL: (address: string) => string }): unknown;
};

const scope = globalThis as unknown as Record<string, unknown> & { trustedTypes?: TrustedTypes };

for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection', 'RTCDataChannel']) {
  // `undefined` on itself and not deleted: a property that is configurable elsewhere cannot be fetched back.
  if (name in scope) {
    Object.defineProperty(scope, name, { value: undefined, writable: false, configurable: false });
  }
}

scope.trustedTypes?.createPolicy('default', {
  createScriptURL(address) {
    if (new URL(address, document.baseURI).origin !== location.origin) {
      throw new TypeError(`${address} is no script of this app`);
    }
    return address;
  },
});
