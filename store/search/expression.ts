/**
 * What to find, as a tree. Routes and operations build such trees; nobody but `compile.ts` turns them into SQL,
 * and there the access predicate is added, so no query can be made without it.
 */

export type Expression =
  | { readonly kind: 'all'; readonly of: readonly Expression[] }
  | { readonly kind: 'any'; readonly of: readonly Expression[] }
  /** Any of these ids. */
  | { readonly kind: 'id'; readonly ids: readonly string[] }
  /**
   * Has any of these search keys (store/search-keys.ts). A selective key (an identifier, a reference) finds few rows
   * however many there are, and drives the query; the planner cannot know that and must not be asked.
   */
  | { readonly kind: 'key'; readonly anyOf: readonly bigint[]; readonly selective: boolean }
  /** In the compartment of this patient. */
  | { readonly kind: 'patient'; readonly id: string }
  /** Changed in [from, to). */
  | { readonly kind: 'changed'; readonly from?: Date; readonly to?: Date }
  /** Comes after this place in the order of the answer. */
  | { readonly kind: 'after'; readonly place: Place };

/**
 * Order of an answer. `id`, the default, is descending: newest first where the server gave the ids. It stands still
 * while resources change, so pages of it neither repeat nor lose one. `changed`: last changed first, then by id.
 */
export type Order = 'id' | 'changed';

/** The place of a resource in an order. */
export type Place =
  | { readonly order: 'id'; readonly id: string }
  | { readonly order: 'changed'; readonly id: string; readonly lastUpdated: Date };

/** One page of resources of one type. */
export interface ResourceQuery {
  readonly type: string;
  readonly where: Expression;
  readonly limit: number;
  readonly order?: Order;
}
