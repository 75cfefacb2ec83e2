/**
 * A ValueSet's codes: from its expansion, or composed of listed codes, whole systems, filters and other value sets
 * (https://hl7.org/fhir/R4/valueset.html#compositions).
 */
import type { CodeSystem, ValueSet, ValueSetComposeInclude, ValueSetComposeIncludeFilter, ValueSetExpansionContains } from '@medplum/fhirtypes';
import { Problem } from '../fhir/problems.ts';
import { codeHierarchy, type CodeHierarchy } from './code-system.ts';
import type { CodeOf, Terminology } from './terminology.ts';

/** Where definitions are found; undefined for what is not known. */
export interface Definitions {
  /** @param url canonical address, `|version` behind it where one is meant, or `ValueSet/id` */
  valueSet(url: string): Promise<ValueSet | undefined>;
  codeSystem(url: string): Promise<CodeSystem | undefined>;
}

/** More codes than one condition should ask for. */
const mostCodes = 5000;
/** Value sets within value sets. */
const deepest = 10;

export function terminologyOf(definitions: Definitions): Terminology {
  const hierarchyOf = async (system: string): Promise<CodeHierarchy> => {
    const codeSystem = await definitions.codeSystem(system);
    if (codeSystem === undefined || !isWhole(codeSystem)) throw new Problem('unknown-code-system');
    return codeHierarchy(codeSystem);
  };
  const known = (codes: readonly string[]): readonly string[] => {
    if (codes.length === 0) throw new Problem('unknown-code-system');
    if (codes.length > mostCodes) throw new Problem('value-set-too-large', { limit: mostCodes });
    return codes;
  };
  return {
    codesOf: async (url) => {
      const codes = await expand(url, definitions, 0);
      return [...codes].flatMap(([system, members]): CodeOf[] => {
        const named = system === '' ? undefined : system;
        return members === 'all' ? [{ system: named, code: undefined }] : [...members].map((code) => ({ system: named, code }));
      });
    },
    descendants: async (system, code) => known((await hierarchyOf(system)).descendants(code)),
    ancestors: async (system, code) => known((await hierarchyOf(system)).ancestors(code)),
  };
}

/** Codes by system, the empty one for codes without; `all` for a system of which every code is meant. */
type Codes = Map<string, Set<string> | 'all'>;

async function expand(url: string, definitions: Definitions, depth: number): Promise<Codes> {
  if (depth > deepest) throw unexpandable(`it is made of value sets more than ${deepest} levels deep`);
  const valueSet = await definitions.valueSet(url);
  if (valueSet === undefined) throw new Problem('unknown-value-set');
  const { expansion, compose } = valueSet;
  if (expansion?.contains !== undefined && isComplete(expansion)) return listed(expansion.contains);
  if (compose === undefined) throw unexpandable('it has neither a complete expansion nor a composition');
  const codes: Codes = new Map();
  for (const include of compose.include ?? []) unite(codes, await included(include, definitions, depth));
  for (const exclude of compose.exclude ?? []) subtract(codes, await included(exclude, definitions, depth));
  return codes;
}

/** A page of an expansion is no expansion. */
function isComplete({ total, offset, contains = [] }: NonNullable<ValueSet['expansion']>): boolean {
  return (offset ?? 0) === 0 && (total === undefined || total <= countOf(contains));
}

function countOf(contains: readonly ValueSetExpansionContains[]): number {
  let count = 0;
  for (const open = [...contains]; open.length > 0; count += 1) open.push(...open.pop()!.contains ?? []);
  return count;
}

function listed(contains: readonly ValueSetExpansionContains[]): Codes {
  const codes: Codes = new Map();
  const open = [...contains];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    // An abstract entry is a heading and no choice.
    if (next.code !== undefined && next.abstract !== true) addTo(codes, next.system ?? '', [next.code]);
    open.push(...next.contains ?? []);
  }
  return codes;
}

async function included({ system, concept, filter, valueSet }: ValueSetComposeInclude, definitions: Definitions, depth: number): Promise<Codes> {
  let codes: Codes | undefined = system === undefined ? undefined : await ofSystem(system, concept?.flatMap(({ code }) => code ?? []), filter, definitions);
  for (const url of valueSet ?? []) {
    const other = await expand(url, definitions, depth + 1);
    codes = codes === undefined ? other : intersection(codes, other);
  }
  return codes ?? new Map();
}

async function ofSystem(system: string, concepts: readonly string[] | undefined, filters: readonly ValueSetComposeIncludeFilter[] | undefined, definitions: Definitions): Promise<Codes> {
  const codes: Codes = new Map();
  if (concepts !== undefined) {
    addTo(codes, system, concepts);
    return codes;
  }
  const codeSystem = await definitions.codeSystem(system);
  const whole = codeSystem !== undefined && isWhole(codeSystem) ? codeHierarchy(codeSystem) : undefined;
  if (filters === undefined || filters.length === 0) {
    // Of a system that is not here, or is large, it is enough to know that every code is meant.
    if (whole === undefined || whole.codes.size > mostCodes) codes.set(system, 'all');
    else addTo(codes, system, whole.codes);
    return codes;
  }
  if (whole === undefined) throw unexpandable('it filters a code system that is not stored here with all of its codes');
  const passing = filters.map((one) => passes(one, whole));
  addTo(codes, system, [...whole.codes].filter((code) => passing.every((pass) => pass(code))));
  return codes;
}

function isWhole({ content }: CodeSystem): boolean {
  return content === 'complete';
}

/** https://hl7.org/fhir/R4/valueset-filter-operator.html */
function passes({ property, op, value }: ValueSetComposeIncludeFilter, system: CodeHierarchy): (code: string) => boolean {
  // What is stored need not be whole.
  if (typeof value !== 'string' || typeof property !== 'string') throw unexpandable('it has a filter without a property or a value');
  const values = new Set(value.split(',').map((one) => one.trim()));
  const below = new Set(system.descendants(value));
  switch (op) {
    case 'is-a': return (code) => below.has(code);
    case 'descendent-of': return (code) => code !== value && below.has(code);
    case 'is-not-a': return (code) => !below.has(code);
    case 'generalizes': {
      const above = new Set(system.ancestors(value));
      return (code) => above.has(code);
    }
    case '=': return (code) => (property === 'concept' || property === 'code' ? code === value : system.property(code, property).includes(value));
    case 'in': return (code) => valuesOf(system, code, property).some((one) => values.has(one));
    case 'not-in': return (code) => !valuesOf(system, code, property).some((one) => values.has(one));
    case 'exists': return (code) => (system.property(code, property).length > 0) === (value === 'true');
    case 'regex': case undefined: default: throw unexpandable('it has a filter other than is-a, descendent-of, is-not-a, generalizes, =, in, not-in and exists');
  }
}

function valuesOf(system: CodeHierarchy, code: string, property: string): readonly string[] {
  return property === 'concept' || property === 'code' ? [code] : system.property(code, property);
}

function addTo(codes: Codes, system: string, more: Iterable<string>): void {
  const known = codes.get(system);
  if (known === 'all') return;
  const all = known ?? new Set();
  for (const code of more) all.add(code);
  codes.set(system, all);
  let count = 0;
  for (const one of codes.values()) count += one === 'all' ? 1 : one.size;
  if (count > mostCodes) throw new Problem('value-set-too-large', { limit: mostCodes });
}

function unite(codes: Codes, more: Codes): void {
  for (const [system, others] of more) {
    if (others === 'all') codes.set(system, 'all');
    else addTo(codes, system, others);
  }
}

function subtract(codes: Codes, less: Codes): void {
  for (const [system, others] of less) {
    const known = codes.get(system);
    if (known === undefined) continue;
    if (others === 'all') codes.delete(system);
    else if (known === 'all') throw unexpandable('it excludes codes of a system that is not stored here with all of its codes');
    else for (const code of others) known.delete(code);
  }
}

function intersection(left: Codes, right: Codes): Codes {
  const both: Codes = new Map();
  for (const [system, mine] of left) {
    const others = right.get(system);
    if (others === undefined) continue;
    if (mine === 'all') both.set(system, others);
    else both.set(system, others === 'all' ? mine : new Set([...mine].filter((code) => others.has(code))));
  }
  return both;
}

function unexpandable(reason: string): Problem {
  return new Problem('value-set-not-expandable', { reason });
}
