/** The rows of a definition as a tree: one tree for each definition, so that its nodes can be compared. */
import { treeOf, type TreeNode } from '../../../profiles/compile/tree.ts';
import type { StructureTable } from '../../../profiles/tables/structure-table.ts';

const trees = new WeakMap<StructureTable, TreeNode | undefined>();

/** @returns undefined for rows that are no snapshot */
export function treeFor(table: StructureTable): TreeNode | undefined {
  if (!trees.has(table)) trees.set(table, treeOf(table));
  return trees.get(table);
}
