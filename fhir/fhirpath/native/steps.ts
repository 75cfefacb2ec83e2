/**
 * From an element to its children: which JSON property has them, of which type they are.
 * Source: https://hl7.org/fhir/R4/fhirpath.html#1.18.1 (choice elements go by their name without the type).
 */
import { elementsOf, isType } from '../../element-types.ts';
import { Item, actualType, isPrimitiveType, isResource, type Items } from './items.ts';
import type { Run } from './run.ts';

/** One JSON property that an element's values may be in. */
export interface Step {
  /** The element's name in FHIRPath: `value` of `valueQuantity`. */
  readonly name: string;
  readonly property: string;
  /** The property with ids and extensions, of primitives. */
  readonly sibling: string | undefined;
  readonly type: string;
  readonly repeats: boolean;
  /** The type says nothing: what is there says itself what it is. */
  readonly resource: boolean;
}

interface Structure {
  /** By name in FHIRPath, and by JSON property for those of a choice. */
  readonly steps: ReadonlyMap<string, readonly Step[]>;
  readonly byProperty: ReadonlyMap<string, Step>;
  readonly names: ReadonlySet<string>;
  /** Of a choice of many types: the same by JSON property, with that of the extensions. */
  readonly wide: ReadonlyMap<string, ReadonlyMap<string, Step>>;
}

/** From so many types on the properties that are there are looked up, in place of looking for each. */
const manyTypes = 5;

const structures = new Map<string, Structure>();
const noSteps: readonly Step[] = [];

function structureOf(type: string): Structure {
  let found = structures.get(type);
  if (found === undefined) structures.set(type, found = read(type));
  return found;
}

function read(type: string): Structure {
  const steps = new Map<string, readonly Step[]>();
  const byProperty = new Map<string, Step>();
  const names = new Set<string>();
  const wide = new Map<string, Map<string, Step>>();
  for (const { name, repeats, types } of isType(type) ? elementsOf(type) : []) {
    const choices = types.map(({ property, type: of }): Step => ({ name, property, sibling: isPrimitiveType(of) ? `_${property}` : undefined, type: of, repeats, resource: isResource(of) }));
    names.add(name);
    steps.set(name, choices);
    if (choices.length >= manyTypes) wide.set(name, new Map(choices.flatMap((choice) => [[choice.property, choice] as const, [`_${choice.property}`, choice] as const])));
    for (const choice of choices) {
      byProperty.set(choice.property, choice);
      if (!steps.has(choice.property)) steps.set(choice.property, [choice]);
    }
  }
  return { steps, byProperty, names, wide };
}

/**
 * Where the children of a name are; nowhere for a name that the type does not have. Published constraints also say
 * `valueQuantity`, which finds what `value.ofType(Quantity)` does.
 */
export function stepsTo(type: string, name: string): readonly Step[] {
  return structureOf(type).steps.get(name) ?? noSteps;
}

/** Whether a name is an element's own, not a JSON property of a choice. */
export function isElementName(type: string, name: string): boolean {
  return structureOf(type).names.has(name);
}

/** All properties that values of a type may have. */
export function propertiesOf(type: string): ReadonlyMap<string, Step> {
  return structureOf(type).byProperty;
}

type Structured = Readonly<Record<string, unknown>>;

/** What holds an item's children: for a primitive the object with its id and extensions. */
function structureIn(item: Item): Structured | undefined {
  const holder = isPrimitiveType(item.type) ? item.sibling : item.value;
  return typeof holder === 'object' && holder !== null && !Array.isArray(holder) ? (holder as Structured) : undefined;
}

/** Adds an item's children of a name to a list. */
export function addChildren(item: Item, name: string, found: Item[]): void {
  const holder = structureIn(item);
  if (holder === undefined) return;
  const { steps, wide } = structureOf(item.type);
  const choices = wide.get(name);
  if (choices === undefined) {
    for (const step of steps.get(name) ?? noSteps) addFrom(item, holder, step, found);
    return;
  }
  for (const key in holder) {
    const step = choices.get(key);
    // Extensions of a value that is there come along with it.
    if (step !== undefined && (key === step.property || !Object.hasOwn(holder, step.property))) addFrom(item, holder, step, found);
  }
}

/** Adds what a property of an item holds, and notes where it is if it is known where the item is. */
function addFrom(item: Item, holder: Structured, step: Step, found: Item[]): void {
  const first = found.length;
  addValues(holder, step, found);
  if (item.origin === undefined) return;
  for (let at = first; at < found.length; at++) found[at]!.origin = { parent: item, name: step.name, index: step.repeats ? at - first : undefined };
}

function addValues(holder: Structured, { property, sibling, type, resource }: Step, found: Item[]): void {
  const value = holder[property];
  if (sibling === undefined) {
    if (value === undefined || value === null) return;
    if (!Array.isArray(value)) {
      found.push(new Item(resource ? actualType(type, value) : type, value));
      return;
    }
    for (const one of value) if (one !== null && one !== undefined) found.push(new Item(resource ? actualType(type, one) : type, one));
    return;
  }
  const beside = holder[sibling];
  if (!Array.isArray(value) && !Array.isArray(beside)) {
    if ((value !== undefined && value !== null) || (beside !== undefined && beside !== null)) found.push(new Item(type, value ?? undefined, beside ?? undefined));
    return;
  }
  const [values, besides] = [Array.isArray(value) ? value : [value], Array.isArray(beside) ? beside : []];
  for (let at = 0; at < Math.max(values.length, besides.length); at++) {
    const [one, its] = [values[at] as unknown, besides[at] as unknown];
    if ((one !== undefined && one !== null) || (its !== undefined && its !== null)) found.push(new Item(type, one ?? undefined, its ?? undefined));
  }
}

/** Adds all children of an item to a list, in the order of the JSON. */
export function addAllChildren(item: Item, found: Item[]): void {
  const holder = structureIn(item);
  if (holder === undefined) return;
  const properties = propertiesOf(item.type);
  for (const key of Object.keys(holder)) {
    let step = properties.get(key);
    if (step === undefined && key.charCodeAt(0) === 95) {
      step = properties.get(key.slice(1));
      // Where the value is, its extensions came along with it.
      if (step !== undefined && Object.hasOwn(holder, step.property)) step = undefined;
    }
    if (step !== undefined) addFrom(item, holder, step, found);
  }
}

/** How many children a structure has. */
export function countChildren(type: string, holder: unknown): number {
  if (typeof holder !== 'object' || holder === null) return 0;
  let count = 0;
  const properties = propertiesOf(type);
  for (const key in holder) {
    if (!properties.has(key)) {
      if (key.charCodeAt(0) !== 95 || !properties.has(key.slice(1)) || Object.hasOwn(holder, key.slice(1))) continue;
    }
    const value = (holder as Structured)[key];
    if (!Array.isArray(value)) {
      if (value !== null && value !== undefined) count++;
      continue;
    }
    const beside = (holder as Structured)[`_${key}`];
    for (let at = 0; at < value.length; at++) if (value[at] !== null || (Array.isArray(beside) && beside[at] !== null && beside[at] !== undefined)) count++;
  }
  return count;
}

/** All elements below the items, level by level. */
export function descendantsOf(items: Items, run: Run): Item[] {
  const found: Item[] = [];
  for (const item of items) addAllChildren(item, found);
  for (let at = 0; at < found.length; at++) {
    addAllChildren(found[at]!, found);
    run.spend(1);
  }
  return found;
}
