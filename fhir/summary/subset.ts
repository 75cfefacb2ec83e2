/**
 * Parts of resources: what `_summary` and `_elements` leave. Each part carries the tag SUBSETTED, so that nobody takes it
 * for the whole and writes it back. The resources in Bundles of a search or a history are cut, not the Bundle.
 * Source: https://hl7.org/fhir/R4/search.html#summary, https://hl7.org/fhir/R4/valueset-common-tags.html
 */
import { isPrimitive } from '../element-types.ts';
import { Decimal, parseJson, stringifyJson } from '../json.ts';
import { markedPropertiesOf, type MarkedProperty } from './marked-elements.ts';
import type { Subset } from './request.ts';

type JsonObject = Readonly<Record<string, unknown>>;

const subsetted = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' };
/** Bundles that an interaction makes around resources; all others are resources like any. */
const envelopes: ReadonlySet<unknown> = new Set(['searchset', 'history']);

/** The part of a resource, or of those in a Bundle of an interaction, as JSON text. */
export function subsetText(jsonText: string, subset: Subset): string {
  return stringifyJson(subsetOf(parseJson(jsonText), subset));
}

/** The same for a value from `parseJson`, which is not changed. What is no resource comes back as it is. */
export function subsetOf(value: unknown, subset: Subset): unknown {
  if (!isObject(value) || typeof value['resourceType'] !== 'string') return value;
  // An answer about the request is no part of what was asked for.
  if (value['resourceType'] === 'OperationOutcome') return value;
  if (value['resourceType'] === 'Bundle' && envelopes.has(value['type'])) return envelopeOf(value, subset);
  return subset.kind === 'count' ? value : tagged(partOf(value, value['resourceType'], subset));
}

function envelopeOf(bundle: JsonObject, subset: Subset): JsonObject {
  const { entry, ...rest } = bundle;
  if (!Array.isArray(entry)) return bundle;
  const entries = entry.filter((one) => subset.kind !== 'count' || isOutcome(one)).map((one: unknown) => (isObject(one) && isObject(one['resource']) && !isOutcome(one) ? { ...one, resource: subsetOf(one['resource'], subset) } : one));
  return entries.length === 0 ? rest : { ...rest, entry: entries };
}

function isOutcome(entry: unknown): boolean {
  return isObject(entry) && isObject(entry['search']) && entry['search']['mode'] === 'outcome';
}

function partOf(resource: JsonObject, type: string, subset: Subset): JsonObject {
  const { resourceType, ...elements } = resource;
  const always = (element: string): boolean => element === 'id' || element === 'meta';
  switch (subset.kind) {
    case 'count': return resource;
    case 'data': return { resourceType, ...filtered(elements, type, ({ element }) => element !== 'text') };
    case 'text': return { resourceType, ...filtered(elements, type, ({ element, mandatory }) => always(element) || element === 'text' || mandatory) };
    case 'elements': return {
      resourceType,
      ...filtered(elements, type, ({ element, mandatory, modifier }, property) => always(element) || mandatory || modifier
        || [element, property].some((name) => subset.names.has(name) || subset.names.has(`${type}.${name}`))),
    };
    case 'summary': return { resourceType, ...summaryOf(elements, type) };
  }
}

/** Whole elements by a rule; what the type does not know is left out. */
function filtered(object: JsonObject, type: string, keep: (marks: MarkedProperty, property: string) => boolean): JsonObject {
  const properties = markedPropertiesOf(type);
  return Object.fromEntries(Object.entries(object).filter(([name]) => {
    const property = name.startsWith('_') ? name.slice(1) : name;
    const marks = properties.get(property);
    return marks !== undefined && keep(marks, property);
  }));
}

/**
 * The summary of an object, all the way down. What is mandatory, or changes the meaning of the rest, stays, for without
 * it the part would be wrong; id and extensions of a primitive stay where they are in place of a value.
 */
function summaryOf(object: JsonObject, type: string): JsonObject {
  const members: [string, unknown][] = [];
  const kept = filtered(object, type, ({ summary, mandatory, modifier }) => summary || mandatory || modifier);
  for (const [name, value] of Object.entries(kept)) {
    if (name.startsWith('_')) {
      if (lacksValue(object[name.slice(1)])) members.push([name, value]);
      continue;
    }
    const valueType = markedPropertiesOf(type).get(name)!.type;
    const part = Array.isArray(value) ? value.map((item) => summaryOfValue(item, valueType)).filter((item) => item !== undefined) : summaryOfValue(value, valueType);
    if (part !== undefined && !(Array.isArray(part) && part.length === 0)) members.push([name, part]);
  }
  return Object.fromEntries(members);
}

/** undefined where nothing of the value is in the summary. */
function summaryOfValue(value: unknown, type: string): unknown {
  // An extension that stays is one whose value matters; resources inside are whole.
  if (!isObject(value) || isPrimitive(type) || type === 'Extension' || type === 'Resource' || type === 'Meta') return value;
  const part = summaryOf(value, type);
  return Object.keys(part).length === 0 ? undefined : part;
}

function lacksValue(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.includes(null));
}

function tagged(resource: JsonObject): JsonObject {
  const { resourceType, id, meta, ...rest } = resource;
  const tags: unknown = isObject(meta) ? meta['tag'] : undefined;
  const list: readonly unknown[] = Array.isArray(tags) ? tags : [];
  const isTagged = list.some((tag) => isObject(tag) && tag['system'] === subsetted.system && tag['code'] === subsetted.code);
  const metaWithTag = { ...(isObject(meta) ? meta : {}), tag: isTagged ? list : [...list, subsetted] };
  return { resourceType, ...(id !== undefined && { id }), meta: metaWithTag, ...rest };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Decimal);
}
