/** Random resources whose values come from small pools, so that random searches find some of them. */
import * as fc from 'fast-check';

export const pools = {
  systems: ['http://loinc.org', 'urn:codes', 'urn:a|b'],
  codes: ['a', 'b', 'B', 'c,d', 'e$f', '8480-6'],
  texts: ['Glucose', 'glucose in blood', 'Élan vital', 'x'],
  names: ['Smith', 'SMITHERS', 'Müller', 'muller', 'O\'Brien, Jr.', 'de  la Cruz', 'Łukasz', 'x$y|z\\'],
  dates: ['2019', '2020-02', '2020-02-29', '2020-02-29T10:00:00Z', '2020-02-29T10:00:00.500Z', '2020-03-01T00:30:00+02:00', '2020-12-31', '2021-01-01T00:00:00Z', '2021'],
  numbers: ['0', '1', '5', '5.4', '5.40', '5.35', '5.45', '-3', '100', '99.5', '0.001', '120'],
  units: [{ system: 'http://unitsofmeasure.org', code: 'mg', unit: 'mg' }, { unit: 'mg' }, { code: 'mm[Hg]' }, { system: 'urn:units', code: 'mg' }, {}],
  uris: ['http://acme.org/fhir/ValueSet/1', 'http://acme.org/fhir/ValueSet/12', 'http://acme.org/fhir/ValueSet/1/x', 'http://acme.org/fhir', 'http://acme.org/fhir#part', 'urn:oid:1.2', 'urn:oid:1.2:3'],
  versions: ['', '|1', '|1.2', '|1.20', '|2'],
  latitudes: [0, 47.6, 47.65, -89.9, 89.95], longitudes: [0, 179.99, -179.99, -122.33, -122.4],
} as const;

const some = <T>(pool: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...pool);
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const few = <T>(arbitrary: fc.Arbitrary<T>, most = 2): fc.Arbitrary<T[] | undefined> => fc.array(arbitrary, { maxLength: most }).map((items) => (items.length === 0 ? undefined : items));

const coding = fc.record({ system: maybe(some(pools.systems)), code: some(pools.codes), display: maybe(some(pools.texts)) });
const concept = fc.record({ coding: few(coding), text: maybe(some(pools.texts)) });
/** Where a code is mandatory: it may say nothing that a search finds, but it is there. */
const someConcept = concept.map((value) => (value.coding === undefined && value.text === undefined ? { text: 'unsaid' } : value));
const identifier = fc.record({ system: maybe(some(pools.systems)), value: some(pools.codes), type: maybe(concept) });
const period = fc.tuple(fc.nat(pools.dates.length - 1), fc.nat(pools.dates.length - 1), fc.nat(5)).map(([from, to, open]) => ({
  ...(open !== 0 && { start: pools.dates[Math.min(from, to)] }), ...(open !== 1 && { end: pools.dates[Math.max(from, to)] }) }));
const written = (number: string): object => ({ '~number': number });
const quantity = fc.tuple(some(pools.numbers), some(pools.units), maybe(some(['<', '<=', '>', '>='] as const))).map(([value, unit, comparator]) => ({ value: written(value), ...unit, ...(comparator && { comparator }) }));
const choice = fc.oneof(quantity.map((valueQuantity) => ({ valueQuantity })), concept.map((valueCodeableConcept) => ({ valueCodeableConcept })), some(pools.names).map((valueString) => ({ valueString })), some(pools.dates).filter((date) => date !== undefined).map((valueDateTime) => ({ valueDateTime })), fc.constant({}));

export const counts = { Patient: 40, Practitioner: 6, Organization: 6, Group: 3, Encounter: 40, Observation: 110, RiskAssessment: 20, Location: 15, ValueSet: 14, QuestionnaireResponse: 12 } as const;
export type ChartType = keyof typeof counts;

/** One in eight goes nowhere. */
const reference = (...types: ChartType[]): fc.Arbitrary<object> => fc.oneof({ weight: 7, arbitrary: some(types).chain((type) => fc.nat(counts[type] - 1).map((at) => ({ reference: `${type}/${idOf(type, at)}` }))) }, { weight: 1, arbitrary: fc.constantFrom({ reference: `${types[0]!}/nobody` }, { identifier: { system: 'urn:codes', value: 'a' } }, { reference: `http://elsewhere.example/fhir/${types[0]!}/${idOf(types[0]!, 0)}` }) });

export const idOf = (type: ChartType, at: number): string => `${type.slice(0, 3).toLowerCase()}-${at}`;

const meta = maybe(fc.record({ tag: few(coding), profile: few(fc.tuple(some(pools.uris), some(pools.versions)).map((parts) => parts.join(''))), source: maybe(some(pools.uris)) }));

const bodies: Readonly<Record<ChartType, fc.Arbitrary<object>>> = {
  Patient: fc.record({
    active: maybe(fc.boolean()), gender: maybe(some(['male', 'female', 'other'] as const)), birthDate: maybe(some(['2019', '2020-02', '2020-02-29', '2020-12-31', '2021'] as const)), identifier: few(identifier),
    name: few(fc.record({ family: maybe(some(pools.names)), given: few(some(pools.names)) })), telecom: few(fc.record({ system: some(['phone', 'email'] as const), value: some(pools.codes) })),
    generalPractitioner: few(reference('Practitioner', 'Organization')), managingOrganization: maybe(reference('Organization')), deceasedDateTime: maybe(some(pools.dates)),
  }),
  Practitioner: fc.record({ name: few(fc.record({ family: some(pools.names) })), active: maybe(fc.boolean()), identifier: few(identifier) }),
  Organization: fc.record({ name: maybe(some(pools.names)), partOf: maybe(reference('Organization')), identifier: few(identifier) }),
  Group: fc.record({ type: fc.constant('person'), actual: fc.boolean(), code: maybe(concept) }),
  Encounter: fc.record({ status: some(['planned', 'finished'] as const), class: coding, subject: maybe(reference('Patient', 'Group')), period: maybe(period), length: maybe(fc.tuple(some(pools.numbers), some(pools.units)).map(([value, unit]) => ({ value: written(value), ...unit }))), partOf: maybe(reference('Encounter')), location: few(reference('Location').map((location) => ({ location }))) }),
  Observation: fc.tuple(
    fc.record({ status: some(['final', 'amended', 'registered'] as const), code: someConcept, category: few(concept), subject: maybe(reference('Patient', 'Group')), encounter: maybe(reference('Encounter')), performer: few(reference('Practitioner', 'Patient')) }),
    fc.oneof(some(pools.dates).map((effectiveDateTime) => ({ effectiveDateTime })), period.map((effectivePeriod) => ({ effectivePeriod })), fc.constant({})),
    choice, few(fc.tuple(someConcept, choice).map(([code, value]) => ({ code, ...('valueString' in value || 'valueDateTime' in value ? {} : value) }))),
  ).map(([body, effective, value, component]) => ({ ...body, ...effective, ...value, component })),
  RiskAssessment: fc.record({ status: fc.constant('final'), subject: reference('Patient'), prediction: few(fc.record({ probabilityDecimal: some(['0.1', '0.10', '0.15', '0.5', '1']).map(written) })) }),
  Location: fc.record({ name: maybe(some(pools.names)), position: maybe(fc.record({ latitude: some(pools.latitudes), longitude: some(pools.longitudes) })) }),
  ValueSet: fc.record({ status: some(['draft', 'active'] as const), url: maybe(some(pools.uris)), version: maybe(some(['1', '2'] as const)), name: maybe(some(pools.names)) }),
  QuestionnaireResponse: fc.record({ status: fc.constant('completed'), questionnaire: maybe(fc.tuple(some(pools.uris), some(pools.versions)).map((parts) => parts.join(''))), subject: maybe(reference('Patient')), authored: maybe(some(pools.dates)) }),
};

/** A chart as texts: numbers keep the digits they are written with. */
export const chart: fc.Arbitrary<readonly string[]> = fc.tuple(...(Object.keys(counts) as ChartType[]).map((type) => fc.array(fc.tuple(bodies[type], meta), { minLength: counts[type], maxLength: counts[type] })
  .map((all) => all.map(([body, itsMeta], at) => textOf({ resourceType: type, id: idOf(type, at), ...(itsMeta && { meta: itsMeta }), ...body }))))).map((types) => types.flat());

/** Without what is undefined or empty, which FHIR does not have; numbers as they are written. */
function textOf(resource: object): string {
  return JSON.stringify(pruned(resource)).replaceAll(/\{"~number":"([^"]*)"\}/g, '$1');
}

function pruned(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(pruned).filter((item) => item !== undefined);
    return items.length === 0 ? undefined : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [name, pruned(member)] as const).filter(([, member]) => member !== undefined);
  return members.length === 0 ? undefined : Object.fromEntries(members);
}
