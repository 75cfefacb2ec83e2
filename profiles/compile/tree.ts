/**
 * The rows of a snapshot as a tree: children below their element, slices beside it, slices of slices beside those.
 * Source: https://hl7.org/fhir/R4/profiling.html#slicing
 */
import type { ElementRow, StructureTable, TypeRow } from '../tables/structure-table.ts';

export interface TreeNode {
  readonly row: ElementRow;
  /** Last step of the path, without `[x]`. */
  readonly name: string;
  /** Written with `[x]`: one of several types, each with a JSON property of its own. */
  readonly choice: boolean;
  readonly children: TreeNode[];
  /** Slices of this element; of a slice, its re-slices. */
  readonly slices: TreeNode[];
}

// What FHIR names elements; nothing else is looked for in a resource.
const elementName = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/** @returns undefined where the rows are not those of a snapshot that can be understood */
export function treeOf(table: StructureTable): TreeNode | undefined {
  const [first, ...rows] = table.elements;
  if (first === undefined || first.path.includes('.')) return undefined;
  const root = nodeOf(first, first.path);
  // The element that rows of each depth are below.
  const open: TreeNode[] = [root];
  for (const row of rows) {
    const steps = row.path.split('.');
    const depth = steps.length - 1;
    const last = steps.at(-1)!;
    const name = last.replace(/\[x\]$/, '');
    const parent = open[depth - 1];
    if (depth === 0 || parent === undefined || !elementName.test(name) || name in Object.prototype) return undefined;
    const node = nodeOf(row, name);
    place(node, parent);
    open.length = depth;
    open.push(node);
  }
  return root;
}

function nodeOf(row: ElementRow, name: string): TreeNode {
  return { row, name, choice: row.path.endsWith('[x]'), children: [], slices: [] };
}

function place(node: TreeNode, parent: TreeNode): void {
  const { slice } = node.row;
  const element = slice === undefined ? undefined : childNamed(parent, node.name);
  if (element === undefined) {
    parent.children.push(node);
    return;
  }
  // `a/b` is a slice of the slice `a`, at any depth; the longest name that is there decides.
  let holder = element;
  for (let deeper = resliced(holder, slice!); deeper !== undefined; deeper = resliced(holder, slice!)) holder = deeper;
  holder.slices.push(node);
}

function resliced(holder: TreeNode, slice: string): TreeNode | undefined {
  return holder.slices.find((candidate) => slice.startsWith(`${candidate.row.slice!}/`));
}

export function childNamed(node: TreeNode, name: string): TreeNode | undefined {
  return node.children.find((child) => child.name === name);
}

/** The descendant with that id. */
export function nodeWithId(root: TreeNode, id: string): TreeNode | undefined {
  const below = (node: TreeNode): TreeNode | undefined => {
    if (node.row.id === id) return node;
    for (const child of [...node.children, ...node.slices]) {
      const found = id.startsWith(child.row.id) ? below(child) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return below(root);
}

/** Values are JSON strings, numbers or booleans. */
export function isPrimitiveCode(code: string): boolean {
  return code.charAt(0) >= 'a' && code.charAt(0) <= 'z';
}

/** The JSON property of an element for one of its types. */
export function propertyFor(node: { readonly name: string; readonly choice: boolean }, type: string): string {
  return node.choice ? node.name + type.charAt(0).toUpperCase() + type.slice(1) : node.name;
}

/** The array that an element is in JSON, whatever a profile narrows it to. */
export function repeats(row: ElementRow): boolean {
  const max = row.baseMax ?? row.max;
  return max === '*' || Number(max) > 1;
}

/** Infinity for `*`. */
export function numberOfMax(max: string): number {
  return max === '*' ? Number.POSITIVE_INFINITY : Number(max);
}

export function typesOf(row: ElementRow): readonly TypeRow[] {
  return row.types ?? [];
}
