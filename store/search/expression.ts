/**
 * What to find, as a tree. Routes and operations build such trees; nobody but `compile.ts` turns them into SQL,
 * and there the access predicate is added, so no query can be made without it.
 */

export type Expression =
  | { readonly kind: 'all'; readonly of: readonly Expression[] }
  | { readonly kind: 'any'; readonly of: readonly Expression[] }
  /** Any of these ids. */
  | { readonly kind: 'id'; readonly ids: readonly string[] }
  /** Has any of these search keys (store/search-keys.ts). */
  | { readonly kind: 'key'; readonly anyOf: readonly bigint[] }
  /** In the compartment of this patient. */
  | { readonly kind: 'patient'; readonly id: string }
  /** Changed in [from, to). */
  | { readonly kind: 'changed'; readonly from?: Date; readonly to?: Date }
  /** Comes after this place in the order of the answer. */
  | { readonly kind: 'after'; readonly place: Place };

/** A place in the order "last changed first, then by id". */
export interface Place {
  readonly lastUpdated: Date;
  readonly id: string;
}

/** One page of resources of one type. */
export interface ResourceQuery {
  readonly type: string;
  readonly where: Expression;
  readonly limit: number;
}
