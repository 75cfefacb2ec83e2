/**
 * Code systems that are defined by a grammar or by a register that the platform carries, so that nobody enumerates them
 * in a CodeSystem: media types, languages, regions, currencies, time zones, units of measure.
 * Sources: RFC 6838 section 4.2, RFC 5646, https://hl7.org/fhir/R4/terminologies-systems.html
 */
import { remembered } from './remembered.ts';
import { isUnit } from './units.ts';

export type Membership = 'in' | 'out' | 'unknown';

/** A test of codes of one system. @param version what a Coding says of its system's version */
export type CodeTest = (code: string, version?: string) => Membership;

const verdict = (known: boolean): Membership => known ? 'in' : 'out';

// type "/" subtype, each a restricted-name, and parameters as they are written in practice; and the short names that FHIR
// takes for one (https://hl7.org/fhir/R4/capabilitystatement-definitions.html#CapabilityStatement.format).
const mediaType = /^(?:xml|json|ttl)$|^[A-Za-z0-9][\w!#$&^.+-]{0,126}\/(?:[A-Za-z0-9][\w!#$&^.+-]{0,126}|\*)(?:\s*;\s*[\w!#$&^.+-]+=(?:[^\s";]+|"[^"]*"))*$/;

/** Resources are in few languages, and the platform takes a microsecond for each. */
const isLanguage = remembered((code) => {
  try {
    return Intl.getCanonicalLocales(code).length === 1 && !/\s/.test(code);
  } catch {
    return false;
  }
});

const regionNames = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });

/** Assigned two-letter codes. Three letters and digits, which the same system allows, the platform has no list of. */
function regionTest(code: string): Membership {
  if (/^[A-Z]{2}$/.test(code)) return verdict(regionNames.of(code) !== undefined);
  return /^(?:[A-Z]{3}|\d{3})$/.test(code) ? 'unknown' : 'out';
}

let currencies: ReadonlySet<string> | undefined;
let timeZones: ReadonlySet<string> | undefined;

const tests: ReadonlyMap<string, CodeTest> = new Map<string, CodeTest>([
  ['urn:ietf:bcp:13', (code) => verdict(mediaType.test(code))],
  ['urn:ietf:bcp:47', (code) => verdict(isLanguage(code))],
  ['urn:iso:std:iso:3166', regionTest],
  ['urn:iso:std:iso:4217', (code) => verdict((currencies ??= new Set(Intl.supportedValuesOf('currency'))).has(code))],
  ['https://www.iana.org/time-zones', (code) => verdict(code === 'UTC' || (timeZones ??= new Set(Intl.supportedValuesOf('timeZone'))).has(code)) === 'in' ? 'in' : 'unknown'],
  ['http://unitsofmeasure.org', (code) => verdict(isUnit(code))],
]);

/** The test of a system that needs no table; undefined for every other system. */
export function openSystem(system: string): CodeTest | undefined {
  return tests.get(system);
}
