/** Inputs of terminology operations that contradict each other, are said twice, or cannot be gone by: none of them is passed over. */
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';

let house: TestHouse;
const sides = { resourceType: 'CodeSystem', id: 'sides', url: 'urn:sides', version: '1', status: 'active', content: 'complete', concept: [{ code: 'left', display: 'Left', concept: [{ code: 'far-left', display: 'Far left' }] }] };
const all = { resourceType: 'ValueSet', id: 'all', url: 'urn:all', version: '1', status: 'active', compose: { include: [{ system: 'urn:sides', version: '1' }, { system: 'urn:colours' }] } };
beforeAll(async () => {
  house = await openHouse({ startAt: '2026-03-02T09:00:00.000Z' });
  for (const resource of [sides, { ...sides, id: 'sides2', version: '2', concept: [{ code: 'left', display: 'Left again' }, { code: 'new', display: 'New' }] }, { ...sides, id: 'colours', url: 'urn:colours', concept: [{ code: 'red' }] }, all, { ...all, id: 'none', url: 'urn:none', compose: { include: [{ system: 'urn:colours' }] } }]) {
    expect((await send('PUT', `${house.fhir}/${resource.resourceType}/${resource.id}`, resource)).status).toBe(201);
  }
});
afterAll(async () => { await house.close(); });

type Parameter = readonly [name: string, value: unknown];
/** A Coding, a CodeableConcept and a resource by what they hold; everything else is a text. */
function ask(path: string, given: readonly Parameter[]): Promise<TestAnswer> {
  const parameter = given.map(([name, value]) => {
    if (typeof value !== 'object' || value === null) return { name, valueString: value };
    if ('resourceType' in value) return { name, resource: value };
    return 'coding' in value ? { name, valueCodeableConcept: value } : { name, valueCoding: value };
  });
  return send('POST', `${house.fhir}/${path}`, { resourceType: 'Parameters', parameter });
}
const told = ({ status, json }: TestAnswer): unknown[] => [status, ...((json as { issue?: { details?: { coding?: { code: string }[]; text?: string }; diagnostics?: string }[] }).issue ?? []).slice(0, 1).flatMap(({ details, diagnostics }) => [details?.coding?.[0]?.code, details?.text ?? diagnostics])];

const [invalid, unsupported] = ['invalid-operation-parameter', 'unsupported-operation-parameter'];
const [left, concept] = [{ system: 'urn:sides', version: '1', code: 'left' }, { coding: [{ system: 'urn:sides', version: '1', code: 'left' }] }];
const byCode: readonly Parameter[] = [['system', 'urn:sides'], ['version', '1'], ['code', 'left']];
const twice = (second: string, first: string, names: string): string => `The value of the parameter ${second} is not valid: ${first} is there as well, and one of ${names} is expected.`;
const wrong = (name: string, reason: string): string => `The value of the parameter ${name} is not valid: ${reason}.`;
const inAddress = 'the resource in the address is meant';
const now = 'definitions are here as they are now, and by their versions; name the version';
const byUrl = 'no value set is found by a context; name it by url';

describe('refused', () => {
  const [three, two] = ['code, coding and codeableConcept', 'code and coding'];
  test.each<[path: string, given: readonly Parameter[], text: string]>([
    // The code is said once, whether or not the second time says the same (operation definitions: one, and only one, of).
    ['ValueSet/$validate-code', [['url', 'urn:all'], ...byCode, ['coding', left]], twice('coding', 'code', three)],
    ['ValueSet/$validate-code', [['url', 'urn:all'], ['coding', left], ['codeableConcept', concept]], twice('codeableConcept', 'coding', three)],
    ['ValueSet/$validate-code', [['url', 'urn:all'], ...byCode, ['codeableConcept', concept]], twice('codeableConcept', 'code', three)],
    ['CodeSystem/$validate-code', [['url', 'urn:sides'], ['coding', left], ['codeableConcept', concept]], twice('codeableConcept', 'coding', three)],
    ['CodeSystem/$lookup', [...byCode, ['coding', left]], twice('coding', 'code', two)],
    ['CodeSystem/$subsumes', [['system', 'urn:sides'], ['codeA', 'left'], ['codeB', 'left'], ['codingA', left]], twice('codingA', 'codeA', 'codeA and codingA')],
    ['ValueSet/$validate-code', [['url', 'urn:all'], ['coding', left], ['coding', left]], wrong('coding', 'it occurs more than once')],
    ['ValueSet/$validate-code', [['url', 'urn:all'], ['url', 'urn:all'], ['coding', left]], wrong('url', 'it occurs more than once')],
    ['ValueSet/$expand', [['valueSet', all], ['valueSet', all]], wrong('valueSet', 'it occurs more than once')],
    // What stands beside a Coding.
    ['ValueSet/$validate-code', [['url', 'urn:all'], ['coding', left], ['display', 'Right']], wrong('display', 'it goes with code; a Coding has its own')],
    ['ValueSet/$validate-code', [['url', 'urn:all'], ['coding', left], ['system', 'urn:colours']], wrong('system', 'it is not that of coding')],
    ['ValueSet/$validate-code', [['url', 'urn:all'], ['coding', left], ['systemVersion', '2']], wrong('systemVersion', 'it is not that of coding')],
    ['ValueSet/$validate-code', [['url', 'urn:all'], ['codeableConcept', concept], ['system', 'urn:sides']], wrong('system', 'each Coding of codeableConcept has its own')],
    ['ValueSet/$validate-code', [['url', 'urn:all'], ...byCode, ['systemVersion', '2']], wrong('systemVersion', 'it says another thing than version')],
    ['CodeSystem/$lookup', [['coding', left], ['system', 'urn:colours']], wrong('system', 'it is not that of coding')],
    ['CodeSystem/$lookup', [['coding', left], ['version', '2']], wrong('version', 'it is not that of coding')],
    ['CodeSystem/$subsumes', [['codingA', left], ['codingB', { ...left, version: '2' }]], wrong('codingB', 'both codes are of one system, and of one version of it')],
    ['CodeSystem/$subsumes', [['codingA', left], ['codingB', left], ['system', 'urn:colours']], wrong('system', 'it is not that of codingA')],
    // The code system in question is one.
    ['CodeSystem/$validate-code', [['url', 'urn:sides'], ['system', 'urn:colours'], ['code', 'left']], wrong('system', 'it says another thing than url')],
    ['CodeSystem/$validate-code', [['url', 'urn:colours'], ['coding', left]], wrong('coding', 'its system is not the code system in question')],
    ['CodeSystem/$validate-code', [['url', 'urn:sides'], ['version', '2'], ['coding', left]], wrong('version', 'it is not that of coding')],
    ['CodeSystem/$validate-code', [['codeSystem', sides], ['url', 'urn:colours'], ['code', 'left']], wrong('url', 'it is not that of the code system that was sent')],
    ['CodeSystem/$validate-code', [['codeSystem', sides], ['version', '2'], ['code', 'left']], wrong('version', 'its version is not that of the code system that was sent')],
    ['CodeSystem/sides/$validate-code', [['url', 'urn:colours'], ['code', 'left']], wrong('url', 'it is not that of the resource in the address')],
    ['CodeSystem/sides/$validate-code', [['version', '2'], ['code', 'left']], wrong('version', 'its version is not that of the resource in the address')],
    ['CodeSystem/sides/$validate-code', [['codeSystem', sides], ['code', 'left']], wrong('codeSystem', inAddress)],
    ['CodeSystem/sides/$lookup', [['code', 'left'], ['version', '2']], wrong('version', 'it is not that of the resource in the address')],
    // And so is the value set.
    ...['$expand', '$validate-code'].flatMap((operation): [string, readonly Parameter[], string][] => {
      const code: readonly Parameter[] = operation === '$expand' ? [] : [['coding', left]];
      return [
        [`ValueSet/${operation}`, [['url', 'urn:none'], ['valueSet', all], ...code], wrong('url', 'it is not that of the value set that was sent')],
        [`ValueSet/${operation}`, [['url', 'urn:all|2'], ['valueSet', all], ...code], wrong('url', 'its version is not that of the value set that was sent')],
        [`ValueSet/${operation}`, [['valueSet', all], ['valueSetVersion', '2'], ...code], wrong('valueSetVersion', 'its version is not that of the value set that was sent')],
        [`ValueSet/${operation}`, [['url', 'urn:all|1'], ['valueSetVersion', '2'], ...code], wrong('valueSetVersion', 'it is another version than that of url')],
        [`ValueSet/all/${operation}`, [['valueSet', all], ...code], wrong('valueSet', inAddress)],
        [`ValueSet/all/${operation}`, [['valueSetVersion', '2'], ...code], wrong('valueSetVersion', 'its version is not that of the resource in the address')],
        [`ValueSet/${operation}`, [['url', 'urn:all'], ['system-version', 'urn:sides|1'], ['system-version', 'urn:sides|2'], ...code], wrong('system-version', 'it says two versions of one address')],
        [`ValueSet/${operation}`, [['url', 'urn:all'], ['force-system-version', 'urn:sides'], ...code], wrong('force-system-version', 'an address and a version are expected, with | between them')],
      ];
    }),
    // Types.
    ['ValueSet/$validate-code', [['url', 'urn:all'], ['coding', concept]], wrong('coding', 'a Coding is expected')],
    ['ValueSet/$validate-code', [['url', 'urn:all'], ['codeableConcept', left]], wrong('codeableConcept', 'a CodeableConcept is expected')],
    ['ValueSet/$validate-code', [['url', left], ['coding', left]], wrong('url', 'a primitive value is expected')],
    ['CodeSystem/$lookup', [...byCode, ['date', 'yesterday']], wrong('date', 'a date or dateTime is expected')],
  ])('%s %j', async (path, given, text) => expect(told(await ask(path, given))).toEqual([400, invalid, text]));

  test.each<[path: string, given: readonly Parameter[], name: string, reason: string]>([
    ['ValueSet/$expand', [['context', 'http://hl7.org/fhir/StructureDefinition/Patient#Patient.gender']], 'context', byUrl], ['ValueSet/$expand', [['url', 'urn:all'], ['contextDirection', 'incoming']], 'contextDirection', byUrl],
    ['ValueSet/$validate-code', [['context', 'x'], ['code', 'left']], 'context', byUrl],
    ['ValueSet/$expand', [['url', 'urn:all'], ['date', '2026-03-01']], 'date', now], ['ValueSet/$validate-code', [['url', 'urn:all'], ['coding', left], ['date', '2027']], 'date', now],
    ['CodeSystem/$validate-code', [['url', 'urn:sides'], ['code', 'left'], ['date', '2026-03-02T08:00:00Z']], 'date', now], ['CodeSystem/$lookup', [...byCode, ['date', '1999-12-31']], 'date', now],
  ])('%s %j: what cannot be gone by', async (path, given, name, reason) => {
    expect(told(await ask(path, given))).toEqual([400, unsupported, `The operation $${path.split('$')[1]!} cannot go by the parameter ${name} here: ${reason}.`]);
  });

  test.each(['CodeSystem/$lookup', 'CodeSystem/$validate-code', 'ValueSet/$validate-code', 'ValueSet/$expand', 'CodeSystem/$subsumes'])('%s: a name that it has no parameter of, by its name; what is no name, without it', async (path) => {
    const operation = path.split('$')[1]!;
    expect(told(await ask(path, [['colour', 'red']]))).toEqual([400, 'unknown-operation-parameter', `The operation $${operation} has no input parameter colour in this place.`]);
    expect(told(await ask(path, [['Ann Smith', 'red']]))[2]).toContain('(not a name)');
  });

  test('a code without its system, a system without a code', async () => {
    expect(told(await ask('CodeSystem/$lookup', [['code', 'left']]))).toEqual([400, 'missing-operation-parameter', 'The operation $lookup needs the parameter system.']);
    expect(told(await ask('CodeSystem/$lookup', [['coding', { code: 'left' }]]))).toEqual([400, invalid, wrong('coding', 'a system is expected in it')]);
    for (const given of [[['code', 'left']], [['system', 'urn:sides']], []] as Parameter[][]) expect(told(await ask('ValueSet/$validate-code', [['url', 'urn:all'], ...given]))).toEqual([422, undefined, expect.stringContaining('code+system')]);
    expect(told(await ask('CodeSystem/$validate-code', [['code', 'left']]))[0]).toBe(422);
  });

  test('in a batch each is refused by itself', async () => {
    const validation = (...given: object[]): object => ({ name: 'validation', resource: { resourceType: 'Parameters', parameter: given } });
    const answer = await send('POST', `${house.fhir}/ValueSet/$batch-validate-code`, { resourceType: 'Parameters', parameter: [
      { name: 'url', valueUri: 'urn:all' },
      validation({ name: 'coding', valueCoding: left }, { name: 'code', valueCode: 'left' }), validation({ name: 'coding', valueCoding: left }), validation({ name: 'coding', valueCoding: left }, { name: 'date', valueDateTime: '1999' }),
    ] });
    const kinds = (answer.json.parameter as { resource: { resourceType: string; issue?: { details: { coding: { code: string }[] } }[] } }[]).map(({ resource }) => resource.issue?.[0]!.details.coding[0]!.code ?? resource.resourceType);
    expect(kinds).toEqual([invalid, 'Parameters', unsupported]);
  });
});

describe('taken', () => {
  const result = async (path: string, given: readonly Parameter[]): Promise<unknown> => {
    const { status, json } = await ask(path, given);
    return [status, (json as { parameter?: { name: string; valueBoolean?: boolean }[] }).parameter?.find(({ name }) => name === 'result')?.valueBoolean];
  };
  test.each<[path: string, given: readonly Parameter[], valid: boolean]>([
    // Said again, and the same.
    ['ValueSet/$validate-code', [['url', 'urn:all'], ['valueSet', all], ['valueSetVersion', '1'], ['coding', left], ['system', 'urn:sides'], ['systemVersion', '1']], true],
    ['ValueSet/$validate-code', [['url', 'urn:all|1'], ['valueSetVersion', '1'], ['coding', left]], true],
    ['ValueSet/all/$validate-code', [['url', 'urn:all|1'], ['coding', left]], true],
    ['CodeSystem/$validate-code', [['codeSystem', sides], ['url', 'urn:sides'], ['version', '1'], ['coding', left]], true],
    // A system and a version beside a Coding that says none are its own.
    ['ValueSet/$validate-code', [['url', 'urn:all'], ['coding', { code: 'left' }], ['system', 'urn:sides'], ['systemVersion', '1']], true],
    ['CodeSystem/$validate-code', [['url', 'urn:sides'], ['version', '1'], ['coding', { code: 'far-left' }]], true],
    ['CodeSystem/$validate-code', [['url', 'urn:sides'], ['version', '2'], ['coding', { system: 'urn:sides', code: 'far-left' }]], false],
    ['CodeSystem/$validate-code', [['url', 'urn:sides'], ['version', '1'], ['codeableConcept', { coding: [{ system: 'urn:sides', code: 'far-left' }] }]], true],
    // A date that the present is within.
    ...['2026', '2026-03', '2026-03-02', '2026-03-02T10:00:00+01:00'].map((date): [string, readonly Parameter[], boolean] => ['ValueSet/$validate-code', [['url', 'urn:all'], ['coding', left], ['date', date]], true]),
  ])('%s %j: %s', async (path, given, valid) => expect(await result(path, given)).toEqual([200, valid]));

  test('$lookup by a Coding with its system beside it', async () => {
    expect((await ask('CodeSystem/$lookup', [['coding', { code: 'left' }], ['system', 'urn:sides'], ['version', '1']])).text).toContain('"Left"');
  });

  test.each<[string, number]>([['urn:sides', 1], ['urn:sides|1', 1], ['urn:sides|2', 3], ['urn:colours|1', 2]])('$expand without %s: of a version that one alone', async (canonical, total) => {
    expect((await ask('ValueSet/$expand', [['url', 'urn:all'], ['exclude-system', canonical]])).json.expansion.total).toBe(total);
  });
});
