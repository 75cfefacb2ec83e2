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
      await client.query(`insert into prior_authorization (tenant, shard, id, administrative_reference, member, plan, requester, claim, claim_response, task, received_at, expedited, due_at, open, last_sequence)
        select tenant, new_shard, new_id, new_reference, new_member, plan, requester, gen_random_uuid()::text, gen_random_uuid()::text, task, received_at, expedited, due_at, open, last_sequence from bench_copy`);
      await client.query(`insert into prior_authorization_event (tenant, shard, authorization_id, sequence, at, kind, item, authority, author, rule, reason_system, reason_code, reason_text, detail)
        select e.tenant, c.new_shard, c.new_id, e.sequence, e.at, e.kind, e.item, e.authority, e.author, e.rule, e.reason_system, e.reason_code, e.reason_text, replace(e.detail, c.administrative_reference, c.new_reference)
        from bench_copy c join prior_authorization_event e on e.tenant = c.tenant and e.shard = c.shard and e.authorization_id = c.id`);
      await client.query(`insert into prior_authorization_item (tenant, shard, authorization_id, item, member, requester, received_at, service, serviced_from, serviced_to, status, number)
        select i.tenant, c.new_shard, c.new_id, i.item, c.new_member, i.requester, i.received_at, i.service, i.serviced_from, i.serviced_to, i.status, i.number
        from bench_copy c join prior_authorization_item i on i.tenant = c.tenant and i.shard = c.shard and i.authorization_id = c.id`);
      await client.query(`insert into prior_authorization_request (tenant, shard, authorization_id, version, rail, landing_id, landing_shard, trace, content_sha256, bundle)
        select r.tenant, c.new_shard, c.new_id, r.version, r.rail, r.landing_id, r.landing_shard, r.trace, r.content_sha256, r.bundle
        from bench_copy c join prior_authorization_request r on r.tenant = c.tenant and r.shard = c.shard and r.authorization_id = c.id`);
      await client.query('commit');
    }
    await client.query('drop table bench_template');
  } finally {
    await client.end();
  }
}
