/* oxlint-disable unicorn/no-thenable -- `then` is a word of the pack format */
/**
 * Which packs are refused, and with what words; which are taken.
 */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkPack } from '../../review/policies/check.ts';
import { loadPacks, PolicyFolderError, PolicyPackError } from '../../review/policies/load.ts';
import type { PackProblem, PolicyPack } from '../../review/policies/pack.ts';

const codes = [{ system: 'urn:s', codes: ['A'] }];
const denial = { id: 'd', title: 'D', category: 'benefit-exclusion', when: { fact: 'service', in: codes }, then: { effect: 'deny', reason: { text: 'no' } } };
const pass = { id: 'n', title: 'N', category: 'no-authorization-needed', when: { fact: 'service', in: codes }, then: { effect: 'certify', reason: { text: 'yes' } } };
const again = { id: 'u', title: 'U', category: 'duplicate', when: { fact: 'duplicate' }, then: { effect: 'certify', certification: 'existing', reason: { text: 'same' } } };
const adult = { id: 'adult', text: 'adult', test: { fact: 'age', years: { atLeast: 18 } } };
const clinical = { id: 'c', title: 'C', source: 'S', applies: { fact: 'service', in: codes }, criteria: adult, met: { effect: 'certify', validDays: 30 }, otherwise: { effect: 'pend' } };
const good = { schemaVersion: 1, plan: 'P', pack: 'p', version: '1', title: 'T', effective: { from: '2026-01-01' }, administrative: [denial, pass, again], clinical: [clinical] };

function problemsOf(change: object): readonly PackProblem[] {
  const checked = checkPack({ ...good, ...change });
  return 'problems' in checked ? checked.problems : [];
}

const oneRule = (rule: object) => ({ administrative: [rule], clinical: [] });
const oneClinical = (change: object) => ({ administrative: [], clinical: [{ ...clinical, ...change }] });
const nothing = { administrative: [], clinical: [] };

describe('a machine never says no on clinical grounds', () => {
  test.each([
    ['deny when not met', { otherwise: { effect: 'deny' } }, '/clinical/0/otherwise/effect'],
    ['modify when not met', { otherwise: { effect: 'modify' } }, '/clinical/0/otherwise/effect'],
    ['deny when met', { met: { effect: 'deny', validDays: 1 } }, '/clinical/0/met/effect'],
  ])('a clinical rule that would %s is refused with the reason', (_case, change, pointer) => {
    expect(problemsOf(oneClinical(change))).toEqual([{ pointer, message: expect.stringContaining('never denies, modifies or reduces on clinical grounds') }]);
  });

  test.each([
    ['age', { fact: 'age', years: { above: 80 } }],
    ['gender', { fact: 'gender', in: ['male'] }],
    ['quantity', { fact: 'quantity', value: { above: 10 } }],
    ['diagnosis', { fact: 'diagnosis', in: codes }],
    ['observation', { fact: 'observation', code: codes, value: { below: 1 }, units: ['%'] }],
    ['condition', { fact: 'condition', in: codes }],
    ['answer', { fact: 'answer', linkId: 'l', equals: false }],
    ['document', { fact: 'document', in: codes }],
  ])('a denial that rests on %s is refused, however deep it hides', (name, fact) => {
    const when = { all: [denial.when, { any: [{ not: fact }] }] };
    expect(problemsOf(oneRule({ ...denial, when }))).toEqual([
      { pointer: '/administrative/0/when/all/1/any/0/not', message: expect.stringContaining(`"${name}" speaks about the patient's need`) },
    ]);
    expect(problemsOf(oneRule({ ...pass, when }))).toEqual([]);
  });

  test('a clinical rule has no room for a reason or a reduced amount', () => {
    expect(problemsOf(oneClinical({ otherwise: { effect: 'pend', validDays: 3 } }))).toEqual([{ pointer: '/clinical/0/otherwise/validDays', message: 'unknown property' }]);
  });
});

describe('refused', () => {
  test.each<[string, object, string, string]>([
    ['an unknown fact', oneRule({ ...pass, when: { fact: 'mood' } }), '/administrative/0/when', 'unknown fact; known facts: service,'],
    ['a condition that is none', oneRule({ ...pass, when: {} }), '/administrative/0/when', 'unknown fact'],
    ['an empty group', oneRule({ ...pass, when: { all: [] } }), '/administrative/0/when/all', 'fewer than 1'],
    ['two operators in one', oneRule({ ...pass, when: { all: [pass.when], any: [pass.when] } }), '/administrative/0/when/any', 'unknown property'],
    ['a property nobody knows', { remarks: 'x' }, '/remarks', 'unknown property'],
    ['a property nobody knows, name escaped', { 'a/b~c': 'x' }, '/a~1b~0c', 'unknown property'],
    ['a missing part', { clinical: undefined }, '', 'clinical'],
    ['another schema version', { schemaVersion: 2 }, '/schemaVersion', 'must be 1'],
    ['a day that is not in the calendar', { effective: { from: '2026-02-30' } }, '/effective/from', 'calendar date'],
    ['a time where a day belongs', { effective: { from: '2026-02-03T00:00:00Z' } }, '/effective/from', 'calendar date'],
    ['a month where a day belongs', { effective: { from: '2026-02' } }, '/effective/from', 'calendar date'],
    ['an end before the beginning', { effective: { from: '2026-02-01', to: '2026-01-31' } }, '/effective/to', 'ends before it begins'],
    ['a code without quotes', oneRule({ ...pass, when: { fact: 'service', in: [{ system: 's', codes: [3] }] } }), '/administrative/0/when/in/0/codes/0', 'in quotes'],
    ['a code set of nothing', oneRule({ ...pass, when: { fact: 'service', in: [{ system: 's', codes: [] }] } }), '/administrative/0/when/in/0', 'prefixes'],
    ['an empty prefix, which would take in everything', oneRule({ ...denial, when: { fact: 'service', in: [{ system: 's', codes: ['A'], prefixes: [''] }] } }), '/administrative/0/when/in/0/prefixes/0', 'pattern'],
    ['bounds without a bound', oneRule({ ...pass, when: { fact: 'age', years: {} } }), '/administrative/0/when/years', 'fewer than 1'],
    ['bounds nothing satisfies', oneRule({ ...pass, when: { fact: 'age', years: { atLeast: 18, below: 18 } } }), '/administrative/0/when/years', 'no number'],
    ['service days that end before they begin', oneRule({ ...pass, when: { fact: 'service-date', onOrAfter: '2026-02-01', onOrBefore: '2026-01-01' } }), '/administrative/0/when/onOrBefore', 'end before'],
    ['a service date asked nothing of', oneRule({ ...pass, when: { fact: 'service-date' } }), '/administrative/0/when', 'fewer than 2'],
    ['an answer compared in no way', oneRule({ ...pass, when: { fact: 'answer', linkId: 'l' } }), '/administrative/0/when', 'exactly one way'],
    ['an answer compared in two ways', oneRule({ ...pass, when: { fact: 'answer', linkId: 'l', equals: true, in: codes } }), '/administrative/0/when', 'exactly one way'],
    ['units without a value', oneRule({ ...pass, when: { fact: 'answer', linkId: 'l', equals: true, units: ['kg'] } }), '/administrative/0/when/units', 'belong to value'],
    ['an observation without units', oneClinical({ criteria: { ...adult, test: { fact: 'observation', code: codes, value: { below: 1 } } } }), '/clinical/0/criteria/test', 'units'],
    ['an eligibility rule that certifies', oneRule({ ...pass, category: 'eligibility' }), '/administrative/0/then/effect', 'can only deny'],
    ['a no-authorization rule that denies', oneRule({ ...denial, category: 'no-authorization-needed' }), '/administrative/0/then/effect', 'cannot deny'],
    ['a denial with a validity', oneRule({ ...denial, then: { ...denial.then, validDays: 3 } }), '/administrative/0/then/validDays', 'no validity'],
    ['a denial with a certification', oneRule({ ...denial, then: { ...denial.then, certification: 'existing' } }), '/administrative/0/then/certification', 'certifies nothing'],
    ['a denial for a reason that nobody can see', oneRule({ ...denial, then: { effect: 'deny', reason: { text: ' \u200b\u00a0\n' } } }), '/administrative/0/then/reason/text', 'must have a visible character'],
    ['a denial without a reason', oneRule({ ...denial, then: { effect: 'deny' } }), '/administrative/0/then', 'reason'],
    ['a second number for a duplicate', oneRule({ ...again, then: { effect: 'certify', reason: { text: 'x' } } }), '/administrative/0/then', 'existing'],
    ['a duplicate rule that looks for none', oneRule({ ...again, when: pass.when }), '/administrative/0/when', '"duplicate"'],
    ['a validity of no days', oneClinical({ met: { effect: 'certify', validDays: 0 } }), '/clinical/0/met/validDays', '>= 1'],
    ['a clinical rule without a source', oneClinical({ source: undefined }), '/clinical/0', 'source'],
    ['a request for a criterion that is not there', oneClinical({ requests: [{ when: 'insufficient', criterion: 'x', code: { system: 's', code: 'c' }, text: 't' }] }), '/clinical/0/requests/0/criterion', 'no criterion "x"'],
    ...['sleep-apnea', 'Questionnaire/1', 'https://gulf.example/q#1', 'https://gulf.example/q|', 'https://gulf.example/q|1|2', 'https://gulf.example/a q'].map((questionnaire): [string, object, string, string] =>
      [`a questionnaire that is no canonical: ${questionnaire}`, oneClinical({ requests: [{ when: 'not-met', code: { system: 's', code: 'c' }, text: 't', questionnaire }] }), '/clinical/0/requests/0/questionnaire', 'canonical of a questionnaire']),
    ['a request when all is met', oneClinical({ requests: [{ when: 'met', code: { system: 's', code: 'c' }, text: 't' }] }), '/clinical/0/requests/0/when', 'must be one of'],
    ['a rule id used twice', { ...nothing, administrative: [pass, pass] }, '/administrative/1/id', '"n" is used already at /administrative/0/id'],
    ['a criterion with the id of a rule', oneClinical({ criteria: { all: [{ ...adult, id: 'c' }] } }), '/clinical/0/criteria/all/0/id', 'used already at /clinical/0/id'],
  ])('%s', (_case, change, pointer, words) => {
    expect(problemsOf(change)).toContainEqual({ pointer, message: expect.stringContaining(words) });
  });

  test.each([undefined, null, 'text', 7, [], [good]])('%j is no pack', (value) => {
    expect(checkPack(value)).toHaveProperty('problems');
  });
});

test('a sound pack is taken as it is', () => {
  expect(checkPack(good)).toEqual({ pack: good });
});

test('every problem is reported at once', () => {
  expect(problemsOf({ title: '', effective: { from: 'x' }, administrative: [{ ...pass, when: { fact: 'mood' } }] }).map(({ pointer }) => pointer)).toEqual(['/title', '/effective/from', '/administrative/0/when']);
});

test('what the types refuse', () => {
  const refused: readonly Partial<PolicyPack>[] = [
    // @ts-expect-error a clinical rule cannot deny
    { clinical: [{ id: 'c', title: 'C', source: 'S', applies: { fact: 'duplicate' }, criteria: { id: 'x', text: 'x', test: { fact: 'duplicate' } }, met: { effect: 'certify', validDays: 1 }, otherwise: { effect: 'deny' } }] },
    // @ts-expect-error a denial cannot rest on age
    { administrative: [{ id: 'd', title: 'D', category: 'benefit-exclusion', when: { fact: 'age', years: { above: 80 } }, then: { effect: 'deny', reason: { text: 'x' } } }] },
    // @ts-expect-error nor on a lack of evidence, however deep
    { administrative: [{ id: 'd', title: 'D', category: 'eligibility', when: { all: [{ not: { fact: 'document', in: [] } }] }, then: { effect: 'deny', reason: { text: 'x' } } }] },
    // @ts-expect-error eligibility is no reason to certify
    { administrative: [{ id: 'd', title: 'D', category: 'eligibility', when: { fact: 'coverage-present' }, then: { effect: 'certify', reason: { text: 'x' } } }] },
  ];
  expect(refused).toHaveLength(4);
});

describe('a folder of packs', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'packs-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const write = (name: string, content: unknown) => writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  const failure = async (): Promise<PolicyPackError> => {
    const outcome: unknown = await loadPacks(folder).catch((error: unknown) => error);
    if (outcome instanceof PolicyPackError) return outcome;
    throw new Error('expected the packs to be refused');
  };

  test('a folder that is not there or is a file is one line with its name', async () => {
    await write('a.json', good);
    for (const [name, reason] of [['none', 'it does not exist'], ['a.json', 'it is a file']] as const) {
      const outcome: unknown = await loadPacks(join(folder, name)).catch((error: unknown) => error);
      expect(outcome).toBeInstanceOf(PolicyFolderError);
      expect((outcome as Error).message).toBe(`the folder of rule packs ${join(folder, name)} cannot be read: ${reason}`);
    }
  });

  test('a file that cannot be read is named with the others; one behind a link is read', async () => {
    await mkdir(join(folder, 'elsewhere'));
    await write('elsewhere/a.json', good);
    await symlink('elsewhere/a.json', join(folder, 'a.json'));
    expect(await loadPacks(folder)).toHaveLength(1);
    await symlink('nowhere', join(folder, 'b.yaml'));
    await symlink('elsewhere', join(folder, 'c.yaml'));
    expect((await failure()).problems).toEqual([
      { file: 'b.yaml', pointer: '', message: 'cannot be read: it does not exist' },
      { file: 'c.yaml', pointer: '', message: 'cannot be read: it is a folder' },
    ]);
  });

  test('every problem of every file, in one error', async () => {
    await write('a.json', { ...good, title: '' });
    await write('b.yaml', 'plan: [\n');
    await write('c.yml', 'plan: P\nplan: Q\n');
    await write('d.yaml', 'plan: *nobody\n');
    await write('e.json', { ...good, ...oneClinical({ otherwise: { effect: 'deny' } }) });
    const { problems, message } = await failure();
    expect([...new Set(problems.map(({ file }) => file))]).toEqual(['a.json', 'b.yaml', 'c.yml', 'd.yaml', 'e.json']);
    expect(problems[0]).toEqual({ file: 'a.json', pointer: '/title', message: expect.any(String) });
    expect(problems.at(-1)).toMatchObject({ file: 'e.json', pointer: '/clinical/0/otherwise/effect' });
    expect(message).toContain('e.json#/clinical/0/otherwise/effect: a clinical rule may only certify or pend');
  });

  test.each([
    ['the same day', '2026-06-30', '2026-06-30'],
    ['an open end', undefined, '2030-01-01'],
    ['one within the other', '2027-01-01', '2026-02-01'],
  ])('two packs of one plan in force together are refused: %s', async (_case, to, from) => {
    await write('1.json', { ...good, effective: { from: '2026-01-01', ...(to === undefined ? {} : { to }) } });
    await write('2.json', { ...good, version: '2', effective: { from, to: from } });
    expect((await failure()).problems).toEqual([{ file: '2.json', pointer: '/effective', message: expect.stringContaining('plan "P" has another pack in force') }]);
  });

  test('one version told twice is refused, even for other days', async () => {
    await write('1.json', { ...good, effective: { from: '2025-01-01', to: '2025-12-31' } });
    await write('2.json', good);
    expect((await failure()).problems).toEqual([{ file: '2.json', pointer: '/version', message: expect.stringContaining('exists already') }]);
  });

  test('versions one after the other, other plans and other files are taken', async () => {
    await write('1.json', { ...good, effective: { from: '2025-01-01', to: '2025-12-31' } });
    await write('2.json', { ...good, version: '2' });
    await write('3.yaml', `# a comment\n${JSON.stringify({ ...good, plan: 'Q', pack: 'q' })}`);
    await write('README.md', 'not a pack');
    expect((await loadPacks(folder)).map(({ plan, version }) => [plan, version])).toEqual([['P', '1'], ['P', '2'], ['Q', '1']]);
  });

  test('an empty folder has no packs', async () => {
    await expect(loadPacks(folder)).resolves.toEqual([]);
  });
});
