/**
 * Whether two slices can have no item in common, as far as their rows tell: then an item of one need not be held against
 * the other.
 * Source: https://hl7.org/fhir/R4/profiling.html#discriminator
 */
import { isKindOf } from '../../fhir/element-types.ts';
import type { Discriminator, Slicing } from '../tables/structure-table.ts';
import { parseDiscriminatorPath } from './discriminator-path.ts';
import { childNamed, repeats, typesOf, type TreeNode } from './tree.ts';
import type { Compiler } from './unit.ts';

export function areExclusive(one: TreeNode, other: TreeNode, { discriminators }: Slicing, compiler: Compiler): boolean {
  return discriminators.some((discriminator) => areApart(one, other, discriminator, compiler));
}

function areApart(one: TreeNode, other: TreeNode, { type, path }: Discriminator, compiler: Compiler): boolean {
  const steps = parseDiscriminatorPath(path);
  if (steps === undefined) return false;
  if (path === 'url') {
    const [left, right] = [urlOf(one), urlOf(other)];
    return left !== undefined && right !== undefined && left !== right;
  }
  const names = steps.flatMap((step) => step.kind === 'element' ? [step.name] : []);
  if (names.length < steps.length) return false;
  const [left, right] = [below(one, names), below(other, names)];
  if (left === undefined || right === undefined) return false;
  if (type === 'exists') return (left.row.max === '0' && right.row.min > 0) || (right.row.max === '0' && left.row.min > 0);
  if (type === 'type' || type === 'profile') return ofOtherTypes(left, right, compiler);
  const [leftValue, rightValue] = [scalarOf(left), scalarOf(right)];
  return leftValue !== undefined && rightValue !== undefined && leftValue !== rightValue;
}

/** The row that a path leads to, over elements that do not repeat: of a list, each slice may be met by another item. */
function below(node: TreeNode, names: readonly string[]): TreeNode | undefined {
  let at: TreeNode | undefined = node;
  for (const name of names) {
    at = childNamed(at, name);
    if (at === undefined || at.choice || repeats(at.row)) return undefined;
  }
  return at;
}

function urlOf(slice: TreeNode): string | undefined {
  const fixed = childNamed(slice, 'url')?.row.fixed?.value;
  if (typeof fixed === 'string') return fixed;
  const profiles = typesOf(slice.row).flatMap((type) => type.profiles ?? []);
  return profiles.length === 1 ? profiles[0]!.replace(/\|.*$/, '') : undefined;
}

function scalarOf({ row }: TreeNode): unknown {
  const value = row.fixed?.value ?? row.pattern?.value;
  return typeof value === 'object' ? undefined : value;
}

/** A resource is of one type, and of what that specializes. */
function ofOtherTypes(left: TreeNode, right: TreeNode, compiler: Compiler): boolean {
  const [some, others] = [left, right].map((node) => typesOf(node.row).flatMap(({ code, profiles = [] }) => profiles.length === 0 ? [code] : profiles.map((canonical) => compiler.definitions.structure(canonical)?.type ?? code)));
  return some!.length > 0 && others!.length > 0 && some!.every((code) => others!.every((another) => !isKindOf(code, another) && !isKindOf(another, code)));
}
