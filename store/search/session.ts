/**
 * Settings of connections on which searches run (docs/decisions/0006-search-sql.md).
 *
 * One plan serves all values: what shape a search has is decided by the compiler, and planning anew because a plan looked
 * cheaper for these values took four fifths of a search by identifier. And where the compiler asks for rows in the order of an
 * index, the index is walked: a planner that knows no values expects so few rows that it would rather fetch and sort them.
 */
export const onePlan = 'set plan_cache_mode = force_generic_plan';
export const searchSession = `${onePlan}; set enable_sort = off`;

/**
 * Of lanes, for what is quick because an index leads to it. The one plan may be made while a table is still empty, where
 * reading all of it looks cheapest, and is kept until statistics are: a new server read whole tables for each message, more
 * for every one that it had stored.
 */
export const laneSession = `${searchSession}; set enable_seqscan = off`;
