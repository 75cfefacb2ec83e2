/** What waits of a sender, counted on and back: whoever would take more room than there is fails, and looks again. */
import sql from 'sql-template-tag';
import type { Context } from '../context.ts';
import type { CountHeld } from './changes.ts';
import type { Part } from './part.ts';

/** One row for each sender, in one order. More than there is room for fails as a serialization failure. */
export function heldSendersPart(context: Context, counts: readonly CountHeld[]): readonly Part[] {
  const bySender = new Map<string, CountHeld>();
  for (const count of counts) {
    const known = bySender.get(count.sender);
    bySender.set(count.sender, known ? { ...known, documents: known.documents + count.documents, bytes: known.bytes + count.bytes } : count);
  }
  const rows = [...bySender.values()].toSorted((a, b) => (a.sender < b.sender ? -1 : 1));
  const [kept, released] = [rows.filter(({ documents }) => documents > 0), rows.filter(({ documents }) => documents <= 0)];
  return [...kept.length > 0 ? [keptPart(context, kept)] : [], ...released.length > 0 ? [releasedPart(context, released)] : []];
}

function keptPart(context: Context, rows: readonly CountHeld[]): Part {
  const most = rows.map((row) => row.most ?? { documents: Number.MAX_SAFE_INTEGER, bytes: Number.MAX_SAFE_INTEGER });
  return {
    name: 'held',
    expressions: [
      sql`holding as (
        select * from unnest(${rows.map(({ shard }) => shard)}::smallint[], ${rows.map(({ sender }) => sender)}::text[], ${rows.map(({ documents }) => documents)}::bigint[], ${rows.map(({ bytes }) => bytes)}::bigint[],
                             ${most.map(({ documents }) => documents)}::bigint[], ${most.map(({ bytes }) => bytes)}::bigint[]) as row (shard, sender, documents, bytes, most_documents, most_bytes)
      )`,
      sql`held as (
        insert into held_sender as known (tenant, shard, sender, documents, bytes)
        select ${context.tenant.id}::smallint, shard, sender, documents, bytes from holding where documents <= most_documents and bytes <= most_bytes
        on conflict (tenant, shard, sender) do update
        set documents = known.documents + excluded.documents, bytes = known.bytes + excluded.bytes
        where exists (select from holding h where h.sender = excluded.sender and known.documents + excluded.documents <= h.most_documents and known.bytes + excluded.bytes <= h.most_bytes)
        returning 1
      )`,
    ],
    demand: sql`expect_all((select count(*) from held), ${rows.length}::bigint)`,
  };
}

function releasedPart(context: Context, rows: readonly CountHeld[]): Part {
  return {
    name: 'released',
    expressions: [sql`released as (
      update held_sender s
      set documents = greatest(0, s.documents + r.documents), bytes = greatest(0, s.bytes + r.bytes)
      from unnest(${rows.map(({ shard }) => shard)}::smallint[], ${rows.map(({ sender }) => sender)}::text[], ${rows.map(({ documents }) => documents)}::bigint[], ${rows.map(({ bytes }) => bytes)}::bigint[]) as r (shard, sender, documents, bytes)
      where s.tenant = ${context.tenant.id} and s.shard = r.shard and s.sender = r.sender
    )`],
  };
}
