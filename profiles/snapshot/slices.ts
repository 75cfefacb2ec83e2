/**
 * Where a step of a differential leads: to an element, to a slice that is there, to one that begins here, or to a type
 * of a choice (`valueQuantity`), which is a slice of it.
 * Source: https://hl7.org/fhir/R4/profiling.html#slicing
 */
import { objectOf, objectsOf, textOf, type JsonObject } from '../distill/json-parts.ts';
import type { Step } from './differential.ts';
import { copyOf, type Node } from './tree.ts';

/** How a differential speaks of the types of a choice. */
export interface Choices {
  /** Whether nothing but this one type is said of a choice, so that there is no need to slice it. */
  isAlone(choice: string, slice: string): boolean;
  /** Told of each choice that is sliced by type here. */
  sliced(parent: Node, choice: Node): void;
}

/** @returns undefined where the parent has no such element */
export function follow(parent: Node, step: Step, choices: Choices): Node | undefined {
  const plain = parent.children.find(({ name, slice }) => name === step.name && slice === undefined);
  if (plain === undefined) return followChoice(parent, step, choices);
  if (step.slice === undefined) return plain;
  const there = parent.children.find(({ name, slice }) => name === step.name && slice === step.slice);
  return there ?? (plain.name.endsWith('[x]') ? typeSlice(parent, plain, step.slice, choices) : newSlice(parent, plain, step.slice));
}

/** `valueQuantity` and `value[x]:valueQuantity` are the same slice. */
function followChoice(parent: Node, step: Step, choices: Choices): Node | undefined {
  const choice = parent.children.find(({ name, slice }) => slice === undefined && name.endsWith('[x]') && typeNamed(step.name, name) !== undefined);
  if (choice === undefined) return undefined;
  const slice = step.slice ?? step.name;
  const there = parent.children.find((child) => child.name === choice.name && child.slice === slice);
  if (there !== undefined) return there;
  if (choice.element['slicing'] === undefined && choices.isAlone(choice.name, slice)) {
    const own = typesNamed(choice, slice);
    if (own.length === 1) choice.element = { ...choice.element, type: own };
    return choice;
  }
  return typeSlice(parent, choice, slice, choices);
}

function typeSlice(parent: Node, choice: Node, slice: string, choices: Choices): Node {
  if (choice.element['slicing'] === undefined) choice.element = { ...choice.element, slicing: { discriminator: [{ type: 'type', path: '$this' }], ordered: false, rules: 'open' } };
  const node = newSlice(parent, choice, slice);
  const own = typesNamed(choice, slice);
  if (own.length > 0) node.element = { ...node.element, type: own };
  if (objectsOf(choice.element['type']).length > 1) node.children = [];
  choices.sliced(parent, choice);
  return node;
}

/**
 * What the slices of a choice say of the choice: where one has to be there, no other type may; where each type has one,
 * there is nothing else.
 */
export function settleChoice(parent: Node, choice: Node): void {
  const slices = parent.children.filter(({ name, slice }) => name === choice.name && slice !== undefined);
  const slicing = objectOf(choice.element['slicing']);
  const needed = slices.find(({ element }) => Number(element['min'] ?? 0) > 0);
  if (needed !== undefined) {
    choice.element = { ...choice.element, min: 1, type: needed.element['type'], slicing: { ...slicing, rules: 'closed' } };
    return;
  }
  const covered = new Set(slices.flatMap(({ element }) => objectsOf(element['type']).map((type) => type['code'])));
  if (objectsOf(choice.element['type']).every((type) => covered.has(type['code']))) choice.element = { ...choice.element, slicing: { ...slicing, rules: 'closed' } };
}

function typesNamed(choice: Node, slice: string): readonly JsonObject[] {
  const code = typeNamed(slice, choice.name);
  return objectsOf(choice.element['type']).filter((type) => textOf(type['code'])?.toLowerCase() === code?.toLowerCase());
}

/** `Quantity` of `valueQuantity`. */
function typeNamed(slice: string, choice: string): string | undefined {
  const stem = choice.slice(0, -3);
  return slice.startsWith(stem) && /^[A-Z]/.test(slice.slice(stem.length)) ? slice.slice(stem.length) : undefined;
}

/** A slice begins as what it slices is, but need not be there. */
function newSlice(parent: Node, plain: Node, slice: string): Node {
  const sliced = slicedBy(parent, plain, slice);
  // What the same differential says of the element is said of all slices there, and not repeated in each.
  const origin = sliced.origin ?? sliced;
  const { slicing: _, ...element } = origin.element;
  const node: Node = { ...copyOf(sliced), name: plain.name, slice, element: { ...element, min: 0 }, origin };
  if (sliced === plain && plain.element['slicing'] === undefined && isExtensions(plain)) plain.element = { ...plain.element, slicing: byUrl };
  parent.children.splice(placeFor(parent, plain, slice), 0, node);
  return node;
}

const byUrl: JsonObject = { discriminator: [{ type: 'value', path: 'url' }], ordered: false, rules: 'open' };

function isExtensions({ name }: Node): boolean {
  return name === 'extension' || name === 'modifierExtension';
}

/** `race/detail` slices the slice `race`; any other slices the element. */
function slicedBy(parent: Node, plain: Node, slice: string): Node {
  const outer = slice.includes('/') ? slice.slice(0, slice.lastIndexOf('/')) : undefined;
  return parent.children.find((child) => outer !== undefined && child.name === plain.name && child.slice === outer) ?? plain;
}

/** Behind all that slices the same. */
function placeFor(parent: Node, plain: Node, slice: string): number {
  const outer = slice.includes('/') ? slice.slice(0, slice.lastIndexOf('/')) : undefined;
  const isBefore = (child: Node): boolean => child.name === plain.name && (outer === undefined || child.slice === outer || child.slice?.startsWith(`${outer}/`) === true);
  return parent.children.findLastIndex(isBefore) + 1;
}
