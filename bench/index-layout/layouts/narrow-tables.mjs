/** A: typed narrow index tables. A surrogate number ties index rows to the resource; hashes carry tenant, type and parameter. */
import { codeKey, parameterNumber, tokenKey, typeNumber } from '../resources.mjs';
import { Statement, history, keyColumns, numbered, time } from './statement.mjs';

export const title = 'A narrow tables';
export const schema = `
create sequence rid;
create table resource (
  tenant smallint not null, shard smallint not null, type smallint not null, id text not null collate "C",
  rid bigint not null, version integer not null, last_updated timestamptz not null, deleted boolean not null default false,
  patient text collate "C", content text not null, primary key (tenant, type, id, shard));
create index resource_by_rid on resource (rid);
create index resource_by_change on resource (tenant, type, last_updated desc, id) where not deleted;
create index resource_by_patient on resource (tenant, patient, type) where patient is not null and not deleted;
create table index_token (tenant smallint not null, shard smallint not null, rid bigint not null, hash bigint not null, code_hash bigint not null, primary key (rid, hash));
create index on index_token (hash, rid);
create index on index_token (code_hash, rid);
create table index_reference (tenant smallint not null, shard smallint not null, type smallint not null, parameter smallint not null, rid bigint not null, target text not null collate "C", primary key (rid, parameter, target));
create index on index_reference (tenant, type, parameter, target, rid);
create table index_date (tenant smallint not null, shard smallint not null, type smallint not null, parameter smallint not null, rid bigint not null, low timestamptz not null, high timestamptz not null, primary key (rid, parameter, low));
create index on index_date (tenant, type, parameter, low desc, rid) include (high);
create table index_string (tenant smallint not null, shard smallint not null, type smallint not null, parameter smallint not null, rid bigint not null, value text not null collate "C", primary key (rid, parameter, value));
create index on index_string (tenant, type, parameter, value, rid);
create table index_quantity (tenant smallint not null, shard smallint not null, type smallint not null, parameter smallint not null, rid bigint not null, value numeric not null, unit text not null, primary key (rid, parameter, value));
create index on index_quantity (tenant, type, parameter, value, rid);
${history}`;

const hashes = {
  hash: ['bigint', (x) => tokenKey(x.row.tenant, x.row.type, x.parameter, x.system, x.code)],
  code_hash: ['bigint', (x) => codeKey(x.row.tenant, x.row.type, x.parameter, x.code)],
};
const tables = {
  tokens: { table: 'index_token', type: '', columns: hashes },
  references: { table: 'index_reference', type: ', type', columns: { parameter: ['smallint', (x) => parameterNumber(x.parameter)], target: ['text', (x) => x.target] } },
  dates: { table: 'index_date', type: ', type', columns: { parameter: ['smallint', (x) => parameterNumber(x.parameter)], low: ['timestamptz', (x) => time(x.low)], high: ['timestamptz', (x) => time(x.high)] } },
  strings: { table: 'index_string', type: ', type', columns: { parameter: ['smallint', (x) => parameterNumber(x.parameter)], value: ['text', (x) => x.value] } },
  quantities: { table: 'index_quantity', type: ', type', columns: { parameter: ['smallint', (x) => parameterNumber(x.parameter)], value: ['numeric', (x) => x.value], unit: ['text', (x) => x.unit] } },
};
const insertIndexRows = (statement, rows, conflict) => {
  for (const [kind, { table, type, columns }] of Object.entries(tables)) {
    const list = numbered(rows, kind);
    if (list.length === 0) continue;
    const names = Object.keys(columns).join(', ');
    const source = statement.unnest(list, { n: ['integer', (x) => x.n], ...columns });
    statement.with(`i_${kind}`, `insert into ${table} (tenant, shard${type}, rid, ${names}) select s.tenant, s.shard${type.replace('type', 's.type')}, s.rid, ${Object.keys(columns).map((c) => `x.${c}`).join(', ')} from ${source} x(n, ${names}) join s using (n) ${conflict}`);
  }
};

export function create(rows) {
  const statement = new Statement();
  statement.with('s', `select nextval('rid') as rid, u.* from ${statement.unnest(rows, keyColumns)} with ordinality u(${Object.keys(keyColumns).join(', ')}, n)`);
  insertIndexRows(statement, rows, '');
  return statement.finish('insert into resource (tenant, shard, type, id, rid, version, last_updated, patient, content) select tenant, shard, type, id, rid, 1, last_updated, patient, content from s');
}

/** Index rows that stay the same are left alone: only differing ones are deleted and inserted. */
export function update(row) {
  const statement = new Statement();
  statement.with('s', `select u.*, r.rid, r.version, r.last_updated as was, r.content as before from ${statement.unnest([row], keyColumns)} with ordinality u(${Object.keys(keyColumns).join(', ')}, n) join resource r using (tenant, type, id, shard)`);
  statement.with('h', 'insert into resource_history select tenant, shard, type, id, version, was, before from s');
  const tokens = statement.add(numbered([row], 'tokens').map(hashes.hash[1]), 'bigint');
  statement.with('gone_t', `delete from index_token t using s where t.rid = s.rid and t.hash <> all(${tokens})`);
  const dates = statement.add(row.dates.map((d) => time(d.low)), 'timestamptz');
  statement.with('gone_d', `delete from index_date t using s where t.rid = s.rid and t.low <> all(${dates})`);
  const targets = statement.add(row.references.map((r) => r.target), 'text');
  statement.with('gone_r', `delete from index_reference t using s where t.rid = s.rid and t.target <> all(${targets})`);
  insertIndexRows(statement, [row], 'on conflict do nothing');
  return statement.finish('update resource r set version = r.version + 1, last_updated = s.last_updated, content = s.content from s where r.tenant = s.tenant and r.type = s.type and r.id = s.id and r.shard = s.shard');
}

const T = typeNumber, P = parameterNumber;
const newest = 'order by r.last_updated desc, r.id';
const has = (hash) => `exists (select from index_token t where t.rid = r.rid and t.hash = ${hash})`;
const live = (type) => `r.tenant = 1 and r.type = ${T(type)} and not r.deleted`;
const byToken = (type, hash) => `index_token t join resource r on r.rid = t.rid and ${live(type)} where t.hash = ${hash}`;
const from = (span) => `d.low >= ${span}::timestamptz - interval '1 day' and d.high > ${span}::timestamptz`;
// One index probe for each row on the left, whatever the planner takes its number for.
const ofPatient = (id) => `select r.* from resource r where ${live('Claim')} and r.patient = ${id} offset 0`;

export const searches = {
  'patient-identifier': (p) => ({ text: `select r.id, r.content from ${byToken('Patient', '$1')} ${newest} limit 50`, values: [p.identifier] }),
  'patient-name-birthdate': (p) => ({ text: `select r.id, r.content from index_date d join resource r on r.rid = d.rid and ${live('Patient')} where d.tenant = 1 and d.type = ${T('Patient')} and d.parameter = ${P('birthdate')} and d.low >= $2 and d.low < $2::timestamptz + interval '1 day' and exists (select from index_string s where s.rid = d.rid and s.parameter = ${P('name')} and s.value >= $1 and s.value < $1 || chr(1114111)) ${newest} limit 50`, values: [p.family, p.birthDate] }),
  'obs-patient-code-sort': (p) => ({ text: `select r.id, r.content from resource r left join index_date d on d.rid = r.rid and d.parameter = ${P('date')} where ${live('Observation')} and r.patient = $1 and ${has('$2')} order by d.low desc, r.id limit 50`, values: [p.patient, p.heartRate] }),
  'obs-patient-page100': (p) => ({ text: `select r.id, r.content from resource r where ${live('Observation')} and r.patient = $1 ${newest} limit 100`, values: [p.patient] }),
  'obs-code-date-sort': (p) => ({ text: `select r.id, r.content from index_date d join index_token t on t.rid = d.rid and t.hash = $1 join resource r on r.rid = d.rid and not r.deleted where d.tenant = 1 and d.type = ${T('Observation')} and d.parameter = ${P('date')} and ${from('$2')} order by d.low desc, r.id limit 50`, values: [p.code, p.since] }),
  'claim-patient-status-created': (p) => ({ text: `select r.id, r.content from resource r where ${live('Claim')} and r.patient = $1 and ${has('$2')} and exists (select from index_date d where d.rid = r.rid and d.parameter = ${P('created')} and ${from('$3')}) ${newest} limit 50`, values: [p.patient, p.active, '2018-01-01Z'] }),
  'claim-chained-identifier': (p) => ({ text: `with p as materialized (select r.id from ${byToken('Patient', '$1')}) select r.id, r.content from p cross join lateral (${ofPatient('p.id')}) r ${newest} limit 50`, values: [p.identifier] }),
  'patient-has-condition': (p) => ({ text: `select r.id, r.content from resource r where ${live('Patient')} and 'Patient/' || r.id in (select x.target from index_token t join index_reference x on x.rid = t.rid and x.parameter = ${P('patient')} where t.hash = $1) ${newest} limit 20`, values: [p.condition] }),
  'claim-include-patient': (p) => ({ text: `with page as materialized (select r.id, r.content from resource r where ${live('Claim')} and r.patient = $1 ${newest} limit 20) select id, content from page union all select r.id, r.content from resource r where ${live('Patient')} and r.id = $1 and exists (select from page)`, values: [p.patient] }),
  'patient-revinclude-claim': (p) => ({ text: `with page as materialized (select r.id, r.content from ${byToken('Patient', '$1')} ${newest} limit 50), claims as (select r.id, r.content from page cross join lateral (${ofPatient('page.id')}) r limit 1000) select * from page union all select * from claims`, values: [p.identifier] }),
  'obs-code-count': (p) => ({ text: 'select count(*)::int as id from index_token where hash = $1', values: [p.code] }),
  'obs-since-sort': (p) => ({ text: `select r.id, r.content from resource r where ${live('Observation')} and r.last_updated >= $1 ${newest} limit 50`, values: [p.changed] }),
  'obs-status-sort': (p) => ({ text: `select r.id, r.content from resource r where ${live('Observation')} and ${has('$1')} ${newest} limit 20`, values: [p.final] }),
  'obs-encounter-identifier': (p) => ({ text: `with e as materialized (select r.id from ${byToken('Encounter', '$1')}) select r.id, r.content from e join index_reference x on x.tenant = 1 and x.type = ${T('Observation')} and x.parameter = ${P('encounter')} and x.target = 'Encounter/' || e.id join resource r on r.rid = x.rid and not r.deleted ${newest} limit 50`, values: [p.encounter] }),
  'encounter-has-observation': (p) => ({ text: `with e as materialized (select distinct substr(x.target, 11) as id from index_token t join index_reference x on x.rid = t.rid and x.parameter = ${P('encounter')} where t.hash = $1) select r.id, r.content from e join resource r on r.id = e.id and ${live('Encounter')} ${newest} limit 20`, values: [p.rareCode] }),
};
