/** One search, asked again and again on one connection, with the processor time of its backend. */
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import type { Context } from '../../store/context.ts';
import type { Database, Statement } from '../../store/database.ts';
import { compileChanges, compileCount, compilePage } from '../../store/search/compile.ts';
import { searchSession } from '../../store/search/session.ts';
import { readSearch } from '../../store/search/language/read-search.ts';

export interface Measured {
  /** Processor milliseconds of the backend for one search, prepared. */
  readonly backend_ms: number;
  /** The same when planned anew each time. */
  readonly unprepared_ms: number;
  /** Milliseconds for one, as the client sees it. */
  readonly client_ms: number;
  readonly rows: number;
  readonly compile_ms: number;
  readonly plan?: string;
}

async function statementOf(address: string, database: Database, context: Context): Promise<Statement> {
  const [, way, rest] = /^(?:(count|estimate|history):)?(.*)$/.exec(address)!;
  if (way === 'history') return compileChanges({ ...(rest !== '' && { type: rest! }), limit: 20 }, context.access);
  const [path = '', parameters = ''] = rest!.split('?');
  const steps = path.split('/');
  const type = steps.at(-1)!;
  const searched = steps.length === 3 ? { type, compartment: { name: 'Patient' as const, id: steps[1]! } } : type === '' ? {} : { type };
  const { query } = await readSearch(searched, new URLSearchParams(parameters), { context, handling: 'strict', cursorKey: new Uint8Array(32) });
  if (way !== undefined) return compileCount(query.of[0]!, context.access, database.statistics, way === 'estimate' ? 10_001 : undefined);
  return compilePage(query, context.access, database.statistics, context.parameters);
}

export async function measureSearch(database: Database, connection: pg.ClientConfig, addresses: readonly string[], context: Context, options: { readonly times: number; readonly explain: boolean }): Promise<Measured> {
  const statements = await Promise.all(addresses.map((address) => statementOf(address, database, context)));
  const client = new pg.Client(connection);
  await client.connect();
  try {
    await client.query(searchSession);
    const { rows: [{ pid }] } = await client.query<{ pid: number }>('select pg_backend_pid() as pid') as unknown as { rows: [{ pid: number }] };
    const texts = [...new Set(statements.map(({ text }) => text))];
    let rows = 0;
    const timed = async (prepared: boolean, times: number): Promise<{ backend: number; client: number }> => {
      const [began, cpu] = [performance.now(), await backendTime(pid)];
      for (let time = 0; time < times; time += 1) {
        const { text, values } = statements[time % statements.length]!;
        rows = (await client.query({ text, values: values ?? [], ...(prepared && { name: `search-${texts.indexOf(text)}` }) })).rows.length;
      }
      return { backend: (await backendTime(pid) - cpu) / times, client: (performance.now() - began) / times };
    };
    const slow = (await timed(true, 6 * texts.length)).client > 20;
    const times = slow ? Math.min(10, options.times) : options.times;
    await timed(true, times);
    const prepared = await timed(true, times);
    const unprepared = await timed(false, times);
    const begin = performance.now();
    for (let time = 0; time < 50; time += 1) await statementOf(addresses[time % addresses.length]!, database, context);
    const compile = (performance.now() - begin) / 50;
    const plan = options.explain ? await planOf(client, statements[0]!) : undefined;
    return { backend_ms: round(prepared.backend), unprepared_ms: round(unprepared.backend), client_ms: round(prepared.client), rows, compile_ms: round(compile), ...(plan !== undefined && { plan }) };
  } finally {
    await client.end();
  }
}

/** The plan as it is kept for a prepared statement: not for these values, but for any. */
async function planOf(client: pg.Client, { text, values = [] }: Statement): Promise<string> {
  await client.query(`prepare planned as ${text}`);
  const literals = values.map((value) => value === null ? 'null' : client.escapeLiteral(value instanceof Date ? value.toISOString() : Array.isArray(value) ? `{${value.join(',')}}` : `${value as string | number | bigint}`));
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain (analyze, buffers, costs off) execute planned${literals.length > 0 ? ` (${literals.join(', ')})` : ''}`);
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

const round = (value: number): number => Number(value.toPrecision(3));

/** Processor time of a process in milliseconds (Linux). */
async function backendTime(pid: number): Promise<number> {
  return Number((await readFile(`/proc/${pid}/schedstat`, 'utf8')).split(' ')[0]) / 1e6;
}
