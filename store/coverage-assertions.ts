/**
 * What clients were told of their orders, read back by its id (coverage-assertion-id). It is written by the commit of the
 * answer (`write/coverage-rows.ts`) and never changed.
 */
import type { Context } from './context.ts';
import type { Queryable } from './database.ts';
import { shardInId } from './shard.ts';

export interface StoredAssertion {
  readonly id: string;
  readonly member: string | undefined;
  readonly plan: string | undefined;
  /** `system|code` */
  readonly service: readonly string[];
  readonly pack: string | undefined;
  readonly packVersion: string | undefined;
  readonly rule: string | undefined;
  readonly covered: string;
  readonly paNeeded: string | undefined;
  readonly answer: string;
  readonly assertedAt: Date;
  /** YYYY-MM-DD */
  readonly expiresOn: string;
}

interface Row {
  id: string; member: string | null; plan: string | null; service: string[]; pack: string | null; pack_version: string | null; rule: string | null;
  covered: string; pa_needed: string | null; answer: string; asserted_at: Date; expires_on: string;
}

const byId = `
select id, member, plan, service, pack, pack_version, rule, covered, pa_needed, answer, asserted_at, expires_on::text
from coverage_assertion
where tenant = $1 and shard = any($2::smallint[]) and id = any($3::uuid[])`;

/** Those of these ids that this tenant gave out; a text that is no id of ours is passed over. */
export async function assertionsOf(database: Queryable, ids: Iterable<string>, context: Context): Promise<ReadonlyMap<string, StoredAssertion>> {
  const known = [...new Set(ids)].flatMap((id) => {
    const shard = shardInId(id);
    return shard === undefined ? [] : [{ id, shard }];
  });
  if (known.length === 0) return new Map();
  const { rows } = await database.query<Row>({ name: 'assertions-of', text: byId, values: [context.access.tenant, [...new Set(known.map(({ shard }) => shard))], known.map(({ id }) => id)] });
  return new Map(rows.map((row) => [row.id, {
    id: row.id, member: row.member ?? undefined, plan: row.plan ?? undefined, service: row.service, pack: row.pack ?? undefined, packVersion: row.pack_version ?? undefined,
    rule: row.rule ?? undefined, covered: row.covered, paNeeded: row.pa_needed ?? undefined, answer: row.answer, assertedAt: row.asserted_at, expiresOn: row.expires_on,
  }]));
}
