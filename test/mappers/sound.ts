/**
 * What must hold of whatever a mapper makes: valid by R4 as the project itself judges it, references that lead to
 * entries, a ledger that names what is there, and every value of the source in the ledger or in the unmapped report.
 */
import type { Bundle } from '@medplum/fhirtypes';
import { parseJson, stringifyJson } from '../../fhir/json.ts';
import type { LedgerEntry } from '../../mappers/ledger.ts';
import type { Validate } from '../../profiles/validation.ts';
import { createValidator } from '../../profiles/validator.ts';
import { definitionsFor, packagesAreHere } from '../support/definitions.ts';

export { packagesAreHere };

const now = new Date('2026-11-22T00:00:00Z');
let validator: Promise<Validate> | undefined;

/** Errors of base R4 in a Bundle, each with its path; one made once judges all. */
export async function invalidIn(bundle: Bundle): Promise<string[]> {
  const validate = await (validator ??= definitionsFor([]).then((definitions) => createValidator(definitions)));
  return validate(parseJson(stringifyJson(bundle)), { now }).issues
    .filter(({ severity }) => severity === undefined || severity === 'error')
    .map(({ code, expression, details }) => `${code} ${expression} ${JSON.stringify(details)}`);
}

/** References by URN that lead to no entry. */
export function danglingIn(bundle: Bundle): string[] {
  const known = new Set(bundle.entry?.map(({ fullUrl }) => fullUrl));
  const found: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { reference } = value as { reference?: unknown };
    if (typeof reference === 'string' && reference.startsWith('urn:') && !known.has(reference)) found.push(reference);
    for (const item of Object.values(value)) visit(item);
  };
  visit(bundle.entry);
  return found;
}

/** Paths of the ledger that lead nowhere. Paths are JSON names with places: `Bundle.entry[0].resource.name[0].family`. */
export function untrueIn(bundle: Bundle, ledger: readonly LedgerEntry[]): string[] {
  return ledger.map(({ path }) => path).filter((path) => valueAt(bundle, path) === undefined);
}

export function valueAt(bundle: Bundle, path: string): unknown {
  let node: unknown = bundle;
  for (const [, name, index] of path.slice('Bundle'.length).matchAll(/\.(\w+)(?:\[(\d+)\])?/g)) {
    if (typeof node !== 'object' || node === null) return undefined;
    const value = (node as Record<string, unknown>)[name!];
    node = index === undefined ? value : (value as unknown[] | undefined)?.[Number(index)];
  }
  return node;
}
