/** What an upgrade has left to a job, until that has done it. */
import sql from 'sql-template-tag';
import type { Queryable } from './database.ts';

export async function leftByUpgrade(database: Queryable): Promise<readonly string[]> {
  const { rows } = await database.query<{ name: string }>({ text: 'select name from upgrade_work order by name' });
  return rows.map(({ name }) => name);
}

export async function upgradeWorkDone(database: Queryable, name: string): Promise<void> {
  await database.query(sql`delete from upgrade_work where name = ${name}`);
}
