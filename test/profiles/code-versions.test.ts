/** Versions of code systems that value sets are pinned to and codings name: the validator agrees with $validate-code. */
import { valueSetsOf } from '../../profiles/codes/value-set.ts';
import type { Definitions } from '../../profiles/definitions.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';

let house: TestHouse;
const system = 'urn:c1';
const of = (version: string, ...codes: string[]): object => ({ resourceType: 'CodeSystem', id: `c1-${version}`, url: system, version, name: 'C1', status: 'active', content: 'complete', caseSensitive: true, concept: codes.map((code) => ({ code })) });
const profile = {
  resourceType: 'StructureDefinition', id: 'pinned', url: 'urn:pinned-profile', name: 'Pinned', status: 'active', fhirVersion: '4.0.1', kind: 'resource', abstract: false, type: 'Observation',
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Observation', derivation: 'constraint',
  differential: { element: [{ id: 'Observation.code', path: 'Observation.code', binding: { strength: 'required', valueSet: 'urn:pinned' } }] },
};
beforeAll(async () => {
  house = await openHouse({ environment: { PRIORA_JOBS: '0' } });
  const set = { resourceType: 'ValueSet', id: 'pinned', url: 'urn:pinned', name: 'Pinned', status: 'active', compose: { include: [{ system, version: '1.0' }] } };
  for (const resource of [of('1', 'z'), of('1.0', 'a', 'd'), of('2.0', 'a', 'b'), set, profile] as { resourceType: string; id: string }[]) expect([resource.id, (await send('PUT', `${house.fhir}/${resource.resourceType}/${resource.id.replace('c1-', 'c')}`, { ...resource, id: resource.id.replace('c1-', 'c') })).status]).toEqual([resource.id, 201]);
});
afterAll(async () => { await house.close(); });

test.each<[version: string | undefined, code: string, errors: string[]]>([
  ['2.0', 'a', ['binding-required']], ['9', 'd', ['binding-required']], ['2.0', 'b', ['binding-required']], [undefined, 'b', ['binding-required']], ['1.0', 'b', ['code-unknown', 'binding-required']], [undefined, 'q', ['code-unknown', 'binding-required']],
  ['1.0', 'a', []], ['1.0', 'd', []], [undefined, 'a', []], [undefined, 'd', []],
])('version %s, code %s', async (version, code, errors) => {
  const coding = { system, ...(version !== undefined && { version }), code };
  const checked = await send('POST', `${house.fhir}/Observation/$validate?profile=urn:pinned-profile`, { resourceType: 'Observation', status: 'final', code: { coding: [coding] } });
  const issues = checked.json.issue as { severity: string; details: { coding: { code: string }[] } }[];
  expect(issues.filter(({ severity }) => severity === 'error').map(({ details }) => details.coding[0]!.code).toSorted()).toEqual(errors.toSorted());
  const asked = await send('POST', `${house.fhir}/ValueSet/$validate-code`, { resourceType: 'Parameters', parameter: [{ name: 'url', valueUri: 'urn:pinned' }, { name: 'coding', valueCoding: coding }] });
  expect((asked.json as { parameter: { name: string; valueBoolean?: boolean }[] }).parameter.find(({ name }) => name === 'result')!.valueBoolean).toBe(errors.length === 0);
});

test.each<[pinned: string, said: string, membership: string]>([
  ['1.0', '1.00', 'out'], ['1.0', '1.0', 'in'], ['1.x', '2.0', 'out'], ['1.x', '1.4', 'in'], ['urn:sct/1', 'urn:sct/2/version/20260101', 'out'], ['urn:sct/1', 'urn:sct/1/version/20260101', 'in'],
])('a value set of version %s, a coding of %s', (pinned, said, membership) => {
  const definitions: Definitions = { structure: () => undefined, type: () => undefined, codeSystem: () => undefined, valueSet: (url) => ({ url, include: [{ system, version: pinned, codes: ['a'] }] }) as unknown as ReturnType<Definitions['valueSet']> };
  expect(valueSetsOf(definitions)('urn:set')!.has(system, 'a', said)).toBe(membership);
});
