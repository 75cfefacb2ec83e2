/** Profiles of what all resources are: of Resource, and of DomainResource. */
import { packagesAreHere } from '../support/definitions.ts';
import { base, now, optionsFor, profile, told, validatorFor } from './own-profiles.ts';
import type { Validate } from '../../profiles/validation.ts';

const here = packagesAreHere ? describe : describe.skip;

here('A profile of an abstract type', () => {
  let validate: Validate;
  beforeAll(async () => {
    validate = await validatorFor([
      profile('Tagged', 'Resource', [{ path: 'Resource.meta', min: 1 }]), profile('Told', 'DomainResource', [{ path: 'DomainResource.text', min: 1 }]), profile('Person', 'Patient', [{ path: 'Patient.birthDate', min: 1 }]),
      profile('About', 'Basic', [{ path: 'Basic.subject', type: [{ code: 'Reference', targetProfile: [`${base}Told`] }] }]),
      profile('Holder', 'Bundle', [{ path: 'Bundle.entry.resource', type: [{ code: 'Resource', profile: [`${base}Told`, `${base}Tagged`] }] }]),
    ]);
  });
  const text = { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' };

  test.each<[string, object, string[], string[]]>([
    ['Patient, and not met', { resourceType: 'Patient' }, ['Tagged', 'Told'], ['element-missing Patient', 'element-missing Patient']],
    ['Patient, and met', { resourceType: 'Patient', meta: { versionId: '1' }, text }, ['Tagged', 'Told'], []],
    ['Bundle, which is no DomainResource', { resourceType: 'Bundle', type: 'collection', meta: { versionId: '1' } }, ['Tagged', 'Told'], ['profile-type Bundle']],
    ['Binary, which is a Resource', { resourceType: 'Binary', contentType: 'text/plain' }, ['Tagged'], ['element-missing Binary']],
    ['Observation by a profile of Patient', { resourceType: 'Observation', status: 'final', code: { text: 'x' } }, ['Person'], ['profile-type Observation']],
  ])('of a %s', (_, resource, profiles, expected) => {
    expect(told(validate(resource, optionsFor(profiles)), 'error')).toEqual(expected);
  });

  test('is met where a resource claims it', () => {
    expect(told(validate({ resourceType: 'Patient', meta: { profile: [`${base}Tagged`] } }, { now }), 'error')).toEqual([]);
  });

  test('what it does not know of the type is not its own to refuse', () => {
    expect(told(validate({ resourceType: 'Patient', meta: { versionId: '1' }, text, active: true, contact: [{ name: { text: 'x' } }] }, optionsFor(['Told', 'Tagged'])), 'error')).toEqual([]);
  });

  test('may be asked of what a reference leads to, and of what a Bundle holds', () => {
    const about = (target: object): object => ({ resourceType: 'Basic', code: { text: 'x' }, contained: [target], subject: { reference: '#p' } });
    expect(told(validate(about({ resourceType: 'Patient', id: 'p' }), optionsFor(['About'])), 'error')).toContain('reference-target Basic.subject');
    expect(told(validate(about({ resourceType: 'Patient', id: 'p', text }), optionsFor(['About'])), 'error')).toEqual(expect.not.arrayContaining([expect.stringMatching(/^(?:reference|profile)/)]));
    const holder = (resource: object): object => ({ resourceType: 'Bundle', type: 'collection', entry: [{ fullUrl: 'urn:uuid:8d5c8b3e-5d35-4a7e-9c54-8f2d9d3f2c11', resource }] });
    expect(told(validate(holder({ resourceType: 'Patient' }), optionsFor(['Holder'])), 'error')).toContain('profile-none Bundle.entry[0].resource');
    expect(told(validate(holder({ resourceType: 'Patient', text }), optionsFor(['Holder'])), 'error')).toEqual([]);
  });
});
