/** A plan's members and their authorizations, for the bench of `$inquire`. */
import pg from 'pg';
import { demoCoverage, demoMembers, demoPatient, demoPayer } from '../../server/demo/records.ts';
import { shardOf } from '../../store/shard.ts';
import { memberNumber, requestOf } from './inquiries.ts';

const perBundle = 250;
const json = { 'content-type': 'application/fhir+json' };
const idOf = (member: number): string => `inquire-member-${member}`;

/** Patients and coverages, all called Joe Smith as the member of the official examples is. */
export async function loadPopulation(fhir: string, members: number): Promise<void> {
  await put(fhir, [demoPayer]);
  const joe = demoMembers.find(({ id }) => id === 'demo-joe-smith')!;
  for (let from = 0; from < members; from += perBundle) {
    const some = Array.from({ length: Math.min(perBundle, members - from) }, (_, index) => ({ ...joe, id: idOf(from + index), number: memberNumber(from + index) }));
    await put(fhir, some.flatMap((member) => [demoPatient(member), demoCoverage(member)]));
  }
}

async function put(fhir: string, resources: readonly { resourceType: string; id: string }[]): Promise<void> {
  const entry = resources.map((resource) => ({ resource, request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` } }));
  const answer = await fetch(fhir, { method: 'POST', headers: json, body: JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }) });
  if (!answer.ok) throw new Error(`the members were not loaded: ${answer.status} ${(await answer.text()).slice(0, 300)}`);
}

/** One request of each of the first members, taken as any other. */
export async function takeTemplates(fhir: string, members: number): Promise<void> {
  for (let member = 0; member < members; member += 1) {
    const answer = await fetch(`${fhir}/Claim/$submit`, { method: 'POST', headers: json, body: requestOf(member) });
    const text = await answer.text();
    if (!answer.ok || !text.includes('"code":"A1"')) throw new Error(`a request was not certified: ${answer.status} ${text.slice(0, 300)}`);
  }
}

/** Tables that an authorization is in, and what a copy has of its own there. The other columns are as in the template. */
const copied: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  prior_authorization: {
    shard: 'c.new_shard', id: 'c.new_id', administrative_reference: 'c.new_reference', member: 'c.new_member', requester: 'c.requester',
    claim: 'gen_random_uuid()::text', claim_response: 'gen_random_uuid()::text',
  },
  prior_authorization_event: { shard: 'c.new_shard', authorization_id: 'c.new_id', detail: 'replace(original.detail, c.administrative_reference, c.new_reference)' },
  prior_authorization_item: { shard: 'c.new_shard', authorization_id: 'c.new_id', member: 'c.new_member' },
  prior_authorization_request: { shard: 'c.new_shard', authorization_id: 'c.new_id' },
};

async function columnsOf(client: pg.Client, table: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(`select column_name as name from information_schema.columns where table_schema = 'public' and table_name = $1 and is_generated = 'NEVER' and identity_generation is null`, [table]);
  return rows.map(({ name }) => name);
}

/** Copies of one multiplication; more at once would be one very long transaction. */
const perStep = 20_000;

/**
 * Every member gets `each` authorizations: copies of the templates, which are removed from view by giving them to nobody.
 * The documents that came with a request are not copied: the copies share the delivery of their template.
 */
export async function multiply(connectionString: string, members: number, each: number): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(`create unlogged table bench_template as
      select row_number() over (order by id) - 1 as n, count(*) over () as total, * from prior_authorization`);
    await client.query(`update prior_authorization set member = 'nobody', requester = '{}'`);
    const { rows: [one] } = await client.query<{ tenant: number }>('select tenant from bench_template limit 1');
    for (let from = 0; from < members; from += Math.ceil(perStep / each)) {
      const numbers = Array.from({ length: Math.min(Math.ceil(perStep / each), members - from) }, (_, index) => from + index);
      await client.query('begin');
      await client.query('drop table if exists bench_copy');
      await client.query({
        text: `create temporary table bench_copy as
          select gen_random_uuid() as new_id, m.id as new_member, m.shard as new_shard,
                 'R-' || lpad(m.n::text, 8, '0') || '-' || k as new_reference, t.*
          from unnest($1::integer[], $2::text[], $3::smallint[]) as m (n, id, shard)
          cross join generate_series(0, $4::integer - 1) as k
          join bench_template t on t.n = (m.n::bigint * $4::integer + k) % t.total`,
        values: [numbers, numbers.map(idOf), numbers.map((member) => shardOf(one!.tenant, idOf(member))), each],
      });
      for (const [table, replaced] of Object.entries(copied)) {
        const columns = await columnsOf(client, table);
        const own = table === 'prior_authorization' ? 'original.id' : 'original.authorization_id';
        await client.query(`insert into ${table} (${columns.join(', ')})
          select ${columns.map((column) => replaced[column] ?? `original.${column}`).join(', ')}
          from bench_copy c join ${table} original on original.tenant = c.tenant and original.shard = c.shard and ${own} = c.id`);
      }
      await client.query('commit');
    }
    await client.query('drop table bench_template');
  } finally {
    await client.end();
  }
}
