/**
 * Where terminology comes from: the tables (store/terminology/), definitions that a request brings along, or both. What is
 * asked here is what the tables answer in one statement; the rules of value sets are above it.
 */
import type { ConceptMap, ValueSet } from '@medplum/fhirtypes';
import type { NumberedConcept } from './concepts.ts';
import type { CodeSystemHead, StoredKey } from './heads.ts';
import type { Predicate } from './predicate.ts';

export type { CodeSystemHead, StoredKey };

export interface ValueSetHead {
  readonly key: StoredKey | 'memory';
  readonly url: string;
  readonly version: string;
  readonly resource: ValueSet;
  /** Positions (include, then exclude) of lists that are too long to be in the resource: the source has them. */
  readonly long: readonly number[];
  /** It follows from a code system that is stored, and not from anything that a request brings along. */
  readonly implied?: true;
}

/** What is asked of a code in a system. */
export interface Question {
  readonly system: CodeSystemHead;
  readonly code: string;
  /** Conditions on the concept; a code that is not there meets none. */
  readonly where: readonly Predicate[];
  /** All, where nothing is said. */
  readonly details?: ConceptDetails;
}

/** What of a concept is wanted besides itself: it costs more than the concept does. */
export interface ConceptDetails {
  readonly designations: boolean;
  /** All or none, or those of these codes. */
  readonly properties: boolean | readonly string[];
}

export interface Answer {
  readonly concept: NumberedConcept | undefined;
  /** For each condition. */
  readonly truths: readonly boolean[];
}

export interface Selection {
  readonly where: Predicate;
  /** Words of a text filter: each begins a word of the concept. */
  readonly words: readonly string[];
  readonly offset: number;
  /** Concepts at most; 0: only the total. */
  readonly limit: number;
  /** Whether designations and properties are wanted. */
  readonly designations: boolean;
  readonly properties: boolean;
}

export interface Selected {
  /** In the order of the system. */
  readonly concepts: readonly NumberedConcept[];
  readonly total: number;
}

/** A mapping from a code to a code. */
export interface Mapping {
  readonly map: { readonly url: string; readonly version: string };
  readonly sourceSystem: string;
  readonly sourceCode: string;
  readonly targetSystem: string;
  /** Undefined: it is mapped to nothing. */
  readonly targetCode: string | undefined;
  readonly targetDisplay: string | undefined;
  /** R4's. */
  readonly equivalence: string;
  readonly comment: string | undefined;
  readonly dependsOn?: readonly unknown[];
  readonly product?: readonly unknown[];
}

export interface MappingQuestion {
  /** Canonical of the map; undefined: all. */
  readonly map: string | undefined;
  readonly code: string;
  readonly system: string | undefined;
  /** From target to source. */
  readonly reverse: boolean;
}

export interface TerminologySource {
  /** Keeps what was made of definitions until any of them changes. Without it, everything is made each time. */
  kept?<T>(name: string, make: () => Promise<T>): Promise<T>;
  /** All versions of a code system that are visible; supplements by their own url, too. */
  codeSystems(url: string): Promise<readonly CodeSystemHead[]>;
  /** Supplements to a code system. */
  supplementsOf(url: string): Promise<readonly CodeSystemHead[]>;
  /** All versions of a value set that are visible. */
  valueSets(url: string): Promise<readonly ValueSetHead[]>;
  valueSetById(id: string): Promise<ValueSetHead | undefined>;
  codeSystemById(id: string): Promise<CodeSystemHead | undefined>;
  conceptMapById(id: string): Promise<{ readonly url: string; readonly version: string } | undefined>;
  /** The codes that a long list of a value set has. */
  longList(valueSet: ValueSetHead, position: number): Promise<NonNullable<NonNullable<ValueSet['compose']>['include'][number]['concept']>>;
  ask(questions: readonly Question[]): Promise<readonly Answer[]>;
  select(system: CodeSystemHead, selection: Selection): Promise<Selected>;
  /** Which of these concepts are directly below which of them. */
  linksAmong(system: CodeSystemHead, concepts: readonly number[]): Promise<readonly (readonly [parent: number, child: number])[]>;
  /** The concepts directly above and below one. */
  neighbours(system: CodeSystemHead, concept: number): Promise<{ readonly parents: readonly Neighbour[]; readonly children: readonly Neighbour[] }>;
  /** Which of these codes subsume which of them, as pairs of ancestor and descendant. */
  subsumptionsAmong(system: CodeSystemHead, codes: readonly string[]): Promise<readonly (readonly [ancestor: string, code: string])[]>;
  mappings(question: MappingQuestion): Promise<readonly Mapping[]>;
  conceptMaps(url: string): Promise<readonly ConceptMap[]>;
}

export interface Neighbour {
  readonly code: string;
  readonly display: string | undefined;
}

/** `url|version`, or the url where there is no version. */
export function canonicalOf({ url, version }: { readonly url: string; readonly version: string }): string {
  return version === '' ? url : `${url}|${version}`;
}

/** Url and version of a canonical; a fragment is cut off. */
export function splitCanonical(canonical: string): { readonly url: string; readonly version: string | undefined } {
  // A constraint in the address may name concepts between bars.
  const bar = canonical.includes('?fhir_vs=ecl/') ? -1 : canonical.lastIndexOf('|');
  return bar === -1 ? { url: canonical, version: undefined } : { url: canonical.slice(0, bar), version: canonical.slice(bar + 1) };
}
