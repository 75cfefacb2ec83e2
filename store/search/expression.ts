/**
 * What to find, as a tree. Routes and operations build such trees; nobody but `compile.ts` turns them into SQL,
 * and there the access predicate is added, so no query can be made without it.
 *
 * A tree speaks of resources of one type (a {@link Scope} names its parameter); in a search over several types each type
 * has a tree of its own.
 */

import type { Predicate } from '../../terminology/predicate.ts';
import type { StoredKey } from '../../terminology/source.ts';

export type Expression =
  | { readonly kind: 'all'; readonly of: readonly Expression[] }
  | { readonly kind: 'any'; readonly of: readonly Expression[] }
  | { readonly kind: 'not'; readonly of: Expression }
  /** Any of these ids. */
  | { readonly kind: 'id'; readonly ids: readonly string[] }
  | KeyCondition
  /** Has a code whose display text is like this (`:text`). */
  | { readonly kind: 'display'; readonly scope: Scope; readonly match: TextMatch; readonly value: string }
  /** In the compartment of this patient; `key` is `KeyMaker.compartment`, of those that are in several. */
  | { readonly kind: 'patient'; readonly id: string; readonly key: bigint }
  /** Changed in [from, to). */
  | { readonly kind: 'changed'; readonly from?: Date; readonly to?: Date }
  | DateCondition
  | StringCondition
  | NumberCondition
  | NearCondition
  /** Has a value for the parameter: the `present` number of its scope (store/search-keys.ts). */
  | { readonly kind: 'present'; readonly parameter: number }
  /** Words of the narrative, as PostgreSQL's websearch_to_tsquery reads them, or of the whole content. */
  | { readonly kind: 'words'; readonly of: 'narrative' | 'content'; readonly query: string }
  | ChainCondition
  | HasCondition
  /** Is an entry of this List. */
  | { readonly kind: 'list'; readonly id: string; readonly type: string };

/** A hash of tenant, type and parameter (store/search-keys.ts). */
export type Scope = bigint;

/**
 * Has any of these search keys. A selective key (an identifier, a reference) finds few rows however many there are, and
 * drives the query; the planner cannot know that and must not be asked.
 */
export interface KeyCondition {
  readonly kind: 'key';
  readonly anyOf: readonly bigint[];
  readonly selective: boolean;
  /**
   * The same asked of the type's principal code, one for each alternative: what `resource.code` and `resource.code_system`
   * have, and the key of those that have it among their further codings.
   */
  readonly codes?: readonly { readonly code: bigint; readonly system?: bigint | 'none'; readonly more: bigint }[];
  /** Also the keys of these, which the database makes: more than are listed. */
  readonly concepts?: readonly ConceptKeys[];
  /** All that have the key are in the row of this patient (`resource.patient`): the index by patient finds them. */
  readonly patient?: string;
}

/** The keys of all concepts of a code system that meet a condition: the hashes of `prefix` and the code. */
export interface ConceptKeys {
  readonly key: StoredKey;
  readonly where: Predicate;
  readonly prefix: string;
  /** How many. */
  readonly count: number;
  /** Resources may have written the codes in capitals or in small letters. */
  readonly anyCase: boolean;
}

/** Which side of a value; https://hl7.org/fhir/R4/search.html#prefix. */
export type Comparison = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';

/** `[low, high)` is what the value in the search covers; with `ap` it is widened already and overlap is asked for. */
export interface DateCondition {
  readonly kind: 'date';
  /** `principal`: the date in the row (fhir/principal-date.ts). */
  readonly scope: Scope | 'principal';
  readonly comparison: Comparison;
  readonly low: Date;
  readonly high: Date;
  readonly tokenSystem?: TokenSystemTest;
}

/** Of a composite with a token: the system of its code. Undefined: any. */
export type TokenSystemTest = { readonly is: bigint } | 'none';

export type TextMatch = 'starts' | 'contains' | 'ends' | 'equals';

export interface StringCondition {
  readonly kind: 'string';
  readonly scope: Scope;
  readonly match: TextMatch;
  /** Normalized like the stored value; as written where `exact`. */
  readonly value: string;
  /** `:exact`: case and accents count. */
  readonly exact: boolean;
  readonly tokenSystem?: TokenSystemTest;
}

export interface NumberRangeTest {
  readonly comparison: Comparison;
  /** The number as written, and what its precision covers: [low, high). With `ap` low and high are widened already. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface NumberCondition {
  readonly kind: 'number';
  readonly scope: Scope;
  readonly test: NumberRangeTest;
  /** The second number of a composite. */
  readonly second?: NumberRangeTest;
  /** Of a quantity: its system, its code, or both. Without a system the code may be the unit's text, too. */
  readonly unit?: { readonly system?: string; readonly code?: string };
  readonly tokenSystem?: TokenSystemTest;
}

/** At most `kilometres` from the place (degrees, WGS 84). */
export interface NearCondition {
  readonly kind: 'near';
  readonly scope: Scope;
  readonly latitude: number;
  readonly longitude: number;
  readonly kilometres: number;
}

/** Refers by a parameter to resources that are found by a tree of their own. */
export interface ChainCondition {
  readonly kind: 'chain';
  readonly parameter: string;
  readonly targets: readonly { readonly type: string; readonly where: Expression }[];
  /** The parameter says whose patient's the resource is (`resource.patient`); follow it there where the target is a Patient. */
  readonly viaPatient: boolean;
}

/** Is referred to by resources of `type` through their `parameter`, that are found by `where` (`_has`). */
export interface HasCondition {
  readonly kind: 'has';
  readonly type: string;
  readonly parameter: string;
  readonly where: Expression;
  /** As of a chain: the source's `resource.patient` is what it refers to. */
  readonly viaPatient: boolean;
}

/**
 * By what an answer is sorted; missing values come last in both directions. The last criterion is always the id, so
 * that every order is total: ascending behind a first key that descends, as the indexes have it, else descending
 * (newest first where the server gave the ids).
 */
export type SortKey =
  | { readonly by: 'id'; readonly descending: boolean }
  | { readonly by: 'changed'; readonly descending: boolean }
  | { readonly by: 'principal-date'; readonly descending: boolean }
  | { readonly by: 'date' | 'string' | 'number'; readonly scope: Scope; readonly descending: boolean }
  /** Codes and references: SQL/JSON paths into the content, the first that is there counts. */
  | { readonly by: 'content'; readonly paths: readonly string[]; readonly descending: boolean };

/** Empty: by id, descending. */
export type Order = readonly SortKey[];

/** The place of a resource in an order: the values of its sort keys (null: missing), its type and its id. */
export interface Place {
  readonly values: readonly (string | number | null)[];
  readonly type: string;
  readonly id: string;
}

/** What goes along with the matches (https://hl7.org/fhir/R4/search.html#revinclude). */
export interface Inclusion {
  readonly direction: 'include' | 'revinclude';
  /** The type that has the reference. */
  readonly source: string;
  /** `*`: every reference. */
  readonly parameter: string;
  /** Only this type of target. */
  readonly target?: string;
  /** Also from what was included. */
  readonly iterate: boolean;
}

/** What is asked of one type. */
export interface TypeQuery {
  readonly type: string;
  readonly where: Expression;
}

/** One page of resources of one type, or of several. */
export interface ResourceQuery {
  readonly of: readonly TypeQuery[];
  readonly limit: number;
  readonly order: Order;
  readonly after?: Place;
  readonly include: readonly Inclusion[];
}
