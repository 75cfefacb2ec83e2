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
  has(system: string, code: string, version?: string): Membership;
  /** Whether a code is in it whose system the element does not say, as with the type `code`. */
  hasCode(code: string): Membership;
  /** Whether any code of the system can be in it. */
  concerns(system: string): boolean;
}

/** Value sets within value sets. */
const deepest = 20;
/** Value sets and their parts, imports counted as often as they are reached; what is beyond cannot be told here. The terminology service has the same bound. */
const mostParts = 2000;

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
  const content = contentOf(table, { definitions, within: [], counted: { parts: 0 }, made: new Map() });
  const systems = [...content.values()];
  const bySystem: Content = new Map([...content.keys()].map((system) => [system, ofSystem(content, system)!]));
  const others = content.get(anySystem);
  return {
    has: (system, code, version) => {
      const codes = bySystem.get(system) ?? others;
      return codes === undefined ? 'out' : codes(code, version);
    },
    hasCode: systems.length === 1 ? systems[0]! : (code) => {
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
const nobodyKnows = (): Content => new Map([[anySystem, unknown]]);

/** What is told of a system: its own codes, and what may come from parts that cannot be told. */
function ofSystem(content: Content, system: string): Codes | undefined {
  const [own, any] = [content.get(system), content.get(anySystem)];
  return own === undefined || any === undefined ? own ?? any : either(own, any);
}

interface Walk {
  readonly definitions: Definitions;
  /** The value sets on the way to this one. */
  readonly within: readonly ValueSetTable[];
  readonly counted: { parts: number };
  /** Codes of expansions and of parts, which are the same however often they are reached. */
  readonly made: Map<object, Content>;
}

function contentOf(table: ValueSetTable, walk: Walk): Content {
  const { definitions, within } = walk;
  // One that is made of itself is none (ValueSet.compose.include.valueSet): the terminology service says so.
  if (++walk.counted.parts > mostParts || within.length >= deepest || within.includes(table)) return nobodyKnows();
  const { expansion } = table;
  if (expansion !== undefined) return once(table, walk, () => new Map(Object.entries(expansion).map(([system, codes]) => [system, codesOfExpansion(codes, definitions.codeSystem(system))])));
  const inside = { ...walk, within: [...within, table] };
  const content: Content = new Map();
  for (const part of table.include) for (const [system, codes] of partOf(part, inside)) content.set(system, either(content.get(system), codes));
  for (const part of table.exclude ?? []) {
    const excluded = partOf(part, inside);
    for (const [system, included] of content) {
      const codes = ofSystem(excluded, system);
      if (codes !== undefined) content.set(system, without(included, codes));
    }
  }
  return content;
}

function partOf(part: ValueSetPart, walk: Walk): Content {
  if (++walk.counted.parts > mostParts) return nobodyKnows();
  const { system } = part;
  let content: Content | undefined = system === undefined ? undefined : once(part, walk, () => new Map([[system, codesIn(part, walk.definitions)]]));
  for (const canonical of part.valueSets ?? []) {
    const table = walk.definitions.valueSet(canonical);
    const other = table === undefined ? nobodyKnows() : contentOf(table, walk);
    content = content === undefined ? other : intersection(content, other);
  }
  return content ?? new Map();
}

function once(key: object, { made }: Walk, make: () => Content): Content {
  let content = made.get(key);
  if (content === undefined) made.set(key, content = make());
  return content;
}

function either(left: Codes | undefined, right: Codes): Codes {
  if (left === undefined) return right;
  return (code, version) => {
    const first = left(code, version);
    if (first === 'in') return 'in';
    const second = right(code, version);
    return second === 'out' ? first : second;
  };
}

function without(included: Codes, excluded: Codes): Codes {
  return (code, version) => {
    const first = included(code, version);
    if (first === 'out') return 'out';
    // What is excluded of a version is excluded of those that are included, as the terminology service has it.
    const second = excluded(code);
    return second === 'out' ? first : second === 'in' ? 'out' : 'unknown';
  };
}

function both(left: Codes, right: Codes): Codes {
  return (code, version) => {
    const first = left(code, version);
    if (first === 'out') return 'out';
    const second = right(code, version);
    return second === 'in' ? first : second;
  };
}

function intersection(left: Content, right: Content): Content {
  const content: Content = new Map();
  for (const system of new Set([...left.keys(), ...right.keys()])) {
    const [mine, others] = [ofSystem(left, system), ofSystem(right, system)];
    if (mine !== undefined && others !== undefined) content.set(system, both(mine, others));
  }
  return content;
}
