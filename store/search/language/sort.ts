/**
 * `_sort`: keys with `-` for the descending ones, the first decides (https://hl7.org/fhir/R4/search.html#sort).
 * Dates, strings and numbers are sorted by their index; codes, references and uris by where they stand in the content.
 */
import { Problem } from '../../../fhir/problems.ts';
import { principalDate } from '../../../fhir/principal-date.ts';
import { unionOf } from '../../../fhir/search-unions.ts';
import { searchPlaces, type PlaceFilter, type SearchPlace } from '../../../fhir/search-places.ts';
import { isPrimitive } from '../../../fhir/element-types.ts';
import type { SearchParameter } from '../../../fhir/search-parameters.ts';
import { resourceTypeCode } from '../../../fhir/resource-types.ts';
import type { Context } from '../../context.ts';
import { keyMaker } from '../../search-keys.ts';
import type { Order, SortKey } from '../expression.ts';
import { invalid, nameShown, parameterOf } from './reading.ts';

/** More than anybody looks at. */
const mostKeys = 8;

/**
 * @param types the types that are searched; of several only what all resources have sorts them
 * @throws {Problem} `invalid-search-value`, `unknown-search-parameter`, `unsupported-sort`
 */
export function readSort(value: string, types: readonly string[], context: Pick<Context, 'parameters' | 'tenant'>): Order {
  const names = value.split(',');
  if (names.length > mostKeys) throw invalid('_sort', `it has more than ${mostKeys} keys`);
  return names.map((name) => (name.startsWith('-') ? sortKey(name.slice(1), true, types, context) : sortKey(name, false, types, context)));
}

function sortKey(name: string, descending: boolean, types: readonly string[], context: Pick<Context, 'parameters' | 'tenant'>): SortKey {
  if (name === '_id') return { by: 'id', descending };
  if (name === '_lastUpdated') return { by: 'changed', descending };
  const [type, ...others] = types;
  if (type === undefined) throw invalid('_sort', 'there is nothing to sort');
  if (name === '_score') throw unsortable(type, name, 'matches have no score');
  if (name.includes(':')) throw unsortable(type, nameShown(name), 'a key has no modifier');
  // A name that comes as a value is not repeated: it may be anything, a patient's among them.
  if (context.parameters.find(type, name) === undefined) throw new Problem('unknown-search-parameter', { name: 'in _sort', type });
  const parameter = parameterOf({ type, context }, name);
  if (others.length > 0) {
    if (parameter.base.includes('Resource')) return contentKey(parameter, type, descending);
    throw unsortable('several types', name, '_id, _lastUpdated and what all resources have are possible there');
  }
  if (unionOf(type, name) !== undefined) throw unsortable(type, name, 'it is what several parameters are');
  const scope = keyMaker(context.tenant.id, resourceTypeCode(type)).scope(name);
  switch (parameter.type) {
    case 'date': return principalDate(type) === name ? { by: 'principal-date', descending } : { by: 'date', scope, descending };
    case 'string': return { by: 'string', scope, descending };
    case 'number': case 'quantity': return { by: 'number', scope, descending };
    case 'token': case 'reference': case 'uri': return contentKey(parameter, type, descending);
    case 'composite': case 'special': throw unsortable(type, name, `a parameter of type ${parameter.type} has no order`);
  }
}

function contentKey(parameter: SearchParameter, type: string, descending: boolean): SortKey {
  const paths = searchPlaces(parameter, type)?.flatMap(pathsOf) ?? [];
  if (paths.length === 0) throw unsortable(type, parameter.code, 'its values do not stand at a path of their own');
  return { by: 'content', paths: [...new Set(paths)], descending };
}

function unsortable(type: string, name: string, reason: string): Problem {
  return new Problem('unsupported-sort', { type, name, reason });
}

/** By what values of a type are sorted: what people read or write first. */
const sorted: ReadonlyMap<string, readonly (readonly string[])[]> = new Map([
  ['Coding', [['code']]], ['CodeableConcept', [['coding', 'code'], ['text']]], ['Identifier', [['value']]], ['ContactPoint', [['value']]],
  ['Reference', [['reference'], ['identifier', 'value']]],
]);

/** SQL/JSON paths (lax: they look into arrays by themselves) to what a place is sorted by. */
function pathsOf({ steps, type }: SearchPlace): string[] {
  const endings = isPrimitive(type) ? [[]] : sorted.get(type) ?? [];
  const path = steps.map(({ property, filter }) => `.${member(property)}${filter === undefined ? '' : ` ? (${test(filter)})`}`).join('');
  return endings.map((ending) => `$${path}${ending.map((name) => `.${member(name)}`).join('')}`);
}

/** Names of FHIR need no quotes; what a definition brings might. */
function member(name: string): string {
  return /^[A-Za-z][A-Za-z0-9]*$/.test(name) ? name : JSON.stringify(name);
}

function test(filter: PlaceFilter): string {
  return filter.kind === 'refers' ? `@.reference starts with ${JSON.stringify(`${filter.type}/`)}` : `@.${member(filter.element)} == ${JSON.stringify(filter.value)}`;
}
