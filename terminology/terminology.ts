/**
 * What search asks of terminology: codes of a value set, and what is above and below a code. The operations of the
 * terminology service answer more; this is the part that conditions on codes need.
 */
import { Problem } from '../fhir/problems.ts';
import { codeKey } from './concepts.ts';
import { TerminologyRefusal } from './issues.ts';
import { and, type Predicate } from './predicate.ts';
import { schemeOf, valueSetMeant, type Part } from './scheme.ts';
import type { CodeSystemHead, StoredKey, TerminologySource, ValueSetHead } from './source.ts';
import { anyVersions, systemMeant, versionsHere } from './versions-wanted.ts';

/** A code in its system; without a code, any code of the system. */
export interface CodeOf {
  /** Undefined: a code that stands without a system. */
  readonly system: string | undefined;
  readonly code: string | undefined;
  /** Its system does not tell capitals from small letters. */
  readonly anyCase?: true;
}

/** Many codes of one system: those of its concepts that meet a condition, which the tables tell again where they are needed. */
export interface ConceptsOf {
  readonly system: string;
  readonly key: StoredKey;
  readonly where: Predicate;
  /** How many they are. */
  readonly count: number;
  /** The system does not tell capitals from small letters; `many-letters`: and not all spellings of its codes can be looked for. */
  readonly anyCase?: 'few-letters' | 'many-letters';
}

/** Codes, and what is too much to list. */
export interface Codes {
  readonly codes: readonly CodeOf[];
  readonly concepts: readonly ConceptsOf[];
}

export interface Terminology {
  /**
   * Every code of a value set.
   * @param url canonical address, with `|version` where one is meant, or `ValueSet/id`
   * @throws {Problem} `unknown-value-set`, `value-set-not-expandable`, `value-set-too-large`
   */
  codesOf(url: string): Promise<Codes>;
  /** The code and all that it subsumes. @throws {Problem} `unknown-code-system`, `value-set-too-large` */
  descendants(system: string, code: string): Promise<Codes>;
  /** The code and all that subsume it. @throws {Problem} `unknown-code-system`, `value-set-too-large` */
  ancestors(system: string, code: string): Promise<Codes>;
}

/** Codes of stored concepts that are listed; more are told by their condition. */
const mostListed = 1000;
/** Codes that nothing but a list can tell: those of a composition, and of systems at hand. */
const mostCodes = 20_000;

/** @param read gives a source whose answers are all of one moment */
export function terminologyOf(read: <T>(ask: (source: TerminologySource) => Promise<T>) => Promise<T>): Terminology {
  return {
    codesOf: (url) => read((source) => asProblems(() => codesOf(url, source))),
    descendants: (system, code) => read((source) => related(system, code, 'below', source)),
    ancestors: (system, code) => read((source) => related(system, code, 'above', source)),
  };
}

async function codesOf(url: string, source: TerminologySource): Promise<Codes> {
  const scheme = await schemeOf(await valueSetNamed(url, source), { source, versions: anyVersions });
  const found = await Promise.all(scheme.parts.map((part) => codesIn(part, source)));
  const codes = found.flatMap((one) => one.codes);
  for (const { system, version, codes: listed, whole } of scheme.elsewhere) {
    // Codes are found whatever their version, and those of another version are not meant.
    if (listed === 'unknown' && version !== undefined && (await versionsHere(system, source)).length > 0) throw new Problem('value-set-not-expandable', { reason: 'it includes a version of a code system that is not stored here, though others are' });
    if (listed !== 'unknown') for (const code of listed.keys()) codes.push({ system: system === '' ? undefined : system, code });
    else if (whole) codes.push({ system, code: undefined });
    else throw new Problem('value-set-not-expandable', { reason: 'it chooses among codes of a code system that is not stored here with all of its codes' });
  }
  if (codes.length > mostCodes) throw new Problem('value-set-too-large', { limit: mostCodes });
  return { codes, concepts: found.flatMap((one) => one.concepts) };
}

async function valueSetNamed(url: string, source: TerminologySource): Promise<ValueSetHead> {
  const id = /^ValueSet\/([A-Za-z0-9\-.]{1,64})$/.exec(url)?.[1];
  const found = id === undefined ? await valueSetMeant(url, { source, versions: anyVersions }) : await source.valueSetById(id);
  if (found === undefined) throw new Problem('unknown-value-set');
  return found;
}

const noConcepts: Pick<Codes, 'concepts'> = { concepts: [] };

async function codesIn({ system, where, listed }: Part, source: TerminologySource): Promise<Codes> {
  const { url } = system;
  // What is listed is meant, whether the system has it or not.
  if (where.kind === 'codes') return { codes: [...where.keys].map((key) => ({ ...codeIn(system), code: listed.get(key)?.code ?? key })), ...noConcepts };
  if (where.kind === 'all' && (system.content !== 'complete' || system.conceptCount > mostListed)) return { codes: [{ system: url, code: undefined }], ...noConcepts };
  if (system.content !== 'complete') throw new Problem('value-set-not-expandable', { reason: 'it filters a code system that is not stored here with all of its codes' });
  return chosen(system, where, source);
}

async function chosen(system: CodeSystemHead, where: Predicate, source: TerminologySource): Promise<Codes> {
  const { url, key } = system;
  const limit = 'number' in key ? mostListed : mostCodes;
  const { concepts, total } = await source.select(system, { where, words: [], offset: 0, limit, designations: false, properties: false });
  if (total <= limit) return { codes: concepts.map(({ code }) => ({ ...codeIn(system), code })), ...noConcepts };
  if (!('number' in key)) throw new Problem('value-set-too-large', { limit });
  if (system.caseSensitive) return { codes: [], concepts: [{ system: url, key, where, count: total }] };
  const long = await source.select(system, { where: and([where, { kind: 'matches', of: 'code', pattern: manyLetters }]), words: [], offset: 0, limit: 0, designations: false, properties: false });
  return { codes: [], concepts: [{ system: url, key, where, count: total, anyCase: long.total === 0 ? 'few-letters' : 'many-letters' }] };
}

/** More letters than the database spells out (store/search/sql/keys.ts), or others than those of ASCII. */
const manyLetters = '(?:[^A-Za-z]*[A-Za-z]){7}.*|.*[^ -~].*';

function codeIn({ url, caseSensitive }: CodeSystemHead): Pick<CodeOf, 'system' | 'anyCase'> {
  return { system: url, ...(!caseSensitive && { anyCase: true }) };
}

async function related(url: string, code: string, kind: 'below' | 'above', source: TerminologySource): Promise<Codes> {
  const system = systemMeant(await source.codeSystems(url), url, undefined, anyVersions);
  if (system?.content !== 'complete') throw new Problem('unknown-code-system');
  const found = await chosen(system, { kind, key: codeKey(code, system.caseSensitive), self: true }, source);
  if (found.codes.length === 0 && found.concepts.length === 0) throw new Problem('unknown-code-system');
  return found;
}

/** What search tells of a value set that it cannot use. */
async function asProblems<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TerminologyRefusal)) throw error;
    switch (error.terminology.code) {
      case 'unknown-value-set': throw new Problem('unknown-value-set', {}, undefined, { cause: error });
      case 'value-set-not-shipped': throw new Problem('value-set-not-expandable', { reason: 'what ships with the server does not tell its codes' }, undefined, { cause: error });
      case 'value-set-undefined': throw new Problem('value-set-not-expandable', { reason: 'it has neither a composition nor an expansion' }, undefined, { cause: error });
      case 'too-many-parts': throw new Problem('value-set-not-expandable', { reason: 'it is made of too many parts' }, undefined, { cause: error });
      case 'circular-value-set': throw new Problem('value-set-not-expandable', { reason: 'it is part of itself' }, undefined, { cause: error });
      default: throw new Problem('value-set-not-expandable', { reason: 'it has a filter without a value, or one that is not understood here' }, undefined, { cause: error });
    }
  }
}
