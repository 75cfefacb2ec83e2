/** What constraints and trials cost, all of a validation together: that is bounded, and told where the bound is met. */
import { packagesAreHere } from '../support/definitions.ts';
import { base, now, optionsFor, profile, sentences, told, validatorFor, type JsonObject } from './own-profiles.ts';

const here = packagesAreHere ? describe : describe.skip;

const dear = (at: number): string => `1.repeat($this+${at + 1}).exists()`;
const constraint = (key: string, expression: string): JsonObject => ({ key, severity: 'error', human: key, expression });
const patient = { resourceType: 'Patient', name: [{ family: 'a', given: ['b'] }] };
const stopped = 'validation-stopped Patient';

here('Constraints that take too long', () => {
  test.each([
    ['of one element', [{ path: 'Patient', constraint: Array.from({ length: 30 }, (_, at) => constraint(`x-${at}`, dear(at))) }], patient],
    ['of an element that is there a thousand times', [{ path: 'Patient.name.given', constraint: [constraint('x-1', dear(0))] }], { ...patient, name: [{ given: Array.from({ length: 1000 }, (_, at) => `g${at}`) }] }],
    ['that match a long text again and again', [{ path: 'Patient', constraint: Array.from({ length: 200 }, (_, at) => constraint(`x-${at}`, `name.family.matches('^(a+a*)+${at}$').not()`)) }], { ...patient, name: [{ family: 'a'.repeat(50_000) }] }],
    ['that go through a long list again and again', [{ path: 'Patient', constraint: Array.from({ length: 200 }, (_, at) => constraint(`x-${at}`, `name.given.where($this = 'n${at}').empty()`)) }], { ...patient, name: [{ given: Array.from({ length: 30_000 }, () => 'g') }] }],
  ])('%s are stopped, which is told once', async (_, elements, resource) => {
    const validate = await validatorFor([profile('P', 'Patient', elements)]);
    const result = validate(resource, optionsFor(['P']));
    expect(told(result).filter((one) => one === stopped)).toEqual([stopped]);
    // One constraint that is too dear by itself is told by its key; together they cannot be many.
    expect(told(result).length).toBeLessThan(10);
    expect(sentences(result)).toEqual([]);
  });

  test('what else is wrong is told all the same', async () => {
    const validate = await validatorFor([profile('P', 'Patient', [{ path: 'Patient', constraint: Array.from({ length: 30 }, (_, at) => constraint(`x-${at}`, dear(at))) }, { path: 'Patient.birthDate', min: 1 }])]);
    expect(told(validate({ ...patient, meta: { profile: [`${base}P`] } }, { now }), 'error')).toEqual(['element-missing Patient']);
  });

  test('many that are cheap are all evaluated', async () => {
    const validate = await validatorFor([profile('P', 'Patient', [{ path: 'Patient.name.given', constraint: [constraint('x-1', "length() < 3 and $this.select($this & 'x').repeat('y').count() = 1")] }])]);
    const given = Array.from({ length: 20_000 }, (_, at) => (at === 19_999 ? 'long' : 'g'));
    expect(told(validate({ ...patient, name: [{ given }] }, optionsFor(['P'])))).toEqual(['constraint-failed x-1 Patient.name[0].given[19999]']);
  });
});
