/**
 * The floor: the least that a server on this Node.js and this PostgreSQL can do. JSON in, a row and a history row, the
 * stored text out. No checks, no index, no rights, no search: a bound to measure against, not a server.
 */
import { randomUUID } from 'node:crypto';
import fastify from 'fastify';
import pg from 'pg';

interface Body {
  readonly resourceType: string;
  readonly [element: string]: unknown;
}
interface Version {
  readonly type: string;
  readonly id: string;
  readonly version: string;
  readonly text: string;
}

const tables = `
  create table if not exists current (type text not null, id uuid not null, version uuid not null, at timestamptz not null default now(), content text not null, primary key (type, id));
  create table if not exists history (type text not null, id uuid not null, version uuid not null, at timestamptz not null default now(), content text not null, primary key (version))`;
const writeOne = `
  with written as (
    insert into current (type, id, version, content) values ($1, $2, $3, $4)
    on conflict (type, id) do update set version = excluded.version, at = now(), content = excluded.content
  )
  insert into history (type, id, version, content) values ($1, $2, $3, $4)`;
const writeMany = `
  with sent as (select * from unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[]) as sent (type, id, version, content)),
    written as (insert into current (type, id, version, content) select * from sent)
  insert into history (type, id, version, content) select * from sent`;

const fhirJson = 'application/fhir+json; charset=utf-8';

function versionOf(body: Body, id: string, rewrite: (text: string) => string = (text) => text): Version {
  const version = randomUUID();
  const { resourceType, id: _, meta, ...rest } = body;
  return { type: resourceType, id, version, text: rewrite(JSON.stringify({ resourceType, id, meta: { ...meta as object, versionId: version, lastUpdated: new Date().toISOString() }, ...rest })) };
}

/** Serves until SIGTERM. The database is named by `BENCH_FLOOR_DATABASE`. */
export async function run(): Promise<void> {
  const pool = new pg.Pool({ connectionString: process.env['BENCH_FLOOR_DATABASE'], max: 16 });
  await pool.query(tables);
  const server = fastify({ bodyLimit: 64 * 1024 * 1024 });
  server.addContentTypeParser('application/fhir+json', { parseAs: 'string' }, (_, body, done) => {
    try {
      done(null, JSON.parse(body as string));
    } catch (error) {
      done(error as Error);
    }
  });
  const write = ({ type, id, version, text }: Version): Promise<unknown> => pool.query({ name: 'one', text: writeOne, values: [type, id, version, text] });

  server.get<{ Params: { type: string; id: string } }>('/fhir/:type/:id', async ({ params }, reply) => {
    const { rows } = await pool.query<{ content: string }>({ name: 'read', text: 'select content from current where type = $1 and id = $2', values: [params.type, params.id] });
    return reply.type(fhirJson).code(rows.length === 0 ? 404 : 200).send(rows[0]?.content ?? '{}');
  });
  server.post<{ Body: Body }>('/fhir/:type', async ({ body }, reply) => {
    const made = versionOf(body, randomUUID());
    await write(made);
    return reply.type(fhirJson).code(201).header('location', `/fhir/${made.type}/${made.id}/_history/${made.version}`).header('etag', `W/"${made.version}"`).send(made.text);
  });
  server.put<{ Params: { type: string; id: string }; Body: Body }>('/fhir/:type/:id', async ({ params, body }, reply) => {
    const made = versionOf(body, params.id);
    await write(made);
    return reply.type(fhirJson).header('etag', `W/"${made.version}"`).send(made.text);
  });
  server.post<{ Body: { entry: { fullUrl: string; resource: Body }[] } }>('/fhir', async ({ body }, reply) => {
    const ids = new Map(body.entry.map(({ fullUrl, resource }) => [fullUrl, { type: resource.resourceType, id: randomUUID() }]));
    const rewrite = (text: string): string => text.replaceAll(/"(urn:uuid:[0-9a-f-]{36})"/g, (whole, urn: string) => (ids.has(urn) ? `"${ids.get(urn)!.type}/${ids.get(urn)!.id}"` : whole));
    const all = body.entry.map(({ fullUrl, resource }) => versionOf(resource, ids.get(fullUrl)!.id, rewrite));
    await pool.query({ name: 'many', text: writeMany, values: [all.map((one) => one.type), all.map((one) => one.id), all.map((one) => one.version), all.map((one) => one.text)] });
    return reply.type(fhirJson).send(JSON.stringify({ resourceType: 'Bundle', type: 'transaction-response', entry: all.map(({ type, id, version }) => ({ response: { status: '201', location: `${type}/${id}/_history/${version}` } })) }));
  });

  const address = await server.listen({ host: '127.0.0.1', port: 0 });
  process.stdout.write(`floor at ${address}/fhir\n`);
  await new Promise<void>((resolve) => { process.once('SIGTERM', resolve); });
  await server.close();
  await pool.end();
}
