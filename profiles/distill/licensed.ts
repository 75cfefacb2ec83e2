/**
 * Which code lists the repository may ship. Lists of others (SNOMED CT, LOINC, X12, CPT, NUBC, DICOM, …) are licensed by
 * their owners, and never in a shipped table, also where a public definition prints a part of them; whether a code is in
 * such a part cannot be told then without the customer's own copy.
 */
import type { CodeSystemTable, ValueSetPart, ValueSetTable } from '../tables/code-tables.ts';

/** Systems of HL7 (CC0 as packages), and public registries of units, languages, media types, countries and currencies. */
const free = /^(http:\/\/hl7\.org\/fhir\/(?!sid\/)|http:\/\/terminology\.hl7\.org\/|http:\/\/unitsofmeasure\.org$|urn:ietf:|urn:iso:std:iso:(3166|4217)($|:))/;

/** Owners whose lists are behind some of HL7's systems, as their copyright statements name them. */
const otherOwners = /SNOMED|IHTSDO|LOINC|Regenstrief|CPT|American Medical|X12|NUBC|UB04|\bAHA\b|DICOM|NEMA|ASTM|\bISO\b|IHE|NUCC|American Dental|\bWHO\b|E-Health/i;

export function isFree(system: string | undefined, copyright?: string): boolean {
  return (system === undefined || free.test(system)) && !otherOwners.test(copyright ?? '');
}

/** What may be shipped of a code system: that there is one, at least. */
export function freeCodeSystem(table: CodeSystemTable, copyright: string | undefined): CodeSystemTable {
  if (isFree(table.url, copyright)) return table;
  const { url, version, from, caseSensitive } = table;
  return { url, ...(version !== undefined && { version }), from, content: 'not-present', ...(caseSensitive === false && { caseSensitive }), codes: [] };
}

/** @param isFreeSystem whether codes of a system may be shipped, by its url */
export function freeValueSet(table: ValueSetTable, isFreeSystem: (system: string | undefined) => boolean): ValueSetTable {
  const freePart = (part: ValueSetPart): ValueSetPart => {
    if (part.codes === undefined || isFreeSystem(part.system)) return part;
    const { codes: _, ...rest } = part;
    return { ...rest, licensed: true };
  };
  const { expansion, ...rest } = table;
  const keepsExpansion = expansion !== undefined && Object.keys(expansion).every(isFreeSystem);
  return {
    ...rest,
    include: table.include.map(freePart),
    ...(table.exclude !== undefined && { exclude: table.exclude.map(freePart) }),
    ...(keepsExpansion && { expansion }),
  };
}
