/**
 * Conditions as JavaScript expressions that are true or false. FHIRPath's conditions may also be empty: whether one is true
 * and whether it is false are two questions, and each is asked only where its answer counts.
 */
import { isKindOf } from '../../../element-types.ts';
import { evaluator, type Compilation } from '../evaluator.ts';
import { isPrimitiveType, itemOf, none } from '../items.ts';
import { matcher, type Matcher } from '../patterns.ts';
import type { Meter, Run } from '../run.ts';
import { stepsTo } from '../steps.ts';
import type { Call, Expression, Operation } from '../syntax.ts';
import { truthOf } from '../truth.ts';
import { isOfType } from '../types.ts';
import { constantOf, firstStep, isCount, isDefinite, textsOf } from './forms.ts';
import { Paths } from './paths.ts';
import { NotGenerated, literal, siblingOf, type Place, type Source } from './source.ts';
import { Values } from './values.ts';

export class Conditions {
  readonly #source: Source;
  readonly #values: Values;
  readonly #compilation: Compilation;

  constructor(source: Source, compilation: Compilation) {
    this.#source = source;
    this.#compilation = compilation;
    this.#values = new Values(source, new Paths(source, (expression, place) => this.is(true, expression, place)));
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
    const answer = `${name}(${place.value}, ${isPrimitiveType(type) ? siblingOf(place) : 'undefined'}, run) === ${wanted}`;
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
        const inner = this.#values.visit(expression.of, place, 'once', ({ type }) => {
          if (isKindOf(type, 'Resource')) throw new NotGenerated();
          return `return ${isOfType(type, expression.type, 'published', false)};`;
        }, 'return undefined;');
        // Of several elements none is of the one type, and which comes first does not matter: only choices are tested so.
        if (expression.of.kind === 'this' || (expression.of.kind === 'member' && expression.of.of.kind === 'this' && stepsTo(place.type, expression.of.name).every(({ repeats }) => !repeats))) return inner;
        throw new NotGenerated();
      }
      case 'this':
      case 'member': return this.#values.value(expression, place, (value, type) => (type === 'boolean' ? value : 'true'), 'several');
      case 'index': case 'total': case 'empty': case 'literal': case 'decimal': case 'moment': case 'quantity': case 'variable': case 'item': case 'sign':
      default: throw new NotGenerated();
    }
  }

  #call({ of, name, arguments: given }: Call, place: Place): string {
    const [argument] = given;
    switch (name) {
      case 'exists':
      case 'empty': {
        const [found, otherwise] = name === 'exists' ? [true, false] : [false, true];
        if (argument === undefined && of.kind === 'this') return String(found);
        if (argument === undefined) return this.#values.hasAny(of, place, found) ?? this.#values.visit(of, place, 'several', () => `return ${found};`, `return ${otherwise};`);
        return this.#values.visit(of, place, 'several', (one) => `if (${this.is(true, argument, one)}) return true;`, 'return false;');
      }
      case 'all': return this.#values.visit(of, place, 'several', (one) => `if (!${this.is(true, argument!, one)}) return false;`, 'return true;');
      case 'hasValue': {
        const [count, value] = [this.#source.fresh(), this.#source.fresh()];
        return this.#values.visit(of, place, 'once', (one) => `${count}++; ${value} = ${isPrimitiveType(one.type) ? one.value : 'undefined'};`, `return ${count} === 1 && ${value} != null;`, `let ${count} = 0, ${value};`);
      }
      case 'startsWith':
      case 'endsWith':
      case 'contains':
        if (argument?.kind !== 'literal' || typeof argument.value !== 'string') throw new NotGenerated();
        return this.#values.text(of, place, (text) => `${text}.${name === 'contains' ? 'includes' : name}(${literal(argument.value)})`);
      case 'matches':
      case 'matchesFull': {
        if (argument?.kind !== 'literal' || typeof argument.value !== 'string') throw new NotGenerated();
        const test = this.#source.constant(counted(matcher(argument.value, name === 'matches' ? 'find' : 'full')));
        return this.#values.text(of, place, (text) => `${test}(${text}, run)`);
      }
      default: throw new NotGenerated();
    }
  }

  #operation({ operator, left, right }: Operation, place: Place): string {
    switch (operator) {
      case '=':
      case '!=': {
        if (isDefinite(left) && isDefinite(right)) return `(${this.is(true, left, place)} ${operator === '=' ? '===' : '!=='} ${this.is(true, right, place)})`;
        if (isCount(left) && isCount(right)) return `(${this.#values.number(left, place)} ${operator === '=' ? '===' : '!=='} ${this.#values.number(right, place)})`;
        const text = constantOf(right);
        if (text === undefined) throw new NotGenerated();
        const choice = typeof text === 'string' ? this.#values.choiceIs(text, left, place, operator === '=') : undefined;
        if (choice !== undefined) return choice;
        return this.#values.value(left, place, (value, type) => {
          if (typeof text === 'number' && !/^(?:integer|positiveInt|unsignedInt)$/.test(type)) throw new NotGenerated();
          return `(${value} === ${literal(text)})`;
        }, 'false', operator === '!=');
      }
      case '<': case '<=': case '>': case '>=':
        if (!isCount(left) || !isCount(right)) return this.#values.dates(operator, left, right, place);
        return `(${this.#values.number(left, place)} ${operator} ${this.#values.number(right, place)})`;
      case 'in': {
        const texts = textsOf(right);
        if (texts === undefined) throw new NotGenerated();
        return this.#values.value(left, place, (value, type) => {
          if (!isPrimitiveType(type)) throw new NotGenerated();
          return `(${texts.map((text) => `${value} === ${literal(text)}`).join(' || ')})`;
        }, 'refused');
      }
      case '*': case '/': case 'div': case 'mod': case '+': case '-': case '&': case '|': case '~': case '!~': case 'contains': case 'and': case 'xor': case 'or': case 'implies':
      default: throw new NotGenerated();
    }
  }
}

/** Long texts take time in proportion. */
function counted(matches: Matcher): (text: string, meter: Meter | undefined) => boolean {
  return (text, meter) => {
    if (text.length > 64) meter?.spend(text.length);
    return matches(text);
  };
}
