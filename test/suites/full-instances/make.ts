/**
 * Values for the rows of a profile: what a row fixes, a code of what it is bound to, what it demands below, and a plain
 * value of its type for the rest. Slices are made so that their discriminators find them.
 */
import { isKindOf } from '../../../fhir/element-types.ts';
import type { Definitions } from '../../../profiles/definitions.ts';
import { childNamed, isPrimitiveCode, nodeWithId, propertyFor, repeats, typesOf, type TreeNode } from '../../../profiles/compile/tree.ts';
import type { StructureTable, TypeRow } from '../../../profiles/tables/structure-table.ts';
import { isIn, isObject, stepsOf, type JsonObject } from '../ig-mutations-places.ts';
import { sampleOf } from '../ig-mutations-values.ts';
import { treeFor } from './trees.ts';
import type { CodeOf } from './codes.ts';

export interface Maker {
  readonly definitions: Definitions;
  readonly codeOf: CodeOf;
  /** A valid resource by a profile or a type, if there is one. */
  readonly resourceOf: (canonical: string) => JsonObject | undefined;
  /** What is written by hand for a row, by its id; undefined where nothing is. */
  readonly byHand: (id: string) => unknown;
}

export interface Demand {
  /** Every row that may be there, not only those that have to. */
  readonly everything: boolean;
  /** Steps of the discriminators that a value has to have something for. */
  readonly needs: readonly (readonly string[])[];
  /** Resources that references of the value lead to: they go where the value goes, contained. */
  readonly contained: JsonObject[];
  readonly depth: number;
  /** Of a choice, the one to make. */
  readonly type?: TypeRow;
}

/** An extension that is made up, and changes the meaning of what it is in: one that nobody knows may not stand there. */
export const madeModifier = 'http://example.org/modifier';

/** Extensions in extensions and the like: no profile goes deeper. */
const deepest = 8;

/** Values that were made before: what is in many places is made once. */
const made = new WeakMap<Maker, Map<TreeNode, Map<string, unknown>>>();

export function valueOf(maker: Maker, node: TreeNode, demand: Demand): unknown {
  if (demand.needs.length > 0) return newValueOf(maker, node, demand);
  let ofMaker = made.get(maker);
  if (ofMaker === undefined) made.set(maker, ofMaker = new Map());
  let known = ofMaker.get(node);
  if (known === undefined) ofMaker.set(node, known = new Map());
  const key = `${demand.type?.code ?? ''} ${demand.everything}`;
  if (!known.has(key)) {
    // What is made of itself, is made without.
    known.set(key, undefined);
    const { length } = demand.contained;
    const value = newValueOf(maker, node, demand);
    if (demand.contained.length === length) known.set(key, value);
    else { known.delete(key); return value; }
  }
  return known.get(key);
}

function newValueOf(maker: Maker, node: TreeNode, { type: asked, ...demand }: Demand): unknown {
  const { row } = node;
  if (node.name === 'modifierExtension' && row.slice === undefined && typesOf(row)[0]?.profiles === undefined) return { url: madeModifier, valueString: 'x' };
  const written = maker.byHand(row.id);
  if (written !== undefined) return written;
  if (row.contentReference !== undefined) {
    const table = maker.definitions.type(row.contentReference.split('.')[0]!);
    const referred = table && nodeWithId(treeFor(table)!, row.contentReference);
    if (referred !== undefined) return valueOf(maker, referred, demand);
  }
  if (row.fixed?.value !== undefined && !isObject(row.fixed.value)) return row.fixed.value;
  const type = asked ?? typesOf(row)[0];
  if (demand.depth > deepest) return undefined;
  const { code } = type ?? { code: 'BackboneElement' };
  if (code === 'Resource' || code === 'DomainResource' || isKindOf(code, 'Resource')) return resourceFor(maker, type!);
  if (isPrimitiveCode(code)) return row.pattern?.value ?? primitiveOf(maker, node, code);
  const given = row.fixed?.value ?? row.pattern?.value ?? {};
  const filled = { ...given as JsonObject };
  const trees = [node, ...profilesOf(maker, type).slice(0, 1)];
  if (code === 'Extension') fillExtension(maker, trees, type!, filled, demand);
  else {
    if (code === 'Reference') fillReference(maker, type!, filled, demand);
    for (const tree of trees) fillChildren(maker, tree, filled, demand);
    fillMandatory(maker, code, filled, demand);
    for (const tree of trees) fillCode(maker, tree, code, filled);
  }
  const sample = sampleOf(code);
  if (code === 'Expression' && isObject(sample)) return { ...sample, ...filled };
  if (Object.keys(filled).length > 0) return filled;
  return code === 'BackboneElement' || code === 'Element' ? firstChild(maker, node, demand) ?? sample : sample;
}

/** A new value beside or in place of what is there, by one child row and its slices. */
export function fillChildren(maker: Maker, node: TreeNode, object: Record<string, unknown>, demand: Demand): void {
  for (const child of node.children) fillChild(maker, child, object, demand);
}

function fillChild(maker: Maker, child: TreeNode, object: Record<string, unknown>, demand: Demand): void {
  const { row } = child;
  const needs = demand.needs.filter(([step]) => step === child.name || (step?.startsWith('extension(') === true && child.name === 'extension')).map((steps) => (steps[0] === child.name ? steps.slice(1) : steps));
  const needed = demand.needs.some(([step]) => step === child.name);
  if (row.max === '0') return;
  const isFree = child.name === 'id' || child.name.endsWith('xtension') || child.name === 'contained' || child.name === 'text';
  const wanted = row.min > 0 || needed || (demand.everything && !isFree);
  const below = { ...demand, needs, depth: demand.depth + 1 };
  if (child.choice) {
    const there = typesOf(row).some(({ code }) => propertyFor(child, code) in object);
    const slice = child.slices.find((one) => one.row.min > 0) ?? child.slices.find((one) => one.row.max !== '0');
    if (there || !(wanted || child.slices.some((one) => one.row.min > 0))) return;
    const [type] = typesOf((slice ?? child).row);
    const value = type === undefined ? undefined : valueOf(maker, slice ?? child, { ...below, type });
    if (value !== undefined) object[propertyFor(child, type!.code)] = value;
    return;
  }
  const list = repeats(row);
  const items = list ? [...(Array.isArray(object[child.name]) ? object[child.name] as unknown[] : [])] : object[child.name] === undefined ? [] : [object[child.name]];
  for (const slice of slicesWithin(child)) {
    const asked = needs.some(([step]) => step !== undefined && isExtensionStep(step, slice));
    if (slice.row.max === '0' || !(slice.row.min > 0 || asked || (demand.everything && numberOf(row.max) > items.length))) continue;
    const there = items.filter((one) => isIn(one, slice, child, maker.definitions, child.name)).length;
    if (there >= Math.max(slice.row.min, 1)) continue;
    const holds = { ...below, needs: asked ? needs.filter(([step]) => isExtensionStep(step!, slice)).map((steps) => steps.slice(1)) : [] };
    const item = sliceOf(maker, slice, child, holds);
    if (item !== undefined) items.push(item);
  }
  if (items.length === 0 && wanted || items.length < row.min) {
    const item = valueOf(maker, child, below);
    if (item !== undefined) for (let count = Math.max(row.min, 1) - items.length; count > 0; count--) items.push(item);
  } else if (items.length > 0 && child.children.length > 0 && child.slices.length === 0) {
    // What a pattern has given is completed by the rows below.
    for (const [index, item] of items.entries()) if (isObject(item)) { const whole = { ...item }; fillChildren(maker, child, whole, below); items[index] = whole; }
  }
  if (items.length > 0) object[child.name] = list ? items : items[0];
}

function* slicesWithin(list: TreeNode): Generator<TreeNode> {
  for (const slice of list.slices) {
    yield slice;
    yield* slicesWithin(slice);
  }
}

function isExtensionStep(step: string, slice: TreeNode): boolean {
  const url = /^extension\('(.*)'\)$/.exec(step)?.[1];
  return url !== undefined && typesOf(slice.row).some(({ profiles = [] }) => profiles.some((canonical) => canonical.replace(/\|.*$/, '') === url)) || childNamed(slice, 'url')?.row.fixed?.value === url && url !== undefined;
}

/** An item of a slice: something stands where its discriminators look. */
export function sliceOf(maker: Maker, slice: TreeNode, list: TreeNode, demand: Demand): unknown {
  const paths = (list.row.slicing?.discriminators ?? []).filter(({ path }) => path !== 'url' && path !== '$this').map(({ path }) => stepsOf(path));
  const wanted = paths.filter(([first]) => first !== undefined && childNamed(slice, first)?.row.max !== '0');
  const item = valueOf(maker, slice, { ...demand, needs: [...demand.needs, ...wanted] });
  if (!isObject(item) || list.choice) return item;
  // What is said of every item is said of those in slices, too.
  const whole = { ...item };
  for (const tree of [list, ...profilesOf(maker, typesOf(list.row)[0])]) fillChildren(maker, tree, whole, { ...demand, everything: false, needs: [] });
  return whole;
}

function profilesOf({ definitions }: Maker, type: TypeRow | undefined): readonly TreeNode[] {
  return (type?.profiles ?? []).flatMap((canonical) => {
    // A version that nobody has is another version of what is known.
    const table = definitions.structure(canonical) ?? definitions.structure(canonical.replace(/\|.*$/, ''));
    return table === undefined ? [] : treeFor(table) ?? [];
  });
}

function primitiveOf(maker: Maker, { row }: TreeNode, code: string): unknown {
  const { binding } = row;
  if (binding?.valueSet !== undefined && binding.strength !== 'example') {
    return maker.codeOf(binding.valueSet).code;
  }
  const sample = sampleOf(code);
  const [least, most] = [row.minValue?.value, row.maxValue?.value];
  if (typeof least === 'number' && typeof sample === 'number' && sample < least) return least;
  return typeof most === 'number' && typeof sample === 'number' && sample > most ? most : sample;
}

function fillCode(maker: Maker, { row }: TreeNode, type: string, object: Record<string, unknown>): void {
  const valueSet = row.binding?.strength === 'example' ? undefined : row.binding?.valueSet;
  const coding = valueSet === undefined ? undefined : maker.codeOf(valueSet);
  if (coding === undefined) return;
  if (type === 'CodeableConcept') object['coding'] ??= [coding];
  else if (type === 'Coding' && !('code' in object)) Object.assign(object, { system: coding.system, ...object, code: coding.code });
  else if (type === 'Quantity' && !('code' in object) && coding.system !== undefined) Object.assign(object, coding);
}

/** What the definition of a data type demands, for rows that a profile does not unfold. */
function fillMandatory(maker: Maker, code: string, object: Record<string, unknown>, demand: Demand): void {
  const table = maker.definitions.type(code);
  if (table === undefined || code === 'BackboneElement' || code === 'Element') return;
  const tree = treeFor(table);
  if (tree !== undefined) fillChildren(maker, tree, object, { ...demand, everything: false, needs: [] });
}

function fillReference(maker: Maker, type: TypeRow, object: Record<string, unknown>, { needs, contained }: Demand): void {
  if ('reference' in object || 'display' in object) return;
  const canonicals = type.targets ?? ['http://hl7.org/fhir/StructureDefinition/Patient'];
  if (needs.some(([step]) => step === 'resolve()')) {
    for (const canonical of canonicals) {
      const target = maker.resourceOf(canonical);
      if (target === undefined) continue;
      const id = `inner${contained.length + 1}`;
      contained.push({ ...target, id });
      object['reference'] = `#${id}`;
      return;
    }
  }
  const target = canonicals.flatMap((canonical) => maker.definitions.structure(canonical) ?? []).find(({ type: of }) => of !== 'Resource');
  object['reference'] = `${target?.type ?? 'Patient'}/example`;
}

function fillExtension(maker: Maker, trees: readonly TreeNode[], type: TypeRow, object: Record<string, unknown>, demand: Demand): void {
  const [canonical] = type.profiles ?? [];
  const written = canonical === undefined ? undefined : maker.byHand(canonical.replace(/\|.*$/, ''));
  if (isObject(written)) {
    Object.assign(object, written);
    return;
  }
  for (const tree of trees) fillChildren(maker, tree, object, { ...demand, everything: demand.everything && childNamed(tree, 'value')?.row.max === '0' });
  if (canonical !== undefined) object['url'] ??= canonical.replace(/\|.*$/, '');
  object['url'] ??= 'http://example.org/x';
  const hasValue = (): boolean => 'extension' in object || Object.keys(object).some((name) => name.startsWith('value'));
  for (const tree of trees) {
    const value = childNamed(tree, 'value');
    if (!hasValue() && value !== undefined && value.row.max !== '0') fillChild(maker, { ...value, row: { ...value.row, min: 1 } }, object, demand);
    const list = childNamed(tree, 'extension');
    for (const slice of list?.slices ?? []) if (!hasValue() && slice.row.max !== '0') {
      const item = sliceOf(maker, slice, list!, { ...demand, depth: demand.depth + 1 });
      if (item !== undefined) object['extension'] = [item];
    }
  }
  if (!hasValue()) object['valueString'] = 'x';
}

function resourceFor(maker: Maker, { code, profiles = [] }: TypeRow): unknown {
  for (const canonical of profiles) {
    const found = maker.resourceOf(canonical);
    if (found !== undefined) return found;
  }
  return code === 'Resource' || code === 'DomainResource' ? sampleOf('Resource') : maker.resourceOf(`http://hl7.org/fhir/StructureDefinition/${code}`);
}

/** An element with nothing in it is none. */
function firstChild(maker: Maker, node: TreeNode, demand: Demand): unknown {
  for (const child of node.children) {
    if (child.name === 'id' || child.name.endsWith('xtension') || child.row.max === '0') continue;
    const object = {};
    fillChild(maker, { ...child, row: { ...child.row, min: 1 } }, object, demand);
    if (Object.keys(object).length > 0) return object;
  }
  return undefined;
}

function numberOf(max: string): number {
  return max === '*' ? Number.POSITIVE_INFINITY : Number(max);
}

/** A resource by a profile, of nothing but what has to be there. */
export function leastResource(maker: Maker, table: StructureTable, everything = false): JsonObject | undefined {
  const root = treeFor(table);
  if (root === undefined) return undefined;
  const contained: JsonObject[] = [];
  const resource: Record<string, unknown> = { resourceType: table.type };
  fillChildren(maker, root, resource, { everything, needs: [], contained, depth: 0 });
  if (contained.length > 0) resource['contained'] = contained;
  return resource;
}
