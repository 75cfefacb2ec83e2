/** Rules of Bundles that their definition cannot say. */
import { bundleFindings } from '../../profiles/bundle/rules.ts';

const base = 'http://example.org/fhir';
const entry = (resourceType: string, id: string, more: object = {}, fullUrl: string | undefined = `${base}/${resourceType}/${id}`) => ({ ...(fullUrl !== undefined && { fullUrl }), resource: { resourceType, id, ...more } });
const composition = (...authors: string[]) => entry('Composition', '1', { author: authors.map((reference) => ({ reference })) });
const told = (bundle: object) => bundleFindings({ resourceType: 'Bundle', ...bundle }).map(({ code, severity, step }) => `${severity} ${code} ${step}`);

test.each<[string, object, string[]]>([
  ['no fullUrl', { type: 'collection', entry: [{ resource: { resourceType: 'Patient' } }] }, ['error bundle-full-url .entry[0]']],
  ['no fullUrl in a transaction', { type: 'transaction', entry: [{ resource: { resourceType: 'Patient' } }] }, []],
  ['a relative fullUrl', { type: 'collection', entry: [entry('Patient', '1', {}, 'Patient/1')] }, ['error bundle-full-url .entry[0].fullUrl']],
  ['a UUID in capitals', { type: 'collection', entry: [entry('Patient', '1', {}, 'urn:uuid:0C3151BD-1CBF-4D64-B04D-CD9187A4C6E0')] }, ['error bundle-full-url .entry[0].fullUrl']],
  ['another id', { type: 'collection', entry: [entry('Patient', '1', {}, `${base}/Patient/2`)] }, ['error bundle-full-url .entry[0].fullUrl']],
  ['another type', { type: 'collection', entry: [entry('Patient', '1', {}, `${base}/Group/1`)] }, ['error bundle-full-url .entry[0].fullUrl']],
  ['no id', { type: 'collection', entry: [{ fullUrl: `${base}/Patient/2`, resource: { resourceType: 'Patient' } }] }, ['error bundle-full-url .entry[0].fullUrl']],
  ['an address that is no FHIR server', { type: 'collection', entry: [entry('Patient', '1', {}, 'http://example.org/somewhere')] }, []],
  ['a document without a Composition', { type: 'document', entry: [entry('Patient', '1')] }, ['error bundle-start .entry[0].resource']],
  ['a document that lacks its author', { type: 'document', entry: [composition('Practitioner/1')] }, ['error bundle-target-missing .entry[0].resource.author[0]']],
  ['a document whose author is elsewhere by address', { type: 'document', entry: [composition('http://other.example.org/Practitioner/1')] }, []],
  ['a document with its author', { type: 'document', entry: [composition('Practitioner/1'), entry('Practitioner', '1')] }, []],
  ['a document with something that nothing leads to', { type: 'document', entry: [composition(), entry('Practitioner', '1')] }, ['error bundle-entry-apart .entry[1]']],
  ['a document with what only refers to it', { type: 'document', entry: [composition(), entry('List', '1', { source: { reference: 'Composition/1' } })] }, ['warning bundle-entry-apart .entry[1]']],
  ['a Provenance does so rightly', { type: 'document', entry: [composition(), entry('Provenance', '1', { target: [{ reference: 'Composition/1' }] })] }, []],
  ['two entries of one identity', { type: 'document', entry: [composition('Practitioner/1'), entry('Practitioner', '1'), entry('Practitioner', '1')] }, ['error bundle-target-several .entry[0].resource.author[0]']],
  ['a version of them', { type: 'document', entry: [composition('Practitioner/1/_history/2', 'Practitioner/1/_history/1'), entry('Practitioner', '1', { meta: { versionId: '1' } }), entry('Practitioner', '1', { meta: { versionId: '2' } })] }, []],
  ['a message with something beside it', { type: 'message', entry: [entry('MessageHeader', '1'), entry('Patient', '1')] }, ['information bundle-entry-apart .entry[1]']],
  ['a search without link and modes', { type: 'searchset', entry: [entry('Patient', '1')] }, ['warning bundle-search ', 'warning bundle-search ']],
  ['an outcome that is none', { type: 'searchset', link: [{ relation: 'self', url: base }], entry: [{ ...entry('Patient', '1'), search: { mode: 'outcome' } }] }, ['error bundle-search .entry[0].resource']],
])('%s', (_, bundle, expected) => {
  expect(told(bundle)).toEqual(expected);
});

test('thousands of entries of one identity, each with a reference to it, are gone through once', () => {
  const many = Array.from({ length: 20_000 }, () => entry('List', '1', { source: { reference: 'List/1' } }));
  const found = told({ type: 'document', entry: [composition('List/1'), ...many] });
  expect([found.length, new Set(found.map((one) => one.replace(/ \..*/, '')))]).toEqual([20_001, new Set(['error bundle-target-several'])]);
});
