/** Keys of this installation, made at its first start and kept in the store: every server of it has the same. */
import type { Database } from './database.ts';

const length = 32;

/** The key of that name, made when it is not there. */
export async function ensureSecret(database: Database, name: string, random: (count: number) => Uint8Array): Promise<Uint8Array> {
  const { rows } = await database.query<{ value: Buffer }>({
    text: `
      with added as (
        insert into server_secret (name, value) values ($1, $2)
        on conflict do nothing
        returning value
      )
      select value from added union all select value from server_secret where name = $1`,
    values: [name, Buffer.from(random(length))],
  });
  const [row] = rows;
  // Another server made it between the two looks.
  return row === undefined ? ensureSecret(database, name, random) : new Uint8Array(row.value);
}
