/**
 * Codes of documents as codes of FHIR, by HL7's own maps (scripts/distill-ccda-maps.mjs).
 * Source: https://build.fhir.org/ig/HL7/ccda-on-fhir (CC0)
 */
import table from './concept-maps.json' with { type: 'json' };

export type ConceptMapName = keyof typeof table;

/** What a code is in FHIR, by one of the maps; undefined where the map has no such code. */
export function translated(map: ConceptMapName, code: string | undefined): string | undefined {
  if (code === undefined) return undefined;
  for (const { codes } of table[map]) {
    const found = Object.hasOwn(codes, code) ? (codes as Readonly<Record<string, string>>)[code] : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The reason of FHIR for a null flavor. */
export function absentReason(nullFlavor: string | undefined): string {
  return translated('CF-NullFlavorDataAbsentReason', nullFlavor) ?? 'unknown';
}
