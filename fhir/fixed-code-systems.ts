/**
 * Code systems that an element fixes by a required binding: the gender of a Patient is a bare code in every resource,
 * and still one of http://hl7.org/fhir/administrative-gender.
 * Source: hl7.fhir.r4.core 4.0.1 (scripts/distill-code-systems.mjs); https://hl7.org/fhir/R4/search.html#token
 */
import { isKindOf, lineage } from './element-types.ts';
import table from './r4/code-systems.json' with { type: 'json' };
import { searchPlaces } from './search-places.ts';
import type { SearchParameter } from './search-parameters.ts';

const systems: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map(
  Object.entries(table as Record<string, Record<string, string>>).map(([owner, elements]) => [owner, new Map(Object.entries(elements))]),
);

/** The system that search gives true and false, which none of them carries. */
const truthValues = 'http://terminology.hl7.org/CodeSystem/special-values';

const known = new WeakMap<SearchParameter, Map<string, ReadonlySet<string>>>();

/** The systems whose codes stand without a system in the elements that a parameter looks at in resources of a type. */
export function fixedCodeSystems(parameter: SearchParameter, type: string): ReadonlySet<string> {
  let ofParameter = known.get(parameter);
  if (ofParameter === undefined) known.set(parameter, ofParameter = new Map());
  let found = ofParameter.get(type);
  if (found === undefined) ofParameter.set(type, found = findSystems(parameter, type));
  return found;
}

function findSystems(parameter: SearchParameter, type: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const place of searchPlaces(parameter, type) ?? []) {
    const system = place.type === 'boolean' ? truthValues : isKindOf(place.type, 'code') ? systemOf(place.owner, place.element) : undefined;
    if (system !== undefined) found.add(system);
  }
  return found;
}

function systemOf(owner: string, element: string): string | undefined {
  return lineage(owner).map((type) => systems.get(type)?.get(element)).find((system) => system !== undefined);
}
