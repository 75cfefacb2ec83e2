/**
 * FHIRPath to closures: one for each part of an expression, from a scope to a collection. It knows all of the language;
 * what constraints are mostly made of is faster in `generator.ts`, which comes back here for the rest.
 * Source: FHIRPath 2.0 (http://hl7.org/fhirpath/N1/), https://hl7.org/fhir/R4/fhirpath.html.
 */
import { isKindOf } from '../../element-types.ts';
import { FhirPathError } from '../error.ts';
import { functions } from './functions.ts';
import { Item, integerOf, itemOf, none, ofBoolean, ofString, ofValue, single, type Items } from './items.ts';
import { arithmetic, negated } from './arithmetic.ts';
import { partsOf } from './parser.ts';
import { Quantity } from './quantities.ts';
import type { Evaluate, Run } from './run.ts';
import { addChildren } from './steps.ts';
import type { Call, Expression, Member, Operation } from './syntax.ts';
import { truthOf, type Rules } from './truth.ts';
import { typeTest } from './types.ts';
import { constantText } from './variables.ts';
import { compare, distinct, equal, equivalent, keyOf, keysOf } from './values.ts';

/** What compiling takes: which rules hold, and how many results are kept during an evaluation. */
export interface Compilation {
  readonly rules: Rules;
  /** The numbers of results that are kept during an evaluation, by the expressions they are of. */
  readonly kept: Map<string, number>;
}

/** @throws {FhirPathError} `unsupported`, `semantic` */
export function evaluator(expression: Expression, compilation: Compilation): Evaluate {
  const evaluate = made(expression, compilation);
  // What does not depend on the focus is looked for once, however often a criterion asks.
  if (!(expression.kind === 'call' || expression.kind === 'member' || expression.kind === 'operation') || !isFixed(expression)) return evaluate;
  const number = numberOf(expression, compilation);
  return (scope) => (scope.run.kept[number] ??= evaluate(scope));
}

/** One number for all parts of an expression that are written alike. */
function numberOf(expression: Expression, { kept }: Compilation): number {
  const key = JSON.stringify(expression, (name, value: unknown) => (name === 'position' ? undefined : value));
  const number = kept.get(key) ?? kept.size;
  kept.set(key, number);
  return number;
}

function made(expression: Expression, compilation: Compilation): Evaluate {
  switch (expression.kind) {
    case 'this': return ({ focus }) => (focus === undefined ? none : [focus]);
    case 'index': return ({ index }) => [new Item('System.Integer', index)];
    case 'total': return ({ total }) => total;
    case 'empty': return () => none;
    case 'literal': return constant(typeof expression.value === 'boolean' ? ofBoolean(expression.value) : ofValue(expression.value));
    case 'decimal':
    case 'moment': return constant(ofValue(expression.value));
    case 'quantity': return constant(ofValue(new Quantity(expression.value, expression.unit, expression.calendar)));
    case 'variable': return variable(expression.name, expression.position);
    case 'member': return member(expression, compilation);
    case 'call': return call(expression, compilation);
    case 'item': {
      const [of, index] = [evaluator(expression.of, compilation), evaluator(expression.index, compilation)];
      return (scope) => {
        const item = of(scope)[integerOf(index(scope)) ?? -1];
        return item === undefined ? none : [item];
      };
    }
    case 'sign': {
      const of = evaluator(expression.of, compilation);
      return expression.negative ? (scope) => negated(single(of(scope))) : (scope) => negated(single(negated(single(of(scope)))));
    }
    case 'type': return typeTest(expression, evaluator(expression.of, compilation), compilation.rules);
    case 'operation':
    default: return operation(expression, compilation);
  }
}

function constant(items: Items): Evaluate {
  return () => items;
}

function variable(name: string, position: number): Evaluate {
  const text = constantText(name);
  if (text !== undefined) return constant(ofString(text));
  switch (name) {
    case 'resource': return ({ run }) => [resourceItem(run.environment.resource, run)];
    case 'rootResource': return ({ run }) => [resourceItem(run.environment.rootResource, run)];
    case 'context': return ({ run }) => [run.context];
    default: return ({ variables }) => {
      const items = variables?.get(name);
      if (items === undefined) throw new FhirPathError('evaluation', 'A variable that nobody defined', position);
      return items;
    };
  }
}

/** The focus itself, where it is that resource: what is known of where it stands holds here, too. */
function resourceItem(resource: unknown, { context }: Run): Item {
  return context.value === resource ? context : itemOf('Resource', resource);
}

function member({ of, name }: Member, compilation: Compilation): Evaluate {
  const from = evaluator(of, compilation);
  const mayBeType = of.kind === 'this' && /^[A-Z]/.test(name);
  return (scope) => {
    const items = from(scope);
    const [first] = items;
    if (first === undefined) return none;
    // A type's name at the start of a path means the focus itself.
    if (mayBeType && isKindOf(first.type, name)) return items;
    const found: Item[] = [];
    for (const item of items) {
      if (item.type === 'System.TypeInfo') found.push(...partOfTypeInfo(item, name));
      else addChildren(item, name, found);
    }
    scope.run.spend(found.length + 1);
    return found;
  };
}

function partOfTypeInfo({ value }: Item, name: string): Items {
  return name === 'name' || name === 'namespace' ? ofString((value as Readonly<Record<string, string>>)[name]) : none;
}

function call(expression: Call, compilation: Compilation): Evaluate {
  const { name, arguments: given, position } = expression;
  const definition = functions.get(name);
  if (definition === undefined) throw new FhirPathError('unsupported', 'An unknown function', position);
  if (given.length < definition.least || given.length > definition.most) throw new FhirPathError('semantic', `${name}() does not take ${given.length} arguments`, position);
  // A minus before a key of sort() turns the order about, also of texts.
  const values = given.map((one) => evaluator(name === 'sort' && one.kind === 'sign' && one.negative ? one.of : one, compilation));
  return definition.make(evaluator(expression.of, compilation), values, expression, compilation.rules);
}

function operation({ operator, left, right }: Operation, compilation: Compilation): Evaluate {
  const [a, b] = [evaluator(left, compilation), evaluator(right, compilation)];
  const { rules } = compilation;
  switch (operator) {
    case 'and': return (scope) => {
      const first = truthOf(a(scope), rules);
      if (first === false) return ofBoolean(false);
      const second = truthOf(b(scope), rules);
      return ofBoolean(second === false ? false : first === undefined ? undefined : second);
    };
    case 'or': return (scope) => {
      const first = truthOf(a(scope), rules);
      if (first === true) return ofBoolean(true);
      const second = truthOf(b(scope), rules);
      return ofBoolean(second === true ? true : first === undefined ? undefined : second);
    };
    case 'xor': return (scope) => {
      const [first, second] = [truthOf(a(scope), rules), truthOf(b(scope), rules)];
      return first === undefined || second === undefined ? none : ofBoolean(first !== second);
    };
    case 'implies': return (scope) => {
      const first = truthOf(a(scope), rules);
      if (first === false) return ofBoolean(true);
      const second = truthOf(b(scope), rules);
      return ofBoolean(second === true ? true : first === undefined ? undefined : second);
    };
    case '=': return (scope) => ofBoolean(equal(a(scope), b(scope), scope.run));
    case '!=': return (scope) => {
      const same = equal(a(scope), b(scope), scope.run);
      return ofBoolean(same === undefined ? undefined : !same);
    };
    case '~': return (scope) => ofBoolean(equivalent(a(scope), b(scope), scope.run));
    case '!~': return (scope) => ofBoolean(!equivalent(a(scope), b(scope), scope.run));
    case '<': return order(a, b, (sign) => sign < 0);
    case '<=': return order(a, b, (sign) => sign <= 0);
    case '>': return order(a, b, (sign) => sign > 0);
    case '>=': return order(a, b, (sign) => sign >= 0);
    case 'in': return membership(a, b, isFixed(right));
    case 'contains': return membership(b, a, isFixed(left));
    case '|': return (scope) => {
      const [first, second] = [a(scope), b(scope)];
      return distinct(first.length === 0 ? second : second.length === 0 ? first : [...first, ...second], scope.run);
    };
    case '+':
    case '-':
    case '*':
    case '/':
    case 'div':
    case 'mod':
    case '&':
    default: return arithmetic(operator, a, b);
  }
}

function order(a: Evaluate, b: Evaluate, holds: (sign: number) => boolean): Evaluate {
  return (scope) => {
    const [left, right] = [single(a(scope)), single(b(scope))];
    if (left === undefined || right === undefined) return none;
    const sign = compare(left, right);
    return ofBoolean(sign === undefined ? undefined : holds(sign));
  };
}

/** Empty where there is nothing to look for, false where there is nothing to find it in. */
function membership(one: Evaluate, among: Evaluate, isKept: boolean): Evaluate {
  // Of an evaluation's kept result, its keys.
  const keys = new WeakMap<Items, ReadonlySet<string>>();
  return (scope) => {
    const item = single(one(scope));
    if (item === undefined) return none;
    const items = among(scope);
    const key = keyOf(item, scope.run);
    if (!isKept || items.length < 4) {
      scope.run.spend(items.length >> 2);
      return ofBoolean(items.some((other) => keyOf(other, scope.run) === key));
    }
    let known = keys.get(items);
    if (known === undefined) keys.set(items, known = keysOf(items, scope.run));
    return ofBoolean(known.has(key));
  };
}

/** Whether an expression gives the same whatever the focus: it starts from variables and literals alone. */
function isFixed(expression: Expression): boolean {
  switch (expression.kind) {
    case 'this':
    case 'index':
    case 'total': return false;
    case 'variable': return expression.name === 'resource' || expression.name === 'rootResource';
    case 'call': {
      // What is said of each item is about that item, not about the focus.
      const definition = functions.get(expression.name);
      return definition !== undefined && definition.fixed && isFixed(expression.of) && expression.arguments.every(definition.each ? isOfItemsAlone : isFixed);
    }
    case 'empty':
    case 'literal':
    case 'decimal':
    case 'moment':
    case 'quantity': return true;
    case 'member':
    case 'item':
    case 'sign':
    case 'operation':
    case 'type':
    default: return partsOf(expression).every(isFixed);
  }
}

/** Whether what is said of each item says nothing of a sum or a variable from outside. */
function isOfItemsAlone(expression: Expression): boolean {
  if (expression.kind === 'total') return false;
  if (expression.kind === 'variable') return isFixed(expression) || expression.name === 'context' || constantText(expression.name) !== undefined;
  return partsOf(expression).every(isOfItemsAlone);
}
