/** Whose message it is: a number decides, the rest confirms or contradicts, and what contradicts is said by a person. */
import { describe, expect, test } from '@jest/globals';
import type { Identifier, Patient } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { judgeMatch, type StoredPatient } from '../../../operations/match/judge.ts';

const typed = (code: string, system: string | undefined, value: string): Identifier => ({ type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code }] }, ...(system !== undefined && { system }), value });
const record = typed('MR', 'urn:north', 'r1');
const member = typed('MB', 'urn:plan', 'M1');
const ann: Partial<Patient> = { name: [{ family: 'Quist', given: ['Ann'] }], birthDate: '1970-01-02', gender: 'female' };
const asked = (...more: Partial<Patient>[]): Patient => Object.assign({ resourceType: 'Patient' }, ...more) as Patient;
const known = (id: string, ...more: Partial<Patient>[]): StoredPatient => Object.assign({ resourceType: 'Patient', id }, ...more) as StoredPatient;

describe('Nobody is taken for somebody else', () => {
  test.each<[string, Patient, StoredPatient[]]>([
    ['a number that neither side tells the kind of', asked({ identifier: [{ system: 'urn:north', value: 'r1' }] }), [known('a', { identifier: [{ system: 'urn:north', value: 'r1' }] })]],
    ['a record number that is an account number there', asked({ identifier: [record] }), [known('a', { identifier: [typed('AN', 'urn:north', 'r1')] })]],
    ['an account number', asked(ann, { identifier: [typed('AN', 'urn:north', 'r1')] }), [known('a', { identifier: [typed('AN', 'urn:north', 'r1')] })]],
    ['a social security number', asked({ identifier: [typed('SS', 'http://hl7.org/fhir/sid/us-ssn', '1')] }), [known('a', { identifier: [typed('SS', 'http://hl7.org/fhir/sid/us-ssn', '1')] })]],
    ['the record number of another authority', asked({ identifier: [record] }), [known('a', { identifier: [typed('MR', 'urn:south', 'r1')] })]],
    ['a number that was given up', asked({ identifier: [record] }), [known('a', { identifier: [{ ...record, use: 'old' }] })]],
    ['the member number of a family, name and birth date of another', asked({ ...ann, identifier: [member] }), [known('a', { name: [{ family: 'Quist', given: ['Bob'] }], birthDate: '2001-01-01', identifier: [member] })]],
    ['a name alone', asked(ann), [known('a', { name: ann.name! })]],
  ])('by %s', (_, patient, candidates) => {
    expect(judgeMatch(patient, candidates, 'own')).toEqual({ outcome: 'new' });
  });
});

describe('A person says', () => {
  test.each<[string, string, Patient, StoredPatient[]]>([
    ['a record number with another birth date and no name', 'same-number-other-person', asked({ birthDate: '1970-01-02', identifier: [record] }), [known('a', ann, { birthDate: '1999-01-01', identifier: [record] })]],
    ['a record number with another name and no birth date', 'same-number-other-person', asked({ name: [{ family: 'Other' }], identifier: [record] }), [known('a', ann, { identifier: [record] })]],
    ['a record number of which nothing else agrees', 'same-number-other-person', asked({ ...ann, identifier: [record] }), [known('a', { name: [{ family: 'Other' }], birthDate: '1999-01-01', identifier: [record] })]],
    ['a member number with another birth date', 'same-number-other-person', asked({ ...ann, identifier: [member] }), [known('a', ann, { birthDate: '1999-01-01', identifier: [member] })]],
    ['a member number with nothing to compare', 'number-not-confirmed', asked({ identifier: [member] }), [known('a', ann, { identifier: [member] })]],
    ['numbers of two records', 'several-records', asked({ ...ann, identifier: [record, typed('MR', 'urn:south', 's1')] }), [known('a', ann, { identifier: [record] }), known('b', ann, { identifier: [typed('MR', 'urn:south', 's1')] })]],
    ['the same name and birth date, no number in common', 'same-person-without-number', asked({ ...ann, identifier: [record] }), [known('a', ann)]],
  ])('about %s', (_, reason, patient, candidates) => {
    expect(judgeMatch(patient, candidates, 'own')).toEqual({ outcome: 'review', reason, candidates: candidates.map(({ id }) => id) });
  });
});

describe('A record is known', () => {
  test.each<[string, Patient, StoredPatient]>([
    ['by the number of its authority alone', asked({ identifier: [record] }), known('a', ann, { identifier: [record] })],
    ['by it under a new name, the birth date agreeing', asked({ ...ann, name: [{ family: 'Married' }], identifier: [record] }), known('a', ann, { identifier: [record] })],
    ['by it with a birth date that is corrected, the name agreeing', asked({ ...ann, identifier: [record] }), known('a', ann, { birthDate: '1970-02-01', identifier: [record] })],
    ['by it where the record has it without its kind', asked({ ...ann, identifier: [record] }), known('a', ann, { identifier: [{ system: 'urn:north', value: 'r1' }] })],
    ['by it where the message has it without its kind', asked({ ...ann, identifier: [{ system: 'urn:north', value: 'r1' }] }), known('a', ann, { identifier: [record] })],
    ['by the member number and the name', asked({ name: ann.name!, identifier: [member] }), known('a', ann, { identifier: [member] })],
    ['by the member number whose payer one side leaves out', asked({ ...ann, identifier: [typed('MB', undefined, 'M1')] }), known('a', ann, { identifier: [member] })],
    ['by the Medicare number, whatever its type says', asked({ identifier: [{ system: 'http://hl7.org/fhir/sid/us-mbi', value: '1EG4' }] }), known('a', { identifier: [{ system: 'http://hl7.org/fhir/sid/us-mbi', value: '1EG4' }] })],
    ['by the id that the message would give it', asked(ann), known('own', ann)],
  ])('%s', (_, patient, candidate) => {
    expect(judgeMatch(patient, [candidate, known('stranger', { name: [{ family: 'Stranger' }], birthDate: '1901-01-01' })], 'own')).toEqual({ outcome: 'match', patient: candidate.id });
  });
});

test('whoever is matched has a number in common; without one the answer is new or review', () => {
  const code = fc.constantFrom('MR', 'MB', 'AN', 'SS');
  const identifiers = fc.array(fc.tuple(code, fc.constantFrom('urn:a', 'urn:b', undefined), fc.constantFrom('1', '2')).map(([type, system, value]) => typed(type, system, value)), { maxLength: 3 });
  const person = fc.record({ identifier: identifiers, name: fc.constantFrom(ann.name!, [{ family: 'Other' }]), birthDate: fc.constantFrom('1970-01-02', '1980-01-01') }, { requiredKeys: ['identifier'] });
  fc.assert(fc.property(person, fc.array(person, { maxLength: 4 }), (one, others) => {
    const candidates = others.map((other, index) => known(`k${index}`, other));
    const match = judgeMatch(asked(one), candidates, 'own');
    if (match.outcome !== 'match') return;
    const found = candidates.find(({ id }) => id === match.patient)!;
    expect(one.identifier.some((each) => found.identifier!.some((other) => other.value === each.value && (other.system === each.system || other.system === undefined || each.system === undefined)))).toBe(true);
  }));
});
