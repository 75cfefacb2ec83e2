/** What one definition is compiled with: its issues, the text it becomes, and the way to everything else. */
import type { ValueSets } from '../codes/value-set.ts';
import type { Definitions } from '../definitions.ts';
import type { StructureTable } from '../tables/structure-table.ts';
import type { Holds, Library } from './check.ts';
import { issuerOf, type Issuer } from './issues.ts';
import { Source } from './source.ts';
import { treeOf, type TreeNode } from './tree.ts';

/** FHIRPath, compiled for nodes of one type; undefined where an expression cannot be. */
export type Invariants = (expression: string, type: string) => Holds | undefined;

export interface Compiler {
  readonly definitions: Definitions;
  readonly valueSets: ValueSets;
  readonly invariants: Invariants;
  readonly library: Library;
  /** The tree of a table, made once. */
  tree(table: StructureTable): TreeNode | undefined;
}

export interface Unit extends Issuer {
  readonly compiler: Compiler;
  readonly table: StructureTable;
  readonly source: Source;
}

export function unitOf(table: StructureTable, compiler: Compiler): Unit {
  return { ...issuerOf(table), table, compiler, source: new Source() };
}

/** The tree of the definition of a type. */
export function typeTree(type: string, compiler: Compiler): TreeNode | undefined {
  const table = compiler.definitions.type(type);
  return table === undefined ? undefined : compiler.tree(table);
}

export function treesOf(): Compiler['tree'] {
  const trees = new WeakMap<StructureTable, TreeNode | undefined>();
  return (table) => {
    let tree = trees.get(table);
    if (tree === undefined && !trees.has(table)) trees.set(table, tree = treeOf(table));
    return tree;
  };
}
