/**
 * Conditions of FHIRPath, with its three-valued logic: true, false, or undefined for an empty collection.
 * Source: FHIRPath 2.0, sections "Boolean logic" and "Equality".
 */
import { isKindOf } from '../element-types.ts';
import { Decimal } from '../json.ts';
import { readReference } from '../references.ts';
import { isResourceType } from '../resource-types.ts';
import { FhirPathError } from './error.ts';
import type { Scope, Select } from './scope.ts';
import type { Expression } from './syntax.ts';
import { isObject, type Visit } from './visit.ts';

export type Condition = (node: unknown, resource: unknown) => boolean | undefined;

/**
 * Compiles a condition; `select` compiles the paths in it.
 * @throws {FhirPathError} `unsupported`
 */
export function condition(expression: Expression, scope: Scope, select: Select): Condition {
  switch (expression.kind) {
    case 'and': {
      const [left, right] = [condition(expression.left, scope, select), condition(expression.right, scope, select)];
      return (node, resource) => {
        const first = left(node, resource);
        if (first === false) return false;
        const second = right(node, resource);
        return second === false ? false : first && second;
      };
    }
    case 'or': {
      const [left, right] = [condition(expression.left, scope, select), condition(expression.right, scope, select)];
      return (node, resource) => {
        const first = left(node, resource);
        if (first === true) return true;
        const second = right(node, resource);
        return second === true ? true : first === undefined ? undefined : second;
      };
    }
    case 'equality':
      return equality(expression, scope, select);
    case 'is':
      return typeTest(expression, scope, select);
    case 'call':
      if (expression.name === 'exists' && expression.arguments.length === 0) return existence(expression.of, scope, select);
      if (expression.name === 'not' && expression.arguments.length === 0) {
        const inner = condition(expression.of, scope, select);
        return (node, resource) => {
          const value = inner(node, resource);
          return value === undefined ? undefined : !value;
        };
      }
      return single(expression, scope, select);
    case 'this':
    case 'resource':
    case 'literal':
    case 'member':
    case 'index':
    case 'union':
    case 'as':
    default:
      return single(expression, scope, select);
  }
}

interface Found {
  count: number;
  value: unknown;
}

const note: Visit<Found> = (node, { out }) => {
  out.count++;
  out.value = node;
};

/** A path as a condition: a single boolean is itself, any other single value is true. */
function single(expression: Expression, scope: Scope, select: Select): Condition {
  const find = select<Found>(expression, scope, () => note);
  return (node, resource) => {
    const found = { count: 0, value: undefined };
    find?.(node, { resource, out: found });
    if (found.count !== 1) return undefined;
    return typeof found.value === 'boolean' ? found.value : true;
  };
}

function existence(of: Expression, scope: Scope, select: Select): Condition {
  const find = select<Found>(of, scope, () => note);
  return (node, resource) => {
    const found = { count: 0, value: undefined };
    find?.(node, { resource, out: found });
    return found.count > 0;
  };
}

function equality({ left, right, negated }: Extract<Expression, { kind: 'equality' }>, scope: Scope, select: Select): Condition {
  const [path, literal] = right.kind === 'literal' ? [left, right] : [right, left];
  if (literal.kind !== 'literal') throw new FhirPathError('unsupported', 'Comparison without a literal');
  const find = select<Found>(path, scope, () => note);
  const expected = literal.value;
  return (node, resource) => {
    const found: Found = { count: 0, value: undefined };
    find?.(node, { resource, out: found });
    if (found.count === 0) return undefined;
    const value = found.value instanceof Decimal ? Number(found.value) : found.value;
    return (found.count === 1 && value === expected) !== negated;
  };
}

function typeTest({ of, type: wanted }: Extract<Expression, { kind: 'is' }>, scope: Scope, select: Select): Condition {
  if (of.kind === 'call' && of.name === 'resolve' && of.arguments.length === 0) {
    const find = select<Found>(of.of, scope, (type) => (type === 'Reference' ? note : undefined));
    return (node, resource) => {
      const found: Found = { count: 0, value: undefined };
      find?.(node, { resource, out: found });
      if (found.count !== 1) return undefined;
      const type = referredType(found.value, resource);
      return type === undefined ? undefined : isKindOf(type, wanted);
    };
  }
  const find = select<Found>(of, scope, (type) => (node, walk) => {
    walk.out.count++;
    const actual = isKindOf(type, 'Resource') && isObject(node) ? node['resourceType'] : type;
    walk.out.value = typeof actual === 'string' && isKindOf(actual, wanted);
  });
  return (node, resource) => {
    const found: Found = { count: 0, value: undefined };
    find?.(node, { resource, out: found });
    return found.count === 1 ? found.value === true : undefined;
  };
}

/** The type of the resource a Reference means, told by the reference alone: its literal, its contained target, or its `type`. */
function referredType(reference: unknown, resource: unknown): string | undefined {
  if (!isObject(reference)) return undefined;
  const { reference: literal, type: declared } = reference;
  if (typeof literal === 'string') {
    if (literal.startsWith('#')) return containedType(literal.slice(1), resource);
    const type = readReference(literal)?.type;
    if (isResourceType(type)) return type;
  }
  return isResourceType(declared) ? declared : undefined;
}

function containedType(id: string, resource: unknown): string | undefined {
  const contained = isObject(resource) ? resource['contained'] : undefined;
  if (!Array.isArray(contained)) return undefined;
  const target: unknown = contained.find((one) => isObject(one) && one['id'] === id);
  return isObject(target) && isResourceType(target['resourceType']) ? target['resourceType'] : undefined;
}
