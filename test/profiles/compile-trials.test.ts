/** Resources that are tried against one profile and then checked by another: nothing that the trial went through counts as told. */
import { packagesAreHere } from '../support/definitions.ts';
import { base, now, profile, told, validatorFor, type JsonObject } from './own-profiles.ts';

const here = packagesAreHere ? describe : describe.skip;

const resourceOf = (path: string, type: string, profiles: readonly string[]): JsonObject => ({ path, type: [{ code: type, profile: profiles.map((name) => base + name) }] });

here('A profile that was tried and not met', () => {
  const definitions = [
    profile('born', 'Patient', [{ path: 'Patient.birthDate', min: 1 }]),
    profile('of-born', 'Bundle', [resourceOf('Bundle.entry.resource', 'Patient', ['born'])]),
    profile('of-any', 'Bundle', [{ path: 'Bundle.signature', max: '0' }]),
    profile('either', 'Parameters', [resourceOf('Parameters.parameter.resource', 'Bundle', ['of-born', 'of-any'])]),
    profile('only-born', 'Parameters', [resourceOf('Parameters.parameter.resource', 'Bundle', ['of-born'])]),
  ];
  const entry = [{ fullUrl: 'urn:uuid:6c1a2b46-1d57-4c7a-9f7c-0d2b6f1f3c11', resource: { resourceType: 'Patient', active: true } }];
  const parameters = { resourceType: 'Parameters', parameter: [{ name: 'x', resource: { resourceType: 'Bundle', type: 'collection', entry } }] };

  test.each<[string, string[], string[]]>([
    ['is not told where another is met', ['either'], []],
    ['is told where it is demanded', ['only-born'], ['element-missing Parameters.parameter[0].resource.entry[0].resource']],
    ['is told where it is demanded after it was tried', ['either', 'only-born'], ['element-missing Parameters.parameter[0].resource.entry[0].resource']],
    ['is still tried after it was told', ['only-born', 'either'], ['element-missing Parameters.parameter[0].resource.entry[0].resource']],
  ])('%s', async (_, profiles, expected) => {
    const validate = await validatorFor(definitions);
    expect(told(validate(parameters, { now, profiles: profiles.map((name) => base + name) }), 'error')).toEqual(expected);
  });
});
