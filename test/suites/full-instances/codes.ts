/**
 * A code of a value set, where the definitions at hand tell one; otherwise one of a system that the value set draws on,
 * which nobody here can call wrong.
 */
import type { Definitions } from '../../../profiles/definitions.ts';
import type { ValueSetPart, ValueSetTable } from '../../../profiles/tables/code-tables.ts';
import { valueSetsOf, type ValueSets } from '../../../profiles/codes/value-set.ts';

export interface Coding {
  readonly system?: string;
  readonly code: string;
}

export type CodeOf = (canonical: string) => Coding;

/** Of a value set of which nothing is known here no code is wrong. */
const anything: Coding = { system: 'http://example.org/system', code: 'x' };

/** Codes of systems that are grammars, or whose codes are not in any package. */
const wellKnown: Readonly<Record<string, readonly string[]>> = {
  'urn:ietf:bcp:47': ['en', 'en-US'], 'urn:ietf:bcp:13': ['text/plain', 'application/pdf'], 'urn:iso:std:iso:4217': ['USD'], 'urn:iso:std:iso:3166': ['US'],
  'http://unitsofmeasure.org': ['d', 'kg', 'cm', '%', 'mm[Hg]', '/min', 'Cel', 'kg/m2', 'L/min', '1'],
};
/** Codes of one part that are tried. */
const mostTried = 2000;
/** Value sets within value sets. */
const deepest = 8;

export function codesOf(definitions: Definitions): CodeOf {
  const valueSets = valueSetsOf(definitions);
  const known = new Map<string, Coding>();
  return (canonical) => {
    let found = known.get(canonical);
    if (found === undefined) known.set(canonical, found = find(canonical, definitions, valueSets) ?? anything);
    return found;
  };
}

function find(canonical: string, definitions: Definitions, valueSets: ValueSets): Coding | undefined {
  const table = definitions.valueSet(canonical);
  const compiled = valueSets(canonical);
  if (table === undefined || compiled === undefined) return undefined;
  let unsure: Coding | undefined;
  for (const coding of candidates(table, definitions, 0)) {
    const membership = compiled.has(coding.system ?? '', coding.code);
    if (membership === 'in') return coding;
    if (membership === 'unknown') unsure ??= coding;
  }
  return unsure;
}

function* candidates(table: ValueSetTable, definitions: Definitions, depth: number): Generator<Coding> {
  for (const [system, codes] of Object.entries(table.expansion ?? {})) for (const code of codes) yield { system, code };
  for (const part of table.include) yield* ofPart(part, definitions, depth);
}

function* ofPart({ system, codes, valueSets = [] }: ValueSetPart, definitions: Definitions, depth: number): Generator<Coding> {
  if (system !== undefined) {
    const all = codes ?? wellKnown[system] ?? definitions.codeSystem(system)?.codes ?? [];
    for (const code of all.slice(0, mostTried)) yield { system, code };
    yield { system, code: 'x' };
  }
  for (const canonical of depth < deepest ? valueSets : []) {
    const table = definitions.valueSet(canonical);
    if (table !== undefined) yield* candidates(table, definitions, depth + 1);
  }
}
