/**
 * What a profile demands, row by row, as constraints that can be broken one at a time; and which of them the profile
 * brings in itself, so that an error has to name it.
 */
import type { Definitions } from '../../profiles/definitions.ts';
import type { ElementRow, StructureTable } from '../../profiles/tables/structure-table.ts';
import { treeFor } from './full-instances/trees.ts';
import { isPrimitiveCode, numberOfMax, typesOf, type TreeNode } from '../../profiles/compile/tree.ts';

export const kinds = ['mandatory', 'maximum', 'prohibited', 'type', 'form', 'fixed', 'pattern', 'binding', 'extensible', 'greatest-set', 'length', 'least', 'greatest', 'invariant', 'empty', 'target', 'target-profile', 'aggregation', 'closed', 'order', 'unknown', 'modifier', 'misplaced', 'context'] as const;
export type Kind = (typeof kinds)[number];

export interface Constraint {
  readonly kind: Kind;
  readonly node: TreeNode;
  /** Of an invariant. */
  readonly key: string | undefined;
  /** The definition of the type does not say it: an error has to name the profile. */
  readonly own: boolean;
}

/** Rows are found through the definitions of types: what `base` says where the profile says more. */
interface Base {
  readonly row: ElementRow | undefined;
  /** Where its children are. */
  readonly table: StructureTable | undefined;
  readonly prefix: string;
}

export function constraintsOf(table: StructureTable, root: TreeNode, definitions: Definitions): readonly Constraint[] {
  const found: Constraint[] = [];
  const collect = (node: TreeNode, base: Base, isSlice: boolean, isRoot: boolean): void => {
    found.push(...ofRow(node, base.row, isSlice, isRoot, definitions));
    // Of what may not be there, nothing below can be wrong either.
    if (node.row.max === '0') return;
    for (const child of node.children) if (!isValueOfPrimitive(child, node)) collect(child, below(base, child.name, node, definitions), false, false);
    for (const slice of node.slices) collect(slice, base, true, false);
  };
  const type = definitions.type(table.type);
  collect(root, { row: type?.elements[0], table: type, prefix: table.type }, false, true);
  if (table.type === 'Extension' && table.context?.length && !table.context.some(({ expression }) => expression === 'Element')) found.push({ kind: 'context', node: root, key: undefined, own: true });
  if (table.type === 'Extension') found.push({ kind: 'misplaced', node: root, key: undefined, own: true });
  return found;
}

/** In JSON a primitive is its value: nothing can be wrong with the one and not with the other. */
function isValueOfPrimitive({ name, row }: TreeNode, { row: parent }: TreeNode): boolean {
  const [type] = typesOf(parent);
  return name === 'value' && row.min === 0 && type !== undefined && isPrimitiveCode(type.code);
}

function below(base: Base, name: string, parent: TreeNode, definitions: Definitions): Base {
  const [type] = typesOf(parent.row);
  const places: readonly (readonly [StructureTable | undefined, string])[] = [
    [base.table, base.prefix],
    [base.table, base.row?.contentReference ?? ''],
    [type && definitions.type(type.code), type?.code ?? ''],
  ];
  for (const [table, prefix] of places) {
    const row = table?.elements.find((one) => one.path.replace('[x]', '') === `${prefix}.${name}` && one.slice === undefined);
    if (row !== undefined) return { row, table, prefix: `${prefix}.${name}` };
  }
  return { row: undefined, table: undefined, prefix: '' };
}

/** Types of values that are codes or hold one. */
const coded = new Set(['code', 'Coding', 'CodeableConcept', 'Quantity', 'string', 'uri']);
const inJson = new Set(['id', 'value']);

function ofRow(node: TreeNode, base: ElementRow | undefined, isSlice: boolean, isRoot: boolean, definitions: Definitions): readonly Constraint[] {
  const { row } = node;
  const found: Constraint[] = [];
  const add = (kind: Kind, own: boolean, key?: string): void => { found.push({ kind, node, key, own }); };
  const differs = (name: keyof ElementRow): boolean => JSON.stringify(row[name]) !== JSON.stringify(base?.[name]);
  const types = typesOf(row);
  const isPrimitive = types.some(({ code }) => isPrimitiveCode(code));
  if (!isRoot) {
    if (row.min > 0) add('mandatory', isSlice || row.min > (base?.min ?? 0));
    const tighter = isSlice || (base !== undefined && numberOfMax(row.max) < numberOfMax(base.max));
    if (row.max === '0') add('prohibited', tighter);
    else if (row.max !== '*') add('maximum', tighter && base !== undefined && numberOfMax(base.max) > 1);
  }
  // Of what is not there nothing else can be wrong.
  if (row.max === '0') return found;
  if (types.length > 0 && !isRoot && !isSlice) {
    const narrowed = base !== undefined && typesOf(base).some(({ code }) => !types.some((type) => type.code === code));
    // Of an id, and of the value of a primitive, JSON has no other types.
    if (node.choice || (narrowed && !inJson.has(node.name))) add('type', narrowed);
    if (isPrimitive) add('form', false);
  }
  if (row.fixed?.value !== undefined) add('fixed', differs('fixed'));
  if (row.pattern?.value !== undefined) add('pattern', differs('pattern'));
  if (row.binding?.strength === 'required') add('binding', base?.binding?.valueSet?.split('|')[0] !== row.binding.valueSet?.split('|')[0] || base?.binding?.strength !== 'required');
  if (row.binding?.strength === 'extensible' && row.binding.valueSet !== undefined && types.length === 1 && coded.has(types[0]!.code)) add('extensible', differsIn(base, row));
  if (row.binding?.max !== undefined) add('greatest-set', base?.binding?.max !== row.binding.max);
  if (row.maxLength !== undefined) add('length', differs('maxLength'));
  if (row.minValue !== undefined) add('least', differs('minValue'));
  if (row.maxValue !== undefined) add('greatest', differs('maxValue'));
  const [type] = types;
  const typeRoot = type === undefined ? undefined : definitions.type(type.code)?.elements[0];
  for (const { key, severity, bestPractice } of row.constraints ?? []) {
    if (severity !== 'error' || bestPractice === true) continue;
    if (key === 'ele-1') add('empty', false);
    else add('invariant', ![base, isRoot ? base : typeRoot].some((other) => other?.constraints?.some((one) => one.key === key)), key);
  }
  const targets = types.find(({ code }) => code === 'Reference')?.targets;
  const isAny = targets?.some((canonical) => /\/(?:Resource|DomainResource)(?:\|.*)?$/.test(canonical)) === true;
  // A profile that nobody here has may be one of any type.
  const areKnown = targets?.every((canonical) => definitions.structure(canonical) !== undefined) === true;
  if (targets !== undefined && types.length === 1 && areKnown && !isAny) {
    const isOwn = JSON.stringify(targets) !== JSON.stringify(base?.types?.find(({ code }) => code === 'Reference')?.targets);
    add('target', isOwn);
    const tables = targets.flatMap((canonical) => definitions.structure(canonical) ?? []);
    const plain = new Set(tables.filter(({ derivation }) => derivation === 'specialization').map((table) => table.type));
    if (tables.some((table) => !plain.has(table.type))) add('target-profile', isOwn);
  }
  if (type?.aggregation !== undefined) add('aggregation', true);
  if (row.slicing?.rules === 'closed' && node.slices.length > 0 && !node.choice) add('closed', true);
  if (row.slicing?.ordered === true && node.slices.length > 1) add('order', true);
  if (node.children.length > 0 && !isPrimitive) add('unknown', false);
  if (node.name === 'modifierExtension' && !isSlice) add('modifier', false);
  return found;
}

function differsIn(base: ElementRow | undefined, { binding }: ElementRow): boolean {
  return base?.binding?.valueSet?.split('|')[0] !== binding?.valueSet?.split('|')[0] || base?.binding?.strength !== binding?.strength;
}

export function rootOf(table: StructureTable): TreeNode | undefined {
  return treeFor(table);
}
