/**
 * Which codes of a code system are meant: listed ones, all of them, or those that pass filters.
 * Source: https://hl7.org/fhir/R4/valueset-filter-operator.html
 */
import { RE2JS } from 're2js';
import type { Definitions } from '../definitions.ts';
import { chooseVersion } from '../packages/versions.ts';
import type { CodeSystemTable, ValueSetPart } from '../tables/code-tables.ts';
import { openSystem, type CodeTest } from './open-systems.ts';

export type Codes = CodeTest;

type Filter = NonNullable<ValueSetPart['filters']>[number];

const unknown: Codes = () => 'unknown';

/** Codes of the part's system; where it names a version, of no other (https://hl7.org/fhir/R4/valueset-definitions.html#ValueSet.compose.include.version). */
export function codesIn(part: ValueSetPart, definitions: Definitions): Codes {
  const { version } = part;
  const test = codesOfPart(part, definitions);
  return version === undefined ? test : (code, said) => said === undefined || isOf(said, version) ? test(code) : 'out';
}

/** An edition of SNOMED CT stands for its releases. */
function isOf(said: string, version: string): boolean {
  return version === '*' || said.startsWith(`${version}/version/`) || chooseVersion([said], version) !== undefined;
}

function codesOfPart({ system = '', version, codes, filters = [] }: ValueSetPart, definitions: Definitions): Codes {
  const table = definitions.codeSystem(version === undefined ? system : `${system}|${version}`) ?? definitions.codeSystem(system);
  if (codes !== undefined) return listed(codes, table);
  const open = openSystem(system);
  if (open !== undefined) return filters.length === 0 ? open : unknown;
  if (table === undefined || table.content === 'not-present' || table.content === 'supplement') return unknown;
  const places = filters.length === 0 ? undefined : passing(filters, table);
  // What the tables cannot tell, the terminology service may.
  if (filters.length > 0 && places === undefined) return unknown;
  const members = places === undefined ? table.codes : table.codes.filter((_, place) => places.has(place));
  const test = listed(members, table);
  if (table.content === 'complete') return test;
  return (code) => test(code) === 'in' ? 'in' : 'unknown';
}

/** An expansion's codes, as the system compares codes. */
export function codesOfExpansion(codes: readonly string[], table: CodeSystemTable | undefined): Codes {
  return listed(codes, table);
}

function listed(codes: readonly string[], table: CodeSystemTable | undefined): Codes {
  if (table?.caseSensitive !== false) {
    const members = new Set(codes);
    return (code) => members.has(code) ? 'in' : 'out';
  }
  const members = new Set(codes.map((code) => code.toLowerCase()));
  return (code) => members.has(code.toLowerCase()) ? 'in' : 'out';
}

/** Places of codes that pass every filter; undefined where a filter cannot be told by the table. */
function passing(filters: readonly Filter[], table: CodeSystemTable): ReadonlySet<number> | undefined {
  let places: ReadonlySet<number> | undefined;
  for (const filter of filters) {
    const test = filterTest(filter, table);
    if (test === undefined) return undefined;
    const found = new Set<number>();
    for (const place of places ?? table.codes.keys()) if (test(place)) found.add(place);
    places = found;
  }
  return places;
}

function filterTest({ property, op, value }: Filter, table: CodeSystemTable): ((place: number) => boolean) | undefined {
  const isCode = property === 'concept' || property === 'code';
  switch (op) {
    case 'is-a': case 'descendent-of': case 'is-not-a': {
      if (!isCode) return undefined;
      const top = table.codes.indexOf(value);
      const isBelow = (place: number): boolean => top !== -1 && ancestors(place, table).includes(top);
      if (op === 'is-a') return (place) => place === top || isBelow(place);
      if (op === 'descendent-of') return isBelow;
      return (place) => place !== top && !isBelow(place);
    }
    case 'generalizes': {
      const above = new Set([value, ...ancestors(table.codes.indexOf(value), table).map((place) => table.codes[place]!)]);
      return isCode ? (place) => above.has(table.codes[place]!) : undefined;
    }
    case '=': case 'in': case 'not-in': {
      const wanted = new Set(op === '=' ? [value] : value.split(',').map((one) => one.trim()));
      const values = isCode ? (place: number): readonly string[] => [table.codes[place]!] : valuesOf(property, table);
      if (values === undefined) return undefined;
      return (place) => values(place).some((one) => wanted.has(one)) === (op !== 'not-in');
    }
    case 'exists': {
      const values = valuesOf(property, table);
      return values && ((place) => values(place).length > 0 === (value === 'true'));
    }
    case 'regex': {
      const pattern = linear(value);
      const values = isCode ? (place: number): readonly string[] => [table.codes[place]!] : valuesOf(property, table);
      return pattern && values && ((place) => values(place).some((one) => pattern.matches(one)));
    }
    default: return undefined;
  }
}

/** A pattern of somebody else's, matched as a whole in linear time; undefined for one that cannot be. */
function linear(pattern: string): RE2JS | undefined {
  try {
    return RE2JS.compile(pattern);
  } catch {
    return undefined;
  }
}

function valuesOf(property: string, { properties }: CodeSystemTable): ((place: number) => readonly string[]) | undefined {
  if (properties === undefined || !Object.hasOwn(properties, property)) return undefined;
  const values = properties[property]!;
  return (place) => values[place] ?? [];
}

/** Places above a place, nearest first; a circle ends. */
function ancestors(place: number, { parents }: CodeSystemTable): readonly number[] {
  const above: number[] = [];
  for (let next = parents?.[place] ?? -1; next !== -1 && !above.includes(next); next = parents?.[next] ?? -1) above.push(next);
  return above;
}
