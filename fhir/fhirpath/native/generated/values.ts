/**
 * What conditions are about: how many elements a path selects, and what its only value is. Each becomes a function of the
 * element that the path starts from, which is `v` in it, with its sibling `s`.
 */
import { FhirPathError } from '../../error.ts';
import { isPrimitiveType } from '../items.ts';
import { Moment } from '../moments.ts';
import { countChildren, stepsTo, type Step } from '../steps.ts';
import type { Call, Expression } from '../syntax.ts';
import type { Paths, Uses } from './paths.ts';
import { NotGenerated, literal, siblingOf, type Place, type Source } from './source.ts';

/** An element as it is in a function of its own. */
function within(place: Place): Place {
  return { ...place, value: 'v', sibling: 's' };
}

export class Values {
  readonly #source: Source;
  readonly #paths: Paths;

  constructor(source: Source, paths: Paths) {
    this.#source = source;
    this.#paths = paths;
  }

  /** A function that visits what a path selects. */
  visit(path: Expression, place: Place, uses: Uses, sink: (place: Place) => string, after: string, before = ''): string {
    return this.#source.call(`${before} ${this.#paths.walk(path, within(place), uses, sink)} ${after}`, place);
  }

  /** Something about the only value of a path; undefined where there is none, true or false for `several`. */
  value(path: Expression, place: Place, result: (value: string, type: string) => string, several: 'several' | 'false' | 'refused', negated = false): string {
    const results = new Set<string>();
    const [count, value] = [this.#source.fresh(), this.#source.fresh()];
    const body = this.#paths.walk(path, within(place), 'once', (one) => {
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
  dates(operator: string, left: Expression, right: Expression, place: Place): string {
    const isDate = (value: string, type: string): string => {
      if (type !== 'date' && type !== 'dateTime' && type !== 'instant') throw new NotGenerated();
      return value;
    };
    const [order, sign] = [this.#source.constant(orderOfDates), this.#source.fresh()];
    const here = within(place);
    return this.#source.call(`const ${sign} = ${order}(${this.value(left, here, isDate, 'refused')}, ${this.value(right, here, isDate, 'refused')}); return ${sign} === undefined ? undefined : ${sign} ${operator} 0;`, place);
  }

  text(of: Expression, place: Place, result: (text: string) => string): string {
    const refuse = this.#source.constant(refuseNoText);
    return this.value(of, place, (value, type) => {
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

  hasAny(of: Expression, place: Place, found: boolean): string | undefined {
    const steps = this.#wideChoice(of, place);
    if (steps === undefined) return undefined;
    const names = this.#source.constant(new Set(steps.flatMap(({ property, sibling }) => (sibling === undefined ? [property] : [property, sibling]))));
    return this.#source.call(`for (const x in v) if (${names}.has(x) && v[x] != null) return ${found}; return ${!found};`, place);
  }

  /** Whether the value of a choice is a text, or is not. */
  choiceIs(text: string, of: Expression, place: Place, wanted: boolean): string | undefined {
    const steps = this.#wideChoice(of, place);
    if (steps === undefined || steps.some(({ repeats }) => repeats)) return undefined;
    const names = this.#source.constant(new Set(steps.map(({ property }) => property)));
    const siblings = this.#source.constant(new Set(steps.map(({ sibling }) => sibling)));
    return this.#source.call(`let x; for (const y in v) if (${names}.has(y)) { if (v[y] != null) return v[y] ${wanted ? '===' : '!=='} ${literal(text)}; } else if (${siblings}.has(y) && v[y] != null) x = ${!wanted}; return x;`, place);
  }

  number(expression: Expression, place: Place): string {
    if (expression.kind === 'literal') return literal(expression.value);
    if (expression.kind === 'operation') return `(${this.number(expression.left, place)} + ${this.number(expression.right, place)})`;
    const { of } = expression as Call;
    if (of.kind === 'call' && of.name === 'children' && of.of.kind === 'this') {
      const count = this.#source.constant(countChildren);
      return isPrimitiveType(place.type) ? `${count}("Element", ${siblingOf(place)})` : `${count}(${literal(place.type)}, ${place.value})`;
    }
    const count = this.#source.fresh();
    return this.visit(of, place, 'once', () => `${count}++;`, `return ${count};`, `let ${count} = 0;`);
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
