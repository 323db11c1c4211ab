import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseManifest } from '../../workers/model/manifest';
import { ROOT } from './install.mjs';

/** The model that the app is installed with. */
export type InstalledModel = {
  /** Id and version. */
  name: string;
  /** SHA-256 of its manifest, as reports carry it. */
  sha256: string;
  /** The probability from which it gives its band of substantial evidence. */
  threshold: number;
};

/**
 * Reads the manifest of the installed model.
 *
 * @throws {TellscopeError} `model-altered` when it is not one.
 */
export function installedModel(): InstalledModel {
  const text = readFileSync(path.join(ROOT, 'public/models/tracenet/model.json'), 'utf8');
  const { id, version, verdict } = parseManifest(text);
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { name: `${id} ${version}`, sha256, threshold: verdict.bands.substantialEvidence };
}
