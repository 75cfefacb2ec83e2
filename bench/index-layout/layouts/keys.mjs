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

const keysOf = (row) => bigints([
  ...row.tokens.flatMap((t) => [tokenKey(row.tenant, row.type, t.parameter, t.system, t.code), codeKey(row.tenant, row.type, t.parameter, t.code)]),
  ...row.references.map((r) => referenceKey(row.tenant, row.type, r.parameter, r.target)),
]);
const parameter = ['smallint', (x) => P(x.parameter)];
const tables = {
  dates: ['index_date', { parameter, low: ['timestamptz', (x) => time(x.low)], high: ['timestamptz', (x) => time(x.high)] }],
  strings: ['index_string', { parameter, value: ['text', (x) => x.value] }],
  quantities: ['index_quantity', { parameter, value: ['numeric', (x) => x.value], unit: ['text', (x) => x.unit] }],
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
    for (const [kind, [table, own2]] of Object.entries(tables)) {
      const list = sideRows(rows, kind);
      if (list.length === 0) continue;
      const names = Object.keys(own2).join(', ');
      statement.with(`i_${kind}`, `insert into ${table} (tenant, shard, type, id, ${names}) select s.tenant, s.shard, s.type, s.id, ${Object.keys(own2).map((c) => `x.${c}`).join(', ')} from ${statement.unnest(list, { n: ['integer', (x) => x.n], ...own2 })} x(n, ${names}) join s using (n) ${conflict}`);
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
  // A key that few rows have is fenced off, or the planner may walk resource_by_change to avoid the sort.
  const fenced = (type, n) => `select r.* from resource r where ${live(type)} and ${has(n)}`;

  const searches = {
    'patient-identifier': (p) => ({ text: `with m as materialized (${fenced('Patient', 1)}) select r.id, r.content from m r ${newest} limit 50`, values: [p.identifier] }),
    'patient-name-birthdate': (p) => ({ text: `select r.id, r.content from resource r ${dated('birthdate')} where ${live('Patient')} and ${low} >= $2 and ${low} < $2::timestamptz + interval '1 day' and exists (select from index_string s where s.tenant = r.tenant and s.type = r.type and s.id = r.id and s.shard = r.shard and s.parameter = ${P('name')} and s.value >= $1 and s.value < $1 || chr(1114111)) ${newest} limit 50`, values: [p.family, p.birthDate] }),
    'obs-patient-code-sort': (p) => ({ text: `select r.id, r.content from resource r ${inRow ? '' : 'left '}${dated('date')} where ${live('Observation')} and r.patient = $1 and ${has(2)} order by ${low} desc, r.id limit 50`, values: [p.patient, p.heartRate] }),
    'obs-patient-page100': (p) => ({ text: `select r.id, r.content from resource r where ${live('Observation')} and r.patient = $1 ${newest} limit 100`, values: [p.patient] }),
    'obs-code-date-sort': (p) => ({ text: `select r.id, r.content from resource r ${dated('date')} where ${live('Observation')} and ${has(1)} and ${since(2)} ${inRow ? '' : `and d.tenant = 1 and d.type = ${T('Observation')}`} order by ${low} desc, r.id limit 50`, values: [p.code, p.since] }),
    'claim-patient-status-created': (p) => ({ text: `select r.id, r.content from resource r ${dated('created')} where ${live('Claim')} and r.patient = $1 and ${has(2)} and ${since(3)} ${newest} limit 50`, values: [p.patient, p.active, '2018-01-01Z'] }),
    'claim-chained-identifier': (p) => ({ text: `with p as materialized (${fenced('Patient', 1)}) select r.id, r.content from p join resource r on r.patient = p.id and ${live('Claim')} ${newest} limit 50`, values: [p.identifier] }),
    'patient-has-condition': (p) => ({ text: `with c as materialized (select distinct r.patient from resource r where ${live('Condition')} and ${has(1)}) select r.id, r.content from c join resource r on r.id = c.patient and ${live('Patient')} ${newest} limit 20`, values: [p.condition] }),
    'claim-include-patient': (p) => ({ text: `with page as materialized (select r.id, r.content from resource r where ${live('Claim')} and r.patient = $1 ${newest} limit 20) select id, content from page union all select r.id, r.content from resource r where ${live('Patient')} and r.id = $1 and exists (select from page)`, values: [p.patient] }),
    'patient-revinclude-claim': (p) => ({ text: `with m as materialized (${fenced('Patient', 1)}), page as materialized (select r.id, r.content from m r ${newest} limit 50), claims as (select r.id, r.content from page join resource r on r.patient = page.id and ${live('Claim')} limit 1000) select * from page union all select * from claims`, values: [p.identifier] }),
    'obs-code-count': (p) => ({ text: `select count(*)::int as id from resource r where ${live('Observation')} and ${has(1)}`, values: [p.code] }),
    'obs-since-sort': (p) => ({ text: `select r.id, r.content from resource r where ${live('Observation')} and r.last_updated >= $1 ${newest} limit 50`, values: [p.changed] }),
    'obs-status-sort': (p) => ({ text: `select r.id, r.content from resource r where ${live('Observation')} and ${has(1)} ${newest} limit 20`, values: [p.final] }),
    'obs-encounter-identifier': (p) => ({ text: `with e as materialized (${fenced('Encounter', 1)}), o as materialized (select r.* from e join resource r on ${live('Observation')} and r.keys @> array[${sqlReferenceKey(1, 'Observation', 'encounter', 'Encounter', 'e.id')}]) select r.id, r.content from o r ${newest} limit 50`, values: [p.encounter] }),
    ...(inRow && {
      'encounter-has-observation': (p) => ({ text: `with e as materialized (select distinct substr(x.target, 21) as id from resource r, unnest(r.targets) x(target) where ${live('Observation')} and ${has(1)} and x.target like 'encounter Encounter/%') select r.id, r.content from e join resource r on r.id = e.id and ${live('Encounter')} ${newest} limit 20`, values: [p.rareCode] }),
    }),
  };
  return { title, schema, create, update, searches };
}

export const keysAndTables = layout({ title: 'B keys + range tables', inRow: false });
export const keysAndDate = layout({ title: 'D keys + date in the row', inRow: true });
