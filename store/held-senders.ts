/** How much waits of a sender for a request that names it. */
import sql from 'sql-template-tag';
import type { Context } from './context.ts';
import type { Queryable } from './database.ts';

export interface HeldOfSender {
  readonly shard: number;
  readonly sender: string;
  readonly documents: number;
  readonly bytes: number;
}

export async function heldOf(database: Queryable, { shard, sender }: Pick<HeldOfSender, 'shard' | 'sender'>, { access }: Pick<Context, 'access'>): Promise<Pick<HeldOfSender, 'documents' | 'bytes'>> {
  const { rows: [row] } = await database.query<{ documents: string; bytes: string }>(sql`select documents::text, bytes::text from held_sender where tenant = ${access.tenant} and shard = ${shard} and sender = ${sender}`);
  return { documents: Number(row?.documents ?? 0), bytes: Number(row?.bytes ?? 0) };
}

/** Some of whom something is counted, in the order of their keys. */
export async function heldSenders(database: Queryable, after: string, limit: number, { access }: Pick<Context, 'access'>): Promise<readonly HeldOfSender[]> {
  const { rows } = await database.query<{ shard: number; sender: string; documents: string; bytes: string }>(sql`
    select shard, sender, documents::text, bytes::text from held_sender
    where tenant = ${access.tenant} and sender > ${after} and documents > 0
    order by sender
    limit ${limit}`);
  return rows.map(({ shard, sender, documents, bytes }) => ({ shard, sender, documents: Number(documents), bytes: Number(bytes) }));
}

/** Puts a count right, unless it has changed since it was read. */
export async function correctHeld(database: Queryable, counted: HeldOfSender, right: Pick<HeldOfSender, 'documents' | 'bytes'>, { access }: Pick<Context, 'access'>): Promise<void> {
  const statement = sql`
    update held_sender set documents = ${right.documents}, bytes = ${right.bytes}
    where tenant = ${access.tenant} and shard = ${counted.shard} and sender = ${counted.sender} and documents = ${counted.documents} and bytes = ${counted.bytes}`;
  await database.query({ text: statement.text, values: [...statement.values], writes: true });
}
