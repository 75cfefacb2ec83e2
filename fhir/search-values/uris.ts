/**
 * Uri values: compared as they stand, case and all.
 * Source: FHIR R4, "Search", section "uri" (https://hl7.org/fhir/R4/search.html#uri).
 */
import { isKindOf } from '../element-types.ts';
import type { Visit } from '../fhirpath/visit.ts';
import type { SearchParameter } from '../search-parameters.ts';
import { text } from './tokens.ts';
import type { SearchValue } from './values.ts';

/** The visit that makes uri values of nodes of a type; undefined for types that are no uri. */
export function uris(parameter: SearchParameter, type: string): Visit<SearchValue[]> | undefined {
  if (!isKindOf(type, 'uri')) return undefined;
  return (node, { out }) => {
    const value = text(node);
    if (value !== undefined) out.push({ type: 'uri', parameter, value });
  };
}
