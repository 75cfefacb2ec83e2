/** What of a tenant's resources is being indexed again, or was lately, and how far that is. */
import sql from 'sql-template-tag';
import type { Access } from '../context.ts';
import type { Queryable } from '../database.ts';

export interface ReindexStatus {
  /** The id of a SearchParameter; undefined for everything, as after a release. */
  readonly definition: string | undefined;
  /** The code of the search parameter; empty for everything. */
  readonly name: string;
  /** `addition`, `removal` or `release`. */
  readonly kind: string;
  /** `waiting`, `running` or `done`. */
  readonly state: string;
  /** Resources that were looked at. */
  readonly done: number;
  /** Resources that there were when it began. */
  readonly total: number;
  readonly changedAt: Date;
}

/** What was done long ago is of no interest. */
const most = 100;

/** The newest first. A release that found nothing to do is left out. */
export async function readReindexes(database: Queryable, access: Access): Promise<readonly ReindexStatus[]> {
  const { rows } = await database.query<{ subject: string; kind: string; name: string; state: string; done: string; total: string; changed_at: Date }>(sql`
    select subject, kind, name, state, done, total, changed_at
    from reindex
    where tenant = ${access.tenant} and (subject <> '' or total > 0 or state <> 'done')
    order by changed_at desc, subject
    limit ${most}`);
  return rows.map(({ subject, kind, name, state, done, total, changed_at: changedAt }) => (
    { definition: subject === '' ? undefined : subject, name, kind, state, done: Number(done), total: Number(total), changedAt }));
}
