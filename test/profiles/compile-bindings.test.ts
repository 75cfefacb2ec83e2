/** Bindings beside the one that an element has: for certain usages, largest sets, what is current (R5's additional bindings). */
import { packagesAreHere } from '../support/definitions.ts';
import type { Usage, Validate } from '../../profiles/validation.ts';
import { now, optionsFor, profile, told, validatorFor, type JsonObject } from './own-profiles.ts';

const here = packagesAreHere ? describe : describe.skip;

const system = 'http://example.org/animals';
const animals: JsonObject = { resourceType: 'CodeSystem', url: system, status: 'active', content: 'complete', concept: ['dog', 'cat', 'fly'].map((code) => ({ code })) };
const setOf = (name: string, ...codes: readonly string[]): JsonObject => ({ resourceType: 'ValueSet', url: `http://example.org/${name}`, status: 'active', compose: { include: [{ system, concept: codes.map((code) => ({ code })) }] } });
const types = 'http://terminology.hl7.org/CodeSystem/usage-context-type';
const usage = (code: string, ...codings: readonly JsonObject[]): JsonObject => ({ url: 'usage', valueUsageContext: { code: { system: types, code }, valueCodeableConcept: { coding: codings } } });
const additional = (purpose: string, valueSet: string, ...more: readonly JsonObject[]): JsonObject => ({
  url: 'http://hl7.org/fhir/tools/StructureDefinition/additional-binding', extension: [{ url: 'purpose', valueCode: purpose }, { url: 'valueSet', valueCanonical: `http://example.org/${valueSet}` }, ...more],
});
const bound = (...extension: readonly JsonObject[]): JsonObject => profile('P', 'Observation', [{ path: 'Observation.code', binding: { strength: 'example', valueSet: 'http://example.org/pets', extension } }]);
const observation = (code: string): JsonObject => ({ resourceType: 'Observation', status: 'final', code: { coding: [{ system, code }] } });
const jurisdiction: Usage = { code: 'jurisdiction', system: 'urn:iso:std:iso:3166', value: 'US' };
const inTheUs = usage('jurisdiction', { system: 'urn:iso:std:iso:3166', code: 'US' });

here('An additional binding', () => {
  const validator = (definition: JsonObject): Promise<Validate> => validatorFor([animals, setOf('pets', 'dog', 'cat'), definition]);

  test.each<[string, JsonObject, readonly Usage[], string[]]>([
    ['that is required', additional('required', 'pets'), [], ['binding-required Observation.code']],
    ['that is the largest', additional('maximum', 'pets'), [], ['binding-maximum Observation.code']],
    ['that is current', additional('current', 'pets'), [], ['binding-extensible Observation.code']],
    ['that is the least', additional('minimum', 'pets'), [], []],
    ['for a usage, where nobody says how the resource is used', additional('required', 'pets', inTheUs), [], []],
    ['for a usage, in that', additional('required', 'pets', inTheUs), [jurisdiction], ['binding-required Observation.code']],
    ['for a usage, in another', additional('required', 'pets', inTheUs), [{ ...jurisdiction, value: 'DE' }], []],
    ['for a usage, in one of another kind', additional('required', 'pets', inTheUs), [{ ...jurisdiction, code: 'venue' }], []],
    ['for a usage, in the same code of another system', additional('required', 'pets', inTheUs), [{ ...jurisdiction, system: 'http://example.org/countries' }], []],
    ['for two usages, in one of them', additional('required', 'pets', usage('gender', { code: 'male' }), inTheUs), [jurisdiction], ['binding-required Observation.code']],
    ['for a usage that no code tells', additional('required', 'pets', { url: 'usage', valueUsageContext: { code: { code: 'age' }, valueRange: { low: { value: 1 } } } }), [jurisdiction], []],
  ])('%s', async (_, binding, usages, expected) => {
    const validate = await validator(bound(binding));
    expect(told(validate(observation('fly'), { ...optionsFor(['P']), usages }))).toEqual(expected);
    expect(told(validate(observation('dog'), { ...optionsFor(['P']), usages, now }))).toEqual([]);
  });
});
