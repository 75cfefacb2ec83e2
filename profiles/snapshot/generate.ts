/**
 * Snapshots from differentials: the base's snapshot with each change laid over the element that it is about.
 * Source: https://hl7.org/fhir/R4/profiling.html#snapshot
 */
import { Problem } from '../../fhir/problems.ts';
import { objectOf, objectsOf, textOf, textsOf, type JsonObject } from '../distill/json-parts.ts';
import { mostElements } from '../distill/structure.ts';
import { splitCanonical } from '../packages/versions.ts';
import { changesOf, type Change, type Step } from './differential.ts';
import { merge } from './merge.ts';
import { follow, settleChoice, type Choices } from './slices.ts';
import { copyOf, elementsOf, sizeOf, treeOf, type Node } from './tree.ts';
import { unfold, type Trees } from './unfold.ts';

/** How much a snapshot may take to make. */
export interface SnapshotLimits {
  /** Elements of a differential. */
  readonly changes: number;
  /** Elements of a snapshot. */
  readonly elements: number;
  /** Slices of one element. */
  readonly slices: number;
}

const ofPackages: SnapshotLimits = { changes: 5000, elements: mostElements, slices: 5000 };

/**
 * @param find a StructureDefinition by canonical, with a snapshot or without
 * @returns the definition with its snapshot; the same object where it has one
 * @throws {Problem} `unusable-definition`: its base is unknown or goes in a circle, a change is about nothing, it is too large
 */
export function withSnapshot(definition: JsonObject, find: (canonical: string) => JsonObject | undefined, limits: SnapshotLimits = ofPackages): JsonObject {
  return isWhole(definition) ? definition : regenerated(definition, find, limits);
}

/** The same, also for a definition that has a snapshot, which is not looked at then. */
export function regenerated(definition: JsonObject, find: (canonical: string) => JsonObject | undefined, limits: SnapshotLimits = ofPackages): JsonObject {
  const underWay = new Set<string>();
  const made = new Map<string, Node>();
  const treeFor = (found: JsonObject): Node => {
    const key = `${String(found['url'])}|${String(found['version'])}`;
    const known = made.get(key);
    if (known !== undefined) return known;
    if (underWay.has(key)) throw refusal(definition, 'what it is based on goes in a circle');
    underWay.add(key);
    const tree = found !== definition && isWhole(found) ? treeOf(found) : build(found);
    underWay.delete(key);
    if (tree === undefined) throw refusal(definition, 'a snapshot that it stands on is not a tree of elements in their order');
    made.set(key, tree);
    return tree;
  };
  const trees: Trees = {
    tree(canonical) {
      const found = find(canonical);
      // A definition may have parts of its own kind: it is being made, and what its type says has to do.
      if (found === undefined || underWay.has(`${String(found['url'])}|${String(found['version'])}`)) return undefined;
      return treeFor(found);
    },
  };
  const build = (of: JsonObject): Node => {
    const base = textOf(of['baseDefinition']);
    const found = base === undefined ? undefined : find(base);
    if (found === undefined) throw refusal(of, 'what it is based on is not known');
    return grow(of, copyOf(treeFor(found)), trees, limits);
  };
  return { ...definition, snapshot: { element: elementsOf(treeFor(definition)) } };
}

export function isWhole(definition: JsonObject): boolean {
  return objectsOf(objectOf(definition['snapshot'])?.['element']).length > 0;
}

function grow(definition: JsonObject, root: Node, trees: Trees, limits: SnapshotLimits): Node {
  const changes = changesOf(definition);
  const tooLarge = sizeReason(definition, limits);
  if (tooLarge !== undefined) throw refusal(definition, tooLarge);
  // A new type has elements that its base has not.
  const mayAdd = definition['derivation'] === 'specialization' || definition['kind'] === 'logical';
  if (mayAdd) root.name = textOf(objectsOf(objectOf(definition['differential'])?.['element'])[0]?.['path'])?.split('.')[0] ?? root.name;
  /** Choices that were sliced by type, with what they are in. */
  const choices = new Map<Node, Node>();
  for (const change of changes) {
    const node = nodeOf(change, { root, changes, trees, mayAdd, sliced: (parent, choice) => choices.set(choice, parent) });
    if (node === undefined) throw refusal(definition, `there is no element ${pathOf(change)} to constrain`);
    if (node.element['contentReference'] !== undefined && change.element['type'] !== undefined) unfold(node, root, trees);
    lay(node, change.element, trees);
    // One step can do no more than double it, so it is looked at after each.
    if (sizeOf(root) > limits.elements) throw refusal(definition, `its snapshot has more than ${limits.elements} elements`);
  }
  for (const [choice, parent] of choices) settleChoice(parent, choice);
  return root;
}

/** What is too much of what a definition states itself; undefined where nothing is. */
export function sizeReason(definition: JsonObject, limits: SnapshotLimits): string | undefined {
  if (isWhole(definition)) return tooLargeIn('snapshot', limits.elements, limits.slices, objectsOf(objectOf(definition['snapshot'])?.['element']));
  return tooLargeIn('differential', limits.changes, limits.slices, objectsOf(objectOf(definition['differential'])?.['element']));
}

function tooLargeIn(what: string, most: number, mostSlices: number, elements: readonly JsonObject[]): string | undefined {
  if (elements.length > most) return `its ${what} has more than ${most} elements`;
  const slices = new Map<string, number>();
  for (const element of elements) {
    if (element['sliceName'] === undefined) continue;
    const path = textOf(element['path']) ?? '';
    const count = (slices.get(path) ?? 0) + 1;
    if (count > mostSlices) return `an element of its ${what} has more than ${mostSlices} slices`;
    slices.set(path, count);
  }
  return undefined;
}

interface Growth {
  readonly root: Node;
  readonly changes: readonly Change[];
  readonly trees: Trees;
  readonly mayAdd: boolean;
  readonly sliced: Choices['sliced'];
}

/** The node that a change is about; what lies on the way is unfolded. */
function nodeOf({ steps, element }: Change, { root, changes, trees, mayAdd, sliced }: Growth): Node | undefined {
  let node: Node | undefined = root;
  for (const [place, step] of steps.entries()) {
    const parent: Node = node;
    if (!mayAdd || parent !== root) unfold(parent, root, trees);
    const above = steps.slice(0, place);
    node = follow(parent, step, { sliced, isAlone: (choice, slice) => above.some((outer) => outer.slice !== undefined) && isAlone(changes, above, choice, slice) });
    if (node === undefined && mayAdd && place === steps.length - 1) {
      node = { name: step.name, slice: step.slice, element: { base: { path: element['path'], min: element['min'], max: element['max'] } }, children: [] };
      parent.children.push(node);
    }
    if (node === undefined) return undefined;
  }
  return node;
}

/** Whether all that a differential says below `above` about a choice is about one type of it. */
function isAlone(changes: readonly Change[], above: readonly Step[], choice: string, slice: string): boolean {
  const stem = choice.slice(0, -3);
  return changes.every(({ steps }) => {
    const step = steps[above.length];
    if (step === undefined || !step.name.startsWith(stem) || !above.every((outer, place) => outer.name === steps[place]!.name && outer.slice === steps[place]!.slice)) return true;
    return step.name === slice;
  });
}

function lay(node: Node, change: JsonObject, trees: Trees): void {
  node.element = merge(underType(node, change, trees), change);
}

/** Where a change names the profile of an extension, what that says of its root holds here too. Of other types it holds anyway. */
function underType(node: Node, change: JsonObject, trees: Trees): JsonObject {
  const types = objectsOf(change['type']);
  const [type] = types;
  const profiles = textsOf(type?.['profile']);
  if (types.length !== 1 || profiles.length !== 1 || type === undefined) return node.element;
  // What was unfolded from the type, or from another profile of it, is unfolded anew.
  if (!isSameProfile(node, profiles[0]!)) node.children = [];
  const profile = type['code'] === 'Extension' ? trees.tree(profiles[0]!)?.element : undefined;
  if (profile === undefined) return node.element;
  return {
    ...node.element,
    ...(profile['constraint'] !== undefined && { constraint: merge({ constraint: node.element['constraint'] ?? [] }, { constraint: profile['constraint'] })['constraint'] }),
    ...(profile['isModifier'] === true && { isModifier: true }),
    ...(profile['max'] !== undefined && { max: profile['max'] }),
  };
}

function isSameProfile(node: Node, profile: string): boolean {
  const stated = objectsOf(node.element['type']).flatMap((type) => textsOf(type['profile']));
  return stated.length === 1 && splitCanonical(stated[0]!).url === splitCanonical(profile).url;
}

function pathOf({ element }: Change): string {
  return textOf(element['path'])?.slice(0, 200) ?? 'without a path';
}

function refusal(definition: JsonObject, reason: string): Problem {
  return new Problem('unusable-definition', { definition: textOf(definition['url']) ?? 'StructureDefinition', reason });
}
