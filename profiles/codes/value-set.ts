/**
 * Value sets compiled to sets of codes, for as many of them as can be told from definitions in memory. What rests on a
 * code system that is not here (a licensed one, a large one in the database) is `unknown`, never wrong.
 * Source: https://hl7.org/fhir/R4/valueset.html#compositions
 */
import type { Definitions } from '../definitions.ts';
import type { ValueSetPart, ValueSetTable } from '../tables/code-tables.ts';
import { codesIn, codesOfExpansion, type Codes } from './code-system.ts';
import type { Membership } from './open-systems.ts';

export interface CompiledValueSet {
  /** Whether a code of a system is in it; a coding without a system is in no value set. */
  has(system: string, code: string): Membership;
  /** Whether a code is in it whose system the element does not say, as with the type `code`. */
  hasCode(code: string): Membership;
  /** Whether any code of the system can be in it. */
  concerns(system: string): boolean;
}

/** Value sets within value sets. */
const deepest = 20;

/** @returns undefined for a value set that is not known */
export type ValueSets = (canonical: string) => CompiledValueSet | undefined;

/** Compiles each value set when it is first asked for. */
export function valueSetsOf(definitions: Definitions): ValueSets {
  const compiled = new Map<string, CompiledValueSet | undefined>();
  return (canonical) => {
    let found = compiled.get(canonical);
    if (found === undefined && !compiled.has(canonical)) compiled.set(canonical, found = compile(canonical, definitions));
    return found;
  };
}

/** By system. */
type Content = Map<string, Codes>;

function compile(canonical: string, definitions: Definitions): CompiledValueSet | undefined {
  const table = definitions.valueSet(canonical);
  if (table === undefined) return undefined;
  const content = contentOf(table, definitions, []);
  const systems = [...content.values()];
  return {
    has: (system, code) => content.get(system)?.(code) ?? (content.has(anySystem) ? 'unknown' : 'out'),
    hasCode: (code) => {
      let membership: Membership = 'out';
      for (const codes of systems) {
        const one = codes(code);
        if (one === 'in') return 'in';
        if (one === 'unknown') membership = 'unknown';
      }
      return membership;
    },
    concerns: (system) => content.has(system) || content.has(anySystem),
  };
}

/** Stands for systems that cannot be told: a value set that is not here is part of this one. */
const anySystem = '';
const unknown: Codes = () => 'unknown';

function contentOf(table: ValueSetTable, definitions: Definitions, within: readonly ValueSetTable[]): Content {
  if (table.expansion !== undefined) return new Map(Object.entries(table.expansion).map(([system, codes]) => [system, codesOfExpansion(codes, definitions.codeSystem(system))]));
  // What is made of itself adds nothing by that.
  if (within.includes(table)) return new Map();
  if (within.length >= deepest) return new Map([[anySystem, unknown]]);
  const inside = [...within, table];
  const content: Content = new Map();
  for (const part of table.include) for (const [system, codes] of partOf(part, definitions, inside)) content.set(system, either(content.get(system), codes));
  for (const part of table.exclude ?? []) {
    const excluded = partOf(part, definitions, inside);
    for (const [system, included] of content) {
      const codes = excluded.get(system) ?? excluded.get(anySystem);
      if (codes !== undefined) content.set(system, without(included, codes));
    }
  }
  return content;
}

function partOf(part: ValueSetPart, definitions: Definitions, within: readonly ValueSetTable[]): Content {
  let content: Content | undefined;
  if (part.system !== undefined) content = new Map([[part.system, codesIn(part, definitions)]]);
  for (const canonical of part.valueSets ?? []) {
    const table = definitions.valueSet(canonical);
    const other: Content = table === undefined ? new Map([[anySystem, unknown]]) : contentOf(table, definitions, within);
    content = content === undefined ? other : intersection(content, other);
  }
  return content ?? new Map();
}

function either(left: Codes | undefined, right: Codes): Codes {
  if (left === undefined) return right;
  return (code) => {
    const first = left(code);
    if (first === 'in') return 'in';
    const second = right(code);
    return second === 'out' ? first : second;
  };
}

function without(included: Codes, excluded: Codes): Codes {
  return (code) => {
    const first = included(code);
    if (first === 'out') return 'out';
    const second = excluded(code);
    return second === 'out' ? first : second === 'in' ? 'out' : 'unknown';
  };
}

function both(left: Codes, right: Codes): Codes {
  return (code) => {
    const first = left(code);
    if (first === 'out') return 'out';
    const second = right(code);
    return second === 'in' ? first : second;
  };
}

function intersection(left: Content, right: Content): Content {
  const content: Content = new Map();
  const rest = right.get(anySystem);
  for (const [system, codes] of left) {
    const others = right.get(system) ?? rest;
    if (others !== undefined) content.set(system, both(codes, others));
  }
  const mine = left.get(anySystem);
  if (mine !== undefined) for (const [system, codes] of right) if (!content.has(system)) content.set(system, both(mine, codes));
  return content;
}
