/** The operations of the terminology service over HTTP, beyond what HL7's own tests ask (test/suites/tx-ecosystem.test.ts). */
import * as fc from 'fast-check';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';

let house: TestHouse;
const clinic = {
  resourceType: 'CodeSystem', id: 'clinic', url: 'urn:clinic', version: '1', name: 'Clinic', language: 'en', status: 'active', content: 'complete', caseSensitive: true,
  property: [{ code: 'side', type: 'code' }, { code: 'inactive', uri: 'http://hl7.org/fhir/concept-properties#inactive', type: 'boolean' }],
  concept: [
    { code: 'body', display: 'Body', property: [{ code: 'notSelectable', valueBoolean: true }], concept: [
      { code: 'arm', display: 'Arm', designation: [{ language: 'de', value: 'Arm (deutsch)' }], concept: [{ code: 'left-arm', display: 'Left arm', property: [{ code: 'side', valueCode: 'left' }] }, { code: 'right-arm', display: 'Right arm', property: [{ code: 'side', valueCode: 'right' }] }] },
      { code: 'leg', display: 'Leg', concept: [{ code: 'left-leg', display: 'Left leg', property: [{ code: 'side', valueCode: 'left' }] }] },
      { code: 'tail', display: 'Tail', property: [{ code: 'inactive', valueBoolean: true }] },
    ] },
    { code: 'mind', display: 'Mind' },
  ],
};
const valueSet = (id: string, compose: unknown): object => ({ resourceType: 'ValueSet', id, url: `urn:${id}`, status: 'active', compose });
beforeAll(async () => {
  house = await openHouse();
  const resources = [
    clinic,
    { ...clinic, id: 'clinic2', version: '2', concept: [{ code: 'mind', display: 'Mind and soul' }] },
    valueSet('all', { include: [{ system: 'urn:clinic', version: '1' }] }),
    valueSet('newest', { include: [{ system: 'urn:clinic' }] }),
    valueSet('sided', { include: [{ system: 'urn:clinic', version: '1', filter: [{ property: 'side', op: 'exists', value: 'true' }] }], exclude: [{ valueSet: ['urn:legs'] }] }),
    valueSet('legs', { include: [{ system: 'urn:clinic', version: '1', filter: [{ property: 'concept', op: 'is-a', value: 'leg' }] }] }),
    valueSet('unclear', { include: [{ system: 'urn:clinic', version: '1', filter: [{ property: 'side', op: 'generalizes', value: 'x' }] }] }),
    ...[['flagged', 'side', 'exists'], ['coded', 'code', 'exists'], ['active', 'inactive', '=']].flatMap(([id, property, op]) => ['yes', 'false'].map((value) => valueSet(`${id}-${value}`, { include: [{ system: 'urn:clinic', version: '1', filter: [{ property, op, value }] }] }))),
    valueSet('back', { include: [{ system: 'urn:clinic', version: '1', filter: [{ property: 'code', op: 'regex', value: '(.)\\1' }] }] }),
    valueSet('letters', { include: [{ system: 'urn:clinic', version: '1', filter: [{ property: 'code', op: 'regex', value: '\\p{L}+' }] }] }),
    ...Object.entries({ below: 'is-a', above: 'generalizes' }).map(([name, op]) => valueSet(`but-${name}-none`, { include: [{ system: 'urn:clinic', version: '1' }], exclude: [{ system: 'urn:clinic', version: '1', filter: [{ property: 'concept', op, value: 'none' }] }] })),
    valueSet('but-child-of-none', { include: [{ system: 'urn:clinic', version: '1' }], exclude: [{ system: 'urn:clinic', version: '1', filter: [{ property: 'parent', op: '=', value: 'none' }] }] }),
    valueSet('unknown-property', { include: [{ system: 'urn:clinic', version: '1', filter: [{ property: 'colour', op: '=', value: 'red' }] }] }),
    valueSet('but-unknown-property', { include: [{ system: 'urn:clinic', version: '1' }], exclude: [{ system: 'urn:clinic', version: '1', filter: [{ property: 'colour', op: 'exists', value: 'true' }] }] }),
    valueSet('undeclared-property', { include: [{ system: 'urn:family', filter: [{ property: 'hair', op: '=', value: 'red' }] }] }),
    valueSet('children', { include: [{ system: 'urn:family', filter: [{ property: 'of', op: '=', value: 'ann' }] }] }),
    valueSet('tall', { include: [{ system: 'urn:family', filter: [{ property: 'height', op: '=', value: '1.50' }] }] }),
    valueSet('parents', { include: [{ system: 'urn:family', filter: [{ property: 'child', op: 'in', value: 'bob,cid' }] }] }),
    // Below ann are bob by nesting and cid by a property.
    { resourceType: 'CodeSystem', id: 'family', url: 'urn:family', status: 'active', content: 'complete', property: [{ code: 'of', uri: 'http://hl7.org/fhir/concept-properties#parent', type: 'code' }, { code: 'height', type: 'decimal' }], concept: [
      { code: 'ann', concept: [{ code: 'bob', property: [{ code: 'hair', valueString: 'red' }] }] }, { code: 'cid', property: [{ code: 'of', valueCode: 'ann' }, { code: 'of', valueCode: 'dan' }] }, { code: 'dan', property: [{ code: 'height', valueDecimal: 1.5 }] },
    ] },
    valueSet('not-below-none', { include: [{ system: 'urn:clinic', version: '1', filter: [{ property: 'concept', op: 'is-not-a', value: 'none' }] }] }),
    valueSet('huge', { include: [{ system: 'urn:many' }] }),
    { resourceType: 'CodeSystem', id: 'many', url: 'urn:many', status: 'active', content: 'complete', concept: Array.from({ length: 1500 }, (_, index) => ({ code: `m${index}`, display: `Number ${index}` })) },
    { resourceType: 'ConceptMap', id: 'map', url: 'urn:map', version: '3', status: 'active', sourceUri: 'urn:all', group: [{ source: 'urn:clinic', target: 'urn:plan', element: [{ code: 'arm', target: [{ code: 'A', display: 'Plan A', equivalence: 'wider' }, { code: 'B', equivalence: 'equal', product: [{ property: 'urn:p', value: 'v' }] }] }, { code: 'leg' }], unmapped: { mode: 'fixed', code: 'X' } }] },
    { resourceType: 'ConceptMap', id: 'map2', url: 'urn:map2', status: 'active', sourceUri: 'urn:other', group: [{ source: 'urn:clinic', target: 'urn:else', element: [{ code: 'arm', target: [{ code: 'Z', equivalence: 'equivalent' }] }] }] },
  ];
  const answer = await send('POST', house.fhir, { resourceType: 'Bundle', type: 'transaction', entry: resources.map((resource) => ({ resource, request: { method: 'PUT', url: `${(resource as { resourceType: string }).resourceType}/${(resource as { id: string }).id}` } })) });
  expect([answer.status, answer.text.slice(0, 500)]).toEqual([200, expect.anything()]);
});
afterAll(async () => { await house.close(); });

interface Part { readonly name: string; readonly part?: readonly Part[]; readonly resource?: unknown; readonly [value: string]: unknown }
const get = (path: string, headers: Record<string, string> = {}): Promise<TestAnswer> => send('GET', `${house.fhir}/${path}`, undefined, headers);
const post = (path: string, ...parameter: object[]): Promise<TestAnswer> => send('POST', `${house.fhir}/${path}`, { resourceType: 'Parameters', parameter });
const valueOf = (part: Part): unknown => Object.entries(part).find(([name]) => name.startsWith('value'))?.[1];
const values = (answer: TestAnswer, name: string): unknown[] => ((answer.json as { parameter?: Part[] }).parameter ?? []).filter((part) => part.name === name).map(valueOf);
const parts = (answer: TestAnswer, name: string): Record<string, unknown>[] => ((answer.json as { parameter?: Part[] }).parameter ?? []).filter((part) => part.name === name).map(({ part = [] }) => Object.fromEntries(part.map((one) => [one.name, valueOf(one) ?? one.part])));
const codesIn = (answer: TestAnswer): string[] => ((answer.json as { expansion?: { contains?: { code: string }[] } }).expansion?.contains ?? []).map(({ code }) => code);
const codeOf = ({ status, json }: TestAnswer): unknown[] => [status, (json as { issue?: { details?: { coding?: { code: string }[]; text?: string } }[] }).issue?.[0]?.details?.coding?.[0]?.code];

describe('refused', () => {
  test.each<[path: string, status: number, code: string | undefined]>([
    ['CodeSystem/$lookup?system=urn:clinic', 400, 'missing-operation-parameter'], ['CodeSystem/$lookup?code=arm', 400, 'missing-operation-parameter'], ['CodeSystem/$lookup?system=urn:none&code=arm', 422, 'not-found'], ['CodeSystem/$lookup?system=urn:clinic&version=9&code=arm', 422, 'not-found'],
    ['CodeSystem/$lookup?system=urn:clinic&version=1&code=none', 404, 'invalid-code'], ['CodeSystem/$lookup?system=urn:clinic&code=arm&color=red', 400, 'unknown-operation-parameter'], ['CodeSystem/none/$lookup?code=arm', 404, 'not-found'], ['CodeSystem/$lookup?system=urn:clinic&version=1&code=arm&displayLanguage=%00', 400, 'malformed-address'],
    ['CodeSystem/$lookup?system=urn:clinic&version=1&code=arm&displayLanguage=-', 422, 'invalid-display'], ['CodeSystem/$lookup?system=urn:clinic&version=1&code=arm&useSupplement=urn:none', 422, 'not-found'],
    ['CodeSystem/$subsumes?system=urn:clinic&version=1&codeA=arm', 400, 'missing-operation-parameter'], ['CodeSystem/$subsumes?system=urn:clinic&version=1&codeA=arm&codeB=none', 404, 'invalid-code'],
    ['CodeSystem/$find-matches?system=urn:clinic', 400, 'missing-operation-parameter'],
    ['ValueSet/$expand', 400, 'missing-operation-parameter'], ['ValueSet/$expand?url=urn:none', 404, 'not-found'], ['ValueSet/none/$expand', 404, 'not-found'], ['ValueSet/$expand?url=urn:all&count=-1', 400, 'invalid-operation-parameter'], ['ValueSet/$expand?url=urn:all&count=10001', 400, 'invalid-operation-parameter'], ['ValueSet/$expand?url=urn:all&url=urn:legs', 400, 'invalid-operation-parameter'],
    ['ValueSet/$expand?url=urn:all&activeOnly=maybe', 400, 'invalid-operation-parameter'], ['ValueSet/$expand?url=urn:unclear', 422, 'vs-invalid'], ['ValueSet/$expand?url=urn:unknown-property', 422, 'vs-invalid'], ['ValueSet/$expand?url=urn:but-unknown-property', 422, 'vs-invalid'], ['ValueSet/$expand?url=urn:back', 422, 'vs-invalid'], ['ValueSet/$expand?url=urn:letters', 422, 'vs-invalid'], [`ValueSet/$expand?url=urn:all&filter=${'a'.repeat(201)}`, 400, 'invalid-operation-parameter'], ['ValueSet/$expand?url=urn:all&filter=%25', 400, 'invalid-operation-parameter'], ['ValueSet/$expand?url=urn:all&filter=_', 400, 'invalid-operation-parameter'], ['ValueSet/$expand?url=urn:all&filter=%27', 400, 'invalid-operation-parameter'], ['ValueSet/$expand?url=urn:all&context=x', 400, 'unsupported-operation-parameter'], ['ValueSet/$expand?url=urn:huge', 422, undefined],
    ['ValueSet/$expand?url=urn:all&check-system-version=urn:clinic%7C2', 422, 'version-error'],
    ['ValueSet/$validate-code?url=urn:all&code=arm', 422, undefined], ['ValueSet/$validate-code?url=urn:all&system=urn:clinic', 422, undefined], ['ValueSet/$validate-code?system=urn:clinic&code=arm', 400, 'missing-operation-parameter'],
    ['ConceptMap/$translate?system=urn:clinic', 400, 'missing-operation-parameter'], ['ConceptMap/$translate?code=arm', 400, 'missing-operation-parameter'], ['ConceptMap/$translate?url=urn:none&system=urn:clinic&code=arm', 404, 'not-found'], ['ConceptMap/map/$translate?url=urn:map2&system=urn:clinic&code=arm', 400, 'invalid-operation-parameter'],
    ['ValueSet/all/$expand?url=urn:legs', 400, 'invalid-operation-parameter'], ['CodeSystem/clinic/$lookup?system=urn:many&code=arm', 400, 'invalid-operation-parameter'], ['ConceptMap/none/$translate?system=urn:clinic&code=arm', 404, 'not-found'],
    ['$closure?name=x', 405, 'operation-by-post'],
  ])('%s: %i %s', async (path, status, code) => expect(codeOf(await get(path))).toEqual([status, code]));

  test.each<[path: string, parameter: object[], status: number, code: string | undefined]>([
    ['$closure', [{ name: 'name', valueString: 'unknown' }, { name: 'concept', valueCoding: { system: 'urn:clinic', code: 'arm' } }], 404, 'closure-unknown'],
    ['$closure', [{ name: 'name', valueString: 'a b' }], 400, 'invalid-operation-parameter'], ['$closure', [], 400, 'missing-operation-parameter'],
    ['$closure', [{ name: 'name', valueString: 'x' }, { name: 'concept', valueString: 'arm' }], 400, 'invalid-operation-parameter'], ['$closure', [{ name: 'name', valueString: 'x' }, { name: 'version', valueString: '1; drop table' }], 400, 'invalid-operation-parameter'],
    ['ValueSet/$validate-code', [{ name: 'url', valueUri: 'urn:all' }, { name: 'codeableConcept', valueCodeableConcept: { text: 'x' } }], 422, undefined],
    ['ValueSet/$validate-code', [{ name: 'url', valueUri: 'urn:all' }, { name: 'coding', valueCoding: { system: 'urn:clinic', code: { $ne: 1 } } }], 400, 'invalid-element'],
    ['ValueSet/$validate-code', [{ name: 'valueSet', resource: { resourceType: 'Patient' } }, { name: 'coding', valueCoding: { system: 'urn:clinic', code: 'arm' } }], 400, 'invalid-operation-parameter'],
    ...['ValueSet/$validate-code', 'CodeSystem/$lookup', 'ConceptMap/$translate'].map((path): [string, object[], number, string] => [path, [...(path.startsWith('ValueSet') ? [{ name: 'url', valueUri: 'urn:all' }] : []), { name: 'code', valueCode: 'leg' }, { name: 'coding', valueCoding: { system: 'urn:clinic', code: 'arm' } }], 400, 'invalid-operation-parameter']),
    ['CodeSystem/$subsumes', [{ name: 'codingA', valueCoding: { system: 'urn:clinic', code: 'arm' } }, { name: 'codingB', valueCoding: { system: 'urn:many', code: 'm1' } }], 400, 'invalid-operation-parameter'],
    ['ValueSet/$expand', [{ name: 'valueSet', resource: { resourceType: 'ValueSet', status: 'active', compose: { include: Array.from({ length: 2001 }, () => ({ system: 'urn:clinic', concept: [{ code: 'arm' }] })) } } }], 422, undefined],
  ])('%s %j', async (path, parameter, status, code) => expect(codeOf(await post(path, ...parameter))).toEqual([status, code]));

  test.each<[where: string, definition: object]>([
    ['include', { compose: { include: 'x' } }], ['include', { compose: { include: [null] } }], ['filter', { compose: { include: [{ system: 'urn:clinic', filter: 'is-a' }] } }], ['concept', { compose: { include: [{ system: 'urn:clinic', concept: { code: 'arm' } }] } }],
    ['valueSet', { compose: { include: [{ valueSet: 'urn:all' }] } }], ['code', { compose: { include: [{ system: 'urn:clinic', concept: [{ code: 5 }] }] } }], ['compose', { compose: [] }], ['url', { url: {} }], ['extension', { extension: 'x' }],
  ])('a value set whose %s is of another form: %j', async (where, definition) => {
    const resource = { resourceType: 'ValueSet', url: 'urn:sent', status: 'active', ...definition };
    for (const answer of [
      await post('ValueSet/$expand', { name: 'valueSet', resource }), await send('POST', `${house.fhir}/ValueSet/$expand`, resource),
      await post('ValueSet/$expand', { name: 'url', valueUri: 'urn:sent' }, { name: 'tx-resource', resource }),
      await post('ValueSet/$batch-validate-code', { name: 'tx-resource', resource }, { name: 'validation', resource: { resourceType: 'Parameters', parameter: [{ name: 'url', valueUri: 'urn:sent' }, { name: 'coding', valueCoding: { system: 'urn:clinic', code: 'arm' } }] } }),
    ]) {
      expect(codeOf(answer)).toEqual([400, 'invalid-element']);
      expect(answer.text).toContain(where);
    }
  });
  test('definitions of any form are refused or read, and never a fault', async () => {
    const anything = fc.oneof(fc.constantFrom<unknown>('x', 5, null, true, {}, [], [null], ['x'], [5], [[]], [{}]), fc.jsonValue({ maxDepth: 1 }));
    const include = fc.oneof(anything, fc.record({ system: fc.constantFrom<unknown>('urn:clinic', 5, null, []), concept: anything, filter: fc.oneof(anything, fc.tuple(fc.record({ property: anything, op: anything, value: anything }, { requiredKeys: [] }))), valueSet: anything, version: anything }, { requiredKeys: [] }).map((one) => [one]));
    const definition = fc.oneof(
      fc.record({ compose: fc.oneof(anything, fc.record({ include, exclude: include, inactive: anything, extension: anything }, { requiredKeys: [] })), url: fc.oneof(fc.constant('urn:sent'), anything), contained: anything, language: anything, version: anything }, { requiredKeys: [] }).map((one) => ({ resourceType: 'ValueSet', ...one })),
      fc.record({ url: fc.constantFrom<unknown>('urn:clinic', 5, []), concept: fc.oneof(anything, fc.tuple(fc.record({ code: anything, display: anything, designation: anything, property: anything, concept: anything }, { requiredKeys: [] }))), property: anything, content: anything, caseSensitive: anything, supplements: anything }, { requiredKeys: [] }).map((one) => ({ resourceType: 'CodeSystem', ...one })),
    );
    await fc.assert(fc.asyncProperty(definition, async (resource) => {
      const brought = { name: 'tx-resource', resource };
      for (const [path, ...parameter] of [
        ['ValueSet/$expand', brought, { name: 'url', valueUri: 'urn:sent' }], ['ValueSet/$expand', { name: 'valueSet', resource }],
        ['ValueSet/$validate-code', brought, { name: 'url', valueUri: 'urn:all' }, { name: 'coding', valueCoding: { system: 'urn:clinic', code: 'arm' } }],
      ] as const) expect((await post(path, ...parameter)).status).toBeLessThan(500);
    }), { numRuns: 150 });
  });

  test('what is no text of the store is not found, and no fault', async () => {
    expect(codeOf(await post('CodeSystem/$lookup', { name: 'system', valueUri: 'urn:clinic' }, { name: 'code', valueCode: 'a\u0000b' }))[0]).toBeLessThan(500);
    expect(values(await post('ValueSet/$validate-code', { name: 'url', valueUri: 'urn:all' }, { name: 'coding', valueCoding: { system: 'urn:clinic', version: '1', code: "'; drop table code_system; --" } }), 'result')).toEqual([false]);
  });

  test('nothing of the store is changed by what is brought along', async () => {
    const own = { resourceType: 'CodeSystem', url: 'urn:brought', status: 'active', content: 'complete', concept: [{ code: 'x', display: 'Brought' }] };
    const answer = await post('CodeSystem/$lookup', { name: 'tx-resource', resource: own }, { name: 'system', valueUri: 'urn:brought' }, { name: 'code', valueCode: 'x' });
    expect(values(answer, 'display')).toEqual(['Brought']);
    expect((await get('CodeSystem/$lookup?system=urn:brought&code=x')).status).toBe(422);
    expect((await house.sql.query(`select 1 from code_system where url = 'urn:brought'`)).rows).toEqual([]);
  });
});

describe('CodeSystem', () => {
  test('$lookup tells display, properties, parents and children; of the latest version unless one is named', async () => {
    expect(values(await get('CodeSystem/$lookup?system=urn:clinic&code=mind'), 'display')).toEqual(['Mind and soul']);
    const arm = await get('CodeSystem/clinic/$lookup?code=arm&property=*');
    expect(values(arm, 'name')).toEqual(['Clinic']);
    expect(parts(arm, 'property').map(({ code, value }) => `${String(code)}=${String(value)}`).toSorted()).toEqual(['child=left-arm', 'child=right-arm', 'inactive=false', 'parent=body']);
    expect(values(await get('CodeSystem/clinic/$lookup?code=arm', { 'accept-language': 'de' }), 'display')).toEqual(['Arm (deutsch)']);
    expect(values(await get('CodeSystem/clinic/$lookup?code=arm', { 'accept-language': 'fr, de-AT;q=0.5' }), 'display')).toEqual(['Arm (deutsch)']);
    expect(values(await get('CodeSystem/clinic/$lookup?code=arm', { 'accept-language': ';;q=_' }), 'display')).toEqual(['Arm']);
  });

  test.each<[a: string, b: string, outcome: string]>([['body', 'left-arm', 'subsumes'], ['left-arm', 'body', 'subsumed-by'], ['arm', 'arm', 'equivalent'], ['arm', 'leg', 'not-subsumed']])('%s and %s: %s', async (a, b, outcome) => {
    expect(values(await get(`CodeSystem/$subsumes?system=urn:clinic&version=1&codeA=${a}&codeB=${b}`), 'outcome')).toEqual([outcome]);
  });

  test('$find-matches finds by all of the properties', async () => {
    const property = (code: string, value: object): object => ({ name: 'property', part: [{ name: 'code', valueCode: code }, { name: 'value', ...value }] });
    const found = async (...more: object[]): Promise<unknown[]> => parts(await post('CodeSystem/clinic/$find-matches', { name: 'system', valueUri: 'urn:clinic' }, ...more), 'match').map(({ code }) => (code as { code: string }).code);
    expect(await found(property('side', { valueCode: 'left' }))).toEqual(['left-arm', 'left-leg']);
    expect(await found(property('side', { valueCode: 'left' }), property('parent', { valueCode: 'arm' }))).toEqual(['left-arm']);
    expect(await found(property('side', { valueCode: 'none' }))).toEqual([]);
    expect(await found(property('side', { valueCoding: { system: 'urn:other', code: 'left' } }))).toEqual([]);
    expect(await found(property('side', { valueCoding: { system: 'urn:clinic', code: 'left' } }))).toEqual(['left-arm', 'left-leg']);
    // What is told as unmatched is what was asked for and could not be matched, and no more.
    const partial = await post('CodeSystem/clinic/$find-matches', { name: 'exact', valueBoolean: true }, property('side', { valueCode: 'right' }), property('parent', { valueCode: 'leg' }));
    expect((partial.json as { parameter: { part: { name: string; part?: unknown[] }[] }[] }).parameter.map(({ part }) => part.filter(({ name }) => name === 'unmatched').map((one) => one.part))).toEqual([[[{ name: 'code', valueCode: 'parent' }, { name: 'value', valueCode: 'leg' }]], [[{ name: 'code', valueCode: 'side' }, { name: 'value', valueCode: 'right' }]]]);
  });

  test.each<[property: string, of: string, codes: string[]]>([['of', 'ann', ['bob', 'cid']], ['parent', 'ann', ['bob', 'cid']], ['child', 'bob', ['ann']], ['child', 'cid', ['ann', 'dan']], ['child', 'none', []]])('$find-matches finds by hierarchy, however it is told: %s %s', async (code, of, codes) => {
    for (const exact of [false, true]) {
      const answer = await post('CodeSystem/family/$find-matches', { name: 'exact', valueBoolean: exact }, { name: 'property', part: [{ name: 'code', valueCode: code }, { name: 'value', valueCode: of }] });
      expect(parts(answer, 'match').map(({ code: found }) => (found as { code: string }).code)).toEqual(codes);
    }
  });

  test('$validate-code knows its system alone, and its display', async () => {
    expect(values(await get('CodeSystem/clinic/$validate-code?code=arm&display=Leg'), 'result')).toEqual([false]);
    expect(values(await get('CodeSystem/clinic/$validate-code?code=arm&display=arm'), 'result')).toEqual([true]);
    expect(values(await get('CodeSystem/$validate-code?url=urn:clinic&code=arm'), 'result')).toEqual([false]);
  });
});

describe('ValueSet', () => {
  test.each<[query: string, codes: string[], total: number]>([
    ['all&excludeNested=true', ['body', 'arm', 'left-arm', 'right-arm', 'leg', 'left-leg', 'tail', 'mind'], 8],
    ['all&count=3', ['body', 'arm', 'left-arm'], 8], ['all&count=3&offset=6', ['tail', 'mind'], 8], ['all&count=0', [], 8], ['all&offset=20', [], 8],
    ['all&count=10&activeOnly=true&excludeNotForUI=true', ['arm', 'left-arm', 'right-arm', 'leg', 'left-leg', 'mind'], 6],
    ['all&count=10&filter=LEF', ['left-arm', 'left-leg'], 2], ['all&count=10&filter=arm%20left', ['left-arm'], 1], ['all&count=10&filter=eft', [], 0], ['all&count=10&filter=deutsch', ['arm'], 1], ['all&filter=%27%20or%201', [], 0],
    ['sided', ['left-arm', 'right-arm'], 2], ['newest', ['mind'], 1], ['newest&system-version=urn:clinic%7C1&count=1', ['body'], 8], ['newest&force-system-version=urn:clinic%7C1&count=1', ['body'], 8],
    // What is not there is above and below nothing.
    ['but-below-none&count=10', ['body', 'arm', 'left-arm', 'right-arm', 'leg', 'left-leg', 'tail', 'mind'], 8], ['but-above-none&count=1', ['body'], 8], ['not-below-none&count=1', ['body'], 8], ['but-child-of-none&count=1', ['body'], 8],
    ['undeclared-property&count=9', ['bob'], 1], ['tall&count=9', ['dan'], 1], ['children&count=9', ['bob', 'cid'], 2], ['parents&count=9', ['ann', 'dan'], 2],
    ['huge&count=2&offset=1400', ['m1400', 'm1401'], 1500],
  ])('$expand?url=urn:%s', async (query, codes, total) => {
    const answer = await get(`ValueSet/$expand?url=urn:${query}`);
    expect([answer.status, codesIn(answer), (answer.json as { expansion: { total: number } }).expansion.total]).toEqual([200, codes, total]);
  });

  test.each(['flagged', 'coded', 'active'])('a filter that is true or false takes no other value: urn:%s', async (id) => {
    const refused = await get(`ValueSet/$expand?url=urn:${id}-yes`);
    expect([refused.status, refused.json.issue[0].details.text]).toEqual([422, expect.stringMatching(/takes the values true and false alone$/)]);
    expect(codesIn(await get(`ValueSet/$expand?url=urn:${id}-false&count=20`))).toHaveLength({ flagged: 5, coded: 0, active: 7 }[id]!);
  });

  test.each([
    ['ValueSet/$expand?url=urn:all&force-system-version=urn:clinic%7C7', '7'], ['ValueSet/$expand?url=urn:newest&system-version=urn:clinic%7C7', '7'], ['ValueSet/$expand?url=urn:newest&check-system-version=urn:clinic%7C7', '7'],
    ['ValueSet/$validate-code?url=urn:all&force-system-version=urn:clinic%7C7&system=urn:clinic&code=arm', '7'], ['CodeSystem/$lookup?system=urn:clinic&code=arm&version=7', '7'],
  ])('the version that is not there is told: %s', async (query, version) => {
    const { text } = await get(query);
    expect(text).toMatch(new RegExp(`version '${version}' could not be found[^"]*Valid versions: `));
    expect(text).not.toContain("version '1' could not");
  });

  test('$expand is a tree where the system is one, designations are told when asked for', async () => {
    const tree = (await get('ValueSet/all/$expand?includeDesignations=true')).json.expansion.contains as { code: string; contains: { code: string; designation?: { value: string }[] }[] }[];
    expect(tree.map(({ code }) => code)).toEqual(['body', 'mind']);
    expect(tree[0]!.contains[0]).toMatchObject({ code: 'arm', designation: [{ language: 'de', value: 'Arm (deutsch)' }] });
  });

  test('a value set may be the body; POST and GET answer the same', async () => {
    const sent = await send('POST', `${house.fhir}/ValueSet/$expand`, { resourceType: 'ValueSet', status: 'active', compose: { include: [{ system: 'urn:clinic', version: '1', filter: [{ property: 'concept', op: 'descendent-of', value: 'leg' }] }] } });
    expect(codesIn(sent)).toEqual(['left-leg']);
    expect(codesIn(await post('ValueSet/$expand', { name: 'url', valueUri: 'urn:sided' }))).toEqual(['left-arm', 'right-arm']);
  });

  test('$validate-code by code, by Coding and in a Bundle', async () => {
    expect(values(await get('ValueSet/$validate-code?url=urn:sided&system=urn:clinic&code=left-arm'), 'result')).toEqual([true]);
    expect(values(await get('ValueSet/sided/$validate-code?system=urn:clinic&code=left-leg'), 'result')).toEqual([false]);
    expect(values(await get('ValueSet/sided/$validate-code?code=left-arm&inferSystem=true'), 'system')).toEqual(['urn:clinic']);
    const batch = await send('POST', house.fhir, { resourceType: 'Bundle', type: 'batch', entry: ['left-arm', 'left-leg'].map((code) => ({ request: { method: 'GET', url: `ValueSet/$validate-code?url=urn:sided&system=urn:clinic&code=${code}` } })) });
    expect((batch.json.entry as { resource: { parameter: Part[] } }[]).map(({ resource }) => valueOf(resource.parameter.find(({ name }) => name === 'result')!))).toEqual([true, false]);
  });
});

describe('ConceptMap', () => {
  const matches = (answer: TestAnswer): string[] => parts(answer, 'match').map(({ concept, equivalence, source }) => `${(concept as { code: string }).code} ${String(equivalence)} ${String(source)}`);
  test('$translate by all maps, by one, into one system, between value sets', async () => {
    expect(matches(await get('ConceptMap/$translate?system=urn:clinic&code=arm')).toSorted()).toEqual(['A wider urn:map|3', 'B equal urn:map|3', 'Z equivalent urn:map2']);
    expect(matches(await get('ConceptMap/$translate?system=urn:clinic&code=arm&targetsystem=urn:else'))).toEqual(['Z equivalent urn:map2']);
    expect(matches(await get('ConceptMap/$translate?url=urn:map&system=urn:clinic&code=arm'))).toHaveLength(2);
    expect(matches(await get('ConceptMap/$translate?system=urn:clinic&code=arm&source=urn:other'))).toEqual(['Z equivalent urn:map2']);
    expect(parts(await get('ConceptMap/map/$translate?system=urn:clinic&code=arm'), 'match')[1]).toHaveProperty('product');
  });
  test('a map that is sent along; what depends on something else', async () => {
    const conceptMap = { resourceType: 'ConceptMap', status: 'active', group: [{ source: 'urn:s', target: 'urn:t', element: [{ code: 'a', target: [{ code: 'male', equivalence: 'equal', dependsOn: [{ property: 'urn:sex', value: 'm' }] }, { code: 'any', equivalence: 'equal' }] }] }] };
    const sent = { name: 'conceptMap', resource: conceptMap };
    const coding = { name: 'coding', valueCoding: { system: 'urn:s', code: 'a' } };
    const dependency = (code: string): object => ({ name: 'dependency', part: [{ name: 'element', valueUri: 'urn:sex' }, { name: 'concept', valueCodeableConcept: { coding: [{ code }] } }] });
    expect(matches(await post('ConceptMap/$translate', sent, coding)).map((one) => one.split(' ')[0])).toEqual(['male', 'any']);
    const conditional = async (...more: object[]): Promise<boolean[]> => parts(await post('ConceptMap/$translate', sent, coding, ...more), 'match').map((match) => 'dependsOn' in match);
    expect([await conditional(), await conditional(dependency('m'))]).toEqual([[true, false], [false, false]]);
    expect(matches(await post('ConceptMap/$translate', sent, coding, dependency('f'))).map((one) => one.split(' ')[0])).toEqual(['any']);
    expect(matches(await post('ConceptMap/$translate', sent, coding, dependency('m'))).map((one) => one.split(' ')[0])).toEqual(['male', 'any']);
    expect(codeOf(await post('ConceptMap/$translate', sent, coding, { name: 'dependency', valueString: 'x' }))).toEqual([400, 'invalid-operation-parameter']);
  });
  test('the other way wider is narrower', async () => {
    expect(matches(await get('ConceptMap/$translate?system=urn:plan&code=A&reverse=true'))).toEqual(['arm narrower urn:map|3']);
  });
  test('a code that is mapped to nothing has no result; one that is not there what the map says of such', async () => {
    expect(values(await get('ConceptMap/map/$translate?system=urn:clinic&code=leg'), 'result')).toEqual([false]);
    expect(matches(await get('ConceptMap/map/$translate?system=urn:clinic&code=mind'))).toEqual(['X inexact urn:map|3']);
    expect(values(await get('ConceptMap/$translate?system=urn:clinic&code=mind'), 'result')).toEqual([false]);
  });
});

test('$closure: what follows of each addition, once, and again for who asks since when', async () => {
  const concept = (code: string): object => ({ name: 'concept', valueCoding: { system: 'urn:clinic1', code } });
  await send('PUT', `${house.fhir}/CodeSystem/clinic1`, { ...clinic, id: 'clinic1', url: 'urn:clinic1' });
  const pairs = ({ json }: TestAnswer): [string, string[]] => [(json as { version: string }).version, ((json as { group?: { element: { code: string; target: { code: string }[] }[] }[] }).group ?? []).flatMap(({ element }) => element.flatMap(({ code, target }) => target.map((to) => `${code}<${to.code}`))).toSorted()];
  const name = { name: 'name', valueString: 'mine' };
  expect(pairs(await post('$closure', name))).toEqual(['0', []]);
  expect(pairs(await post('$closure', name, concept('left-arm'), concept('leg')))).toEqual(['1', []]);
  expect(pairs(await post('$closure', name, concept('body'), concept('left-arm')))).toEqual(['2', ['left-arm<body', 'leg<body']]);
  expect(pairs(await post('$closure', name, concept('arm')))).toEqual(['3', ['arm<body', 'left-arm<arm']]);
  expect(pairs(await post('$closure', name, concept('arm')))).toEqual(['3', []]);
  expect(pairs(await post('$closure', name, { name: 'version', valueString: '2' }))).toEqual(['3', ['arm<body', 'left-arm<arm']]);
  expect(codeOf(await post('$closure', name, concept('arm'), concept('no-such-thing')))).toEqual([404, 'invalid-code']);
  expect(codeOf(await post('$closure', name, { name: 'concept', valueCoding: { system: 'urn:no-such-system', code: 'x' } }))).toEqual([422, 'not-found']);
  expect(pairs(await post('$closure', name, { name: 'version', valueString: '3' }))).toEqual(['3', []]);
  expect(pairs(await post('$closure', name))).toEqual(['0', []]);
});

test('$closure goes by the versions of codes', async () => {
  const concept = (code: string, version?: string): object => ({ name: 'concept', valueCoding: { system: 'urn:clinic', ...(version !== undefined && { version }), code } });
  const name = { name: 'name', valueString: 'versions' };
  await post('$closure', name);
  expect(codeOf(await post('$closure', name, concept('mind', '7')))).toEqual([422, 'not-found']);
  expect(codeOf(await post('$closure', name, concept('arm', '2')))).toEqual([404, 'invalid-code']);
  expect((await post('$closure', name, concept('arm', '1'), concept('body', '1'), concept('mind', '2'), concept('mind'))).json).toMatchObject({ version: '1', group: [{ source: 'urn:clinic', sourceVersion: '1', target: 'urn:clinic', targetVersion: '1', element: [{ code: 'arm', target: [{ code: 'body', equivalence: 'subsumes' }] }] }] });
});

test('$closure of what ships with the server', async () => {
  const concept = (code: string): object => ({ name: 'concept', valueCoding: { system: 'http://terminology.hl7.org/CodeSystem/v3-NullFlavor', code } });
  const name = { name: 'name', valueString: 'shipped' };
  await post('$closure', name);
  expect((await post('$closure', name, concept('NI'), concept('UNK'))).json).toMatchObject({ group: [{ element: [{ code: 'UNK', target: [{ code: 'NI', equivalence: 'subsumes' }] }] }] });
});

test('a value set that says nothing of its codes is no empty one', async () => {
  await send('PUT', `${house.fhir}/ValueSet/silent`, { resourceType: 'ValueSet', id: 'silent', url: 'urn:silent', status: 'draft' });
  expect(codeOf(await get('ValueSet/$expand?url=urn:silent'))).toEqual([422, 'vs-invalid']);
  expect(codeOf(await get('ValueSet/$validate-code?url=urn:silent&system=urn:clinic&code=arm'))).toEqual([422, 'vs-invalid']);
  expect(codeOf(await get('Condition?code:in=urn:silent'))).toEqual([400, 'value-set-not-expandable']);
});

test('a value set with nothing but an expansion that is sent is what that lists', async () => {
  const sent = { resourceType: 'ValueSet', status: 'active', expansion: { timestamp: '2026-01-01', contains: [{ system: 'urn:clinic', version: '1', code: 'arm' }] } };
  expect(codesIn(await send('POST', `${house.fhir}/ValueSet/$expand`, sent))).toEqual(['arm']);
});

describe('what ships with the server', () => {
  const gender = 'http://hl7.org/fhir/administrative-gender';

  test('answers where nothing is stored under its address, without displays', async () => {
    expect(values(await get(`CodeSystem/$lookup?system=${gender}&code=male`), 'display')).toEqual(['male']);
    expect(codeOf(await get(`CodeSystem/$lookup?system=${gender}&code=none`))).toEqual([404, 'invalid-code']);
    const expanded = await get('ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender');
    expect([expanded.status, codesIn(expanded)]).toEqual([200, ['male', 'female', 'other', 'unknown']]);
    expect(values(await get(`ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/administrative-gender&system=${gender}&code=male`), 'result')).toEqual([true]);
    expect(values(await get(`ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/administrative-gender&system=${gender}&code=m`), 'result')).toEqual([false]);
    expect(values(await get('CodeSystem/$subsumes?system=http://hl7.org/fhir/issue-type&codeA=invalid&codeB=required'), 'outcome')).toEqual(['subsumes']);
    expect(values(await get('CodeSystem/$subsumes?system=http://hl7.org/fhir/issue-type&codeA=required&codeB=login'), 'outcome')).toEqual(['not-subsumed']);
  });

  test('searches go by it', async () => {
    for (const [id, value] of [['shipped-in', 'male'], ['shipped-out', undefined]] as const) await send('PUT', `${house.fhir}/Patient/${id}`, { resourceType: 'Patient', id, ...(value && { gender: value }) });
    const found = await get('Patient?gender:in=http://hl7.org/fhir/ValueSet/administrative-gender');
    expect([found.status, (found.json as { entry?: { resource: { id: string } }[] }).entry?.map(({ resource }) => resource.id)]).toEqual([200, ['shipped-in']]);
  });

  test('of a licensed list it is said that it is not there, and never that all of its system is meant', async () => {
    const refused = await get('ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/condition-severity');
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('licensed')]);
    expect((await get('Condition?severity:in=http://hl7.org/fhir/ValueSet/condition-severity')).status).toBe(400);
  });

  test('TerminologyCapabilities name it', async () => {
    const { codeSystem } = (await get('metadata?mode=terminology')).json as unknown as { codeSystem: { uri: string }[] };
    expect(codeSystem.filter(({ uri }) => uri === gender || uri === 'urn:clinic').map(({ uri }) => uri)).toEqual(['urn:clinic', gender]);
    expect(codeSystem.filter(({ uri }) => uri === 'http://snomed.info/sct')).toEqual([]);
  });

  test('what is stored under its address hides it whole', async () => {
    await send('PUT', `${house.fhir}/CodeSystem/own-gender`, { resourceType: 'CodeSystem', id: 'own-gender', url: gender, version: '0', status: 'active', content: 'complete', concept: [{ code: 'own', display: 'Our own' }] });
    expect(codeOf(await get(`CodeSystem/$lookup?system=${gender}&code=male`))).toEqual([404, 'invalid-code']);
    expect(codesIn(await get('ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender'))).toEqual(['own']);
    await send('DELETE', `${house.fhir}/CodeSystem/own-gender`);
    expect(values(await get(`CodeSystem/$lookup?system=${gender}&code=male`), 'display')).toEqual(['male']);
  });
});
