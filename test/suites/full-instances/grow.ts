/**
 * Full instances of a profile: valid ones, to which row by row is grafted what they lack, as long as they stay valid.
 * What cannot stand beside what is there already (another type of a choice, one of two that exclude each other) goes into
 * an instance of its own, so that in the end there are as few as that allows.
 */
import { propertyFor, repeats, typesOf, type TreeNode } from '../../../profiles/compile/tree.ts';
import { isObject, rowsOf, valueAt, type JsonObject, type Path, type Place, type Row } from '../ig-mutations-places.ts';
import { sliceOf, valueOf, type Demand, type Maker } from './make.ts';

export interface Instance {
  readonly resource: JsonObject;
  /** Where the value is that the profile is about: the resource, or an element of it. */
  readonly start: Place;
  /** The profile that the resource is checked by. */
  readonly by?: string;
}

export interface Judged extends Instance {
  readonly rows: ReadonlyMap<TreeNode, Row>;
}

export interface Grown {
  readonly instances: readonly Judged[];
  /** Rows that no instance could be given, with what was wrong. */
  readonly refused: ReadonlyMap<TreeNode, string>;
}

/** Says what is wrong with a resource by the profile; nothing where it is valid. */
export type ErrorsOf = (instance: Pick<Instance, 'resource' | 'by'>) => string | undefined;

/** Instances that one row is tried on, and places in each. */
const mostInstances = 12;
const mostHolders = 2;

export function judged(maker: Maker, root: TreeNode, { start, ...instance }: Instance): Judged {
  const whole = { ...start, value: valueAt(instance.resource, start.path) };
  return { ...instance, start: whole, rows: new Map(rowsOf(root, whole, maker.definitions).map((row) => [row.node, row])) };
}

/** @param given valid instances, the best first */
export function grow(maker: Maker, root: TreeNode, given: readonly Instance[], errorsOf: ErrorsOf): Grown {
  const instances: Judged[] = given.map((instance) => judged(maker, root, instance));
  const refused = new Map<TreeNode, string>();
  for (const { node, parent } of rowsIn(root)) {
    if (instances.some(({ rows }) => rows.get(node)!.places.length > 0)) continue;
    const found = graft(maker, root, node, parent, instances, errorsOf);
    if (typeof found === 'string') refused.set(node, found);
  }
  // What depends on something that came later may stand now.
  for (const { node, parent } of rowsIn(root)) {
    if (!refused.has(node)) continue;
    const found = instances.some(({ rows }) => rows.get(node)!.places.length > 0) || graft(maker, root, node, parent, instances, errorsOf);
    if (typeof found === 'string') refused.set(node, found);
    else refused.delete(node);
  }
  return { instances, refused };
}

/** Rows that something may be at, each after the row that it is below. */
export function* rowsIn(node: TreeNode, parent?: TreeNode): Generator<{ readonly node: TreeNode; readonly parent: TreeNode | undefined }> {
  if (node.row.max === '0') return;
  yield { node, parent };
  for (const child of node.children) yield* rowsIn(child, node);
  for (const slice of node.slices) yield* rowsIn(slice, parent);
}

function graft(maker: Maker, root: TreeNode, node: TreeNode, parent: TreeNode | undefined, instances: Judged[], errorsOf: ErrorsOf): true | string {
  let told = 'nothing to put there';
  let isHeld = false;
  for (const [index, instance] of instances.slice(0, mostInstances).entries()) {
    const row = instance.rows.get(node)!;
    for (const holder of row.holders.slice(0, mostHolders)) {
      isHeld = true;
      for (const { resource, adds } of attempts(maker, instance, row, holder)) {
        const errors = errorsOf({ ...instance, resource });
        if (errors !== undefined) { told = errors; continue; }
        const grown = judged(maker, root, { ...instance, resource });
        if (grown.rows.get(node)!.places.length === 0) { told = 'what was made is not found there'; continue; }
        if (adds && !loses(instance, grown)) instances[index] = grown;
        else instances.push(grown);
        return true;
      }
    }
  }
  return isHeld ? told : `nothing that holds it (${parent?.row.id ?? ''})`;
}

function loses(before: Judged, after: Judged): boolean {
  return [...before.rows].some(([node, { places }]) => places.length > 0 && after.rows.get(node)!.places.length === 0);
}

interface Attempt {
  readonly resource: JsonObject;
  /** Nothing was taken away for it. */
  readonly adds: boolean;
}

function* attempts(maker: Maker, { resource, start }: Instance, { node, list, parent }: Row, holder: Place): Generator<Attempt> {
  const of = list ?? node;
  const path = holder.beside?.path ?? holder.path;
  const types = of.choice ? typesOf(node.row) : [undefined];
  for (const type of types.slice(0, 3)) {
    for (const everything of [true, false]) {
      const contained: JsonObject[] = [];
      const demand: Demand = { everything, needs: [], contained, depth: 0, ...(type !== undefined && { type }) };
      const value = idWithin(node, holder) ?? partOfReference(maker, of, parent, holder) ?? (list === undefined || list.choice ? valueOf(maker, node, demand) : sliceOf(maker, node, list, demand));
      if (value === undefined) continue;
      const inside = withContained(resource, value, contained, start.path.length === 0);
      if (of.choice) {
        const property = propertyFor(of, type!.code);
        const others = typesOf(of.row).map(({ code }) => propertyFor(of, code)).filter((name) => name !== property);
        const cleared = withValue(inside.resource, path, (object) => without(object as JsonObject, others)) as JsonObject;
        yield { resource: withValue(cleared, [...path, property], () => inside.value) as JsonObject, adds: cleared === inside.resource };
      } else if (repeats(of.row)) {
        const whole = [...path, of.name];
        const add = (before: boolean) => (items: unknown): unknown => { const there = Array.isArray(items) ? items as unknown[] : []; return before ? [inside.value, ...there] : [...there, inside.value]; };
        yield { resource: withValue(inside.resource, whole, add(false)) as JsonObject, adds: true };
        yield { resource: withValue(inside.resource, whole, add(true)) as JsonObject, adds: true };
        yield { resource: withValue(inside.resource, whole, () => [inside.value]) as JsonObject, adds: false };
        const items = valueAt(inside.resource, whole);
        if (Array.isArray(items)) for (const index of items.keys()) yield { resource: withValue(inside.resource, [...whole, index], () => inside.value) as JsonObject, adds: false };
      } else yield { resource: withValue(inside.resource, [...path, of.name], () => inside.value) as JsonObject, adds: true };
    }
  }
}

/** Ids of elements are told apart by where they are: no two in a resource are the same. */
function idWithin({ name }: TreeNode, { path }: Place): string | undefined {
  return name === 'id' && path.length > 0 ? path.join('.') : undefined;
}

/** The type of a reference is that of what it leads to, and what it leads to is of a type that it may lead to. */
function partOfReference({ definitions }: Maker, { name }: TreeNode, parent: TreeNode | undefined, holder: Place): unknown {
  const type = parent === undefined ? undefined : typesOf(parent.row).find(({ code }) => code === 'Reference');
  if (type === undefined || !isObject(holder.value)) return undefined;
  const { reference } = holder.value;
  if (name === 'type') return typeof reference === 'string' ? /([A-Za-z]+)\/[^/]+$/.exec(reference)?.[1] : undefined;
  if (name !== 'reference') return undefined;
  const target = (type.targets ?? []).flatMap((canonical) => definitions.structure(canonical) ?? [])[0]?.type ?? 'Patient';
  return `${target === 'Resource' ? 'Patient' : target}/example`;
}

/** With the resources that a value refers to, under ids of their own. */
function withContained(resource: JsonObject, value: unknown, contained: readonly JsonObject[], isResource: boolean): { readonly resource: JsonObject; readonly value: unknown } {
  if (contained.length === 0 || !isResource) return { resource, value };
  const there = Array.isArray(resource['contained']) ? resource['contained'] as readonly JsonObject[] : [];
  let text = JSON.stringify(value);
  const renamed = contained.map((one, index) => {
    const id = `grown${there.length + index + 1}`;
    text = text.replaceAll(`"#${String(one['id'])}"`, `"#${id}"`);
    return { ...one, id };
  });
  return { resource: { ...resource, contained: [...there, ...renamed] }, value: JSON.parse(text) };
}

function without(object: JsonObject, names: readonly string[]): JsonObject {
  return names.some((name) => name in object || `_${name}` in object) ? Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name.replace(/^_/, '')))) : object;
}

/** A copy with another value at a path; what the path goes through is made where it is not there. */
export function withValue(whole: unknown, [step, ...rest]: Path, change: (value: unknown) => unknown): unknown {
  if (step === undefined) return change(whole);
  if (typeof step === 'number') {
    const items = Array.isArray(whole) ? whole as unknown[] : [];
    const length = Math.max(items.length, step + 1);
    return Array.from({ length }, (_, index) => index === step ? withValue(items[index], rest, change) : items[index] ?? null);
  }
  const object = (whole ?? {}) as JsonObject;
  const inside = withValue(object[step], rest, change);
  return inside === object[step] ? object : { ...object, [step]: inside };
}
