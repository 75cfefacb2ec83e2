/**
 * Paths as loops: each step becomes a read of a property that the types say is there, and what follows stands inside of
 * it, so nothing is collected and nothing allocated on the way.
 */
import { isKindOf } from '../../../element-types.ts';
import { isPrimitiveType, isResource } from '../items.ts';
import { stepsTo, type Step } from '../steps.ts';
import type { Call, Expression } from '../syntax.ts';
import { isOfType } from '../types.ts';
import { NotGenerated, literal, siblingOf, type Place, type Source } from './source.ts';

/** A choice of more types than this is left to closures: the code for what follows would be there once for each. */
const mostChoices = 12;

/** Lists of no more items cost nothing worth counting. */
const uncounted = 8;

/** What is done with each element that a path selects, as statements; none where that is nothing. */
export type Sink = (place: Place) => string;

/** `several` as often as it may: an element that two branches of a union select comes twice. */
export type Uses = 'once' | 'several';

export class Paths {
  readonly source: Source;
  /** The condition of `where()`, as an expression that is true or false. */
  readonly #isTrue: (expression: Expression, place: Place) => string;

  constructor(source: Source, isTrue: (expression: Expression, place: Place) => string) {
    this.source = source;
    this.#isTrue = isTrue;
  }

  /** Statements that visit what an expression selects. @throws {NotGenerated} */
  walk(expression: Expression, place: Place, uses: Uses, sink: Sink): string {
    this.source.grow();
    switch (expression.kind) {
      case 'this': return sink(place);
      case 'member': {
        const { of, name } = expression;
        if (of.kind === 'this' && /^[A-Z]/.test(name) && isKindOf(place.type, name)) return sink(place);
        return this.walk(of, place, uses, (from) => this.#children(from, name, sink));
      }
      case 'type':
        if (expression.operator === 'is') throw new NotGenerated();
        return this.walk(expression.of, place, uses, (from) => {
          // A resource says what it is only at run time.
          if (isAbstract(from.type)) throw new NotGenerated();
          return isOfType(from.type, expression.type, 'published', true) ? sink(from) : '';
        });
      case 'operation':
        if (expression.operator !== '|' || uses === 'once') throw new NotGenerated();
        return [expression.left, expression.right].map((branch) => this.walk(branch, place, uses, (one) => sink({ ...one, merged: true }))).join('');
      case 'call': return this.#call(expression, place, uses, sink);
      case 'empty': return '';
      case 'index': case 'total': case 'literal': case 'decimal': case 'moment': case 'quantity': case 'variable': case 'item': case 'sign':
      default: throw new NotGenerated();
    }
  }

  #call({ of, name, arguments: given }: Call, place: Place, uses: Uses, sink: Sink): string {
    const [argument] = given;
    switch (name) {
      case 'where':
        if (argument === undefined) throw new NotGenerated();
        return this.walk(of, place, uses, (from) => when(this.#isTrue(argument, from), sink(from)));
      case 'select':
        if (argument === undefined) throw new NotGenerated();
        return this.walk(of, place, uses, (from) => this.walk(argument, from, uses, sink));
      case 'trace': return this.walk(of, place, uses, sink);
      case 'extension': {
        if (argument?.kind !== 'literal') throw new NotGenerated();
        return this.walk(of, place, uses, (from) => this.#children(from, 'extension', (one) => when(`${one.value}.url === ${literal(argument.value)}`, sink(one))));
      }
      case 'first':
      case 'tail': {
        const first = this.source.fresh();
        const inner = this.walk(of, place, 'once', (from) => {
          const then = sink(from);
          return name === 'first' ? `if (${first}) { ${first} = false; ${then} }` : `if (${first}) ${first} = false; else { ${then} }`;
        });
        return `let ${first} = true; ${inner}`;
      }
      default: throw new NotGenerated();
    }
  }

  #children(from: Place, name: string, sink: Sink): string {
    const steps = stepsTo(from.type, name);
    if (steps.length === 0 && isAbstract(from.type)) throw new NotGenerated();
    const primitive = isPrimitiveType(from.type);
    const holder = primitive ? this.source.fresh() : from.value;
    const parts = steps.map((step) => this.#child(holder, step, sink)).filter((part) => part !== '');
    if (parts.length > mostChoices) throw new NotGenerated();
    if (parts.length === 0) return '';
    return primitive ? `const ${holder} = ${siblingOf(from)}; if (${holder} != null) { ${parts.join(' ')} }` : `{ ${parts.join(' ')} }`;
  }

  #child(holder: string, { property, sibling, type, repeats }: Step, sink: Sink): string {
    const [value, at] = [this.source.fresh(), this.source.fresh()];
    const read = `${holder}[${literal(property)}]`;
    const readSibling = sibling === undefined ? 'undefined' : `${holder}[${literal(sibling)}]`;
    if (!repeats) {
      const then = sink({ value, sibling: readSibling, type });
      return then === '' ? '' : `const ${value} = ${read}; if (${value} != null${sibling === undefined ? '' : ` || ${readSibling} != null`}) { ${then} }`;
    }
    const [list, beside] = [this.source.fresh(), this.source.fresh()];
    const one = { value, sibling: sibling === undefined ? 'undefined' : `${beside}[${at}]`, type };
    const then = sink(one);
    if (then === '') return '';
    const start = `let ${list} = ${read}; if (!Array.isArray(${list})) ${list} = ${list} == null ? none : [${list}];`;
    const counted = `if (${list}.length > ${uncounted}) run?.spend(${list}.length);`;
    if (sibling === undefined) return `${start} ${counted} for (let ${at} = 0; ${at} < ${list}.length; ${at}++) { const ${value} = ${list}[${at}]; if (${value} != null) { ${then} } }`;
    return `${start} let ${beside} = ${readSibling}; if (!Array.isArray(${beside})) ${beside} = none; ${counted} if (${beside}.length > ${uncounted}) run?.spend(${beside}.length); `
      + `for (let ${at} = 0; ${at} < ${list}.length || ${at} < ${beside}.length; ${at}++) { const ${value} = ${list}[${at}]; if (${value} != null || ${one.sibling} != null) { ${then} } }`;
  }
}

function when(condition: string, then: string): string {
  return then === '' ? '' : `if (${condition}) { ${then} }`;
}

function isAbstract(type: string): boolean {
  return isResource(type) && (type === 'Resource' || type === 'DomainResource');
}
