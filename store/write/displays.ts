/** Texts of codes (`display`), each written once, with the first resource that has it. */
import sql from 'sql-template-tag';
import type { Database, Queryable } from '../database.ts';
import { bigints, smallints, texts } from './columns.ts';
import type { IndexedRow } from './index-rows.ts';

/** More texts than the codes of one payer have; what is forgotten is written again and found to be there. */
const mostRemembered = 50_000;

/** Keys that this process has seen committed to a database. */
const committed = new WeakMap<Database, Set<bigint>>();

/**
 * Writes the texts of the rows that are not known to be there. The result is to be called when what `connection`
 * does is committed: from then on they are known.
 */
export async function writeDisplays(database: Database, connection: Queryable, rows: readonly IndexedRow[]): Promise<() => void> {
  let known = committed.get(database);
  if (known === undefined) committed.set(database, known = new Set());
  const fresh = new Map<bigint, { tenant: number; scope: bigint; key: bigint; value: string }>();
  for (const row of rows) {
    for (const display of row.index.displays) if (!known.has(display.key)) fresh.set(display.key, { tenant: row.tenant, ...display });
  }
  if (fresh.size === 0) return () => {};
  // In one order, so that transactions with the same new texts do not wait for each other in a circle.
  const entries = [...fresh.values()].toSorted((a, b) => a.key < b.key ? -1 : 1);
  const { text, values } = sql`
    insert into display (tenant, scope, key, value)
    select * from unnest(${smallints(entries.map((entry) => entry.tenant))}, ${bigints(entries.map((entry) => entry.scope))},
                         ${bigints(entries.map((entry) => entry.key))}, ${texts(entries.map((entry) => entry.value))}) as entry
    on conflict do nothing`;
  await connection.query({ name: 'write-displays', text, values });
  return () => {
    if (known.size > mostRemembered) known.clear();
    for (const { key } of entries) known.add(key);
  };
}
