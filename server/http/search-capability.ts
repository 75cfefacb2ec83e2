/**
 * What the CapabilityStatement says of search: parameters of a type, what can be included with its resources, and what
 * refers to them (https://hl7.org/fhir/R4/capabilitystatement.html).
 */
import type { CapabilityStatementRestResource, CapabilityStatementRestResourceSearchParam } from '@medplum/fhirtypes';
import { resourceTypes } from '../../fhir/resource-types.ts';
import type { SearchParameterSet } from '../../fhir/search-parameters.ts';
import { isCanonical, targetsOf } from '../../store/search/language/reference.ts';

type OfSearch = Required<Pick<CapabilityStatementRestResource, 'searchParam' | 'searchInclude' | 'searchRevInclude'>>;

/** Conditions that no definition of a parameter stands for. */
export const commonSearchParameters: readonly CapabilityStatementRestResourceSearchParam[] = [
  { name: '_type', type: 'special' }, { name: '_filter', type: 'special' }, { name: '_has', type: 'special' }, { name: '_list', type: 'special' },
  { name: '_text', type: 'special' }, { name: '_content', type: 'special' },
];

/** By resource type; a list that would be empty is left out. */
export function searchCapabilities(parameters: SearchParameterSet): ReadonlyMap<string, Partial<OfSearch>> {
  const found = new Map<string, OfSearch>(resourceTypes.map((type) => [type, { searchParam: [], searchInclude: [], searchRevInclude: [] }]));
  for (const [type, { searchParam, searchInclude }] of found) {
    for (const parameter of parameters.of(type)) {
      const { code, url } = parameter;
      searchParam.push({ name: code, definition: url, type: parameter.type });
      if (parameter.type !== 'reference' || isCanonical(parameter, type)) continue;
      const name = `${type}:${code}`;
      searchInclude.push(name);
      for (const target of targetsOf(parameter, type)) found.get(target)?.searchRevInclude.push(name);
    }
    if (searchInclude.length > 0) searchInclude.push(`${type}:*`);
  }
  return new Map([...found].map(([type, lists]) => [type, Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0))]));
}
