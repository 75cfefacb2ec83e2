/**
 * Places in a resource that a patch changes: the object an element belongs to, the JSON property that holds it, and its
 * place in the list where it repeats. A primitive is two values at once, the value and its `_name` sibling, and both
 * change together (https://hl7.org/fhir/R4/json.html#primitive).
 */
import { type ElementOfType, elementsOf, type ElementType, isPrimitive } from '../element-types.ts';
import type { NodeStep } from '../fhirpath/native/index.ts';

export type JsonObject = Record<string, unknown>;

/** An object of the resource and its type, which says what it may hold. */
export interface Owner {
  readonly object: JsonObject;
  readonly type: string;
}

/** An element that is there. */
export interface Place {
  readonly owner: Owner;
  readonly element: ElementOfType;
  /** The property that holds it, and the type that goes with it. */
  readonly held: ElementType;
  readonly index: number | undefined;
}

/** What is put into a place: a value, for a primitive with or in place of its sibling. */
export interface Content {
  readonly held: ElementType;
  readonly value: unknown;
  readonly sibling: unknown;
}

/** The element that a name stands for: `deceased`, `deceased[x]` or, of one type only, `deceasedBoolean`. */
export function elementNamed(type: string, name: string): ElementOfType | undefined {
  const plain = name.endsWith('[x]') ? name.slice(0, -3) : name;
  for (const element of elementsOf(type)) {
    if (element.name === plain && (plain === name || element.choice)) return element;
    const chosen = element.choice ? element.types.find(({ property }) => property === name) : undefined;
    if (chosen !== undefined) return { ...element, types: [chosen] };
  }
  return undefined;
}

/** The property and type by which an element is there; undefined where it is not. */
export function heldAs({ object }: Owner, element: ElementOfType): ElementType | undefined {
  return element.types.find(({ property }) => Object.hasOwn(object, property) || Object.hasOwn(object, `_${property}`));
}

/** The place some steps below an object; undefined for the object itself, and for what is not there. */
export function placeAt(root: Owner, steps: readonly NodeStep[]): Place | undefined {
  let owner: Owner | undefined = root;
  let place: Place | undefined;
  for (const { name, index } of steps) {
    const element: ElementOfType | undefined = owner && elementNamed(owner.type, name);
    const held = owner && element && heldAs(owner, element);
    if (owner === undefined || element === undefined || held === undefined) return undefined;
    place = { owner, element, held, index: element.repeats ? index ?? 0 : undefined };
    owner = ownerIn(place, false);
  }
  return place;
}

/**
 * The object an element is, or for a primitive the one that holds its id and extensions.
 * @param make the latter is made where there is none yet
 */
export function ownerIn(place: Place, make: boolean): Owner | undefined {
  const { owner: { object }, held, index } = place;
  if (isPrimitive(held.type)) return siblingIn(place, make);
  const value = index === undefined ? object[held.property] : (object[held.property] as unknown[])[index];
  if (!isObject(value)) return undefined;
  const type = held.type === 'Resource' ? value['resourceType'] : held.type;
  return typeof type === 'string' ? { object: value, type } : undefined;
}

function siblingIn({ owner: { object }, held: { property }, index }: Place, make: boolean): Owner | undefined {
  const name = `_${property}`;
  const present = index === undefined ? object[name] : listIn(object, name)[index];
  if (isObject(present)) return { object: present, type: 'Element' };
  if (!make) return undefined;
  const made: JsonObject = {};
  if (index === undefined) object[name] = made;
  else listsOf(object, property, true).siblings[index] = made;
  return { object: made, type: 'Element' };
}

/** Takes an element out. */
export function removeAt({ owner: { object }, held: { property }, index }: Place): void {
  if (index === undefined) {
    delete object[property];
    delete object[`_${property}`];
  } else change(object, property, (list) => { list.splice(index, 1); }, false);
}

/** Puts content where an element is. Another type of a choice goes by another property. */
export function replaceAt(place: Place, content: Content): void {
  const { owner: { object }, held: { property }, index } = place;
  if (index === undefined) {
    removeAt(place);
    set(object, content);
  } else change(object, property, (list, item) => { list[index] = item; }, true, content);
}

/** Puts content into a list of what repeats, or where nothing is yet. */
export function insertAt({ object }: Owner, element: ElementOfType, index: number, content: Content): void {
  if (!element.repeats) set(object, content);
  else change(object, content.held.property, (list, item) => { list.splice(index, 0, item); }, true, content);
}

/** Moves an element of a list to another place in it. */
export function moveWithin({ object }: Owner, property: string, source: number, destination: number): void {
  change(object, property, (list) => { list.splice(destination, 0, ...list.splice(source, 1)); }, false);
}

/** How many elements a list has. */
export function lengthOf({ object }: Owner, property: string): number {
  return Math.max(listIn(object, property).length, listIn(object, `_${property}`).length);
}

function set(object: JsonObject, { held: { property }, value, sibling }: Content): void {
  if (value !== undefined) object[property] = value;
  if (sibling !== undefined) object[`_${property}`] = sibling;
}

/** Makes the same change to a list and to that of its siblings, which is made when content brings a sibling. */
function change(object: JsonObject, property: string, edit: (list: unknown[], item: unknown) => void, filled: boolean, content?: Content): void {
  const { values, siblings } = listsOf(object, property, content?.sibling !== undefined);
  edit(values, filled ? content?.value ?? null : undefined);
  if (siblings !== undefined) edit(siblings, filled ? content?.sibling ?? null : undefined);
  if (siblings?.every((sibling) => sibling === null) === true) delete object[`_${property}`];
  if (values.every((value) => value === null)) delete object[property];
}

/** Both lists of a repeating element, made as long as each other. */
function listsOf(object: JsonObject, property: string, withSiblings: true): { values: unknown[]; siblings: unknown[] };
function listsOf(object: JsonObject, property: string, withSiblings: boolean): { values: unknown[]; siblings: unknown[] | undefined };
function listsOf(object: JsonObject, property: string, withSiblings: boolean): { values: unknown[]; siblings: unknown[] | undefined } {
  const sibling = `_${property}`;
  const values = listIn(object, property);
  object[property] = values;
  if (!withSiblings && !Object.hasOwn(object, sibling)) return { values, siblings: undefined };
  const siblings = listIn(object, sibling);
  object[sibling] = siblings;
  while (siblings.length < values.length) siblings.push(null);
  while (values.length < siblings.length) values.push(null);
  return { values, siblings };
}

function listIn(object: JsonObject, property: string): unknown[] {
  const list = Object.hasOwn(object, property) ? object[property] : undefined;
  return Array.isArray(list) ? list : [];
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
