import { buildIfStale } from '../../src/cli/build';

/** Makes sure that what is tested is the app as it stands. */
export default async function setup(): Promise<void> {
  await buildIfStale();
}
