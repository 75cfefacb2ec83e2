/** Broken copies of a resource: for a constraint at a place, one that breaks it and changes nothing else if that can be. */
import type { Definitions } from '../../profiles/definitions.ts';
import { elementsOf, isKindOf } from '../../fhir/element-types.ts';
import { childNamed, isPrimitiveCode, numberOfMax, propertyFor, repeats, typesOf, type TreeNode } from '../../profiles/compile/tree.ts';
import type { Constraint } from './ig-mutations-constraints.ts';
import { invariantBreakers } from './ig-mutations-invariants.ts';
import { isObject, isIn, type JsonObject, type Path, type Place, type Row } from './ig-mutations-places.ts';
import { withValue } from './full-instances/grow.ts';
import { malformedOf, otherThan, sampleOf } from './ig-mutations-values.ts';

export interface Broken {
  readonly resource: JsonObject;
  /** The place that was changed. */
  readonly place: Place;
  /** Where an error may be told: there, below, or at one of these. */
  readonly holder: Place | undefined;
}

export interface Situation {
  readonly resource: JsonObject;
  readonly row: Row;
  readonly definitions: Definitions;
}

/** The broken copies, best first; none where the instance has no place for one. */
export function* broken({ kind, key }: Constraint, { resource, row, definitions }: Situation): Generator<Broken> {
  const { node, list, places, holders } = row;
  const at = (place: Place, change: (value: unknown) => unknown, holder = place.holder): Broken => ({ resource: edited(resource, place.path, change) as JsonObject, place, holder });
  switch (kind) {
    case 'mandatory':
      for (const holder of holders) {
        const own = places.filter((place) => place.holder === holder).toSorted((a, b) => Number(b.path.at(-1)) - Number(a.path.at(-1)));
        if (own.length < node.row.min) continue;
        const removed = own.slice(0, own.length - node.row.min + 1);
        yield { resource: removed.reduce((whole, place) => edited(edited(whole, place.path, () => undefined), siblingOf(place.path), () => undefined) as JsonObject, resource), place: removed.at(-1)!, holder };
      }
      return;
    case 'maximum':
      for (const place of places) {
        const own = places.filter((other) => other.holder === place.holder).length;
        const isList = typeof place.path.at(-1) === 'number';
        if (!isList) yield at(place, (value) => [value, value]);
        else yield at({ ...place, path: place.path.slice(0, -1) }, (items) => [...items as unknown[], ...Array.from({ length: numberOfMax(node.row.max) + 1 - own }, () => place.value)]);
      }
      return;
    case 'prohibited':
      for (const holder of holders) {
        const added = list === undefined ? sampleOfRow(node) : sampleOfSlice(node);
        if (!isObject(holder.value) || added === undefined || (list !== undefined && !list.choice && !isIn(added, node, list, definitions, node.name))) continue;
        const [type] = typesOf(node.row);
        const name = node.choice && type !== undefined ? propertyFor(node, type.code) : node.name;
        const place: Place = { path: [...holder.path, name], expression: `${holder.expression}.${node.name}`, value: added, holder, within: holder.within };
        yield at(place, (value) => repeats(node.row) ? [...Array.isArray(value) ? value as unknown[] : [], added] : added, holder);
      }
      return;
    case 'type':
      for (const place of places) yield* wrongTypes(row, place, definitions, resource);
      return;
    case 'form':
      // Ids of elements are strings, whatever a definition says.
      for (const place of places) yield at(place, () => malformedOf(node.name === 'id' && place.holder?.path.length !== 0 ? 'string' : typeOf(node, place)));
      return;
    case 'fixed':
      for (const place of places) yield at(place, (value) => otherDeep(value, node.row.fixed?.value));
      return;
    case 'pattern':
      for (const place of places) yield at(place, (value) => otherDeep(value, node.row.pattern?.value));
      return;
    case 'binding': case 'extensible': case 'greatest-set':
      for (const place of places) {
        const value = outOfValueSet(place.value);
        if (value !== undefined) yield at(place, () => value);
      }
      return;
    case 'length':
      for (const place of places) yield at(place, () => 'x'.repeat(node.row.maxLength! + 1));
      return;
    case 'least': case 'greatest': {
      const limit = kind === 'least' ? node.row.minValue : node.row.maxValue;
      for (const place of places) if (typeof limit?.value === 'number') yield at(place, () => (limit.value as number) + (kind === 'least' ? -1 : 1));
      return;
    }
    case 'empty':
      for (const place of places) {
        if (isObject(place.value)) yield at(place, () => ({}));
        else if (place.beside !== undefined) yield { resource: emptied(resource, place), place, holder: place.holder };
      }
      return;
    case 'invariant':
      if (key === 'provenance-1') for (const place of places) yield referringTo(edited(resource, [...place.path, 'onBehalfOf'], () => undefined) as JsonObject, { ...place, path: [...place.path, 'who'] }, { resourceType: 'Practitioner' });
      if (node.choice && quantityOf[key!] !== undefined) for (const place of places) yield asQuantity(resource, row, place, quantityOf[key!]);
      for (const place of places) for (const change of invariantBreakers(key!, place.value, typesOf(node.row)[0]?.code ?? node.row.path)) yield at(place, change);
      return;
    case 'target': {
      const targets = typesOf(node.row)[0]?.targets ?? [];
      const types = targets.map((canonical) => definitions.structure(canonical)?.type);
      const wrong = ['Basic', 'Parameters', 'Schedule'].find((type) => types.every((allowed) => allowed !== undefined && !isKindOf(type, allowed)));
      if (wrong !== undefined) for (const place of places) yield at(place, (value) => ({ ...value as JsonObject, type: undefined, reference: `${wrong}/none` }));
      return;
    }
    case 'target-profile':
      for (const place of places) for (const wrong of wrongTargets(node, definitions)) yield referringTo(resource, place, wrong);
      return;
    case 'aggregation':
      for (const place of places) {
        const allowed = typesOf(node.row)[0]?.aggregation ?? [];
        const type = targetTypes(node, definitions)[0];
        if (type === undefined) continue;
        if (!allowed.includes('referenced')) yield at(place, (value) => ({ ...value as JsonObject, reference: `${type}/elsewhere` }));
        else if (!allowed.includes('contained')) yield referringTo(resource, place, { resourceType: type });
      }
      return;
    case 'order':
      for (const holder of holders) {
        const own = places.filter((place) => place.holder === holder);
        if (own.length > 1 && typeof own[0]!.path.at(-1) === 'number') yield at({ ...own[0]!, path: own[0]!.path.slice(0, -1) }, (items) => (items as unknown[]).toReversed());
      }
      return;
    case 'modifier':
      for (const holder of holders) if (isObject(holder.value)) {
        const place: Place = { path: [...holder.path, 'modifierExtension'], expression: `${holder.expression}.modifierExtension`, value: undefined, holder, within: holder.within };
        yield at(place, () => [{ url: 'http://example.org/unknown', valueString: 'x' }]);
      }
      return;
    case 'misplaced':
      for (const place of places) {
        const [name, other] = node.row.modifier === true ? ['modifierExtension', 'extension'] : ['extension', 'modifierExtension'];
        const path = place.path.slice(0, -2);
        if (place.path.at(-2) !== name || typeof place.path.at(-1) !== 'number') continue;
        const moved: Place = { path: [...path, other], expression: place.expression.replace(new RegExp(`\\.${name}\\[\\d+\\]$`), `.${other}`), value: place.value, holder: undefined, within: [] };
        yield { resource: withValue(edited(resource, place.path, () => undefined), moved.path, () => [place.value]) as JsonObject, place: moved, holder: { ...moved, expression: moved.expression.slice(0, moved.expression.lastIndexOf('.')) } };
      }
      return;
    case 'closed':
      for (const place of places) {
        const [type] = typesOf(node.row);
        const added = type === undefined ? undefined : sampleOf(type.code);
        if (added !== undefined && typeof place.path.at(-1) === 'number') yield at({ ...place, path: place.path.slice(0, -1) }, (items) => [...items as unknown[], added]);
      }
      return;
    case 'unknown':
      for (const place of places) if (isObject(place.value)) yield at(place, (value) => ({ ...value as JsonObject, noElement: 'x' }));
      return;
    case 'context':
      for (const place of places) {
        const moved: Place = { path: ['meta'], expression: `${String(resource['resourceType'])}.meta`, value: undefined, holder: undefined, within: [] };
        yield at(moved, (meta) => ({ ...meta as JsonObject, extension: [place.value] }));
      }
      return;
    default: kind satisfies never;
  }
}

/** Of a primitive, neither a value nor anything beside it. */
function emptied(resource: JsonObject, { path, beside }: Place): JsonObject {
  const none = typeof path.at(-1) === 'number' ? withValue(resource, path, () => null) : edited(resource, path, () => undefined);
  return withValue(none, beside!.path, () => ({})) as JsonObject;
}

function targetTypes(node: TreeNode, definitions: Definitions): readonly string[] {
  return (typesOf(node.row)[0]?.targets ?? []).flatMap((canonical) => definitions.structure(canonical)?.type ?? []);
}

/** Resources of a type that a reference may lead to, by none of the profiles that it asks for. */
function wrongTargets(node: TreeNode, definitions: Definitions): readonly JsonObject[] {
  const plain = new Set((typesOf(node.row)[0]?.targets ?? []).flatMap((canonical) => { const table = definitions.structure(canonical); return table?.derivation === 'specialization' ? [table.type] : []; }));
  return [...new Set(targetTypes(node, definitions))].filter((type) => !plain.has(type)).flatMap((type) => {
    // Whatever a profile demands is not there, or is of no form.
    const malformed = Object.fromEntries(elementsOf(type).filter(({ name }) => !['id', 'meta', 'implicitRules', 'contained', 'extension', 'modifierExtension'].includes(name)).map(({ types: [of], repeats: list }) => [of!.property, list ? [''] : '']));
    return [{ resourceType: type }, { ...malformed, resourceType: type }];
  });
}

function referringTo(resource: JsonObject, place: Place, target: JsonObject): Broken {
  const contained = Array.isArray(resource['contained']) ? resource['contained'] as unknown[] : [];
  const changed = edited({ ...resource, contained: [...contained, { ...target, id: 'wrong-target' }] }, place.path, (value) => ({ ...value as JsonObject, type: undefined, identifier: undefined, reference: '#wrong-target' }));
  return { resource: changed as JsonObject, place, holder: undefined };
}

/** A copy in which the value at a path is another; undefined takes it out, and a list that has no items then. */
export function edited(value: unknown, path: Path, change: (value: unknown) => unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return change(value);
  if (typeof value !== 'object' || value === null) return value;
  const inside = edited((value as Record<string | number, unknown>)[step], rest, change);
  if (Array.isArray(value)) {
    const items = inside === undefined ? value.filter((_, index) => index !== step) : value.map((item: unknown, index) => index === step ? inside : item);
    return items.length === 0 ? undefined : items;
  }
  const { [step]: _, ...others } = value as JsonObject;
  return inside === undefined ? others : { ...value, [step]: inside };
}

/** `_name` beside `name`. */
function siblingOf(path: Path): Path {
  const at = path.findLastIndex((step) => typeof step === 'string');
  return path.map((step, index) => index === at ? `_${String(step)}` : step);
}

function typeOf(node: TreeNode, place: Place): string {
  const property = place.path.findLast((step) => typeof step === 'string');
  return typesOf(node.row).find(({ code }) => propertyFor(node, code) === property)?.code ?? typesOf(node.row)[0]!.code;
}

function* wrongTypes({ node }: Row, place: Place, definitions: Definitions, resource: JsonObject): Generator<Broken> {
  const allowed = new Set(typesOf(node.row).map(({ code }) => code));
  const { holder } = place;
  if (holder === undefined) return;
  if (isObject(place.value) && 'resourceType' in place.value) {
    yield { resource: edited(resource, place.path, () => sampleOf('Resource')) as JsonObject, place, holder };
    return;
  }
  if (!node.choice) return;
  // What the definition of the type allows and the profile does not; or a type that no choice has.
  const open = definitions.type(String(node.row.path.split('.')[0]))?.elements.find(({ path }) => path === node.row.path)?.types?.map(({ code }) => code) ?? [];
  const type = [...open, 'Quantity', 'CodeableConcept', 'Narrative'].find((code) => !allowed.has(code) && sampleOf(code) !== undefined) ?? 'Narrative';
  const moved = propertyFor(node, type);
  const cleared = edited(resource, place.path, () => undefined);
  yield { resource: edited(cleared, [...holder.path, moved], () => sampleOf(type)) as JsonObject, place, holder };
}

/** Invariants of a choice that are about a Quantity only. */
const quantityOf: Readonly<Record<string, JsonObject>> = { 'us-core-3': { value: 1, unit: 'x', system: 'http://example.org/units', code: 'x' } };

function asQuantity(resource: JsonObject, { node }: Row, place: Place, quantity: unknown): Broken {
  const cleared = edited(resource, place.path, () => undefined);
  return { resource: edited(cleared, [...place.holder!.path, `${node.name}Quantity`], () => quantity) as JsonObject, place, holder: place.holder };
}

/** Another value where the definition fixes one: the first leaf of it is changed. */
function otherDeep(value: unknown, fixed: unknown): unknown {
  if (!isObject(fixed) && !Array.isArray(fixed)) return otherThan(value);
  if (Array.isArray(fixed)) return Array.isArray(value) ? value.map((item: unknown) => otherDeep(item, fixed[0])) : value;
  if (!isObject(value)) return value;
  const [name, part] = Object.entries(fixed)[0] ?? ['', undefined];
  return { ...value, [name]: otherDeep(value[name], part) };
}

function outOfValueSet(value: unknown): unknown {
  const nowhere = { system: 'http://example.org/nowhere', code: 'none-such' };
  if (typeof value === 'string') return 'none-such';
  if (!isObject(value)) return undefined;
  if ('value' in value || 'unit' in value) return { ...value, ...nowhere };
  return 'system' in value || ('code' in value && typeof value['code'] === 'string') ? nowhere : { ...value, coding: [nowhere] };
}

function sampleOfRow(node: TreeNode): unknown {
  const [type] = typesOf(node.row);
  return sampleOf(type?.code ?? 'BackboneElement');
}

/** What would be in a slice that may not be there: built of what its rows fix. */
function sampleOfSlice(node: TreeNode): unknown {
  const [type] = typesOf(node.row);
  if (type?.code === 'Extension') {
    const url = childNamed(node, 'url')?.row.fixed?.value ?? type.profiles?.[0]?.replace(/\|.*$/, '');
    return url === undefined ? undefined : { url, valueString: 'x' };
  }
  const { fixed, pattern } = node.row;
  if (fixed?.value !== undefined || pattern?.value !== undefined) return fixed?.value ?? pattern?.value;
  const parts = Object.fromEntries(node.children.flatMap((child) => {
    const part = child.row.fixed?.value ?? child.row.pattern?.value ?? (child.row.min > 0 && child.children.length > 0 ? sampleOfSlice(child) : undefined);
    return part === undefined ? [] : [[child.name, repeats(child.row) ? [part] : part] as const];
  }));
  if (Object.keys(parts).length > 0) return parts;
  return type !== undefined && isPrimitiveCode(type.code) ? sampleOf(type.code) : undefined;
}
