/** Of profiles of which a value meets none, the nearest tells what is wrong; of what refers to such a value, as a hint. */
import { definitionsFor, examplesOf, packagesAreHere } from '../support/definitions.ts';
import { createValidator } from '../../profiles/validator.ts';
import { now, optionsFor, profile, told, validatorFor, type JsonObject } from './own-profiles.ts';

const here = packagesAreHere ? describe : describe.skip;
const guide = 'hl7.fhir.us.davinci-pas-2.2.1';

const constraint = { key: 'own-1', severity: 'error', human: 'h', expression: "family != 'x'" };
const strict = profile('Strict', 'HumanName', ['given', 'text', 'use'].map((name) => ({ path: `HumanName.${name}`, min: 1 })), { kind: 'complex-type' });
const lenient = profile('Lenient', 'HumanName', [{ path: 'HumanName', constraint: [constraint] }, { path: 'HumanName.period', max: '0' }], { kind: 'complex-type' });
const named = profile('P', 'Patient', [{ path: 'Patient.name', type: [{ code: 'HumanName', profile: ['Strict', 'Lenient'].map((name) => `http://example.org/StructureDefinition/${name}`) }] }]);

here('A value that meets none of several profiles', () => {
  test('is told what is wrong by the one with the fewest errors, where it is and whose rule it is', async () => {
    const validate = await validatorFor([strict, lenient, named]);
    const { issues } = validate({ resourceType: 'Patient', name: [{ family: 'a' }, { family: 'x', period: { start: '2026' } }] }, optionsFor(['P']));
    expect(issues.filter(({ severity }) => severity === 'error').map(({ code, expression, profile: by, constraint: key }) => [code, expression, by?.replace(/.*\//, ''), key])).toEqual([
      ['profile-none', 'Patient.name[1]', 'P|1.0.0', undefined],
      ['constraint-failed', 'Patient.name[1]', 'Lenient|1.0.0', 'own-1'],
      ['element-prohibited', 'Patient.name[1].period', 'Lenient|1.0.0', undefined],
    ]);
  });

  test('has no more than twenty errors told', async () => {
    const many = (name: string): JsonObject => profile(name, 'HumanName', [{ path: 'HumanName', constraint: Array.from({ length: 45 }, (_, at) => ({ ...constraint, key: `own-${at}` })) }], { kind: 'complex-type' });
    const validate = await validatorFor([many('Strict'), many('Lenient'), named]);
    expect(told(validate({ resourceType: 'Patient', name: [{ family: 'x' }] }, optionsFor(['P'])))).toHaveLength(21);
  });

  test('of a request for prior authorization without a claimed profile', async () => {
    const validate = createValidator(await definitionsFor([guide, 'hl7.fhir.us.core-7.0.0']));
    const canonical = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/profile-pas-request-bundle';
    const examples = [...(await examplesOf(guide)).values()] as JsonObject[];
    const example = examples.find((one) => JSON.stringify(one['meta'] ?? '').includes(canonical))!;
    const bundle = structuredClone(example) as { entry: { resource: Record<string, unknown> }[] };
    const at = bundle.entry.findIndex(({ resource }) => resource['resourceType'] === 'Claim');
    for (const { resource } of bundle.entry) delete resource['meta'];
    delete bundle.entry[at]!.resource['identifier'];
    const result = validate(bundle, { now, profiles: [canonical] });
    const [none, missing, ...more] = result.issues.filter(({ severity }) => severity === 'error');
    expect([none?.code, none?.expression, missing?.code, missing?.expression, missing?.details['element'], more]).toEqual(['profile-none', `Bundle.entry[${at}].resource`, 'element-missing', `Bundle.entry[${at}].resource`, 'identifier', []]);
    expect(missing?.profile).toMatch(/profile-claim/);
  });
});

here('A reference to what meets not the one profile of its type', () => {
  test('is told what is wrong there as hints, at the reference', async () => {
    const target = profile('T', 'Patient', [{ path: 'Patient.name', min: 1 }]);
    const other = profile('O', 'Observation', [{ path: 'Observation.subject', type: [{ code: 'Reference', targetProfile: ['http://example.org/StructureDefinition/T'] }] }]);
    const validate = await validatorFor([target, other]);
    const observation = { resourceType: 'Observation', status: 'final', code: { text: 'a' }, subject: { reference: '#p' }, contained: [{ resourceType: 'Patient', id: 'p' }] };
    expect(told(validate(observation, optionsFor(['O'])))).toEqual(['reference-target Observation.subject']);
    expect(told(validate(observation, optionsFor(['O'])), 'information')).toEqual(expect.arrayContaining(['element-missing Observation.subject']));
  });
});
