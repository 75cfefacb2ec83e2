/**
 * The outbox in the order of its transactions. A row counts as readable once no transaction as old as its own is open:
 * then nothing can appear before it any more, and a reader that stays behind that line misses nothing.
 */
import sql from 'sql-template-tag';
import { resourceTypeOfCode } from '../../fhir/resource-types.ts';
import type { Queryable } from '../database.ts';

export interface OutboxRow {
  readonly tenant: number;
  /** Of the transaction that wrote it. Decimal, as PostgreSQL has no smaller type for it. */
  readonly transaction: string;
  readonly position: string;
  readonly at: Date;
  /** `create`, `update`, `delete`, or `authorization-` and the kind of event. */
  readonly interaction: string;
  readonly type: string;
  readonly id: string;
  /** Of the resource; of an authorization the event's place in its log. */
  readonly version: number;
  readonly actor: string;
}

interface Row { tenant: number; transaction: string; position: string; at: Date; interaction: string; type: number; id: string; version: number; actor: string }

/**
 * The next rows for `reader`, which nobody else reads meanwhile: its row is locked until the transaction ends.
 * @returns undefined where another process is reading
 */
export async function readOutbox(connection: Queryable, reader: string, limit: number): Promise<readonly OutboxRow[] | undefined> {
  const { rows: [held] } = await connection.query<{ transaction: string; position: string }>(sql`
    select transaction::text, position::text from outbox_reader where name = ${reader} for update skip locked`);
  if (!held) return undefined;
  const { rows } = await connection.query<Row>(sql`
    select tenant, transaction::text, position::text, at, interaction, type, id, version, actor
    from outbox
    where (transaction, position) > (${held.transaction}::xid8, ${held.position}::bigint)
      and transaction < pg_snapshot_xmin(pg_current_snapshot())
    order by outbox.transaction, outbox.position
    limit ${limit}`);
  return rows.map((row) => ({ ...row, type: resourceTypeOfCode(row.type) }));
}

/** What was read is done with, once the transaction is committed. */
export async function moveReader(connection: Queryable, reader: string, { transaction, position }: OutboxRow): Promise<void> {
  await connection.query(sql`update outbox_reader set transaction = ${transaction}::xid8, position = ${position}::bigint where name = ${reader}`);
}

/** True as long as something is unread, also what cannot be read yet because an older transaction is open. */
export async function hasUnread(database: Queryable, reader: string): Promise<boolean> {
  const { rows } = await database.query(sql`
    select 1 from outbox_reader r
    where r.name = ${reader} and exists (select from outbox o where (o.transaction, o.position) > (r.transaction, r.position))`);
  return rows.length > 0;
}
