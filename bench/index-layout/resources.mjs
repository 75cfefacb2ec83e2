/**
 * Generated resources as the rows every layout is fed with: key columns, body, and the values of the indexed search
 * parameters in a neutral form. The parameter set is the same for all layouts.
 */
import { hash } from 'node:crypto';

/** Numbers of types and parameters in the index tables. */
export const types = ['Patient', 'Coverage', 'AllergyIntolerance', 'Encounter', 'Condition', 'Observation', 'DiagnosticReport', 'Procedure', 'Immunization', 'MedicationRequest', 'Claim', 'ExplanationOfBenefit'];
export const typeNumber = (type) => types.indexOf(type) + 1;
const parameters = ['identifier', 'gender', 'status', 'class', 'type', 'code', 'category', 'intent', 'clinical-status', 'vaccine-code', 'subscriber-id', 'patient', 'subject', 'encounter', 'result', 'claim', 'date', 'birthdate', 'created', 'onset-date', 'recorded-date', 'authoredon', 'name', 'family', 'given', 'address-city', 'value-quantity'];
export const parameterNumber = (parameter) => parameters.indexOf(parameter) + 1;

const known = new Map();
/** First 64 bits of SHA-256. Keys of codes come again and again, so the latest are kept. */
function first64(text) {
  let value = known.get(text);
  if (value === undefined) {
    value = hash('sha256', text, 'buffer').readBigInt64BE(0).toString();
    if (known.size > 50_000) known.clear();
    known.set(text, value);
  }
  return value;
}
/** The 64-bit key of one form of a value; the same bytes are hashed by `sqlReferenceKey` in the database. */
export const key = (tenant, type, parameter, form, value) => first64(`${tenant}/${type}/${parameter}/${form}/${value}`);
export const tokenKey = (tenant, type, parameter, system, code) => key(tenant, type, parameter, 'sc', `${system}|${code}`);
export const codeKey = (tenant, type, parameter, code) => key(tenant, type, parameter, 'c', code);
export const referenceKey = (tenant, type, parameter, target) => key(tenant, type, parameter, 'r', target);
/** SQL for `referenceKey` of a target id that only the database knows (chained search). */
export const sqlReferenceKey = (tenant, type, parameter, targetType, id) =>
  `('x' || encode(substr(sha256(convert_to('${tenant}/${type}/${parameter}/r/${targetType}/' || ${id}, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint`;

const shardOf = (tenant, owner) => hash('sha256', `${tenant}/${owner}`, 'buffer').readUInt16BE(0) % 1024;
const day = 86_400_000;
/** [low, high) in milliseconds of a date or dateTime; periods from the start of one to the end of the other. */
const span = (start, end = start) => [Date.parse(start), end.length === 10 ? Date.parse(end) + day : Date.parse(end) + 1000];
const normal = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** The date parameter that a type is mostly sorted and narrowed by. */
export const principalDate = { Patient: 'birthdate', AllergyIntolerance: 'date', Encounter: 'date', Condition: 'onset-date', Observation: 'date', DiagnosticReport: 'date', Procedure: 'date', Immunization: 'date', MedicationRequest: 'authoredon', Claim: 'created', ExplanationOfBenefit: 'created' };
const once = (list) => [...new Map(list.map((x) => [JSON.stringify(x), x])).values()];

function values(r) {
  const found = { tokens: [], references: [], dates: [], strings: [], quantities: [] };
  const code = (parameter, value, system = '') => { if (value !== undefined) found.tokens.push({ parameter, system, code: value }); };
  const concept = (parameter, ...concepts) => { for (const c of concepts) for (const x of c?.coding ?? []) code(parameter, x.code, x.system); };
  const reference = (parameter, target) => { if (target?.reference !== undefined) found.references.push({ parameter, target: target.reference }); };
  const date = (parameter, start, end) => { if (start !== undefined) { const [low, high] = span(start, end); found.dates.push({ parameter, low, high }); } };
  const text = (parameter, value) => { if (value !== undefined) found.strings.push({ parameter, value: normal(value) }); };

  for (const x of r.identifier ?? []) code('identifier', x.value, x.system);
  code('status', r.status);
  code('gender', r.gender);
  code('intent', r.intent);
  concept('clinical-status', r.clinicalStatus);
  if (r.resourceType === 'AllergyIntolerance') for (const c of r.category) code('category', c);
  else concept('category', ...(r.category ?? []));
  concept('code', r.code, r.medicationCodeableConcept);
  concept('vaccine-code', r.vaccineCode);
  if (r.resourceType === 'Encounter') { code('class', r.class.code, r.class.system); concept('type', ...r.type); }
  if (r.resourceType === 'Coverage') { concept('type', r.type); code('subscriber-id', r.subscriberId); }
  const patient = r.subject ?? r.patient ?? r.beneficiary;
  reference('patient', patient);
  reference('subject', r.subject);
  reference('encounter', r.encounter);
  for (const item of r.item ?? []) for (const e of item.encounter ?? []) reference('encounter', e);
  for (const x of r.result ?? []) reference('result', x);
  reference('claim', r.claim);
  if (r.resourceType === 'Encounter') date('date', r.period.start, r.period.end);
  date('date', r.effectiveDateTime ?? r.occurrenceDateTime ?? r.performedPeriod?.start, r.performedPeriod?.end);
  date('birthdate', r.birthDate);
  date('created', r.created);
  date('onset-date', r.onsetDateTime);
  date('authoredon', r.authoredOn);
  if (r.resourceType === 'Condition') date('recorded-date', r.recordedDate);
  if (r.resourceType === 'AllergyIntolerance') date('date', r.recordedDate);
  for (const name of r.name ?? []) {
    text('family', name.family);
    for (const given of name.given) text('given', given);
    for (const part of [name.family, ...name.given]) text('name', part);
  }
  for (const address of r.address ?? []) text('address-city', address.city);
  if (r.valueQuantity) found.quantities.push({ parameter: 'value-quantity', value: r.valueQuantity.value, unit: r.valueQuantity.code });
  return Object.fromEntries(Object.entries(found).map(([kind, list]) => [kind, once(list)]));
}

/** One row, as read from the body; also how an update is made. */
export function rowOf(tenant, resource, lastUpdated, content = JSON.stringify(resource)) {
  const found = values(resource), type = resource.resourceType;
  const target = found.references.find((x) => x.parameter === 'patient')?.target;
  const patient = target?.slice('Patient/'.length) ?? null;
  return { tenant, shard: shardOf(tenant, patient ?? resource.id), type, id: resource.id, patient, lastUpdated, content, ...found };
}

const start = Date.UTC(2026, 0, 1);
/**
 * Rows and facts of one generated patient. One patient in ten belongs to a second tenant.
 * @param generator the module of the shared generator (`generatePatient`, `rewriteUrns`)
 */
export function patientRows(generator, seed, index) {
  const tenant = index % 10 === 9 ? 2 : 1;
  const { entries, facts } = generator.generatePatient(seed, index);
  const typeOf = new Map(entries.map((e) => [e.urn, e.resource.resourceType]));
  const rows = entries.map((e, n) => {
    const { resourceType, ...rest } = e.resource;
    const content = generator.rewriteUrns(JSON.stringify({ resourceType, id: e.urn, ...rest }), (u) => `${typeOf.get(u)}/${u}`);
    return rowOf(tenant, JSON.parse(content), new Date(start + index * 20_000 + n * 20).toISOString(), content);
  });
  return { tenant, id: entries[0].urn, facts, rows };
}
