/**
 * What a client asks for with `_summary` and `_elements`
 * (https://hl7.org/fhir/R4/search.html#summary, https://hl7.org/fhir/R4/search.html#elements).
 */
import { Problem } from '../problems.ts';
import { isResourceType } from '../resource-types.ts';
import { isElementOfResources } from './marked-elements.ts';

/** Which part of a resource is wanted. */
export type Subset =
  /** Elements marked as summary. */
  | { readonly kind: 'summary' }
  /** The narrative, the id, meta and what is mandatory at the top. */
  | { readonly kind: 'text' }
  /** All but the narrative. */
  | { readonly kind: 'data' }
  /** No resource: the number of matches. */
  | { readonly kind: 'count' }
  /** The elements at the top with these names, in any type or, with a type and a dot before the name, in that. */
  | { readonly kind: 'elements'; readonly names: ReadonlySet<string> };

const summaries: Readonly<Record<string, Subset | undefined>> = { true: { kind: 'summary' }, text: { kind: 'text' }, data: { kind: 'data' }, count: { kind: 'count' }, false: undefined };

/**
 * @returns undefined when whole resources are wanted
 * @throws {Problem} `invalid-search-value`
 */
export function readSubset(parameters: Iterable<readonly [string, string]>): Subset | undefined {
  const given = [...parameters].filter(([, value]) => value !== '');
  const wanted = new Set(given.flatMap(([name, value]) => (name === '_summary' ? [value] : [])));
  if (wanted.size > 1) throw new Problem('invalid-search-value', { name: '_summary', reason: 'one value is expected' });
  const [value] = wanted;
  if (value !== undefined && !Object.hasOwn(summaries, value)) throw new Problem('invalid-search-value', { name: '_summary', reason: 'true, text, data, count or false is expected' });
  const summary = value === undefined ? undefined : summaries[value];
  const names = given.flatMap(([name, list]) => (name === '_elements' ? list.split(',').map(elementName) : []));
  if (names.length === 0) return summary;
  if (summary !== undefined) throw new Problem('invalid-search-value', { name: '_elements', reason: '_summary asks for another part of the resource' });
  return { kind: 'elements', names: new Set(names) };
}

function elementName(written: string): string {
  const name = written.trim();
  const dot = name.indexOf('.');
  const [type, element] = dot < 0 ? [undefined, name] : [name.slice(0, dot), name.slice(dot + 1)];
  if (!isElementOfResources(element) || (type !== undefined && !isResourceType(type))) {
    throw new Problem('invalid-search-value', { name: '_elements', reason: 'names of elements at the top of a resource are expected, with commas between' });
  }
  const plain = element.endsWith('[x]') ? element.slice(0, -3) : element;
  return type === undefined ? plain : `${type}.${plain}`;
}
