/**
 * FHIRPath to closures, once per expression and type.
 *
 * The compiler knows the FHIR types on the way: `value as Quantity` becomes a read of `valueQuantity`, and a branch
 * that cannot apply to the type is gone before the first resource arrives. Results are not made distinct: a node
 * that two branches of a union select is visited twice, and order is by branch, not by document.
 *
 * Source: FHIRPath 2.0 (http://hl7.org/fhirpath/N1/) as far as FHIR R4 search parameters use it; `as` filters a
 * collection, as in all published search expressions, instead of refusing one with several items.
 */
import { elementTypes, isKindOf, isPrimitive, isType } from '../element-types.ts';
import { condition } from './conditions.ts';
import { FhirPathError } from './error.ts';
import { parseFhirPath } from './parser.ts';
import type { Ending, Scope } from './scope.ts';
import type { Expression } from './syntax.ts';
import { all, isObject, property, type Visit } from './visit.ts';

/**
 * Compiles an expression for resources (or structures) of one type.
 *
 * @param expression FHIRPath; branches of a union that start at another resource type are dropped
 * @param type FHIR type of the nodes the result will be applied to
 * @param ending gives, per FHIR type the expression can yield, the visit its nodes go to
 * @param root FHIR type of the resource, where `type` is a structure inside it: what `%resource` is
 * @returns the walk; undefined where no node of interest can ever be reached
 * @throws {FhirPathError}
 */
export function compileFhirPath<Out>(expression: string, type: string, ending: Ending<Out>, root: string = type): Visit<Out> | undefined {
  return select(parseFhirPath(expression), { type, root }, ending);
}

function select<Out>(expression: Expression, scope: Scope, ending: Ending<Out>): Visit<Out> | undefined {
  switch (expression.kind) {
    case 'this':
      return ending(scope.type);
    case 'resource': {
      const next = ending(scope.root);
      return next && ((_, walk) => next(walk.resource, walk));
    }
    case 'literal': {
      const next = ending(typeof expression.value === 'string' ? 'string' : typeof expression.value === 'boolean' ? 'boolean' : 'decimal');
      return next && ((_, walk) => next(expression.value, walk));
    }
    case 'member':
      return member(expression, scope, ending);
    case 'union':
      return all(expression.branches.map((branch) => select(branch, scope, ending)).filter((visit) => visit !== undefined));
    case 'as':
      return select(expression.of, scope, (type) => narrowed(type, expression.type, ending));
    case 'index':
      return indexed(expression.of, expression.index, scope, ending);
    case 'call':
      return call(expression, scope, ending);
    case 'is':
    case 'equality':
    case 'and':
    case 'or':
    default:
      return truth(expression, scope, ending);
  }
}

function member<Out>({ of, name }: Extract<Expression, { kind: 'member' }>, scope: Scope, ending: Ending<Out>): Visit<Out> | undefined {
  // A type's name at the start of a path means the node itself, or another branch's business.
  if (of.kind === 'this' && /^[A-Z]/.test(name) && isType(name)) return isKindOf(scope.type, name) ? ending(scope.type) : undefined;
  return select(of, scope, (type) => child(type, name, ending));
}

function child<Out>(type: string, name: string, ending: Ending<Out>): Visit<Out> | undefined {
  const visits: Visit<Out>[] = [];
  for (const choice of elementTypes(type, name)) {
    const next = ending(choice.type);
    if (next !== undefined) visits.push(property(choice.property, next));
  }
  return all(visits);
}

/** Nodes declared as `type` that are of the `wanted` type or a specialization of it. */
function narrowed<Out>(type: string, wanted: string, ending: Ending<Out>): Visit<Out> | undefined {
  if (isKindOf(type, wanted)) return ending(type);
  // Only resources say in their data what they are; a choice of types has been split up before.
  if (!isKindOf(wanted, type) || !isKindOf(type, 'Resource')) return undefined;
  const next = ending(wanted);
  return (
    next &&
    ((node, walk) => {
      if (isObject(node) && typeof node['resourceType'] === 'string' && isKindOf(node['resourceType'], wanted)) next(node, walk);
    })
  );
}

/** The nth of all nodes of a path, whatever structures they come from. */
function indexed<Out>(of: Expression, index: number, scope: Scope, ending: Ending<Out>): Visit<Out> | undefined {
  type Found = { node: unknown; next: Visit<Out> | undefined }[];
  const collect = select<Found>(of, scope, (type) => {
    const next = ending(type);
    return (node, walk) => void walk.out.push({ node, next });
  });
  return (
    collect &&
    ((node, walk) => {
      const found: Found = [];
      collect(node, { resource: walk.resource, out: found });
      const chosen = found[index];
      chosen?.next?.(chosen.node, walk);
    })
  );
}

function call<Out>(expression: Extract<Expression, { kind: 'call' }>, scope: Scope, ending: Ending<Out>): Visit<Out> | undefined {
  const { of, name, arguments: values, position } = expression;
  switch (name) {
    case 'where': {
      const criterion = one(expression);
      return select(of, scope, (type) => {
        const next = ending(type);
        if (next === undefined) return undefined;
        const holds = condition(criterion, { type, root: scope.root }, select);
        return (node, walk) => {
          if (holds(node, walk.resource) === true) next(node, walk);
        };
      });
    }
    case 'extension': {
      const address = one(expression);
      if (address.kind !== 'literal' || typeof address.value !== 'string') throw new FhirPathError('unsupported', 'extension() without a literal address', position);
      const url = address.value;
      return select(of, scope, (type) => {
        if (isPrimitive(type)) throw new FhirPathError('unsupported', 'Extensions of primitive values', position);
        const next = ending('Extension');
        return (
          next &&
          child<Out>(type, 'extension', () => (node, walk) => {
            if (isObject(node) && node['url'] === url) next(node, walk);
          })
        );
      });
    }
    case 'exists':
    case 'not':
      if (values.length > 0) throw new FhirPathError('unsupported', `${name}() with an argument`, position);
      return truth(expression, scope, ending);
    default:
      throw new FhirPathError('unsupported', `Function ${name}()`, position);
  }
}

/** A condition as a result: its boolean, or nothing where it is neither true nor false. */
function truth<Out>(expression: Expression, scope: Scope, ending: Ending<Out>): Visit<Out> | undefined {
  const next = ending('boolean');
  const holds = condition(expression, scope, select);
  return (
    next &&
    ((node, walk) => {
      const value = holds(node, walk.resource);
      if (value !== undefined) next(value, walk);
    })
  );
}

function one({ name, arguments: values, position }: Extract<Expression, { kind: 'call' }>): Expression {
  const [value] = values;
  if (value === undefined || values.length > 1) throw new FhirPathError('syntax', `${name}() takes one argument`, position);
  return value;
}
