/**
 * The types of an element, with FHIRPath's system types named by the FHIR types that they stand for.
 * Source: https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.type.code
 */
import type { StructureTable, TypeRow } from '../tables/structure-table.ts';
import { extensionValue, objectsOf, textOf, textsOf, type JsonObject } from './json-parts.ts';
import type { DistillSource } from './source.ts';

const fhirType = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type';
const regex = 'http://hl7.org/fhir/StructureDefinition/regex';
const systemTypes = 'http://hl7.org/fhirpath/System.';
/** Where the extension that names the FHIR type is missing. */
const typeOfSystemType: Readonly<Record<string, string>> = {
  String: 'string', Boolean: 'boolean', Integer: 'integer', Decimal: 'decimal', Date: 'date', DateTime: 'dateTime', Time: 'time', Quantity: 'Quantity',
};

export function distillTypes(element: JsonObject, path: string, kind: StructureTable['kind'], source: DistillSource): readonly TypeRow[] {
  return objectsOf(element['type']).flatMap((type): readonly TypeRow[] => {
    const stated = textOf(type['code']);
    if (stated === undefined) return [];
    const code = codeOf(stated, type, path, kind);
    const profiles = textsOf(type['profile']).map((canonical) => source.pin(canonical));
    const targets = textsOf(type['targetProfile']).map((canonical) => source.pin(canonical));
    const aggregation = (['contained', 'referenced', 'bundled'] as const).filter((mode) => textsOf(type['aggregation']).includes(mode));
    const versioning = (['independent', 'specific'] as const).find((name) => name === type['versioning']);
    return [{
      code,
      ...(profiles.length > 0 && { profiles }),
      ...(targets.length > 0 && { targets }),
      ...(aggregation.length > 0 && { aggregation }),
      ...(versioning !== undefined && { versioning }),
    }];
  });
}

function codeOf(stated: string, type: JsonObject, path: string, kind: StructureTable['kind']): string {
  if (!stated.startsWith(systemTypes)) return stated;
  // R4 as published says `string` of the id of a resource; its own datatype page, and every package since, say `id`.
  if (kind === 'resource' && /^[^.]+\.id$/.test(path)) return 'id';
  const system = stated.slice(systemTypes.length);
  return textOf(extensionValue(type, fhirType)) ?? typeOfSystemType[system] ?? system;
}

/** The regular expression that the values of a primitive type match: at the element, or at its one type. */
export function regexOf(element: JsonObject): string | undefined {
  const atType = objectsOf(element['type']).flatMap((type) => textOf(extensionValue(type, regex)) ?? []);
  return textOf(extensionValue(element, regex)) ?? (objectsOf(element['type']).length === 1 ? atType[0] : undefined);
}
