/**
 * What was decided on the records of a member must still be all there is: the commit of a new authorization, of one
 * that takes a part of what another was approved for, or of what waits for a request, counts on from the number that was read with them. Of two commits
 * that assumed the same number the second fails as a serialization failure; its caller reads again and decides again.
 */
import sql from 'sql-template-tag';
import type { Context } from '../context.ts';
import type { CountRecorded, RecordAuthorization } from './changes.ts';
import type { Part } from './part.ts';

/** Undefined where nothing was decided so. */
export function recordedPart(context: Context, records: readonly RecordAuthorization[], others: readonly CountRecorded[]): Part | undefined {
  const members = new Map<string, { shard: number; member: string; assumed: number; added: number }>();
  for (const { header: { member, shard }, recordedBefore } of records) {
    if (recordedBefore === undefined) continue;
    const known = members.get(member);
    members.set(member, { shard, member, assumed: Math.min(recordedBefore, known?.assumed ?? recordedBefore), added: (known?.added ?? 0) + 1 });
  }
  // Beside an authorization it only has to be as it was.
  for (const { member, shard, before } of others) {
    const known = members.get(member);
    members.set(member, { shard, member, assumed: Math.min(before, known?.assumed ?? before), added: known?.added ?? 1 });
  }
  if (members.size === 0) return undefined;
  // In one order, so that commits for the same members do not wait for each other in a circle.
  const rows = [...members.values()].toSorted((a, b) => a.member < b.member ? -1 : 1);
  return {
    name: 'recorded',
    expressions: [
      sql`assumed as (
        select * from unnest(${rows.map((row) => row.shard)}::smallint[], ${rows.map((row) => row.member)}::text[], ${rows.map((row) => row.assumed)}::bigint[], ${rows.map((row) => row.added)}::bigint[])
          as row (shard, member, assumed, added)
      )`,
      sql`recorded as (
        insert into prior_authorization_member as known (tenant, shard, member, recorded)
        select ${context.tenant.id}::smallint, shard, member, assumed + added from assumed
        on conflict (tenant, shard, member) do update
        set recorded = excluded.recorded
        where known.recorded = (select a.assumed from assumed a where a.member = excluded.member)
        returning 1
      )`,
    ],
    demand: sql`expect_all((select count(*) from recorded), ${rows.length}::bigint)`,
  };
}
