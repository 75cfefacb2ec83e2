/**
 * What a message says of a resource that is stored. A message carries a part of a resource: elements that it speaks of
 * replace what was there, those it is silent about stay, and those it erases (HL7v2 `""`) go. Pure.
 *
 * "Element" is what stands for one thing: a name, an address, a code replaces the one before it as a whole, because half
 * of each is neither; a group of things that have only their place in common (Encounter.hospitalization, a period) is
 * gone through one by one. A list is what there is: it replaces the list before it. Identifiers, links to other records
 * and extensions of other definitions are added to, since no sender knows those of the others.
 */
import type { Resource } from '@medplum/fhirtypes';
import { elementsOf, type ElementOfType, isKindOf } from '../../fhir/element-types.ts';
import { stringifyJson } from '../../fhir/json.ts';

type Node = Record<string, unknown>;

export interface Merged<R extends Resource = Resource> {
  readonly resource: R;
  /** False when the message says nothing that is not there already. */
  readonly changed: boolean;
  /** Where a value of the message stands in what was made of it; a path from the resource, such as `identifier[0].value`. */
  readonly placeOf: (path: string) => string;
}

/** Extensions that stand in for a value that nobody sent: they take no value's place. */
const absenceExtensions: ReadonlySet<string> = new Set(['http://hl7.org/fhir/StructureDefinition/data-absent-reason']);

/** Lists that are added to, by what makes two of their items the same thing. */
const unions: Readonly<Record<string, (item: Node) => string>> = {
  identifier: (item) => JSON.stringify([item['system'] ?? null, item['value'] ?? null, item['system'] === undefined ? codesOf(item['type']) : null]),
  link: (item) => JSON.stringify([referenceOf(item['other']), item['type'] ?? null]),
};

/**
 * @param stored the version that is there; it keeps its id and, of meta, its labels
 * @param sent what the message made, with references to what is stored already
 * @param erased elements of the resource that the sender erases: `birthDate`, `name`
 */
export function mergeResource<R extends Resource>(stored: R, sent: R, erased: readonly string[] = []): Merged<R> {
  const before = stored as unknown as Node;
  const moves = new Map<string, string>();
  const into: Node = { ...before };
  for (const name of erased) for (const property of propertiesOf(sent.resourceType, name)) if (property !== 'id' && property !== 'meta' && property !== 'resourceType') delete into[property];
  mergeInto(into, sent as unknown as Node, sent.resourceType, '', moves);
  into['id'] = before['id'];
  const meta = mergedMeta(before['meta'], (sent as unknown as Node)['meta']);
  if (meta === undefined) delete into['meta'];
  else into['meta'] = meta;
  return {
    resource: into as unknown as R,
    changed: !saysTheSame(into, before),
    placeOf: (path) => movedPath(path, moves),
  };
}

/** What a message says of a resource that it carries whole: all that is stored but for its id and labels is replaced. */
export function replaceResource<R extends Resource>(stored: R, sent: R): Merged<R> {
  const before = stored as unknown as Node;
  const into: Node = { ...(sent as unknown as Node), id: before['id'] };
  const meta = mergedMeta(before['meta'], into['meta']);
  if (meta === undefined) delete into['meta'];
  else into['meta'] = meta;
  return { resource: into as unknown as R, changed: !saysTheSame(into, before), placeOf: (path) => path };
}

/** Elements by the properties that they may have in JSON, of each type that was merged: there are as many as R4 defines. */
const elementsByType = new Map<string, ReadonlyMap<string, ElementOfType>>();

function elementsByProperty(type: string): ReadonlyMap<string, ElementOfType> {
  let elements = elementsByType.get(type);
  if (elements === undefined) {
    elements = new Map(elementsOf(type).flatMap((element) => element.types.flatMap(({ property }) => [[property, element] as const, [`_${property}`, element] as const])));
    elementsByType.set(type, elements);
  }
  return elements;
}

function mergeInto(into: Node, sent: Node, type: string, path: string, moves: Map<string, string>): void {
  const elements = elementsByProperty(type);
  // Values before what is said beside them (`_birthDate`): to put a value removes what was said beside the one before it.
  const properties = Object.keys(sent);
  for (const property of [...properties.filter((name) => !name.startsWith('_')), ...properties.filter((name) => name.startsWith('_'))]) {
    const value = sent[property];
    if (value === undefined || property === 'resourceType' || property === 'id' || (property === 'meta' && path === '')) continue;
    const element = elements.get(property);
    if (element === undefined) {
      into[property] = value;
      continue;
    }
    if (property.startsWith('_') && sent[property.slice(1)] === undefined) {
      // Only that a value is missing: no reason to lose one that is there.
      if (isAbsence(value) && alternatives(element).some((name) => into[name] !== undefined)) continue;
      removeElement(into, element);
    } else if (!property.startsWith('_')) {
      const kept = into[property];
      removeElement(into, element);
      into[property] = mergedValue(kept, value, element, property, `${path}${property}`, moves);
      continue;
    }
    into[property] = value;
  }
}

function mergedValue(kept: unknown, value: unknown, element: ElementOfType, property: string, path: string, moves: Map<string, string>): unknown {
  if (kept === undefined) return value;
  if (element.repeats && path === property && property === 'extension') return withExtensions(kept, value, moves);
  if (element.repeats) return path === property && property in unions ? united(kept, value, property, moves) : value;
  const type = element.types.find((each) => each.property === property)?.type;
  if (type === undefined || !isNode(kept) || !isNode(value) || !isGroup(type)) return value;
  const into: Node = { ...kept };
  mergeInto(into, value, type, `${path}.`, moves);
  // A beginning behind the end that is stored is that of another time.
  return type === 'Period' && Date.parse(String(into['start'])) > Date.parse(String(into['end'])) ? value : into;
}

/** Of things that only stand together: nested structures, and the two ends of a period. */
function isGroup(type: string): boolean {
  return type.includes('.') || isKindOf(type, 'BackboneElement') || type === 'Period';
}

function united(kept: unknown, value: unknown, property: string, moves: Map<string, string>): unknown {
  const identity = unions[property]!;
  const list = (Array.isArray(kept) ? kept : []).filter(isNode);
  const places = new Map(list.map((item, index) => [identity(item), index]));
  for (const [index, item] of (Array.isArray(value) ? value : []).filter(isNode).entries()) {
    const at = places.get(identity(item)) ?? list.length;
    places.set(identity(item), at);
    list[at] = { ...list[at], ...item };
    moves.set(`${property}[${index}]`, `${property}[${at}]`);
  }
  return list;
}

/** Each definition is an element of its own: what the message says of one replaces that one. */
function withExtensions(kept: unknown, value: unknown, moves: Map<string, string>): unknown {
  const sent = (Array.isArray(value) ? value : []).filter(isNode);
  const urls = new Set(sent.map((extension) => extension['url']));
  const others = (Array.isArray(kept) ? kept : []).filter(isNode).filter((extension) => !urls.has(extension['url']));
  for (const index of sent.keys()) moves.set(`extension[${index}]`, `extension[${others.length + index}]`);
  return [...others, ...sent];
}

function removeElement(into: Node, element: ElementOfType): void {
  for (const { property } of element.types) {
    delete into[property];
    delete into[`_${property}`];
  }
}

function alternatives({ types }: ElementOfType): readonly string[] {
  return types.map(({ property }) => property);
}

/** JSON properties of an element, `deceased` of a choice meaning each of its types. */
function propertiesOf(type: string, name: string): readonly string[] {
  const element = elementsOf(type).find((each) => each.name === name || each.types.some(({ property }) => property === name));
  return (element?.types ?? [{ property: name }]).flatMap(({ property }) => [property, `_${property}`]);
}

function isAbsence(value: unknown): boolean {
  const extensions = isNode(value) && Array.isArray(value['extension']) ? value['extension'] as unknown[] : [];
  return extensions.length > 0 && extensions.every((each) => isNode(each) && absenceExtensions.has(String(each['url'])));
}

/** Labels that somebody put on the record stay; what the message claims comes beside them. Source and version are the newest. */
function mergedMeta(before: unknown, sent: unknown): unknown {
  const [kept, come] = [isNode(before) ? before : {}, isNode(sent) ? sent : {}];
  const meta: Node = { ...kept, ...come };
  for (const name of ['profile', 'security', 'tag']) {
    const all = [kept, come].flatMap((each) => Array.isArray(each[name]) ? each[name] as unknown[] : []);
    if (all.length > 0) meta[name] = [...new Map(all.map((label) => [stringifyJson(isNode(label) ? [label['system'] ?? null, label['code'] ?? null] : label), label])).values()];
  }
  return Object.keys(meta).length === 0 ? undefined : meta;
}

/** Whether two resources say the same, in whatever order and without what the server keeps of them. */
function saysTheSame(one: Node, other: Node): boolean {
  const [metaOfOne, metaOfOther] = [one, other].map(({ meta }) => isNode(meta) ? meta : {}) as [Node, Node];
  return isSameNode({ ...one, meta: undefined }, { ...other, meta: undefined }) && ['profile', 'security', 'tag'].every((name) => isSame(metaOfOne[name], metaOfOther[name]));
}

function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one)) return Array.isArray(other) && one.length === other.length && one.every((item, index) => isSame(item, other[index]));
  // A decimal is an object of its own kind, and is what its digits are.
  if (isNumber(one)) return isNumber(other) && String(one) === String(other);
  return isNode(one) && isNode(other) && !isNumber(other) && isSameNode(one, other);
}

function isSameNode(one: Node, other: Node): boolean {
  const names = Object.keys(one);
  return names.every((name) => isSame(one[name], other[name])) && Object.keys(other).every((name) => other[name] === undefined || one[name] !== undefined);
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || value instanceof Number;
}

function movedPath(path: string, moves: ReadonlyMap<string, string>): string {
  const item = /^\w+\[\d+\]/.exec(path)?.[0];
  const moved = item === undefined ? undefined : moves.get(item);
  return moved === undefined ? path : moved + path.slice(item!.length);
}

function codesOf(concept: unknown): unknown {
  const codings = isNode(concept) && Array.isArray(concept['coding']) ? concept['coding'] as unknown[] : [];
  return codings.map((coding) => isNode(coding) ? [coding['system'] ?? null, coding['code'] ?? null] : null);
}

function referenceOf(value: unknown): unknown {
  return isNode(value) ? value['reference'] ?? null : null;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
