/** C: a table for each type, a column for each search parameter. */
import { codeKey, principalDate, tokenKey, types } from '../resources.mjs';
import { Statement, bigints, history, keyColumns, time } from './statement.mjs';

export const title = 'C columns per type';
const shape = {
  Patient: { tokens: ['identifier', 'gender'], dates: ['birthdate'], strings: ['family', 'given', 'address-city'] },
  Coverage: { tokens: ['identifier', 'status', 'type', 'subscriber-id'] },
  AllergyIntolerance: { tokens: ['clinical-status', 'category', 'code'], dates: ['date'] },
  Encounter: { tokens: ['identifier', 'status', 'class', 'type'], dates: ['date'], references: ['subject'] },
  Condition: { tokens: ['clinical-status', 'category', 'code'], dates: ['onset-date', 'recorded-date'], references: ['subject', 'encounter'] },
  Observation: { tokens: ['status', 'category', 'code'], dates: ['date'], references: ['subject', 'encounter'], quantities: ['value-quantity'] },
  DiagnosticReport: { tokens: ['status', 'category', 'code'], dates: ['date'], references: ['subject', 'encounter'], lists: ['result'] },
  Procedure: { tokens: ['status', 'code'], dates: ['date'], references: ['subject', 'encounter'] },
  Immunization: { tokens: ['status', 'vaccine-code'], dates: ['date'], references: ['encounter'] },
  MedicationRequest: { tokens: ['status', 'intent', 'category', 'code'], dates: ['authoredon'], references: ['subject', 'encounter'] },
  Claim: { tokens: ['identifier', 'status'], dates: ['created'], references: ['encounter'] },
  ExplanationOfBenefit: { tokens: ['identifier', 'status'], dates: ['created'], references: ['encounter', 'claim'] },
};
const name = (parameter) => parameter.replaceAll('-', '_');
const table = (type) => type.toLowerCase();

const gin = (c) => `using gin (${c}) with (fastupdate = off)`;

/** column -> [SQL type, value of a row, type it travels as, index]. */
function columnsOf(type) {
  const { tokens = [], dates = [], references = [], strings = [], quantities = [], lists = [] } = shape[type], columns = {};
  for (const p of tokens) columns[`t_${name(p)}`] = ['bigint[]', (r) => bigints(r.tokens.flatMap((t) => (t.parameter === p ? [tokenKey(r.tenant, type, p, t.system, t.code), codeKey(r.tenant, type, p, t.code)] : []))), 'text', gin];
  for (const p of lists) columns[`l_${name(p)}`] = ['text[]', (r) => `{${r.references.filter((x) => x.parameter === p).map((x) => `"${x.target}"`).join(',')}}`, 'text', gin];
  for (const p of references) columns[`r_${name(p)}`] = ['text collate "C"', (r) => r.references.find((x) => x.parameter === p)?.target, 'text', (c) => `(tenant, ${c})`];
  for (const p of dates) {
    columns[`d_${name(p)}`] = ['timestamptz', (r) => { const d = r.dates.find((x) => x.parameter === p); return d && time(d.low); }, 'timestamptz', (c) => `(tenant, ${c} desc, id)`];
    columns[`d_${name(p)}_high`] = ['timestamptz', (r) => { const d = r.dates.find((x) => x.parameter === p); return d && time(d.high); }, 'timestamptz'];
  }
  for (const p of strings) columns[`s_${name(p)}`] = ['text collate "C"', (r) => r.strings.find((x) => x.parameter === p)?.value, 'text', (c) => `(tenant, ${c})`];
  for (const p of quantities) {
    columns[`q_${name(p)}`] = ['numeric', (r) => r.quantities.find((x) => x.parameter === p)?.value, 'numeric', (c) => `(tenant, ${c})`];
    columns[`q_${name(p)}_unit`] = ['text', (r) => r.quantities.find((x) => x.parameter === p)?.unit, 'text'];
  }
  return columns;
}
const columns = Object.fromEntries(types.map((type) => [type, columnsOf(type)]));

export const schema = types.map((type) => `
create table ${table(type)} (
  tenant smallint not null, shard smallint not null, id text not null collate "C", version integer not null,
  last_updated timestamptz not null, deleted boolean not null default false, patient text collate "C",
  ${Object.entries(columns[type]).map(([c, [sql]]) => `${c} ${sql},`).join('\n  ')}
  content text not null, primary key (tenant, id, shard));
create index on ${table(type)} (tenant, last_updated desc, id) where not deleted;
create index on ${table(type)} (tenant, patient${principalDate[type] ? `, d_${name(principalDate[type])} desc, id` : ''}) where patient is not null and not deleted;
${Object.entries(columns[type]).filter(([, x]) => x[3]).map(([c, x]) => `create index on ${table(type)} ${x[3](c)};`).join('\n')}`).join('\n') + history;

const { type: typeColumn, ...common } = keyColumns;
const source = (statement, type, rows) => {
  const all = { ...common, ...Object.fromEntries(Object.entries(columns[type]).map(([c, [, of, wire]]) => [c, [wire, of]])) };
  return `${statement.unnest(rows, all)} u(${Object.keys(all).join(', ')})`;
};
const cast = (type) => Object.entries(columns[type]).map(([c, [sql, , wire]]) => (wire === 'text' && sql.endsWith('[]') ? `u.${c}::${sql}` : `u.${c}`));

/** One INSERT for each type present, all in one statement. */
export function create(rows) {
  const statement = new Statement(), present = types.filter((type) => rows.some((r) => r.type === type));
  const inserts = present.map((type) => `insert into ${table(type)} (${Object.keys(common).join(', ')}, version, ${Object.keys(columns[type]).join(', ')}) select ${Object.keys(common).map((c) => `u.${c}`).join(', ')}, 1, ${cast(type).join(', ')} from ${source(statement, type, rows.filter((r) => r.type === type))}`);
  for (const [n, text] of inserts.slice(1).entries()) statement.with(`i_${n}`, text);
  return statement.finish(inserts[0]);
}
export function update(row) {
  const statement = new Statement(), { type } = row, names = Object.keys(columns[type]);
  statement.with('u', `select * from ${source(statement, type, [row])}`);
  statement.with('h', `insert into resource_history select r.tenant, r.shard, ${typeColumn[1](row)}, r.id, r.version, r.last_updated, r.content from u join ${table(type)} r using (tenant, id, shard)`);
  const set = cast(type).map((value, n) => `${names[n]} = ${value}`).join(', ');
  return statement.finish(`update ${table(type)} r set version = r.version + 1, last_updated = u.last_updated, content = u.content, ${set} from u where r.tenant = u.tenant and r.id = u.id and r.shard = u.shard`);
}

const newest = 'order by r.last_updated desc, r.id';
const live = 'r.tenant = 1 and not r.deleted';
const has = (column, n) => `r.${column} @> array[$${n}]::bigint[]`;
const since = (column, n) => `r.${column} >= $${n}::timestamptz - interval '1 day' and r.${column}_high > $${n}::timestamptz`;
const byIdentifier = (type) => `select r.* from ${type} r where ${live} and ${has('t_identifier', 1)}`;
const prefix = (column) => `(r.${column} >= $1 and r.${column} < $1 || chr(1114111))`;
// One index probe for each row on the left, whatever the planner takes its number for.
const ofPatient = (id) => `select r.* from claim r where ${live} and r.patient = ${id} offset 0`;

export const searches = {
  'patient-identifier': (p) => ({ text: `with m as materialized (${byIdentifier('patient')}) select r.id, r.content from m r ${newest} limit 50`, values: [p.identifier] }),
  'patient-name-birthdate': (p) => ({ text: `select r.id, r.content from patient r where ${live} and r.d_birthdate >= $2 and r.d_birthdate < $2::timestamptz + interval '1 day' and (${prefix('s_family')} or ${prefix('s_given')}) ${newest} limit 50`, values: [p.family, p.birthDate] }),
  'obs-patient-code-sort': (p) => ({ text: `select r.id, r.content from observation r where ${live} and r.patient = $1 and $2 = any(r.t_code) order by r.d_date desc, r.id limit 50`, values: [p.patient, p.heartRate] }),
  'obs-patient-page100': (p) => ({ text: `select r.id, r.content from observation r where ${live} and r.patient = $1 ${newest} limit 100`, values: [p.patient] }),
  'obs-code-date-sort': (p) => ({ text: `select r.id, r.content from observation r where ${live} and ${has('t_code', 1)} and ${since('d_date', 2)} order by r.d_date desc, r.id limit 50`, values: [p.code, p.since] }),
  'claim-patient-status-created': (p) => ({ text: `select r.id, r.content from claim r where ${live} and r.patient = $1 and $2 = any(r.t_status) and ${since('d_created', 3)} ${newest} limit 50`, values: [p.patient, p.active, '2018-01-01Z'] }),
  'claim-chained-identifier': (p) => ({ text: `with p as materialized (${byIdentifier('patient')}) select r.id, r.content from p cross join lateral (${ofPatient('p.id')}) r ${newest} limit 50`, values: [p.identifier] }),
  'patient-has-condition': (p) => ({ text: `with c as materialized (select distinct r.patient from condition r where ${live} and ${has('t_code', 1)}) select r.id, r.content from c join patient r on r.id = c.patient and ${live} ${newest} limit 20`, values: [p.condition] }),
  'claim-include-patient': (p) => ({ text: `with page as materialized (select r.id, r.content from claim r where ${live} and r.patient = $1 ${newest} limit 20) select id, content from page union all select r.id, r.content from patient r where ${live} and r.id = $1 and exists (select from page)`, values: [p.patient] }),
  'patient-revinclude-claim': (p) => ({ text: `with m as materialized (${byIdentifier('patient')}), page as materialized (select r.id, r.content from m r ${newest} limit 50), claims as (select r.id, r.content from page cross join lateral (${ofPatient('page.id')}) r limit 1000) select * from page union all select * from claims`, values: [p.identifier] }),
  'obs-code-count': (p) => ({ text: `select count(*)::int as id from observation r where ${live} and ${has('t_code', 1)}`, values: [p.code] }),
  'obs-since-sort': (p) => ({ text: `select r.id, r.content from observation r where ${live} and r.last_updated >= $1 ${newest} limit 50`, values: [p.changed] }),
  'obs-status-sort': (p) => ({ text: `select r.id, r.content from observation r where ${live} and ${has('t_status', 1)} ${newest} limit 20`, values: [p.final] }),
  'obs-encounter-identifier': (p) => ({ text: `with e as materialized (${byIdentifier('encounter')}) select r.id, r.content from e cross join lateral (select r.* from observation r where ${live} and r.r_encounter = 'Encounter/' || e.id offset 0) r ${newest} limit 50`, values: [p.encounter] }),
  'encounter-has-observation': (p) => ({ text: `with e as materialized (select distinct substr(r.r_encounter, 11) as id from observation r where ${live} and ${has('t_code', 1)}) select r.id, r.content from e join encounter r on r.id = e.id and ${live} ${newest} limit 20`, values: [p.rareCode] }),
};
