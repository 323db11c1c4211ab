import * as v from 'valibot';
import type { Report } from '../../workers/report';

const sampleSchema = v.object({
  file: v.string(),
  title: v.string(),
  kind: v.picklist(['generated', 'real']),
  description: v.string(),
  attribution: v.string(),
  licence: v.string(),
  licenceUrl: v.string(),
});

/** A clip that comes with the app, for a first try or for a class. */
export type Sample = v.InferOutput<typeof sampleSchema>;

/** Address of a sample clip on the app's own origin. */
export function sampleUrl(sample: Sample): string {
  return new URL(`samples/${sample.file}`, document.baseURI).href;
}

/** The sample clips, or none when they are not installed. */
export async function fetchSamples(): Promise<Sample[]> {
  try {
    const response = await fetch(new URL('samples/samples.json', document.baseURI));
    return response.ok ? v.parse(v.array(sampleSchema), await response.json()) : [];
  } catch {
    // Samples are a convenience: without them the page works as well.
    return [];
  }
}

/** Fetches one sample clip as a file, so that it takes the way of every other file. */
export async function fetchSampleFile(sample: Sample): Promise<File> {
  const response = await fetch(sampleUrl(sample));
  if (!response.ok) {
    throw new Error(`${sample.file} is missing (HTTP ${response.status}).`);
  }
  const blob = await response.blob();
  return new File([blob], sample.file, { type: blob.type });
}

/**
 * The report that was stored with a sample clip when the app was built. Made by this project's own script and checked
 * by its tests against model and clip, so that it is taken as it is.
 */
export async function fetchStoredReport(sample: Sample): Promise<Report> {
  const response = await fetch(`${sampleUrl(sample)}.report.json`);
  if (!response.ok) {
    throw new Error(`The stored report of ${sample.file} is missing (HTTP ${response.status}).`);
  }
  return (await response.json()) as Report;
}
