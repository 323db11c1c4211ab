/** Absolute address of a file of the app, which can live in any folder of a host. */
export function addressInApp(path: string): string {
  return new URL(path, document.baseURI).href;
}

/** Scheme, host and port of an address. */
export function originOf(url: string): string {
  return new URL(url).origin;
}

/** An address without the part that all files of the app share. */
export function shortAddress(url: string, base: string): string {
  const folder = new URL('.', base).href;
  const address = url.replace(/#.*$/, '');
  return address.startsWith(folder) ? address.slice(folder.length) || './' : address;
}
