/** Resources that differ in what one kind of search looks at, for tables of searches. */
import type { Resource } from '@medplum/fhirtypes';

type Part = { readonly [element: string]: unknown };

const observation = (id: string, more: Part): Part => ({ resourceType: 'Observation', id, status: 'final', code: { coding: [{ system: 'urn:codes', code: 'c' }] }, ...more });

const patients: Part[] = [
  {
    resourceType: 'Patient', id: 'anna', active: true, gender: 'female', birthDate: '1980-05-10', generalPractitioner: [{ reference: 'Practitioner/dora' }], managingOrganization: { reference: 'Organization/north' },
    identifier: [{ system: 'urn:mrn', value: '1', type: { coding: [{ system: 'urn:kinds', code: 'MR' }], text: 'Medical record' } }], name: [{ family: 'Müller', given: ['Anna', 'Maria'] }],
    telecom: [{ system: 'phone', value: '555 1' }, { system: 'email', value: 'a@example.org' }], address: [{ city: 'Seattle', line: ['1 Main St, Apt. 2'] }],
    meta: { tag: [{ system: 'urn:tags', code: 'a' }], profile: ['http://example.org/profiles/person|2.1.0'], source: 'http://example.org/feeds/one#5' },
  },
  { resourceType: 'Patient', id: 'ben', active: false, gender: 'male', birthDate: '1980', identifier: [{ value: '1' }], name: [{ family: 'MULLERIN', given: ['Ben'] }], address: [{ city: 'Seatt' }], managingOrganization: { reference: 'Organization/south' }, meta: { profile: ['http://example.org/profiles/person'] } },
  { resourceType: 'Patient', id: 'cleo', birthDate: '1980-05', identifier: [{ system: 'urn:other', value: '1' }], name: [{ text: 'Cleo Amuller' }], deceasedBoolean: true },
  { resourceType: 'Patient', id: 'dan', deceasedDateTime: '2020-01-01' },
];

const others: Part[] = [
  { resourceType: 'Practitioner', id: 'dora', name: [{ family: 'House' }], identifier: [{ system: 'urn:npi', value: '7' }] },
  { resourceType: 'Organization', id: 'north', name: 'North Clinic', partOf: { reference: 'Organization/all' } },
  { resourceType: 'Organization', id: 'south', name: 'South Clinic' },
  { resourceType: 'Organization', id: 'all', name: 'All Clinics', identifier: [{ system: 'urn:npi', value: '9' }] },
  { resourceType: 'Encounter', id: 'visit', status: 'finished', class: { system: 'urn:class', code: 'AMB' }, subject: { reference: 'Patient/anna' }, participant: [{ individual: { reference: 'Practitioner/dora' } }], period: { start: '2020-01-01', end: '2020-01-03' } },
  { resourceType: 'Questionnaire', id: 'form', status: 'active', url: 'http://example.org/forms/one', version: '2.1' },
  { resourceType: 'QuestionnaireResponse', id: 'two-one', status: 'completed', questionnaire: 'http://example.org/forms/one|2.1' },
  { resourceType: 'QuestionnaireResponse', id: 'three', status: 'completed', questionnaire: 'http://example.org/forms/one|3' },
  { resourceType: 'QuestionnaireResponse', id: 'any', status: 'completed', questionnaire: 'http://example.org/forms/one' },
  { resourceType: 'ValueSet', id: 'slash', status: 'active', url: 'http://acme.org/fhir/ValueSet/123' },
  { resourceType: 'ValueSet', id: 'below', status: 'active', url: 'http://acme.org/fhir/ValueSet/123/_history/5' },
  { resourceType: 'ValueSet', id: 'beside', status: 'active', url: 'http://acme.org/fhir/ValueSet/1234' },
  { resourceType: 'ValueSet', id: 'oid', status: 'active', url: 'urn:oid:1.2.3' },
  { resourceType: 'List', id: 'people', status: 'current', mode: 'working', entry: [{ item: { reference: 'Patient/anna' } }, { item: { reference: 'Observation/high' } }] },
  { resourceType: 'RiskAssessment', id: 'half', status: 'final', subject: { reference: 'Patient/anna' }, prediction: [{ probabilityDecimal: 0.5 }] },
  { resourceType: 'RiskAssessment', id: 'fifth', status: 'final', subject: { reference: 'Patient/ben' }, prediction: [{ probabilityDecimal: 0.2 }] },
  { resourceType: 'MolecularSequence', id: 'gene', coordinateSystem: 0, referenceSeq: { chromosome: { coding: [{ system: 'urn:chromosomes', code: '2' }] }, windowStart: 100, windowEnd: 200 } },
  { resourceType: 'Location', id: 'harbour', position: { latitude: 47.6, longitude: -122.33 } },
  { resourceType: 'Location', id: 'airport', position: { latitude: 47.45, longitude: -122.31 } },
  { resourceType: 'DocumentReference', id: 'letter', status: 'current', content: [{ attachment: { url: 'urn:x' } }], relatesTo: [{ code: 'replaces', target: { reference: 'DocumentReference/old' } }, { code: 'signs', target: { reference: 'DocumentReference/other' } }] },
];

const observations: Part[] = [
  observation('high', { subject: { reference: 'Patient/anna' }, encounter: { reference: 'Encounter/visit' }, effectiveDateTime: '2020-03-01', code: { text: 'Blood sugar', coding: [{ system: 'http://loinc.org', code: '2339-0', display: 'Glucose [Mass/volume]' }] }, valueQuantity: { value: 5.4, unit: 'mmol/L', system: 'http://unitsofmeasure.org', code: 'mmol/L' }, performer: [{ reference: 'Practitioner/dora' }] }),
  observation('low', { subject: { reference: 'Patient/ben' }, effectivePeriod: { start: '2020-03-01T10:00:00Z', end: '2020-03-05' }, status: 'amended', valueQuantity: { value: 5, unit: 'mg' } }),
  observation('panel', { subject: { reference: 'Group/all' }, effectiveDateTime: '2020', component: [{ code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] }, valueQuantity: { value: 120, code: 'mm[Hg]' } }, { code: { coding: [{ system: 'http://loinc.org', code: '8462-4' }] }, valueQuantity: { value: 80, code: 'mm[Hg]' } }] }),
  observation('said', { subject: { identifier: { system: 'urn:mrn', value: '1' } }, code: { coding: [{ code: 'c' }] }, valueString: 'Blue, or GREEN' }),
  observation('when', { subject: { reference: 'http://elsewhere.example/fhir/Patient/anna' }, valueDateTime: '2020-03-01', code: { coding: [{ system: 'urn:codes', code: 'c1' }] } }),
  observation('what', { valueCodeableConcept: { coding: [{ system: 'urn:codes', code: 'yes' }] }, code: { coding: [{ system: 'urn:codes', code: 'c2' }] } }),
];

const definitions: Part[] = [
  { resourceType: 'CodeSystem', id: 'codes', status: 'active', content: 'complete', url: 'urn:codes', concept: [{ code: 'c', concept: [{ code: 'c1' }, { code: 'c2', property: [{ code: 'colour', valueCode: 'blue' }] }] }, { code: 'yes' }] },
  { resourceType: 'ValueSet', id: 'vs-listed', status: 'active', url: 'urn:vs:listed', compose: { include: [{ system: 'urn:codes', concept: [{ code: 'c1' }, { code: 'yes' }] }] } },
  { resourceType: 'ValueSet', id: 'vs-below', status: 'active', url: 'urn:vs:below', compose: { include: [{ system: 'urn:codes', filter: [{ property: 'concept', op: 'descendent-of', value: 'c' }] }], exclude: [{ system: 'urn:codes', concept: [{ code: 'c2' }] }] } },
  { resourceType: 'ValueSet', id: 'vs-nested', status: 'active', url: 'urn:vs:nested', compose: { include: [{ valueSet: ['urn:vs:below'] }, { system: 'http://loinc.org' }] } },
  { resourceType: 'ValueSet', id: 'vs-genders', status: 'active', url: 'urn:vs:genders', compose: { include: [{ system: 'http://hl7.org/fhir/administrative-gender', concept: [{ code: 'female' }, { code: 'other' }] }] } },
];

/** Fresh copies, since resources may be changed by who gets them. */
export function resources(): Resource[] {
  return JSON.parse(JSON.stringify([...patients, ...others, ...observations, ...definitions])) as Resource[];
}
