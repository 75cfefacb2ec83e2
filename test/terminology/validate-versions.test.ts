/** Codes whose version is another than that of the value set (the rules of HL7's terminology ecosystem for versions). */
import type { CodeSystem, ValueSet } from '@medplum/fhirtypes';
import { expand } from '../../terminology/expand.ts';
import { emptySource } from '../../terminology/empty-source.ts';
import { layered } from '../../terminology/layered-source.ts';
import { memoryValueSet, schemeOf } from '../../terminology/scheme.ts';
import { validateCodings, type Validated } from '../../terminology/validate.ts';
import { anyVersions, type WantedVersions } from '../../terminology/versions-wanted.ts';

const url = 'urn:letters';
const system = (version: string, ...codes: string[]): CodeSystem => ({ resourceType: 'CodeSystem', url, version, status: 'active', content: 'complete', concept: codes.map((code) => ({ code, display: `${code} of ${version}` })) });
const source = layered([system('1.0.0', 'a', 'old'), system('1.2.0', 'a'), system('2.0.0', 'a', 'new')], emptySource);

async function validate(code: string, version: string, asked: string | undefined, wanted: Partial<WantedVersions> = {}): Promise<Validated> {
  const versions = { ...anyVersions, ...wanted };
  const valueSet: ValueSet = { resourceType: 'ValueSet', status: 'active', url: 'urn:set', compose: { include: [{ system: url, ...(asked !== undefined && { version: asked }) }] } };
  return validateCodings({
    source, scheme: await schemeOf(memoryValueSet(valueSet), { source, versions }), codings: [{ system: url, code, version }], form: 'coding',
    inferSystem: false, abstract: true, activeOnly: false, lenientDisplay: false, membershipOnly: false, languages: undefined, supplements: [], versions,
  });
}
const told = ({ issues }: Validated): string[] => issues.map((one) => one.code);

test.each<[string, string, string | undefined, Partial<WantedVersions>, string[]]>([
  ['the value set names another version', '1.0.0', '1.2.0', {}, ['version-mismatch']],
  ['it names another, and the value\'s is not here', '9.0.0', '1.2.0', {}, ['version-mismatch', 'unknown-code-system-version']],
  ['the request forces another', '1.0.0', '1.0.0', { force: new Map([[url, '2.0.0']]) }, ['version-mismatch-changed']],
  ['the value set is silent, and the request means another', '1.0.0', undefined, { system: new Map([[url, '2.0.0']]) }, ['version-mismatch-changed']],
  ['nobody names a version, and the value\'s is not here', '9.0.0', undefined, {}, ['version-mismatch-default', 'unknown-code-system-version']],
])('%s: it is told that they differ', async (_, version, asked, wanted, codes) => {
  const answer = await validate('a', version, asked, wanted);
  expect([answer.result, told(answer)]).toEqual([false, codes]);
});

test('a version that is not here is the cause', async () => {
  expect(await validate('a', '9.0.0', undefined)).toMatchObject({ causedByUnknownSystem: `${url}|9.0.0`, coding: { version: '2.0.0', display: 'a of 2.0.0' } });
});

test('the value set names a version that is not here: that is the cause, whatever the value says', async () => {
  expect(await validate('a', '1.0.0', '3.0.0')).toMatchObject({ result: false, causedByUnknownSystem: `${url}|3.0.0` });
  expect(told(await validate('a', '1.0.0', '3.0.0'))).toEqual(['version-mismatch', 'unknown-code-system-version']);
  expect(told(await validate('a', '3.0.0', '3.0.0'))).toEqual(['unknown-code-system-version']);
  const valueSet: ValueSet = { resourceType: 'ValueSet', status: 'active', url: 'urn:set', compose: { include: [{ system: url, version: '3.0.0' }] } };
  const scheme = await schemeOf(memoryValueSet(valueSet), { source, versions: anyVersions });
  await expect(expand({ source, scheme, filter: undefined, offset: 0, count: undefined, languages: undefined, includeDesignations: false, designations: [], properties: [], excludeNested: true, excludeNotForUI: false, supplements: [], versionsMatch: false }))
    .rejects.toMatchObject({ terminology: { code: 'unknown-system-version', details: { version: '3.0.0', versions: '1.0.0, 1.2.0, 2.0.0' } } });
});

test.each<[string, string, string, string | undefined, boolean]>([
  ['a value set that names no version', 'old', '1.0.0', undefined, true], ['a value set that names no version', 'new', '1.0.0', undefined, false],
  ['one that means all of 1', 'old', '1.0.0', '1.x', true], ['one that means all of 1', 'old', '1.2.0', '1.x', false],
])('for %s, %s is judged in its own version %s', async (_, code, version, asked, result) => {
  const answer = await validate(code, version, asked);
  expect([answer.result, answer.coding?.version]).toEqual([result, version]);
});
