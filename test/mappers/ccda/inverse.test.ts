/** A Bundle written as a C-CDA document: what must not be said, what must be there, and what comes back when it is read. */
import { describe, expect, test } from '@jest/globals';
import type { Bundle } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { readClinicalDocument, writeClinicalDocument } from '../../../mappers/ccda/index.ts';
import { declaredFields } from './inverse-fields.ts';
import { bundleOf, category, concept, fixtures, patient, problem, snomed, subject } from './inverse-fixtures.ts';

const options = { type: 'ccd', id: { root: '2.16.840.1.113883.19.5', extension: 'W1' }, time: '2026-01-02T03:04:05Z' } as const;

function back(bundle: Bundle, type: 'ccd' | 'referral' = 'ccd'): ReturnType<typeof readClinicalDocument> {
  return readClinicalDocument(Buffer.from(writeClinicalDocument(bundle, { ...options, type }).document));
}

describe('What is not known is not said', () => {
  test('a Bundle with a patient alone gives the six sections of a CCD, each without information', () => {
    const { document } = writeClinicalDocument(bundleOf(patient), options);
    for (const code of ['48765-2', '10160-0', '11450-4', '30954-2', '29762-2', '8716-3']) expect(document).toContain(`code="${code}"`);
    expect(document.match(/<section nullFlavor="NI">/g)).toHaveLength(6);
    expect(document).not.toContain('negationInd');
  });
  test('a referral has its own required sections', () => {
    const { document } = writeClinicalDocument(bundleOf(patient), { ...options, type: 'referral' });
    for (const code of ['57133-1', '42349-1', '18776-5', '51848-0', '48765-2', '10160-0', '11450-4']) expect(document).toContain(`code="${code}"`);
  });
  test('a Bundle without a patient is told', () => {
    expect(writeClinicalDocument(bundleOf(), options).issues.map(({ code }) => code)).toEqual(['patient-missing']);
  });
  test('nothing that was entered in error, and nothing about another patient, is in the document', () => {
    const mistake = problem({ verificationStatus: concept('http://terminology.hl7.org/CodeSystem/condition-ver-status', 'entered-in-error') });
    const others = problem({ subject: { reference: 'Patient/q' }, code: concept(snomed, '73211009') });
    const written = writeClinicalDocument(bundleOf(patient, { resourceType: 'Patient', id: 'q' }, mistake, others), options);
    expect(written.document).not.toContain('38341003');
    expect(written.document).not.toContain('73211009');
    expect(written.issues.map(({ code }) => code)).toEqual(['entered-in-error', 'another-patient']);
  });
  test('a condition that is only suspected is told, and its row says so', () => {
    const written = writeClinicalDocument(bundleOf(patient, problem({ verificationStatus: concept('http://terminology.hl7.org/CodeSystem/condition-ver-status', 'provisional') })), options);
    expect(written.issues.map(({ code }) => code)).toEqual(['verification-not-said']);
    expect(written.document).toContain('>provisional: 38341003<');
  });
  test('a code system without OID, and an identifier without one, are listed with the reason', () => {
    const { document, unmapped } = writeClinicalDocument(bundleOf(patient, problem({ identifier: [{ system: 'http://example.org/ids', value: 'X9' }], code: concept('http://example.org/codes', 'A1') })), options);
    expect(document).toContain('nullFlavor="OTH"><originalText>A1</originalText>');
    expect(document).not.toContain('X9');
    expect(unmapped).toEqual(expect.arrayContaining([
      { source: 'Bundle.entry[1].resource.code.coding[0].system', reason: 'the code system has no OID' },
      { source: 'Bundle.entry[1].resource.identifier[0].value', reason: 'the system of the identifier has no OID' },
    ]));
  });
  test('what FHIR says to be absent has its null flavor', () => {
    const result = { resourceType: 'Observation', status: 'final', category: category('laboratory'), code: concept('http://loinc.org', '2345-7'), subject, dataAbsentReason: concept('http://terminology.hl7.org/CodeSystem/data-absent-reason', 'masked') };
    expect(writeClinicalDocument(bundleOf(patient, result), options).document).toContain('<value xsi:type="CD" nullFlavor="MSK"/>');
  });
  test('no issue and no reason holds a word of the data', () => {
    const written = writeClinicalDocument(bundleOf(patient, { resourceType: 'Goal', description: { text: 'Secretgoal' }, subject }), options);
    expect(written.issues.map(({ code }) => code)).toEqual(['resource-not-written']);
    expect(JSON.stringify([written.issues, written.unmapped])).not.toMatch(/Secret/);
  });
});

describe('What is written is read back', () => {
  test.each(['ccd', 'referral'] as const)('the declared fields of a %s', (type) => {
    const bundle = bundleOf(...fixtures);
    const read = back(bundle, type);
    expect(read.issues.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(declaredFields(read.bundle)).toEqual(expect.arrayContaining(declaredFields(bundle)));
  });
  test('each statement refers to a row of the narrative that is there', () => {
    const { document } = writeClinicalDocument(bundleOf(...fixtures), options);
    const references = [...document.matchAll(/<reference value="#([^"]+)"/g)].map(([, id]) => id);
    expect(references.length).toBeGreaterThan(8);
    for (const id of references) expect(document).toContain(`ID="${id}"`);
  });
  test('twice a day is every twelve hours', () => {
    const request = { resourceType: 'MedicationRequest', status: 'active', intent: 'order', medicationCodeableConcept: { text: 'Drug' }, subject, dosageInstruction: [{ timing: { repeat: { frequency: 2, period: 1, periodUnit: 'd' } } }] };
    expect(writeClinicalDocument(bundleOf(patient, request), options).document).toContain('<period value="12" unit="h"/>');
  });
  test('"no known allergies" that was said is said', () => {
    const none = { resourceType: 'AllergyIntolerance', code: concept(snomed, '716186003'), patient: subject };
    const { bundle } = back(bundleOf(patient, none));
    expect(declaredFields(bundle, ['AllergyIntolerance'])[0]).toContain('716186003');
  });
  test('any text comes back as it was, but for white space and what XML cannot hold', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ unit: fc.constantFrom('<', '>', '&', '"', "'", ']', '\r', '\n', '\t', 'a', '\u0000', '\u{1F600}', '#'), maxLength: 12 }), (one, other) => {
      const words = `a${one}b`;
      const note = `a${other}b`;
      const read = back(bundleOf({ ...patient, name: [{ family: words, given: [note] }] }, problem({ code: { text: words }, note: [{ text: note }] })));
      expect(read.acknowledgement.outcome).toBe('mapped');
      const [condition, person] = ['Condition', 'Patient'].map((type) => read.bundle.entry!.find(({ resource }) => resource?.resourceType === type)!.resource as unknown as Record<string, unknown>);
      expect(condition).toMatchObject({ code: { text: held(words) }, note: [{ text: held(note) }] });
      expect(person).toMatchObject({ name: [{ family: held(words), given: [held(note)] }] });
    }), { numRuns: 300, seed: 7 });
  });
});

/** What XML 1.0 can hold of a text, with white space as the way in reads it. */
function held(text: string): string {
  // oxlint-disable-next-line no-control-regex -- what XML 1.0 cannot hold
  return text.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd').replaceAll(/\s+/g, ' ').trim();
}
