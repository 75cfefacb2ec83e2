/**
 * Conditions as JavaScript expressions that are true or false. FHIRPath's conditions may also be empty: whether one is true
 * and whether it is false are two questions, and each is asked only where its answer counts.
 */
import { isKindOf } from '../../../element-types.ts';
import { FhirPathError } from '../../error.ts';
import { evaluator, type Compilation } from '../evaluator.ts';
import { isPrimitiveType, itemOf, none } from '../items.ts';
import { Moment } from '../moments.ts';
import { matcher } from '../patterns.ts';
import { constantText } from '../variables.ts';
import type { Run } from '../run.ts';
import { countChildren, stepsTo, type Step } from '../steps.ts';
import type { Call, Expression, Operation } from '../syntax.ts';
import { truthOf } from '../truth.ts';
import { isOfType } from '../types.ts';
import { NotGenerated, Paths, type Uses } from './paths.ts';
import { literal, type Place, type Source } from './source.ts';

/** What a function generated here is about. */
const within = (type: string): Place => ({ value: 'v', sibling: 's', type });

export class Conditions {
  readonly #source: Source;
  readonly #paths: Paths;
  readonly #compilation: Compilation;

  constructor(source: Source, compilation: Compilation) {
    this.#source = source;
    this.#compilation = compilation;
    this.#paths = new Paths(source, (expression, place) => this.is(true, expression, place));
  }

  /** Whether a condition is `wanted`: true, or false. */
  is(wanted: boolean, expression: Expression, place: Place): string {
    if (expression.kind === 'operation') {
      const { operator, left, right } = expression;
      switch (operator) {
        case 'and':
        case 'or': {
          const joint = (operator === 'and') === wanted ? '&&' : '||';
          return `(${this.is(wanted, left, place)} ${joint} ${this.is(wanted, right, place)})`;
        }
        case 'implies': return wanted ? `(${this.is(false, left, place)} || ${this.is(true, right, place)})` : `(${this.is(true, left, place)} && ${this.is(false, right, place)})`;
        case 'xor': return isDefinite(left) && isDefinite(right)
          ? `(${this.is(true, left, place)} ${wanted ? '!==' : '==='} ${this.is(true, right, place)})`
          : `(${this.is(true, left, place)} ? ${this.is(!wanted, right, place)} : ${this.is(false, left, place)} && ${this.is(wanted, right, place)})`;
        case '*': case '/': case 'div': case 'mod': case '+': case '-': case '&': case '|': case '<=': case '<': case '>': case '>=': case '=': case '~': case '!=': case '!~': case 'in': case 'contains':
        default: break;
      }
    }
    if (expression.kind === 'call' && expression.name === 'not') return this.is(!wanted, expression.of, place);
    if (expression.kind === 'literal' && typeof expression.value === 'boolean') return String(expression.value === wanted);
    try {
      const condition = this.#condition(expression, place);
      return isDefinite(expression) ? (wanted ? condition : `!${condition}`) : `(${condition} === ${wanted})`;
    } catch (error) {
      if (!(error instanceof NotGenerated)) throw error;
      return this.#closure(wanted, expression, place);
    }
  }

  /** What is not generated is evaluated; where the path it is about has no values to begin with, not even that. */
  #closure(wanted: boolean, expression: Expression, place: Place): string {
    const evaluate = evaluator(expression, this.#compilation);
    const { rules } = this.#compilation;
    const { type } = place;
    this.#source.wantsRun = true;
    const name = this.#source.constant((value: unknown, sibling: unknown, run: Run) => truthOf(evaluate({ run, focus: itemOf(type, value, sibling), index: 0, total: none, variables: undefined }), rules));
    const answer = `${name}(${place.value}, ${isPrimitiveType(type) ? place.sibling : 'undefined'}, run) === ${wanted}`;
    const exists = expression.kind === 'call' && (expression.name === 'exists' || expression.name === 'empty') ? firstStep(expression.of) : undefined;
    const [step, ...more] = exists === undefined || isPrimitiveType(type) ? [] : stepsTo(type, exists);
    if (step === undefined || more.length > 0 || step.sibling !== undefined) return `(${answer})`;
    const isEmpty = (expression as Call).name === 'empty';
    return `(${place.value}[${literal(step.property)}] == null ? ${isEmpty === wanted} : ${answer})`;
  }

  /** A condition that may be undefined, for an empty one; one that {@link isDefinite} never is. @throws {NotGenerated} */
  #condition(expression: Expression, place: Place): string {
    switch (expression.kind) {
      case 'call': return this.#call(expression, place);
      case 'operation': return this.#operation(expression, place);
      case 'type': {
        if (expression.operator !== 'is') throw new NotGenerated();
        const inner = this.#visit(expression.of, place, 'once', ({ type }) => {
          if (isKindOf(type, 'Resource')) throw new NotGenerated();
          return `return ${isOfType(type, expression.type, 'published', false)};`;
        }, 'return undefined;');
        // Of several elements none is of the one type, and which comes first does not matter: only choices are tested so.
        if (expression.of.kind === 'this' || (expression.of.kind === 'member' && expression.of.of.kind === 'this' && stepsTo(place.type, expression.of.name).every(({ repeats }) => !repeats))) return inner;
        throw new NotGenerated();
      }
      case 'this':
      case 'member': return this.#value(expression, place, (value, type) => (type === 'boolean' ? value : 'true'), 'several');
      case 'index': case 'total': case 'empty': case 'literal': case 'decimal': case 'moment': case 'quantity': case 'variable': case 'item': case 'sign':
      default: throw new NotGenerated();
    }
  }

  /** A function that visits what a path selects. */
  #visit(path: Expression, place: Place, uses: Uses, sink: (place: Place) => string, after: string, before = ''): string {
    return this.#source.call(`${before} ${this.#paths.walk(path, within(place.type), uses, sink)} ${after}`, place);
  }

  /** Something about the only value of a path; undefined where there is none, true or false for `several`. */
  #value(path: Expression, place: Place, result: (value: string, type: string) => string, several: 'several' | 'false' | 'refused', negated = false): string {
    const results = new Set<string>();
    const [count, value] = [this.#source.fresh(), this.#source.fresh()];
    const body = this.#paths.walk(path, within(place.type), 'once', (one) => {
      results.add(result(value, one.type));
      return `${count}++; ${value} = ${one.value};`;
    });
    const [found, ...more] = results;
    if (found === undefined) return 'undefined';
    // The same must be asked of it whatever its type.
    if (more.length > 0) throw new NotGenerated();
    const many = several === 'several' ? 'return true;' : several === 'false' ? `return ${negated};` : `${this.#source.constant(refuseSeveral)}();`;
    return this.#source.call(`let ${count} = 0, ${value}; ${body} if (${count} === 0) return undefined; if (${count} > 1) ${many} return ${negated ? '!' : ''}${found};`, place);
  }

  /** The order of two dates; undefined where it is not known. */
  #dates(operator: string, left: Expression, right: Expression, place: Place): string {
    const isDate = (value: string, type: string): string => {
      if (type !== 'date' && type !== 'dateTime' && type !== 'instant') throw new NotGenerated();
      return value;
    };
    const [order, sign] = [this.#source.constant(orderOfDates), this.#source.fresh()];
    const here = within(place.type);
    return this.#source.call(`const ${sign} = ${order}(${this.#value(left, here, isDate, 'refused')}, ${this.#value(right, here, isDate, 'refused')}); return ${sign} === undefined ? undefined : ${sign} ${operator} 0;`, place);
  }

  #call({ of, name, arguments: given }: Call, place: Place): string {
    const [argument] = given;
    switch (name) {
      case 'exists':
      case 'empty': {
        const [found, otherwise] = name === 'exists' ? [true, false] : [false, true];
        if (argument === undefined && of.kind === 'this') return String(found);
        if (argument === undefined) return this.#hasAny(of, place, found) ?? this.#visit(of, place, 'several', () => `return ${found};`, `return ${otherwise};`);
        return this.#visit(of, place, 'several', (one) => `if (${this.is(true, argument, one)}) return true;`, 'return false;');
      }
      case 'all': return this.#visit(of, place, 'several', (one) => `if (!${this.is(true, argument!, one)}) return false;`, 'return true;');
      case 'hasValue': {
        const [count, value] = [this.#source.fresh(), this.#source.fresh()];
        return this.#visit(of, place, 'once', (one) => `${count}++; ${value} = ${isPrimitiveType(one.type) ? one.value : 'undefined'};`, `return ${count} === 1 && ${value} != null;`, `let ${count} = 0, ${value};`);
      }
      case 'startsWith':
      case 'endsWith':
      case 'contains':
        if (argument?.kind !== 'literal') throw new NotGenerated();
        return this.#text(of, place, (text) => `${text}.${name === 'contains' ? 'includes' : name}(${literal(argument.value)})`);
      case 'matches':
      case 'matchesFull': {
        if (argument?.kind !== 'literal' || typeof argument.value !== 'string') throw new NotGenerated();
        const test = this.#source.constant(matcher(argument.value, name === 'matches' ? 'find' : 'full'));
        return this.#text(of, place, (text) => `${test}(${text})`);
      }
      default: throw new NotGenerated();
    }
  }

  #text(of: Expression, place: Place, result: (text: string) => string): string {
    const refuse = this.#source.constant(refuseNoText);
    return this.#value(of, place, (value, type) => {
      if (!isPrimitiveType(type)) throw new NotGenerated();
      return `(${value} == null ? undefined : typeof ${value} === 'string' ? ${result(value)} : ${refuse}())`;
    }, 'refused');
  }

  /** Properties of a choice of many types, where an expression is one: those that are there are looked up, in place of looking for each. */
  #wideChoice(expression: Expression, place: Place): readonly Step[] | undefined {
    if (expression.kind !== 'member' || expression.of.kind !== 'this' || isPrimitiveType(place.type)) return undefined;
    const steps = stepsTo(place.type, expression.name);
    return steps.length < 5 ? undefined : steps;
  }

  #hasAny(of: Expression, place: Place, found: boolean): string | undefined {
    const steps = this.#wideChoice(of, place);
    if (steps === undefined) return undefined;
    const names = this.#source.constant(new Set(steps.flatMap(({ property, sibling }) => (sibling === undefined ? [property] : [property, sibling]))));
    return this.#source.call(`for (const x in v) if (${names}.has(x) && v[x] != null) return ${found}; return ${!found};`, place);
  }

  /** Whether the value of a choice is a text, or is not. */
  #choiceIs(text: string, of: Expression, place: Place, wanted: boolean): string | undefined {
    const steps = this.#wideChoice(of, place);
    if (steps === undefined || steps.some(({ repeats }) => repeats)) return undefined;
    const names = this.#source.constant(new Set(steps.map(({ property }) => property)));
    const siblings = this.#source.constant(new Set(steps.map(({ sibling }) => sibling)));
    return this.#source.call(`let x; for (const y in v) if (${names}.has(y)) { if (v[y] != null) return v[y] ${wanted ? '===' : '!=='} ${literal(text)}; } else if (${siblings}.has(y) && v[y] != null) x = ${!wanted}; return x;`, place);
  }

  #operation({ operator, left, right }: Operation, place: Place): string {
    switch (operator) {
      case '=':
      case '!=': {
        if (isDefinite(left) && isDefinite(right)) return `(${this.is(true, left, place)} ${operator === '=' ? '===' : '!=='} ${this.is(true, right, place)})`;
        if (isCount(left) && isCount(right)) return `(${this.#number(left, place)} ${operator}== ${this.#number(right, place)})`;
        const text = constantOf(right);
        if (text === undefined) throw new NotGenerated();
        const choice = typeof text === 'string' ? this.#choiceIs(text, left, place, operator === '=') : undefined;
        if (choice !== undefined) return choice;
        return this.#value(left, place, (value, type) => {
          if (typeof text === 'number' && !/^(?:integer|positiveInt|unsignedInt)$/.test(type)) throw new NotGenerated();
          return `(${value} === ${literal(text)})`;
        }, 'false', operator === '!=');
      }
      case '<': case '<=': case '>': case '>=':
        if (!isCount(left) || !isCount(right)) return this.#dates(operator, left, right, place);
        return `(${this.#number(left, place)} ${operator} ${this.#number(right, place)})`;
      case 'in': {
        const texts = textsOf(right);
        if (texts === undefined) throw new NotGenerated();
        return this.#value(left, place, (value, type) => {
          if (!isPrimitiveType(type)) throw new NotGenerated();
          return `(${texts.map((text) => `${value} === ${literal(text)}`).join(' || ')})`;
        }, 'refused');
      }
      case '*': case '/': case 'div': case 'mod': case '+': case '-': case '&': case '|': case '~': case '!~': case 'contains': case 'and': case 'xor': case 'or': case 'implies':
      default: throw new NotGenerated();
    }
  }

  #number(expression: Expression, place: Place): string {
    if (expression.kind === 'literal') return literal(expression.value);
    if (expression.kind === 'operation') return `(${this.#number(expression.left, place)} + ${this.#number(expression.right, place)})`;
    const { of } = expression as Call;
    if (of.kind === 'call' && of.name === 'children' && of.of.kind === 'this') {
      const count = this.#source.constant(countChildren);
      return isPrimitiveType(place.type) ? `${count}("Element", ${place.sibling})` : `${count}(${literal(place.type)}, ${place.value})`;
    }
    const count = this.#source.fresh();
    return this.#visit(of, place, 'once', () => `${count}++;`, `return ${count};`, `let ${count} = 0;`);
  }
}

function refuseSeveral(): never {
  throw new FhirPathError('evaluation', 'One value is needed, and there are several');
}

function refuseNoText(): never {
  throw new FhirPathError('evaluation', 'A text is needed');
}

const wholeDate = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\dZ)?$/;

/** Texts of one form are ordered as what they say is; all others are read. */
function orderOfDates(left: unknown, right: unknown): number | undefined {
  if (typeof left !== 'string' || typeof right !== 'string') return undefined;
  if (left.length === right.length && wholeDate.test(left) && wholeDate.test(right)) return left < right ? -1 : left > right ? 1 : 0;
  const [first, second] = [Moment.read('DateTime', left), Moment.read('DateTime', right)];
  if (first === undefined || second === undefined) throw new FhirPathError('evaluation', 'Values without an order are compared');
  return first.compare(second);
}

/** Whether a condition is never empty. */
function isDefinite(expression: Expression): boolean {
  if (expression.kind === 'literal') return typeof expression.value === 'boolean';
  if (expression.kind === 'call') return expression.name === 'not' ? isDefinite(expression.of) : ['exists', 'empty', 'all', 'hasValue', 'isDistinct'].includes(expression.name);
  if (expression.kind !== 'operation') return false;
  const { operator, left, right } = expression;
  if (operator === 'and' || operator === 'or' || operator === 'xor' || operator === 'implies') return isDefinite(left) && isDefinite(right);
  if (operator === '=' || operator === '!=') return (isDefinite(left) && isDefinite(right)) || (isCount(left) && isCount(right));
  return ['<', '<=', '>', '>='].includes(operator) && isCount(left) && isCount(right);
}

/** A number of elements, or a sum of such; or a number as written. */
function isCount(expression: Expression): boolean {
  if (expression.kind === 'literal') return typeof expression.value === 'number';
  if (expression.kind === 'operation') return expression.operator === '+' && isCount(expression.left) && isCount(expression.right);
  return expression.kind === 'call' && expression.name === 'count';
}

function constantOf(expression: Expression): string | number | boolean | undefined {
  if (expression.kind === 'literal') return expression.value;
  return expression.kind === 'variable' ? constantText(expression.name) : undefined;
}

/** The texts of `('a' | 'b' | 'c')`. */
function textsOf(expression: Expression): string[] | undefined {
  if (expression.kind === 'literal') return typeof expression.value === 'string' ? [expression.value] : undefined;
  if (expression.kind !== 'operation' || expression.operator !== '|') return undefined;
  const [left, right] = [textsOf(expression.left), textsOf(expression.right)];
  return left === undefined || right === undefined ? undefined : [...left, ...right];
}

/** The name of the element that a path starts with, where the path selects nothing if that is not there. */
function firstStep(path: Expression): string | undefined {
  switch (path.kind) {
    case 'member': return path.of.kind === 'this' ? path.name : firstStep(path.of);
    case 'call': return ['where', 'select', 'trace', 'first', 'tail', 'last', 'resolve', 'children', 'descendants', 'extension'].includes(path.name) ? firstStep(path.of) : undefined;
    case 'type': return path.operator === 'is' ? undefined : firstStep(path.of);
    case 'this': case 'index': case 'total': case 'empty': case 'literal': case 'decimal': case 'moment': case 'quantity': case 'variable': case 'item': case 'sign': case 'operation':
    default: return undefined;
  }
}
