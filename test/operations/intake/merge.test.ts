/** What a message says of what is stored: what was sent replaces, what was not stays, what is erased goes. */
import { describe, expect, test } from '@jest/globals';
import type { Encounter, Observation, Patient, Resource } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { mergeResource, replaceResource } from '../../../operations/intake/merge.ts';

const typed = (code: string, system: string, value: string) => ({ type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code }] }, system, value });
const stored: Patient & { id: string } = {
  resourceType: 'Patient', id: 'p', meta: { versionId: '3', lastUpdated: '2026-01-01T00:00:00Z', tag: [{ system: 'urn:t', code: 'kept' }] },
  identifier: [typed('MB', 'urn:plan', 'M1'), typed('MR', 'urn:north', 'r1')], name: [{ family: 'Old', given: ['Ann'] }], gender: 'female', birthDate: '1970-01-02',
  address: [{ city: 'Kiel', postalCode: '24103' }], deceasedBoolean: false, extension: [{ url: 'urn:a', valueString: 'a' }, { url: 'urn:b', valueString: 'b' }],
};
const absent = [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }];
const patient = (more: Partial<Patient>): Patient => ({ resourceType: 'Patient', ...more });

describe('A part of a resource', () => {
  test('that is a missing value takes no value away', () => {
    const sent = { ...patient({}), _birthDate: { extension: absent } } as Patient;
    const { resource, changed } = mergeResource(stored, sent);
    expect(resource.birthDate).toBe('1970-01-02');
    expect(changed).toBe(false);
  });

  test('that is a missing value is told where there was none', () => {
    const { birthDate: _, ...without } = stored;
    expect(mergeResource<Resource>(without, { ...patient({}), _birthDate: { extension: absent } } as Patient).resource).toMatchObject({ _birthDate: { extension: absent } });
  });

  test('that replaces a value takes along what was said beside it', () => {
    const before = { ...stored, _birthDate: { extension: [{ url: 'urn:time', valueTime: '10:00:00' }] } };
    expect(mergeResource<Resource>(before, patient({ birthDate: '1971-01-01' })).resource).not.toHaveProperty('_birthDate');
    const both = { _birthDate: { id: 'x' }, ...patient({ birthDate: '1971-01-01' }) } as Patient;
    expect(mergeResource<Resource>(before, both).resource).toMatchObject({ birthDate: '1971-01-01', _birthDate: { id: 'x' } });
  });

  test('of another type of a choice takes the place of the one before', () => {
    const { resource } = mergeResource(stored, patient({ deceasedDateTime: '2026-01-01' }));
    expect(resource).toHaveProperty('deceasedDateTime', '2026-01-01');
    expect(resource).not.toHaveProperty('deceasedBoolean');
  });

  test('is a name as a whole, never half of one and half of another', () => {
    expect(mergeResource(stored, patient({ name: [{ family: 'New' }] })).resource.name).toEqual([{ family: 'New' }]);
  });

  test('within a group leaves the others of the group', () => {
    const before: Encounter = { resourceType: 'Encounter', id: 'e', status: 'in-progress', class: { code: 'IMP' }, period: { start: '2026-01-01' }, hospitalization: { admitSource: { text: 'home' }, dischargeDisposition: { text: 'none yet', coding: [{ code: 'x' }] } } };
    const { resource } = mergeResource(before, { resourceType: 'Encounter', status: 'finished', class: { code: 'IMP' }, period: { end: '2026-01-03' }, hospitalization: { dischargeDisposition: { text: 'home' } } });
    expect(resource).toMatchObject({ status: 'finished', period: { start: '2026-01-01', end: '2026-01-03' }, hospitalization: { admitSource: { text: 'home' }, dischargeDisposition: { text: 'home' } } });
    expect(resource.hospitalization!.dischargeDisposition).not.toHaveProperty('coding');
  });

  test('that begins after the stored end is another period', () => {
    const before: Encounter = { resourceType: 'Encounter', id: 'e', status: 'finished', class: { code: 'IMP' }, period: { start: '2026-01-01', end: '2026-01-03T10:00:00Z' } };
    expect(mergeResource(before, { ...before, period: { start: '2026-02-01' } }).resource.period).toEqual({ start: '2026-02-01' });
  });

  test('adds identifiers, and tells where each of them stands now', () => {
    const { resource, placeOf } = mergeResource(stored, patient({ identifier: [{ ...typed('MR', 'urn:north', 'r1'), use: 'official' }, typed('MR', 'urn:south', 's1')] }));
    expect(resource.identifier!.map(({ value, use }) => [value, use])).toEqual([['M1', undefined], ['r1', 'official'], ['s1', undefined]]);
    expect([placeOf('identifier[0].value'), placeOf('identifier[1].value'), placeOf('birthDate')]).toEqual(['identifier[1].value', 'identifier[2].value', 'birthDate']);
  });

  test('replaces the extension of the same definition and no other', () => {
    const { resource, placeOf } = mergeResource(stored, patient({ extension: [{ url: 'urn:a', valueString: 'new' }] }));
    expect(resource.extension).toEqual([{ url: 'urn:b', valueString: 'b' }, { url: 'urn:a', valueString: 'new' }]);
    expect(placeOf('extension[0].valueString')).toBe('extension[1].valueString');
  });

  test('keeps the labels that somebody put on the record', () => {
    const { resource } = mergeResource(stored, patient({ meta: { source: 'urn:new', profile: ['urn:p'] } }));
    expect(resource.meta).toMatchObject({ tag: [{ code: 'kept' }], profile: ['urn:p'], source: 'urn:new' });
  });
});

test('what is erased goes, a choice in each of its types; id and meta never do', () => {
  const { resource } = mergeResource(stored, patient({}), ['birthDate', 'deceased', 'name', 'id', 'meta', 'resourceType']);
  expect(resource).toMatchObject({ resourceType: 'Patient', id: 'p', gender: 'female', meta: { tag: [{ code: 'kept' }] } });
  for (const gone of ['birthDate', 'deceasedBoolean', 'name']) expect(resource).not.toHaveProperty(gone);
});

test('a whole resource replaces all but id and labels', () => {
  const before: Observation = { resourceType: 'Observation', id: 'o', meta: { tag: [{ code: 'kept' }] }, status: 'final', code: { text: 'a' }, valueString: 'x', note: [{ text: 'gone' }] };
  const { resource } = replaceResource<Observation>(before, { resourceType: 'Observation', status: 'amended', code: { text: 'a' }, valueInteger: 3 });
  expect(resource).toEqual({ resourceType: 'Observation', id: 'o', meta: { tag: [{ code: 'kept' }] }, status: 'amended', code: { text: 'a' }, valueInteger: 3 });
});

const text = fc.stringMatching(/^[a-z]{1,4}$/);
const parts = fc.record<Partial<Patient>>({
  name: fc.array(fc.record({ family: text, given: fc.array(text, { minLength: 1, maxLength: 2 }) }), { minLength: 1, maxLength: 2 }),
  gender: fc.constantFrom('male', 'female', 'other'), birthDate: fc.constantFrom('1970-01-01', '1980-02-02'),
  identifier: fc.uniqueArray(fc.record({ system: fc.constantFrom('urn:a', 'urn:b'), value: text }), { minLength: 1, maxLength: 3, selector: ({ system, value }) => `${system}|${value}` }),
  address: fc.array(fc.record({ city: text }), { minLength: 1, maxLength: 2 }), maritalStatus: fc.record({ text }), deceasedBoolean: fc.boolean(), multipleBirthInteger: fc.nat(3),
}, { requiredKeys: [] }).map((more) => patient(more));

describe('Whatever is stored and sent', () => {
  test('what was sent is there afterwards, and what was not sent is as it was', () => {
    fc.assert(fc.property(parts, parts, (before, sent) => {
      const { resource } = mergeResource({ ...before, id: 'p' }, sent);
      for (const [name, value] of Object.entries(sent)) {
        if (name === 'identifier') expect(resource.identifier).toEqual(expect.arrayContaining(value as unknown[]));
        else expect(resource).toHaveProperty(name, value);
      }
      for (const [name, value] of Object.entries(before)) {
        if (name === 'identifier') expect(resource.identifier).toEqual(expect.arrayContaining(value as unknown[]));
        else if (!(name in sent)) expect(resource).toHaveProperty(name, value);
      }
    }));
  });

  test('the same message again changes nothing, and says so', () => {
    fc.assert(fc.property(parts, parts, fc.subarray(['birthDate', 'name', 'gender', 'address']), (before, sent, erased) => {
      const gone = erased.filter((name) => !(name in sent));
      const once = mergeResource({ ...before, id: 'p' }, sent, gone);
      const twice = mergeResource(once.resource, sent, gone);
      expect(twice.resource).toEqual(once.resource);
      expect(twice.changed).toBe(false);
    }));
  });

  test('every value of the message is found where the merge says that it went, and nothing of the arguments is changed', () => {
    fc.assert(fc.property(parts, parts, (before, sent) => {
      const kept = JSON.stringify([before, sent]);
      const { resource, placeOf } = mergeResource({ ...before, id: 'p' }, sent);
      for (const [index, { value }] of (sent.identifier ?? []).entries()) {
        const at = Number(/\[(\d+)\]/.exec(placeOf(`identifier[${index}].value`))![1]);
        expect(resource.identifier![at]!.value).toBe(value);
      }
      expect(JSON.stringify([before, sent])).toBe(kept);
    }));
  });

  test('messages about different elements commute', () => {
    fc.assert(fc.property(parts, text, fc.constantFrom('male', 'female'), (before, city, gender) => {
      const [one, two] = [patient({ address: [{ city }] }), patient({ gender: gender })];
      const start = { ...before, id: 'p' };
      expect(mergeResource(mergeResource(start, one).resource, two).resource).toEqual(mergeResource(mergeResource(start, two).resource, one).resource);
    }));
  });
});
