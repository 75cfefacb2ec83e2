/** How much of a service an item asks for, and what narrows it: what has to be no more for two requests to be one. */
import { readCodes } from './codes.ts';
import { asObject, asText, objectsIn, type Loose } from './loose.ts';
import type { Amount, Extent } from './types.ts';

const dataAbsent = 'http://terminology.hl7.org/CodeSystem/data-absent-reason';

/** @param item of a Claim, under canonical names of code systems */
export function readExtent(item: Loose): Extent {
  const quantity = readAmount(item['quantity'], ['code', 'unit']);
  const unitPrice = readAmount(item['unitPrice'], ['currency']);
  return {
    ...(quantity !== undefined && { quantity }), ...(unitPrice !== undefined && { unitPrice }),
    modifiers: objectsIn(item['modifier']).flatMap(([, concept]) => namesOf(concept)).toSorted(),
    revenue: namesOf(item['revenue']), places: namesOf(item['locationCodeableConcept']),
  };
}

function readAmount(input: unknown, units: readonly string[]): Amount | undefined {
  if (input === undefined) return undefined;
  const amount = asObject(input);
  const stated = amount?.['value'];
  // A decimal keeps its digits in an object of its own.
  const value = typeof stated === 'number' || stated instanceof Number ? Number(stated) : Number.NaN;
  if (amount === undefined || !Number.isFinite(value) || amount['comparator'] !== undefined) return 'unreadable';
  return { value, unit: units.flatMap((name) => asText(amount[name])?.trim() ?? [])[0] ?? '' };
}

function namesOf(concept: unknown): string[] {
  if (concept === undefined) return [];
  const stated = objectsIn(asObject(concept)?.['coding']).length;
  const codes = readCodes(concept);
  if (codes.length === 0 || codes.length < stated) return [JSON.stringify(concept)];
  return codes.filter(({ system }) => system !== dataAbsent).map(({ system, code }) => `${system}|${code}`).toSorted();
}
