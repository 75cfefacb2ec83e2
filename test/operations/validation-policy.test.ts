/** How strict a tenant is, and what a document that says so may hold. */
import { isOff, policiesOf, strictnessOf } from '../../operations/validate/policy.ts';

const defaults = { base: 'enforce', claimed: 'warn' } as const;
const usCore = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient';

test.each<[string, unknown, string]>([
  ['a word that is none', { base: 'strict' }, 'base'],
  ['a member that is none', { bases: 'warn' }, 'document'],
  ['a type that is none', { require: { Person2: [usCore] } }, 'require'],
  ['an address that is none', { profiles: { 'a b': 'warn' } }, 'profiles'],
  ['a tenant with tenants', { tenants: { acme: { tenants: {} } } }, 'tenants.acme'],
  ['a list', [], 'document'],
])('%s is refused, and where', (_, document, where) => {
  expect(() => policiesOf(defaults, document)).toThrow(new RegExp(`^(the )?${where}`));
});

test('without a document the settings hold', () => {
  const policy = policiesOf(defaults, undefined)('any');
  expect([strictnessOf(policy, undefined), strictnessOf(policy, 'http://hl7.org/fhir/StructureDefinition/Patient|4.0.1'), strictnessOf(policy, `${usCore}|7.0.0`), strictnessOf(policy, 'http://hl7.org/fhir/StructureDefinition/bp|4.0.1')])
    .toEqual(['enforce', 'enforce', 'warn', 'warn']);
  expect(isOff(policy)).toBe(false);
});

test('a profile with its version goes before one without, and both before what is claimed', () => {
  const policy = policiesOf(defaults, { profiles: { [usCore]: 'enforce', [`${usCore}|3.1.1`]: 'off' } })('any');
  expect([strictnessOf(policy, `${usCore}|7.0.0`), strictnessOf(policy, `${usCore}|3.1.1`)]).toEqual(['enforce', 'off']);
});

test('what is required is enforced', () => {
  expect(strictnessOf(policiesOf(defaults, { require: { Patient: [usCore] } })('any'), `${usCore}|7.0.0`)).toBe('enforce');
});

test('a tenant has what it says, and the rest from all', () => {
  const policies = policiesOf(defaults, { profiles: { [usCore]: 'enforce' }, tenants: { acme: { base: 'off', claimed: 'off', profiles: { [usCore]: 'off' } } } });
  expect(isOff(policies('acme'))).toBe(true);
  expect(strictnessOf(policies('other'), usCore)).toBe('enforce');
});
