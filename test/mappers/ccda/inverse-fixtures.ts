/** A small record, of which documents are written in tests. */
import type { Bundle, Resource } from '@medplum/fhirtypes';

export const subject = { reference: 'Patient/p' };
export const snomed = 'http://snomed.info/sct';
export const patient = { resourceType: 'Patient', id: 'p', identifier: [{ system: 'urn:oid:1.2.3', value: 'P1' }], name: [{ family: 'Secretname', given: ['Ann'] }], gender: 'female', birthDate: '1970-01-02' };

export const concept = (system: string, code: string): object => ({ coding: [{ system, code }] });
export const category = (code: string): object[] => [concept('http://terminology.hl7.org/CodeSystem/observation-category', code)];
export const problem = (more: object = {}): object => ({ resourceType: 'Condition', id: 'c', clinicalStatus: concept('http://terminology.hl7.org/CodeSystem/condition-clinical', 'active'), verificationStatus: concept('http://terminology.hl7.org/CodeSystem/condition-ver-status', 'confirmed'), code: concept(snomed, '38341003'), subject, onsetDateTime: '2020-01', ...more });

export function bundleOf(...resources: readonly object[]): Bundle {
  return { resourceType: 'Bundle', type: 'collection', entry: resources.map((resource) => ({ resource: resource as Resource })) };
}

/** One or more of each type that a document has a section for. */
export const fixtures: readonly object[] = [
  patient,
  { resourceType: 'AllergyIntolerance', clinicalStatus: concept('http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', 'active'), verificationStatus: concept('http://terminology.hl7.org/CodeSystem/allergyintolerance-verification', 'confirmed'), type: 'allergy', category: ['medication'], criticality: 'high', code: concept('http://www.nlm.nih.gov/research/umls/rxnorm', '70618'), patient: subject, onsetDateTime: '2001', reaction: [{ manifestation: [concept(snomed, '247472004')], severity: 'moderate' }], note: [{ text: 'As told by the mother' }] },
  problem(),
  problem({ id: 'd', code: concept(snomed, '73211009'), verificationStatus: concept('http://terminology.hl7.org/CodeSystem/condition-ver-status', 'refuted') }),
  { resourceType: 'MedicationRequest', status: 'active', intent: 'order', medicationCodeableConcept: concept('http://www.nlm.nih.gov/research/umls/rxnorm', '197361'), subject, reasonCode: [concept(snomed, '38341003')], dosageInstruction: [{ text: 'One a day', timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd', boundsPeriod: { start: '2021-05-01' } } }, route: concept('http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl', 'C38288'), doseAndRate: [{ doseQuantity: { value: 5, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' } }] }], dispenseRequest: { numberOfRepeatsAllowed: 3, quantity: { value: 30 } } },
  { resourceType: 'Immunization', status: 'not-done', vaccineCode: concept('http://hl7.org/fhir/sid/cvx', '88'), patient: subject, occurrenceDateTime: '2020-10-01', statusReason: concept('http://terminology.hl7.org/CodeSystem/v3-ActReason', 'PATOBJ') },
  { resourceType: 'Observation', status: 'final', category: category('laboratory'), code: concept('http://loinc.org', '2345-7'), subject, effectiveDateTime: '2022-03-04T05:06:07+01:00', valueQuantity: { comparator: '<', value: 40, unit: 'mg/dL', system: 'http://unitsofmeasure.org', code: 'mg/dL' }, referenceRange: [{ low: { value: 70, unit: 'mg/dL', system: 'http://unitsofmeasure.org', code: 'mg/dL' } }] },
  { resourceType: 'Observation', status: 'final', category: category('vital-signs'), code: concept('http://loinc.org', '85354-9'), subject, effectiveDateTime: '2022-03-04', component: [['8480-6', 120], ['8462-4', 80]].map(([code, value]) => ({ code: concept('http://loinc.org', String(code)), valueQuantity: { value, unit: 'mm[Hg]', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' } })) },
  { resourceType: 'Observation', status: 'final', category: category('social-history'), code: concept('http://loinc.org', '72166-2'), subject, effectiveDateTime: '2022-03-04', valueCodeableConcept: concept(snomed, '8517006') },
  { resourceType: 'Procedure', status: 'completed', code: concept(snomed, '80146002'), subject, performedDateTime: '2010-11' },
  { resourceType: 'Coverage', status: 'active', subscriberId: 'M77', beneficiary: subject, payor: [{ reference: 'Organization/o' }], type: concept('https://nahdo.org/sopt', '512'), order: 1 },
  { resourceType: 'Organization', id: 'o', name: 'Plan' },
  { resourceType: 'ServiceRequest', status: 'active', intent: 'order', code: concept(snomed, '3457005'), subject, reasonCode: [concept(snomed, '38341003')] },
];
