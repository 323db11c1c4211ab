import { readFileSync } from 'node:fs';
import { Ajv2020, type SchemaObject } from 'ajv/dist/2020';
import { expect } from 'vitest';

/** The published JSON schema of reports and failure lines. */
export const REPORT_SCHEMA = JSON.parse(
  readFileSync(new URL('../../public/schemas/tellscope-report-1.json', import.meta.url), 'utf8'),
) as SchemaObject;

const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });
const validate = ajv.compile(REPORT_SCHEMA);
const validateReport = ajv.compile({ $ref: 'tellscope-report-1.json#/$defs/report' });

/** Fails the test unless this is a report or a failure line by the schema. */
export function expectValidLine(line: unknown): void {
  validate(line);
  expect(validate.errors ?? []).toEqual([]);
}

/** Whether this is a report by the schema. */
export function validatesAsReport(report: unknown): boolean {
  return validateReport(report);
}

/** Fails the test unless this is a report by the schema. */
export function expectValidReport(report: unknown): void {
  validateReport(report);
  expect(validateReport.errors ?? []).toEqual([]);
}
