/** How much is told of one resource: of each severity so much, and that there was more; no flood of one hides another. */
import { packagesAreHere } from '../support/definitions.ts';
import { now, profile, told, validatorFor, optionsFor } from './own-profiles.ts';
import type { Validate, ValidationResult } from '../../profiles/validation.ts';

const here = packagesAreHere ? describe : describe.skip;
const count = ({ issues }: ValidationResult, severity: string): number => issues.filter((issue) => issue.severity === severity && issue.code !== 'validation-stopped').length;
const stops = ({ issues }: ValidationResult): number => issues.filter(({ code }) => code === 'validation-stopped').length;
const named = (names: number, given: number): object[] => Array.from({ length: names }, () => ({ given: Array.from({ length: given }, () => '<b>') }));

here('A flood', () => {
  let validate: Validate;
  beforeAll(async () => { validate = await validatorFor([profile('P', 'Patient', [{ path: 'Patient.name.given', constraint: [{ key: 'x-1', severity: 'warning', human: 'x', expression: "$this = 'y'" }] }])]); });

  test('of hints is cut off, and hides neither errors nor warnings', () => {
    const result = validate({ resourceType: 'Patient', name: named(30, 100), link: [{}], meta: { profile: ['urn:unknown'] }, gender: 5 }, { now });
    expect([count(result, 'information'), stops(result)]).toEqual([1000, 1]);
    expect(told(result)).toEqual(expect.arrayContaining(['primitive-format Patient.gender', 'profile-unknown Patient.meta.profile[0]']));
  });

  test('of warnings hides no errors', () => {
    const result = validate({ resourceType: 'Patient', contained: [{ resourceType: 'Patient', id: 'a', meta: { profile: ['http://example.org/StructureDefinition/P'] }, name: named(30, 100) }], link: [{ other: { reference: '#a' }, type: 'nothing' }], generalPractitioner: 7 }, { now });
    expect([count(result, 'warning'), count(result, 'information'), stops(result)]).toEqual([1000, 1000, 1]);
    expect(told(result, 'error')).toEqual(expect.arrayContaining(['binding-required Patient.link[0].type', 'element-form Patient.generalPractitioner']));
  });

  test('of errors ends the checking, also where a rule of the whole tells them', () => {
    const entry = Array.from({ length: 3000 }, (_, at) => ({ fullUrl: `entry ${at}`, resource: { resourceType: 'Basic', code: { text: 'x' } } }));
    const result = validate({ resourceType: 'Bundle', type: 'collection', entry }, { now });
    expect([count(result, 'error'), stops(result)]).toEqual([1000, 1]);
    const few = validate({ resourceType: 'Bundle', type: 'collection', entry: entry.slice(0, 999) }, { now });
    expect([count(few, 'error') > 0, stops(few)]).toEqual([true, few.issues.length >= 1000 ? 1 : 0]);
  });

  test('of as many as may be told is no flood', () => {
    const result = validate({ resourceType: 'Patient', name: named(10, 100) }, { now });
    expect([count(result, 'information'), stops(result)]).toEqual([1000, 0]);
  });

  test('in a contained resource that conforms hides nothing of what is told elsewhere', () => {
    const result = validate({ resourceType: 'Patient', name: named(30, 100), birthDate: 'never' }, { ...optionsFor(['P']), limit: 50 });
    expect([count(result, 'information'), count(result, 'warning'), stops(result)]).toEqual([50, 50, 1]);
    expect(told(result, 'error')).toEqual(['primitive-format Patient.birthDate']);
  });
});
