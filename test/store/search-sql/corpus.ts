/** A few hundred resources in which every kind of search value occurs, alone, several times and not at all. */
import type { Resource } from '@medplum/fhirtypes';

export type Identified = Resource & { id: string };

const families = ['Müller', 'Mueller', 'Smith', 'Smithers', 'O\'Neil', 'de la Cruz', 'Ng', 'SMITH'];
const dates = ['2019', '2020-02', '2020-02-29', '2020-02-29T10:00:00Z', '2020-03-01T00:00:00.000+02:00', '2021-12-31', '2021-12-31T23:59:59.999Z', '2022-01-01', undefined];
const codes = ['8867-4', '4548-4', '2339-0', '9999-9'];
const values = [1, 5.4, 5.40, 100, -3, 0, 7.25, 5.45];

const pick = <T>(list: readonly T[], n: number): T => list[n % list.length]!;

/** The same resources every time: what varies does so by number. */
export function corpus(): Identified[] {
  const resources: unknown[] = [];
  for (let n = 0; n < 40; n += 1) {
    resources.push({
      resourceType: 'Patient', id: `p${n}`, active: n % 3 === 0 ? true : n % 3 === 1 ? false : undefined,
      identifier: [{ system: 'urn:mrn', value: `m${n}` }, ...(n % 4 === 0 ? [{ value: `second-${n}` }] : [])],
      name: n % 7 === 6 ? undefined : [{ family: pick(families, n), given: [`Given${n % 5}`, ...(n % 3 === 0 ? ['Second Name'] : [])] }],
      birthDate: pick(['1950-01-01', '1980-06', '2001', undefined], n), gender: pick(['male', 'female', undefined], n),
      text: n % 5 === 0 ? { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">Person number ${n} likes <b>blue</b> cheese</div>` } : undefined,
      generalPractitioner: n % 6 === 0 ? [{ reference: `Practitioner/d${n % 4}` }, { reference: 'Organization/o1' }] : undefined,
      link: n % 10 === 3 ? [{ other: { reference: `Patient/p${n - 1}` }, type: 'seealso' }] : undefined,
    });
  }
  for (let n = 0; n < 4; n += 1) resources.push({ resourceType: 'Practitioner', id: `d${n}`, name: [{ family: pick(families, n + 2) }], active: n % 2 === 0 });
  resources.push({ resourceType: 'Organization', id: 'o1', name: 'The Clinic', partOf: { reference: 'Organization/o2' } }, { resourceType: 'Organization', id: 'o2', name: 'The Group', partOf: { reference: 'Organization/o1' } });
  for (let n = 0; n < 60; n += 1) {
    resources.push({
      resourceType: 'Encounter', id: `e${n}`, status: pick(['finished', 'planned', 'in-progress'], n), class: { system: 'urn:class', code: pick(['AMB', 'IMP'], n) },
      subject: n % 9 === 0 ? undefined : { reference: `Patient/p${n % 20}` },
      // Long and short, with an open end, and none at all.
      period: pick<object | undefined>([
        { start: '2020-02-28', end: '2020-03-15' }, { start: '2020-02-29T08:00:00Z', end: '2020-02-29T09:00:00Z' }, { start: '2021-01-01' }, { end: '2019-06-30' }, undefined, { start: '2020-01', end: '2021-12' },
      ], n),
      partOf: n % 8 === 0 && n > 0 ? { reference: `Encounter/e${n - 1}` } : undefined,
      participant: n % 3 === 0 ? [{ individual: { reference: `Practitioner/d${n % 4}` } }] : undefined,
      length: n % 4 === 0 ? { value: pick(values, n), unit: 'minutes', system: 'http://unitsofmeasure.org', code: 'min' } : undefined,
    });
  }
  for (let n = 0; n < 160; n += 1) {
    resources.push({
      resourceType: 'Observation', id: `o${n}`, status: pick(['final', 'amended'], n),
      code: { text: n % 11 === 0 ? 'Déjà vu' : undefined, coding: [{ system: n % 5 === 4 ? 'urn:other' : 'http://loinc.org', code: pick(codes, n), display: `Display of ${pick(codes, n)}` }, ...(n % 6 === 0 ? [{ code: 'local' }] : [])] },
      subject: n % 13 === 12 ? { reference: 'Group/g1' } : { reference: `Patient/p${n % 30}` },
      performer: n % 7 === 0 ? [{ reference: `Patient/p${(n + 1) % 30}` }, { reference: `Practitioner/d${n % 4}` }] : undefined,
      encounter: n % 4 === 0 ? { reference: `Encounter/e${n % 60}` } : undefined,
      effectiveDateTime: n % 10 === 7 ? undefined : pick(dates, n), effectivePeriod: n % 10 === 7 ? { start: '2019-12-30', end: '2020-03-01' } : undefined,
      valueQuantity: n % 3 === 0 ? { value: pick(values, n), unit: pick(['mmol/L', 'mg/dL'], n), system: n % 2 === 0 ? 'http://unitsofmeasure.org' : undefined, code: n % 2 === 0 ? 'mmol/L' : undefined, comparator: n % 21 === 0 ? '<' : undefined } : undefined,
      valueString: n % 3 === 1 ? `${pick(families, n)} is long ${'x'.repeat(n % 2 === 0 ? 140 : 3)}${n % 4}` : undefined,
      component: n % 8 === 0 ? [{ code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] }, valueQuantity: { value: 100 + n, code: 'mm[Hg]' } }] : undefined,
    });
  }
  for (let n = 0; n < 25; n += 1) {
    resources.push({ resourceType: 'Location', id: `l${n}`, name: `Place ${n}`, position: n % 6 === 5 ? undefined : { latitude: pick([41.5, 42, 0, -17.8, 89.9], n), longitude: pick([-72, -71.9, 179.95, -179.95, 10], n) } });
  }
  resources.push({ resourceType: 'List', id: 'list', status: 'current', mode: 'working', subject: { reference: 'Patient/p3' }, entry: [{ item: { reference: 'Patient/p3' } }, { item: { reference: 'Patient/p4' } }, { item: { reference: 'Observation/o5' } }] });
  // The same id in several types.
  for (const type of ['Practitioner', 'Organization', 'Encounter']) for (const id of ['p1', 'p2', 'p20']) resources.push({ resourceType: type, id });
  return JSON.parse(JSON.stringify(resources)) as Identified[];
}
