/** Conditions of every kind on the resources of the corpus, by type. */
import { resourceTypeCode } from '../../../fhir/resource-types.ts';
import { normalizedString } from '../../../fhir/search-values/strings.ts';
import { compartmentKey, keyMaker, systemKey, type TokenForm } from '../../../store/search-keys.ts';
import type { Comparison, Expression, NumberRangeTest, Order } from '../../../store/search/expression.ts';

export const tenant = 7;
const make = (type: string): ReturnType<typeof keyMaker> => keyMaker(tenant, resourceTypeCode(type));
const at = (text: string): Date => new Date(text);

const comparisons: readonly Comparison[] = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'];
const spans: readonly [string, string][] = [
  ['2020-02-29', '2020-03-01'], ['2020-01-01', '2021-01-01'], ['2020-02-29T10:00:00Z', '2020-02-29T10:00:01Z'], ['2019-01-01', '2019-02-01'], ['2022-01-01', '2022-01-02'], ['2021-12-31T23:59:59.999Z', '2022-01-01'],
];
const dates = (scope: bigint | 'principal'): Expression[] => comparisons.flatMap((comparison) => spans.map(([low, high]) => ({ kind: 'date' as const, scope, comparison, low: at(low), high: at(high) })));
const numbers = (values: readonly [number, number, number][]): NumberRangeTest[] => comparisons.flatMap((comparison) => values.map(([value, low, high]) => ({ comparison, value, low, high })));
const strings = (scope: bigint, values: readonly string[]): Expression[] => values.flatMap((value) => [
  ...(['starts', 'contains', 'ends', 'equals'] as const).map((match) => ({ kind: 'string' as const, scope, match, value: normalizedString(value), exact: false })),
  { kind: 'string' as const, scope, match: 'equals' as const, value, exact: true },
]);
const key = (anyOf: readonly bigint[], selective: boolean, patient?: string): Expression => ({ kind: 'key', anyOf, selective, ...(patient !== undefined && { patient }) });

const [patient, observation, encounter, location, practitioner] = ['Patient', 'Observation', 'Encounter', 'Location', 'Practitioner'].map((type) => make(type)) as [ReturnType<typeof make>, ReturnType<typeof make>, ReturnType<typeof make>, ReturnType<typeof make>, ReturnType<typeof make>];
const mrn = (value: string): Expression => key([patient.token('identifier', { form: 'code', code: value })], true);
/** So many that they are looked up, and not compared one by one. */
const many = key(Array.from({ length: 60 }, (_, index) => patient.token('identifier', { form: 'code', code: `m${index % 2 === 0 ? index : 1000 + index}` })), true);
const code = (value: string): bigint => observation.token('code', { form: 'code', code: value });
const male = key([patient.token('gender', { form: 'code', code: 'male' })], false);
/** A code with what the row itself says of it. */
function codeAsked(codes: readonly string[], system: string | undefined): Expression {
  const form = (value: string): TokenForm => system === undefined ? { form: 'code', code: value } : system === 'none' ? { form: 'code-without-system', code: value } : { form: 'system-and-code', system, code: value };
  return {
    kind: 'key', anyOf: codes.map((value) => observation.token('code', form(value))), selective: false,
    codes: codes.map((value) => ({ code: observation.principalCode('code', value), more: observation.token('code:more', form(value)), ...(system !== undefined && { system: system === 'none' ? system : systemKey(system) }) })),
  };
}
/** Whether the key is that of a further coding. */
export const isFurther = (asked: bigint): boolean => furtherKeys.has(asked);
const furtherKeys = new Set(['8867-4', '4548-4', '2339-0', '9999-9', 'local', 'none'].flatMap((value) => (
  [{ form: 'code', code: value } as const, { form: 'code-without-system', code: value } as const, ...['http://loinc.org', 'urn:other'].map((system) => ({ form: 'system-and-code' as const, system, code: value }))].map((form) => observation.token('code:more', form)))));
const all: Expression = { kind: 'all', of: [] };
const has = (parameter: string, where: Expression): Expression => ({ kind: 'has', type: 'Observation', parameter, where, viaPatient: parameter !== 'performer' });
const final = key([observation.token('status', { form: 'code', code: 'final' })], false);

/** Patients by the codes of Observations about them: first codings, further ones, several, with and without a system, and with more asked of either side. */
export const hasCoded: readonly Expression[] = [
  ...[['8867-4'], ['local'], ['4548-4', 'local', '8867-4'], ['none']].flatMap((codes) => [undefined, 'none' as const, 'http://loinc.org', 'urn:other'].map((system) => has('patient', codeAsked(codes, system)))),
  has('subject', { kind: 'all', of: [final, codeAsked(['4548-4'], undefined)] }), has('subject', { kind: 'all', of: [codeAsked(['local', '2339-0'], undefined), { kind: 'not', of: final }] }),
  has('performer', codeAsked(['8867-4'], undefined)), has('nonsense', codeAsked(['8867-4'], undefined)),
  { kind: 'all', of: [has('patient', codeAsked(['8867-4'], undefined)), male] }, { kind: 'all', of: [has('patient', codeAsked(['8867-4'], undefined)), has('patient', codeAsked(['local'], 'none'))] },
  { kind: 'all', of: [has('patient', codeAsked(['2339-0', '9999-9'], undefined)), { kind: 'not', of: has('patient', codeAsked(['local'], undefined)) }, strings(patient.scope('family'), ['M'])[0]!] },
  { kind: 'any', of: [has('patient', codeAsked(['local'], undefined)), mrn('m35')] },
  has('patient', { kind: 'all', of: [codeAsked(['8867-4', 'local'], undefined), { kind: 'chain', parameter: 'encounter', viaPatient: false, targets: [{ type: 'Encounter', where: key([encounter.token('status', { form: 'code', code: 'planned' })], false) }] }] }),
];

export const conditions: Readonly<Record<string, readonly Expression[]>> = {
  Patient: [
    all, { kind: 'any', of: [] }, mrn('m7'), mrn('nobody'), male, key([], false), many, { kind: 'not', of: many }, { kind: 'all', of: [male, many] },
    key([patient.token('identifier', { form: 'code', code: 'm1' }), patient.token('identifier', { form: 'system', system: 'urn:mrn' })], true),
    { kind: 'id', ids: ['p1', 'p2', 'nobody'] }, { kind: 'id', ids: [] },
    { kind: 'patient', id: 'p3', key: compartmentKey(tenant, 'p3') },
    { kind: 'present', parameter: patient.present('birthdate') }, { kind: 'not', of: { kind: 'present', parameter: patient.present('name') } },
    ...dates('principal').slice(0, 12), ...strings(patient.scope('family'), ['Müller', 'smith', 'SMITH', '', 'z', 'o\'neil']), ...strings(patient.scope('name'), ['Second', 'name']),
    { kind: 'words', of: 'narrative', query: 'blue cheese' }, { kind: 'words', of: 'narrative', query: 'number 5' }, { kind: 'words', of: 'narrative', query: 'b' }, { kind: 'words', of: 'content', query: 'mueller' },
    { kind: 'list', id: 'list', type: 'Patient' }, { kind: 'list', id: 'none', type: 'Patient' },
    { kind: 'has', type: 'Observation', parameter: 'patient', where: key([code('4548-4')], false), viaPatient: true },
    { kind: 'has', type: 'Observation', parameter: 'performer', where: all, viaPatient: false },
    { kind: 'has', type: 'Observation', parameter: 'subject', where: { kind: 'has', type: 'Encounter', parameter: 'nonsense', where: all, viaPatient: false }, viaPatient: true },
    { kind: 'has', type: 'Observation', parameter: 'patient', where: { kind: 'chain', parameter: 'encounter', viaPatient: false, targets: [{ type: 'Encounter', where: key([encounter.token('status', { form: 'code', code: 'planned' })], false) }] }, viaPatient: true },
    { kind: 'has', type: 'Patient', parameter: 'link', where: all, viaPatient: false },
    { kind: 'chain', parameter: 'general-practitioner', viaPatient: false, targets: [
      { type: 'Practitioner', where: strings(practitioner.scope('family'), ['Smith'])[0]! }, { type: 'Organization', where: { kind: 'any', of: [] } }] },
    { kind: 'chain', parameter: 'general-practitioner', viaPatient: false, targets: [{ type: 'Practitioner', where: all }, { type: 'Organization', where: { kind: 'id', ids: ['o1'] } }] },
    { kind: 'any', of: [mrn('m1'), male] }, { kind: 'any', of: [mrn('m1'), mrn('m2'), { kind: 'id', ids: ['p9'] }] },
    { kind: 'not', of: male }, { kind: 'all', of: [mrn('m4'), { kind: 'not', of: male }] }, ...hasCoded,
  ],
  Practitioner: [{ kind: 'has', type: 'Patient', parameter: 'general-practitioner', where: has('patient', codeAsked(['8867-4', 'local'], undefined)), viaPatient: false }],
  Observation: [
    key([code('8867-4')], false), key([code('4548-4'), code('9999-9')], false), key([code('none')], false),
    ...[['8867-4'], ['local'], ['4548-4', 'local', '8867-4'], ['none']].flatMap((codes) => [undefined, 'none' as const, 'http://loinc.org', 'urn:other'].map((system) => codeAsked(codes, system))),
    key([observation.reference('subject', 'Patient', 'p3')], true, 'p3'), key([observation.reference('performer', 'Patient', 'p3')], true),
    { kind: 'patient', id: 'p8', key: compartmentKey(tenant, 'p8') }, { kind: 'patient', id: 'p1', key: compartmentKey(tenant, 'p1') },
    { kind: 'display', scope: observation.scope('code'), match: 'contains', value: 'display of 88' }, { kind: 'display', scope: observation.scope('code'), match: 'equals', value: 'deja vu' }, { kind: 'display', scope: observation.scope('code'), match: 'starts', value: 'nothing' },
    ...dates('principal'),
    ...strings(observation.scope('value-string'), ['Smith is', 'Ng is long', `Müller is long ${'x'.repeat(140)}0`, 'xxx3']),
    ...numbers([[5.4, 5.35, 5.45], [5.4, 5.395, 5.405], [0, -0.5, 0.5], [100, 95, 105]]).map((test) => ({ kind: 'number' as const, scope: observation.scope('value-quantity'), test })),
    { kind: 'number', scope: observation.scope('value-quantity'), test: { comparison: 'gt', value: 0, low: 0, high: 0 }, unit: { system: 'http://unitsofmeasure.org', code: 'mmol/L' } },
    { kind: 'number', scope: observation.scope('value-quantity'), test: { comparison: 'lt', value: 9, low: 9, high: 9 }, unit: { code: 'mg/dL' } },
    ...['http://loinc.org', 'urn:other'].map((system) => ({ kind: 'number' as const, scope: observation.compositeScope('code-value-quantity', '8867-4'), test: { comparison: 'ge' as const, value: 1, low: 1, high: 1 }, tokenSystem: { is: systemKey(system) } })),
    { kind: 'number', scope: observation.compositeScope('code-value-quantity', 'local'), test: { comparison: 'ge', value: 1, low: 1, high: 1 }, tokenSystem: 'none' },
    { kind: 'date', scope: observation.compositeScope('code-value-date', '8867-4'), comparison: 'eq', low: at('2020-01-01'), high: at('2021-01-01') },
    { kind: 'string', scope: observation.compositeScope('code-value-string', '4548-4'), match: 'starts', value: 'mueller', exact: false },
    { kind: 'chain', parameter: 'patient', viaPatient: true, targets: [{ type: 'Patient', where: mrn('m3') }] },
    { kind: 'chain', parameter: 'subject', viaPatient: true, targets: [{ type: 'Patient', where: male }, { type: 'Group', where: all }] },
    { kind: 'chain', parameter: 'performer', viaPatient: false, targets: [{ type: 'Patient', where: male }, { type: 'Practitioner', where: { kind: 'id', ids: ['d1'] } }] },
    { kind: 'chain', parameter: 'encounter', viaPatient: false, targets: [{ type: 'Encounter', where: { kind: 'chain', parameter: 'subject', viaPatient: true, targets: [{ type: 'Patient', where: { kind: 'not', of: male } }] } }] },
    { kind: 'chain', parameter: 'patient', viaPatient: true, targets: [{ type: 'Patient', where: has('subject', codeAsked(['local'], undefined)) }] },
    { kind: 'changed', from: at('2026-01-01T00:01:00Z'), to: at('2026-01-01T00:03:00Z') }, { kind: 'changed', to: at('2026-01-01T00:02:00Z') }, { kind: 'changed' },
    { kind: 'words', of: 'content', query: 'déjà' },
  ],
  Encounter: [
    key([encounter.token('status', { form: 'code', code: 'finished' })], false), ...dates('principal'), ...dates(encounter.scope('location-period')).slice(0, 3),
    { kind: 'not', of: { kind: 'present', parameter: encounter.present('date') } },
    ...numbers([[5.4, 5.35, 5.45], [100, 99.5, 100.5]]).map((test) => ({ kind: 'number' as const, scope: encounter.scope('length'), test })),
    { kind: 'has', type: 'Observation', parameter: 'encounter', where: key([code('8867-4')], false), viaPatient: false },
    { kind: 'has', type: 'Encounter', parameter: 'part-of', where: all, viaPatient: false },
    { kind: 'chain', parameter: 'participant', viaPatient: false, targets: [{ type: 'Practitioner', where: key([practitioner.token('active', { form: 'code', code: 'true' })], false) }] },
  ],
  Location: [[41.5, -72, 60], [0, 179.99, 20], [-17.8, 180, 10], [89.9, 100, 50], [0, 0, 30000], [0, 0, 0]].map(([latitude, longitude, kilometres]) => ({ kind: 'near' as const, scope: location.scope('near'), latitude: latitude!, longitude: longitude!, kilometres: kilometres! })),
};

export const orders: Readonly<Record<string, readonly Order[]>> = {
  Patient: [
    [], [{ by: 'id', descending: false }], [{ by: 'changed', descending: true }], [{ by: 'changed', descending: false }], [{ by: 'principal-date', descending: true }], [{ by: 'principal-date', descending: false }],
    [{ by: 'string', scope: patient.scope('family'), descending: false }, { by: 'principal-date', descending: true }], [{ by: 'string', scope: patient.scope('name'), descending: true }],
    [{ by: 'content', paths: ['$.gender'], descending: false }], [{ by: 'content', paths: ['$.deceasedBoolean', '$.active'], descending: true }, { by: 'id', descending: true }],
  ],
  Observation: [
    [], [{ by: 'principal-date', descending: true }], [{ by: 'principal-date', descending: false }], [{ by: 'changed', descending: true }],
    [{ by: 'number', scope: observation.scope('value-quantity'), descending: false }], [{ by: 'number', scope: observation.scope('value-quantity'), descending: true }, { by: 'changed', descending: false }],
    [{ by: 'content', paths: ['$.status'], descending: true }, { by: 'principal-date', descending: false }],
  ],
  Encounter: [[], [{ by: 'principal-date', descending: true }], [{ by: 'principal-date', descending: false }], [{ by: 'id', descending: true }], [{ by: 'number', scope: encounter.scope('length'), descending: true }]],
  Location: [[], [{ by: 'string', scope: location.scope('name'), descending: true }]],
};
