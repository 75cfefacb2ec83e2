/**
 * A snapshot as a tree. Slices stand beside the element that they slice, behind it; ids and paths are told by the place.
 * Source: https://hl7.org/fhir/R4/elementdefinition.html#id, https://hl7.org/fhir/R4/profiling.html#snapshot
 */
import { objectOf, objectsOf, textOf, type JsonObject } from '../distill/json-parts.ts';

export interface Node {
  /** As `value[x]`. */
  name: string;
  /** As `race`, or `race/detail` of one that slices a slice. */
  slice: string | undefined;
  /** The ElementDefinition; never changed in place, for trees share them. */
  element: JsonObject;
  children: Node[];
  /** What it was copied from: as it is without the changes that are being made. */
  origin?: Node;
}

/** @returns undefined where there is no snapshot, or it is not in the order of a tree */
export function treeOf(definition: JsonObject): Node | undefined {
  const elements = objectsOf(objectOf(definition['snapshot'])?.['element']);
  /** The last node at each depth. */
  const line: Node[] = [];
  for (const element of elements) {
    const names = (textOf(element['path']) ?? '').split('.');
    const node: Node = { name: names.at(-1)!, slice: textOf(element['sliceName']), element, children: [] };
    const depth = names.length - 1;
    if (depth > 0) {
      const parent = line[depth - 1];
      if (parent === undefined || depth > line.length) return undefined;
      parent.children.push(node);
    } else if (line.length > 0) return undefined;
    line.length = depth;
    line.push(node);
  }
  return line[0];
}

export function copyOf(node: Node): Node {
  return { ...node, children: node.children.map(copyOf), origin: node };
}

/** The elements in their order, with ids and paths of where they stand. */
export function elementsOf(root: Node): readonly JsonObject[] {
  const elements: JsonObject[] = [];
  const add = (node: Node, path: string, id: string): void => {
    const { id: _id, path: _path, sliceName: _name, ...element } = node.element;
    elements.push({ id, path, ...(node.slice !== undefined && { sliceName: node.slice }), ...element });
    for (const child of node.children) add(child, `${path}.${child.name}`, `${id}.${child.name}${child.slice === undefined ? '' : `:${child.slice}`}`);
  };
  add(root, root.name, root.name);
  return elements;
}

export function sizeOf(node: Node): number {
  return node.children.reduce((sum, child) => sum + sizeOf(child), 1);
}

/** The node that a contentReference names, by its path or its id. */
export function findByPath(root: Node, reference: string): Node | undefined {
  const [first, ...steps] = reference.split('.');
  if (first !== root.name) return undefined;
  return steps.reduce<Node | undefined>((node, step) => node?.children.find(({ name, slice }) => (slice === undefined ? name : `${name}:${slice}`) === step), root);
}
