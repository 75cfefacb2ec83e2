/**
 * What a resource takes on disk, table by table and index by index: the figures that docs/scale.md counts with.
 *
 *   npm run bench -- load --patients 300 --folder DIR      first
 *   npm run bench -- footprint --folder DIR
 *
 * One JSON line for the whole and one for each table; bytes are for each current resource, after VACUUM FULL.
 */
import pg from 'pg';
import { optionsOf } from './options.ts';
import { openStage } from './engine/stage.ts';

interface Relation {
  readonly name: string;
  readonly rows: number;
  readonly heap: number;
  readonly indexes: Readonly<Record<string, number>> | null;
}

export async function run(words: readonly string[]): Promise<void> {
  const folder = optionsOf(words, ['folder']).optional('folder');
  if (folder === undefined) throw new RangeError('takes --folder DIR, where data is that "load" has left');
  const stage = await openStage(folder);
  const client = new pg.Client({ connectionString: await stage.database('priora') });
  try {
    await client.connect();
    await client.query('vacuum full');
    await client.query('vacuum analyze');
    const { rows: [{ resources } = { resources: 0 }] } = await client.query<{ resources: number }>('select count(*)::integer as resources from resource where not deleted');
    const { rows } = await client.query<Relation>(`
      select c.relname as name, c.reltuples::bigint::integer as rows, pg_table_size(c.oid)::float8 as heap,
             (select json_object_agg(i.relname, pg_relation_size(i.oid)) from pg_index x join pg_class i on i.oid = x.indexrelid where x.indrelid = c.oid) as indexes
      from pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.reltuples > 0
      order by pg_total_relation_size(c.oid) desc`);
    const each = (bytes: number): number => Math.round((bytes / resources) * 10) / 10;
    const { rows: [{ content } = { content: 0 }] } = await client.query<{ content: number }>('select avg(octet_length(content))::float8 as content from resource where not deleted');
    const sum = (of: (relation: Relation) => number): number => rows.reduce((total, relation) => total + of(relation), 0);
    const indexBytes = (relation: Relation): number => Object.values(relation.indexes ?? {}).reduce((total, bytes) => total + bytes, 0);
    print({ bench: 'footprint', resources, content: Math.round(content), heap: each(sum((relation) => relation.heap)), indexes: each(sum(indexBytes)), postgres: stage.postgresVersion });
    for (const relation of rows) {
      print({ table: relation.name, rows: Math.round((relation.rows / resources) * 1000) / 1000, heap: each(relation.heap), indexes: Object.fromEntries(Object.entries(relation.indexes ?? {}).map(([name, bytes]) => [name, each(bytes)])) });
    }
  } finally {
    await client.end();
    await stage.close();
  }
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
