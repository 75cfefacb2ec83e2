/**
 * Positions on Earth, for `near`.
 * Source: FHIR R4, Location, search parameter `near`; degrees in WGS 84.
 */
import { isObject, type Visit } from '../fhirpath/visit.ts';
import type { SearchParameter } from '../search-parameters.ts';
import { numberRange } from './numbers.ts';
import type { SearchValue } from './values.ts';

/** The visit that makes positions of nodes of a type; undefined for types that are no place. */
export function positions(parameter: SearchParameter, type: string): Visit<SearchValue[]> | undefined {
  if (type !== 'Location.position') return undefined;
  return (node, { out }) => {
    if (!isObject(node)) return;
    const [latitude, longitude] = [numberRange(node['latitude'])?.value, numberRange(node['longitude'])?.value];
    if (latitude === undefined || longitude === undefined || Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return;
    out.push({ type: 'special', parameter, latitude, longitude });
  };
}
