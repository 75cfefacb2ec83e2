/** What a function of FHIRPath is, and how the arguments of most of them are read. */
import { integerOf, none, ofBoolean, ofInteger, ofString, textOf, type Items } from '../items.ts';
import type { Evaluate, Run, Scope } from '../run.ts';
import type { Call } from '../syntax.ts';
import type { Rules } from '../truth.ts';

export interface Definition {
  /** How many arguments it takes. */
  readonly least: number;
  readonly most: number;
  /** Its arguments are evaluated for each item of the input, which is `$this` there. */
  readonly each: boolean;
  /** With the same input the result is the same during an evaluation. */
  readonly fixed: boolean;
  make(of: Evaluate, given: readonly Evaluate[], call: Call, rules: Rules): Evaluate;
}

type Functions = Readonly<Record<string, Definition>>;
export type { Functions };

/** A function of the input alone. */
export function plain(apply: (items: Items, run: Run) => Items): Definition {
  return { least: 0, most: 0, each: false, fixed: true, make: (of) => (scope) => apply(of(scope), scope.run) };
}

/** A function of the input and one more collection. */
export function withOther(apply: (items: Items, other: Items, run: Run) => Items): Definition {
  return { least: 1, most: 1, each: false, fixed: true, make: (of, [other]) => (scope) => apply(of(scope), other!(scope), scope.run) };
}

/** A function of the input and an integer. Without the integer there is no result. */
export function withInteger(apply: (items: Items, number: number) => Items): Definition {
  return withOther((items, other) => {
    const number = integerOf(other);
    return number === undefined ? none : apply(items, number);
  });
}

/** A function that looks at each item with expressions. */
export function each(least: number, most: number, make: Definition['make']): Definition {
  return { least, most, each: true, fixed: true, make };
}

/** The scope of an expression about one item. */
export function about(scope: Scope, items: Items, index: number): Scope {
  const { run, total, variables } = scope;
  return { run, focus: items[index], index, total, variables: variables === undefined ? undefined : new Map(variables) };
}

type Result = string | number | boolean | undefined;

function ofResult(result: Result): Items {
  return typeof result === 'string' ? ofString(result) : typeof result === 'number' ? ofInteger(result) : ofBoolean(result);
}

/** A function of a text, with texts or integers as further arguments. Where one of those is empty, so is the result. */
export function ofText(least: number, most: number, apply: (text: string, given: readonly (string | number | undefined)[], run: Run) => Result | Items, kinds: readonly ('text' | 'integer')[] = ['text', 'text', 'text']): Definition {
  return {
    least, most, each: false, fixed: true,
    make: (of, given) => (scope) => {
      const text = textOf(of(scope));
      if (text === undefined) return none;
      const values: (string | number | undefined)[] = [];
      for (const [at, argument] of given.entries()) {
        const items = argument(scope);
        const value = kinds[at] === 'integer' ? integerOf(items) : textOf(items);
        if (value === undefined && at < least) return none;
        values.push(value);
      }
      scope.run.spend(1 + (text.length >> 6));
      const result = apply(text, values, scope.run);
      return typeof result === 'object' ? result : ofResult(typeof result === 'string' ? scope.run.text(result) : result);
    },
  };
}
