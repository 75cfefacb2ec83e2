/**
 * Tokens that count once. That one was used is noted by itself and not by the commit of what it was used for: it stays
 * used where that fails.
 */
import { hash } from 'node:crypto';
import sql from 'sql-template-tag';
import type { Context } from './context.ts';
import type { Queryable } from './database.ts';

/** Of one statement, so that no lock is held for long. */
const removedAtOnce = 1000;
/** Clocks of servers differ; a token that has ended here may be good for some seconds elsewhere. In milliseconds. */
const grace = 3_600_000;

/** @returns false where the token was used before, by whichever process */
export async function spendToken(database: Queryable, { issuer, id, expiresAt }: { readonly issuer: string; readonly id: string; readonly expiresAt: Date }, { tenant }: Pick<Context, 'tenant'>): Promise<boolean> {
  const token = hash('sha256', JSON.stringify([issuer, id]), 'buffer');
  const { rowCount } = await database.query(sql`
    insert into cds_client_token (tenant, token, expires_at) values (${tenant.id}, ${token}, ${expiresAt})
    on conflict do nothing`);
  return rowCount === 1;
}

/** Removes tokens that would not be taken any more. @returns how many */
export async function removeEndedTokens(database: Queryable, tenant: number, now: Date, signal?: AbortSignal): Promise<number> {
  const before = new Date(now.getTime() - grace);
  for (let removed = 0; ;) {
    const { rowCount } = signal?.aborted === true ? { rowCount: 0 } : await database.query(sql`
      delete from cds_client_token
      where tenant = ${tenant} and token in (select token from cds_client_token where tenant = ${tenant} and expires_at < ${before} limit ${removedAtOnce})`);
    if (!rowCount) return removed;
    removed += rowCount;
  }
}
