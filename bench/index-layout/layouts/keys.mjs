/**
 * B and D: one array of 64-bit keys a resource under one GIN index.
 * B keeps every date in a narrow table. D keeps the type's principal date in the resource row, where the patient index
 * and a date index carry it, the other dates in the narrow table, and reference targets as plain text for `_has`.
 */
import { codeKey, parameterNumber, principalDate, referenceKey, sqlReferenceKey, tokenKey, typeNumber } from '../resources.mjs';
import { Statement, bigints, history, keyColumns, numbered, time } from './statement.mjs';

const range = (name, columns, order) => `
create table ${name} (tenant smallint not null, shard smallint not null, type smallint not null, parameter smallint not null, id text not null collate "C", ${columns}, primary key (tenant, type, id, parameter, ${order.split(' ')[0]}, shard));
create index on ${name} (tenant, type, parameter, ${order}, id);`;
const T = typeNumber, P = parameterNumber;
const newest = 'order by r.last_updated desc, r.id';
const live = (type) => `r.tenant = 1 and r.type = ${T(type)} and not r.deleted`;
const has = (n) => `r.keys @> array[$${n}]::bigint[]`;
/** A key tested on rows found otherwise: `= any` cannot use the GIN index, so its posting list is not read for nothing. */
const tested = (n) => `$${n} = any(r.keys)`;
// Driven by a key. The key implies tenant, type and `not deleted` (a deleted row has no keys); said again, each would
// count as a further restriction, and the planner would fetch the whole primary key of the type to AND the bitmaps.
const byKey = (n) => `select r.* from resource r where ${has(n)}`;

// The planner takes an identifier it has no statistics of for some hundred rows and may hash all claims against them;
// `offset 0` keeps the sub-select whole: one index probe for each row on the left.
const ofPatient = (type, id) => `select r.* from resource r where ${live(type)} and r.patient = ${id} offset 0`;

/** How often keys occur, from the statistics that ANALYZE keeps of the array: the common ones, and a bound for the rest. */
const frequency = { of: new Map(), rest: 0, rows: 0, types: new Map() };
async function readStatistics(client) {
  const { rows: [keys] } = await client.query("select most_common_elems::text::bigint[]::text[] as elements, most_common_elem_freqs::float8[] as shares from pg_stats where schemaname = 'public' and tablename = 'resource' and attname = 'keys'");
  const { rows: [type] } = await client.query("select most_common_vals::text::int[] as numbers, most_common_freqs::float8[] as shares from pg_stats where schemaname = 'public' and tablename = 'resource' and attname = 'type'");
  const { rows: [table] } = await client.query("select reltuples::float8 as rows from pg_class where oid = 'resource'::regclass");
  frequency.of = new Map(keys.elements.map((k, n) => [k, keys.shares[n]]));
  frequency.rest = keys.shares[keys.elements.length] / 2;
  frequency.rows = table.rows;
  frequency.types = new Map(type.numbers.map((t, n) => [t, type.shares[n]]));
}
/**
 * Whether a sorted page is found sooner by walking the sort's index and testing the key than by fetching all that have
 * the key: the walk sees about limit x (rows of the type / matches), the key as many as match.
 */
function walkIsShorter(key, type, limit) {
  const matches = (frequency.of.get(key) ?? frequency.rest) * frequency.rows;
  return limit * (frequency.types.get(T(type)) ?? 0.001) * frequency.rows < matches * matches;
}

const keysOf = (row) => bigints([
  ...row.tokens.flatMap((t) => [tokenKey(row.tenant, row.type, t.parameter, t.system, t.code), codeKey(row.tenant, row.type, t.parameter, t.code)]),
  ...row.references.map((r) => referenceKey(row.tenant, row.type, r.parameter, r.target)),
]);
const parameter = ['smallint', (x) => P(x.parameter)];
/** Index tables by kind of value: name and columns. */
const tables = {
  dates: { table: 'index_date', own: { parameter, low: ['timestamptz', (x) => time(x.low)], high: ['timestamptz', (x) => time(x.high)] } },
  strings: { table: 'index_string', own: { parameter, value: ['text', (x) => x.value] } },
  quantities: { table: 'index_quantity', own: { parameter, value: ['numeric', (x) => x.value], unit: ['text', (x) => x.unit] } },
};

function layout({ title, inRow }) {
  const principal = (row) => row.dates.find((d) => inRow && d.parameter === principalDate[row.type]);
  const sideRows = (rows, kind) => numbered(rows, kind).filter((x) => kind !== 'dates' || !inRow || x.parameter !== principalDate[x.row.type]);
  const columns = {
    ...keyColumns,
    keys: ['text', keysOf],
    ...(inRow && {
      date_low: ['timestamptz', (r) => (principal(r) === undefined ? null : time(principal(r).low))],
      date_high: ['timestamptz', (r) => (principal(r) === undefined ? null : time(principal(r).high))],
      targets: ['text', (r) => `{${r.references.filter((x) => x.parameter !== 'patient' && x.parameter !== 'subject').map((x) => `"${x.parameter} ${x.target}"`).join(',')}}`],
    }),
  };
  const own = Object.keys(columns).filter((c) => !['keys', 'targets'].includes(c)).join(', ');
  const schema = `
create table resource (
  tenant smallint not null, shard smallint not null, type smallint not null, id text not null collate "C",
  version integer not null, last_updated timestamptz not null, deleted boolean not null default false, patient text collate "C",
  ${inRow ? 'date_low timestamptz, date_high timestamptz, targets text[] not null,' : ''}
  keys bigint[] not null, content text not null, primary key (tenant, type, id, shard));
create index resource_by_key on resource using gin (keys) with (fastupdate = off);
create index resource_by_change on resource (tenant, type, last_updated desc, id) where not deleted;
create index resource_by_patient on resource (tenant, patient, type${inRow ? ', date_low desc, id' : ''}) where patient is not null and not deleted;
${inRow ? 'create index resource_by_date on resource (tenant, type, date_low desc, id) where date_low is not null and not deleted;' : ''}
${range('index_date', 'low timestamptz not null, high timestamptz not null', 'low desc')}
${range('index_string', 'value text not null collate "C"', 'value')}
${range('index_quantity', 'value numeric not null, unit text not null', 'value')}
${history}`;

  const source = (statement, rows) => `${statement.unnest(rows, columns)} with ordinality u(${Object.keys(columns).join(', ')}, n)`;
  const insertIndexRows = (statement, rows, conflict) => {
    for (const [kind, { table, own: values }] of Object.entries(tables)) {
      const list = sideRows(rows, kind);
      if (list.length === 0) continue;
      const names = Object.keys(values).join(', ');
      statement.with(`i_${kind}`, `insert into ${table} (tenant, shard, type, id, ${names}) select s.tenant, s.shard, s.type, s.id, ${Object.keys(values).map((c) => `x.${c}`).join(', ')} from ${statement.unnest(list, { n: ['integer', (x) => x.n], ...values })} x(n, ${names}) join s using (n) ${conflict}`);
    }
  };
  const create = (rows) => {
    const statement = new Statement();
    statement.with('s', `select * from ${source(statement, rows)}`);
    insertIndexRows(statement, rows, '');
    return statement.finish(`insert into resource (${own}, version, keys${inRow ? ', targets' : ''}) select ${own}, 1, keys::bigint[]${inRow ? ', targets::text[]' : ''} from s`);
  };
  const update = (row) => {
    const statement = new Statement();
    statement.with('s', `select * from ${source(statement, [row])}`);
    statement.with('h', 'insert into resource_history select r.tenant, r.shard, r.type, r.id, r.version, r.last_updated, r.content from s join resource r using (tenant, type, id, shard)');
    if (!inRow || sideRows([row], 'dates').length > 0) {
      const dates = statement.add(row.dates.map((d) => time(d.low)), 'timestamptz');
      statement.with('gone_d', `delete from index_date t using s where t.tenant = s.tenant and t.type = s.type and t.id = s.id and t.shard = s.shard and t.low <> all(${dates})`);
    }
    insertIndexRows(statement, [row], 'on conflict do nothing');
    return statement.finish(`update resource r set version = r.version + 1, last_updated = s.last_updated, content = s.content, keys = s.keys::bigint[]${inRow ? ', date_low = s.date_low, date_high = s.date_high, targets = s.targets::text[]' : ''} from s where r.tenant = s.tenant and r.type = s.type and r.id = s.id and r.shard = s.shard`);
  };

  const dated = (p) => (inRow ? '' : `join index_date d on d.tenant = r.tenant and d.type = r.type and d.id = r.id and d.shard = r.shard and d.parameter = ${P(p)}`);
  const low = inRow ? 'r.date_low' : 'd.low', high = inRow ? 'r.date_high' : 'd.high';
  const since = (n) => `${low} >= $${n}::timestamptz - interval '1 day' and ${high} > $${n}::timestamptz`;

  const codeDateSort = (p) => {
    const rest = `${since(2)} order by r.date_low desc, r.id limit 50`, values = [p.code, p.since];
    return walkIsShorter(p.code, 'Observation', 50)
      ? { text: `select r.id, r.content from resource r where ${live('Observation')} and ${tested(1)} and ${rest}`, values }
      : { text: `with m as materialized (${byKey(1)}) select r.id, r.content from m r where ${rest}`, values };
  };
  // `(select true … limit 1)` is a probe a row; `exists` would let the planner turn it into a join with all that match.
  const nameAndDate = (p) => ({ text: `select r.id, r.content from resource r where ${live('Patient')} and r.date_low >= $2 and r.date_low < $2::timestamptz + interval '1 day' and (select true from index_string s where s.tenant = r.tenant and s.type = r.type and s.id = r.id and s.parameter = ${P('name')} and s.value >= $1 and s.value < $1 || chr(1114111) limit 1) ${newest} limit 50`, values: [p.family, p.birthDate] });
  const hasByWalk = (p) => ({ text: `select r.id, r.content from resource r where ${live('Patient')} and (select true from resource c where c.tenant = 1 and c.type = ${T('Condition')} and not c.deleted and c.patient = r.id and $1 = any(c.keys) limit 1) ${newest} limit 20`, values: [p.condition] });
  const searches = {
    'patient-identifier': (p) => ({ text: `with m as materialized (${byKey(1)}) select r.id, r.content from m r ${newest} limit 50`, values: [p.identifier] }),
    'patient-name-birthdate': (p) => (inRow ? nameAndDate(p) : { text: `select r.id, r.content from resource r ${dated('birthdate')} where ${live('Patient')} and ${low} >= $2 and ${low} < $2::timestamptz + interval '1 day' and exists (select from index_string s where s.tenant = r.tenant and s.type = r.type and s.id = r.id and s.shard = r.shard and s.parameter = ${P('name')} and s.value >= $1 and s.value < $1 || chr(1114111)) ${newest} limit 50`, values: [p.family, p.birthDate] }),
    'obs-patient-code-sort': (p) => ({ text: `select r.id, r.content from resource r ${inRow ? '' : 'left '}${dated('date')} where ${live('Observation')} and r.patient = $1 and ${tested(2)} order by ${low} desc, r.id limit 50`, values: [p.patient, p.heartRate] }),
    'obs-patient-page100': (p) => ({ text: `select r.id, r.content from resource r where ${live('Observation')} and r.patient = $1 ${newest} limit 100`, values: [p.patient] }),
    'obs-code-date-sort': (p) => (inRow ? codeDateSort(p) : { text: `select r.id, r.content from resource r ${dated('date')} where ${live('Observation')} and ${has(1)} and ${since(2)} ${inRow ? '' : `and d.tenant = 1 and d.type = ${T('Observation')}`} order by ${low} desc, r.id limit 50`, values: [p.code, p.since] }),
    'claim-patient-status-created': (p) => ({ text: `select r.id, r.content from resource r ${dated('created')} where ${live('Claim')} and r.patient = $1 and ${tested(2)} and ${since(3)} ${newest} limit 50`, values: [p.patient, p.active, '2018-01-01Z'] }),
    'claim-chained-identifier': (p) => ({ text: `with p as materialized (${byKey(1)}) select r.id, r.content from p cross join lateral (${ofPatient('Claim', 'p.id')}) r ${newest} limit 50`, values: [p.identifier] }),
    'patient-has-condition': (p) => (inRow && walkIsShorter(p.condition, 'Patient', 20 * 4) ? hasByWalk(p) : { text: `with c as materialized (select distinct r.patient from resource r where ${has(1)}) select r.id, r.content from c cross join lateral (select r.* from resource r where ${live('Patient')} and r.id = c.patient offset 0) r ${newest} limit 20`, values: [p.condition] }),
    'claim-include-patient': (p) => ({ text: `with page as materialized (select r.id, r.content from resource r where ${live('Claim')} and r.patient = $1 ${newest} limit 20) select id, content from page union all select r.id, r.content from resource r where ${live('Patient')} and r.id = $1 and exists (select from page)`, values: [p.patient] }),
    'patient-revinclude-claim': (p) => ({ text: `with m as materialized (${byKey(1)}), page as materialized (select r.id, r.content from m r ${newest} limit 50), claims as (select r.id, r.content from page cross join lateral (${ofPatient('Claim', 'page.id')}) r limit 1000) select * from page union all select * from claims`, values: [p.identifier] }),
    'obs-code-count': (p) => ({ text: `select count(*)::int as id from resource r where ${has(1)}`, values: [p.code] }),
    'obs-since-sort': (p) => ({ text: `select r.id, r.content from resource r where ${live('Observation')} and r.last_updated >= $1 ${newest} limit 50`, values: [p.changed] }),
    'obs-status-sort': (p) => ({ text: `select r.id, r.content from resource r where ${live('Observation')} and ${walkIsShorter(p.final, 'Observation', 20) ? tested(1) : has(1)} ${newest} limit 20`, values: [p.final] }),
    'obs-encounter-identifier': (p) => ({ text: `with e as materialized (${byKey(1)}), o as materialized (select r.* from e cross join lateral (select r.* from resource r where r.keys @> array[${sqlReferenceKey(1, 'Observation', 'encounter', 'Encounter', 'e.id')}] offset 0) r) select r.id, r.content from o r ${newest} limit 50`, values: [p.encounter] }),
    ...(inRow && {
      'encounter-has-observation': (p) => ({ text: `with e as materialized (select distinct substr(x.target, 21) as id from resource r, unnest(r.targets) x(target) where ${has(1)} and x.target like 'encounter Encounter/%') select r.id, r.content from e cross join lateral (select r.* from resource r where ${live('Encounter')} and r.id = e.id offset 0) r ${newest} limit 20`, values: [p.rareCode] }),
    }),
  };
  return { title, schema, create, update, searches, readStatistics };
}

export const keysAndTables = layout({ title: 'B keys + range tables', inRow: false });
export const keysAndDate = layout({ title: 'D keys + date in the row', inRow: true });
