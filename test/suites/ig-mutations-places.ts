/**
 * Where in a resource the rows of a profile are: which values a row, or a slice, is about. Independent of the compiled
 * validator: slices are told apart by what their rows fix, along the paths of the discriminators.
 */
import { elementsOf } from '../../fhir/element-types.ts';
import type { Definitions } from '../../profiles/definitions.ts';
import { valueSetsOf, type ValueSets } from '../../profiles/codes/value-set.ts';
import type { Discriminator } from '../../profiles/tables/structure-table.ts';
import { treeFor } from './full-instances/trees.ts';
import { isPrimitiveCode, typesOf, propertyFor, childNamed, type TreeNode } from '../../profiles/compile/tree.ts';

export type JsonObject = Readonly<Record<string, unknown>>;
export type Path = readonly (string | number)[];

export interface Place {
  readonly path: Path;
  /** As a validator tells it. */
  readonly expression: string;
  readonly value: unknown;
  /** What the value is in; undefined for the root of the profile. */
  readonly holder: Place | undefined;
  /** Of a primitive: where its extensions are, `_name`. */
  readonly beside?: { readonly path: Path; readonly value: unknown };
  /** Slices that the value is in because of what it is, outermost first: a change may take it out of them. */
  readonly within: readonly { readonly slice: TreeNode; readonly list: TreeNode; readonly path: Path; readonly holder: Place }[];
}

/** The values of a row, and what could hold one. */
export interface Row {
  readonly node: TreeNode;
  readonly parent: TreeNode | undefined;
  /** The row that a slice is a slice of. */
  readonly list: TreeNode | undefined;
  readonly places: Place[];
  readonly holders: Place[];
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Number);
}

export function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, step) => (typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[step] : undefined), root);
}

/** Every row of a profile with the values that it is about in one instance. */
export function rowsOf(root: TreeNode, instance: Place, definitions: Definitions): readonly Row[] {
  const rows = new Map<TreeNode, Row>();
  const rowFor = (node: TreeNode, parent: TreeNode | undefined, list: TreeNode | undefined): Row => {
    let row = rows.get(node);
    if (row === undefined) rows.set(node, row = { node, parent, list, places: [], holders: [] });
    return row;
  };
  const declare = (node: TreeNode, parent: TreeNode | undefined, list: TreeNode | undefined): void => {
    rowFor(node, parent, list);
    for (const child of node.children) declare(child, node, undefined);
    for (const slice of node.slices) declare(slice, parent, node);
  };
  const visit = (node: TreeNode, place: Place, parent: TreeNode | undefined, list: TreeNode | undefined): void => {
    rowFor(node, parent, list).places.push(place);
    for (const child of node.children) {
      const { holders } = rowFor(child, node, undefined);
      holders.push(place);
      const items = placesOf(child, place);
      for (const item of items) visit(child, item, node, undefined);
      visitSlices(child, child, items, place, node);
    }
  };
  const visitSlices = (list: TreeNode, of: TreeNode, items: readonly Place[], holder: Place, parent: TreeNode): void => {
    for (const slice of of.slices) {
      rowFor(slice, parent, list).holders.push(holder);
      const own = items.filter(({ value, path }) => isIn(value, slice, list, definitions, String(path.findLast((step) => typeof step === 'string'))));
      const inside = own.map((item) => ({ ...item, within: [...item.within, { slice, list, path: item.path, holder }] }));
      for (const item of inside) visit(slice, item, parent, list);
      visitSlices(list, slice, inside, holder, parent);
    }
  };
  declare(root, undefined, undefined);
  visit(root, instance, undefined, undefined);
  return [...rows.values()];
}

function placesOf(node: TreeNode, holder: Place): Place[] {
  const { path, value: whole, expression, within, beside } = holder;
  // Children of a primitive stand beside it; its value is no child in JSON.
  const [object, start] = beside === undefined ? [whole, path] : [beside.value, beside.path];
  if (!isObject(object)) return [];
  const types = node.choice ? typesOf(node.row).map(({ code }) => [propertyFor(node, code), code] as const) : [[node.name, typesOf(node.row)[0]?.code ?? 'BackboneElement'] as const];
  return types.flatMap(([name, type]) => {
    const value = object[name];
    const siblings = object[`_${name}`];
    const at = (item: unknown, steps: Path, to: string): Place => ({
      path: [...start, ...steps], expression: `${expression}.${to}`, value: item, holder, within,
      ...(isPrimitiveCode(type) && { beside: { path: [...start, `_${name}`, ...steps.slice(1)], value: steps.length === 1 ? siblings : Array.isArray(siblings) ? siblings[steps[1] as number] as unknown : undefined } }),
    });
    if (Array.isArray(value)) return value.flatMap((item, index) => item === null ? [] : [at(item, [name, index], `${node.name}[${index}]`)]);
    return value === undefined ? [] : [at(value, [name], node.name)];
  });
}

/** Whether an item is in a slice, as far as fixed values, patterns, types and profiles tell. */
export function isIn(item: unknown, slice: TreeNode, list: TreeNode, definitions: Definitions, property: string): boolean {
  if (list.choice) return typesOf(slice.row).some(({ code }) => propertyFor(list, code) === property);
  const discriminators = discriminatorsOf(slice, list);
  return discriminators.length > 0 && discriminators.every((discriminator) => meets(item, slice, discriminator, definitions));
}

function discriminatorsOf(slice: TreeNode, list: TreeNode): readonly Discriminator[] {
  const own = list.row.slicing?.discriminators;
  if (own !== undefined) return own;
  return slice.row.path.endsWith('xtension') ? [{ type: 'value', path: 'url' }] : [];
}

function meets(item: unknown, slice: TreeNode, { type, path }: Discriminator, definitions: Definitions): boolean {
  if (path === 'url') {
    return isObject(item) && urlsOf(slice).includes(item['url']);
  }
  if (type === 'type' || type === 'profile') {
    const node = nodeAt(slice, path, definitions);
    const value = valuesAt(item, path)[0];
    const types = node === undefined ? [] : typesOf(node.row).flatMap(({ code, profiles = [] }) => [code, ...profiles.flatMap((canonical) => definitions.structure(canonical)?.type ?? [])]);
    return isObject(value) && types.includes(String(value['resourceType']));
  }
  const node = nodeAt(slice, path, definitions);
  if (node === undefined) return meetsAbove(item, slice, stepsOf(path).slice(0, -1), definitions);
  if (type === 'exists') return (valuesAt(item, path).length > 0) === (node.row.max !== '0');
  const demands = [...demandsOf(node), ...codesOfRow(node, definitions)];
  return demands.length > 0 && valuesAt(item, path).some((value) => demands.every((demand) => demand(value)));
}

/** A pattern on the way to the end of the path says what is there, too. */
function meetsAbove(item: unknown, slice: TreeNode, steps: readonly string[], definitions: Definitions): boolean {
  if (steps.length === 0) return false;
  const path = steps.join('.');
  const node = nodeAt(slice, path, definitions);
  if (node === undefined) return meetsAbove(item, slice, steps.slice(0, -1), definitions);
  const demands = demandsOf(node);
  return demands.length > 0 && valuesAt(item, path).some((value) => demands.every((demand) => demand(value)));
}

function urlsOf(slice: TreeNode): readonly unknown[] {
  return [childNamed(slice, 'url')?.row.fixed?.value, ...typesOf(slice.row).flatMap(({ profiles = [] }) => profiles.map((canonical) => canonical.replace(/\|.*$/, '')))];
}

/** What the rows at a place and below it fix. */
function demandsOf(node: TreeNode): readonly ((value: unknown) => boolean)[] {
  const { fixed, pattern } = node.row;
  if (fixed?.value !== undefined) return [(value) => JSON.stringify(value) === JSON.stringify(fixed.value)];
  if (pattern?.value !== undefined) return [(value) => hasPattern(value, pattern.value)];
  return [...node.children, ...node.slices].filter(({ row }) => row.min > 0).flatMap((child) => {
    const demands = demandsOf(child);
    const isSlice = node.slices.includes(child);
    return demands.length === 0 ? [] : [(value: unknown) => (isSlice ? [value] : valuesAt(value, child.name)).some((one) => demands.every((demand) => demand(one)))];
  });
}

/** A row that fixes nothing tells by the codes that it is bound to. */
function codesOfRow(node: TreeNode, definitions: Definitions): readonly ((value: unknown) => boolean)[] {
  const { fixed, pattern, binding } = node.row;
  if (fixed !== undefined || pattern !== undefined || binding?.strength !== 'required' || binding.valueSet === undefined) return [];
  const valueSet = valueSetsFor(definitions)(binding.valueSet);
  if (valueSet === undefined) return [];
  const has = (coding: unknown): boolean => isObject(coding) && typeof coding['code'] === 'string' && typeof coding['system'] === 'string' && valueSet.has(coding['system'], coding['code']) !== 'out' && valueSet.concerns(coding['system']);
  return [(value) => typeof value === 'string' ? valueSet.hasCode(value) === 'in' : isObject(value) && (Array.isArray(value['coding']) ? value['coding'].some(has) : has(value))];
}

const valueSetsOfAll = new WeakMap<Definitions, ValueSets>();

function valueSetsFor(definitions: Definitions): ValueSets {
  let valueSets = valueSetsOfAll.get(definitions);
  if (valueSets === undefined) valueSetsOfAll.set(definitions, valueSets = valueSetsOf(definitions));
  return valueSets;
}

function hasPattern(value: unknown, pattern: unknown): boolean {
  if (Array.isArray(pattern)) return Array.isArray(value) && pattern.every((part) => value.some((item) => hasPattern(item, part)));
  if (!isObject(pattern)) return String(value) === String(pattern);
  return isObject(value) && Object.entries(pattern).every(([name, part]) => hasPattern(value[name], part));
}

/** The row at the end of a path, also through slices that have to be there and through the profile of an extension. */
function nodeAt(from: TreeNode, path: string, definitions: Definitions): TreeNode | undefined {
  let node: TreeNode | undefined = from;
  for (const step of stepsOf(path)) {
    const extension: string | undefined = /^extension\('(.*)'\)$/.exec(step)?.[1];
    if (extension !== undefined) {
      const own: TreeNode | undefined = childNamed(node, 'extension')?.slices.find((slice) => urlsOf(slice).includes(extension));
      const table = definitions.structure(extension);
      // What a profile says of an extension goes before what the extension says of itself.
      node = own !== undefined && own.children.length > 0 ? own : table === undefined ? undefined : treeFor(table);
    } else if (!/^resolve\(\)|^ofType\(/.test(step)) node = node && ([node, ...node.slices].flatMap((one) => childNamed(one, step) ?? [])[0]);
    if (node === undefined) return undefined;
  }
  return node.choice && node.slices.length > 0 ? node.slices[0] : node;
}

export function stepsOf(path: string): readonly string[] {
  return path.replace(/\s+as\s+\w+/g, '').split(/\.(?![^(]*\))/).filter((step) => step !== '$this' && step !== '');
}

function valuesAt(value: unknown, path: string): readonly unknown[] {
  return stepsOf(path).reduce<readonly unknown[]>((values, step) => values.flatMap((one) => {
    if (step.startsWith('ofType(')) return [one];
    if (!isObject(one)) return [];
    const extension = /^extension\('(.*)'\)$/.exec(step)?.[1];
    if (extension !== undefined) return Array.isArray(one['extension']) ? one['extension'].filter((candidate) => isObject(candidate) && candidate['url'] === extension) : [];
    const found = one[step] ?? Object.entries(one).find(([name]) => name.startsWith(step) && /^[A-Z]/.test(name.slice(step.length)))?.[1];
    return found === undefined ? [] : Array.isArray(found) ? found : [found];
  }), [value]);
}

/** Every object in a resource, with the place it is at; not what is in resources inside. */
export function* objectsIn(resource: JsonObject): Generator<Place> {
  const type = String(resource['resourceType']);
  yield* objectsBelow({ path: [], expression: type, value: resource, holder: undefined, within: [] }, type);
}

function* objectsBelow(place: Place, type: string): Generator<Place> {
  yield place;
  for (const element of elementsOf(type)) {
    for (const { property, type: of } of element.types) {
      for (const [name, isSibling] of [[property, false], [`_${property}`, true]] as const) {
        const value = (place.value as JsonObject)[name];
        for (const [item, index] of (Array.isArray(value) ? value.map((one: unknown, at) => [one, at] as const) : [[value, -1] as const])) {
          if (!isObject(item) || 'resourceType' in item) continue;
          const step = index < 0 ? [name] : [name, index];
          yield* objectsBelow({ path: [...place.path, ...step], expression: `${place.expression}.${element.name}${index < 0 ? '' : `[${index}]`}`, value: item, holder: place, within: [] }, isSibling ? 'Element' : of);
        }
      }
    }
  }
}
