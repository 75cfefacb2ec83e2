import type { BundleEntry } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { indexBundle, readReference, referencesIn } from '../../fhir/references.ts';

describe('readReference', () => {
  test.each([
    ['', 'Patient', '/', '//', 'Patient/', '/1', 'patient/1', 'P/1', 'Patient/a b', 'Patient/a_b', `Patient/${'x'.repeat(65)}`, 'Patient/1/', 'Patient//1'],
    ['#contained', '#', '#Patient/1?', 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520', 'urn:oid:1.2.3', 'bare-id'],
    ['http://example.org/Questionnaire/q|1.0', 'http://example.org/Questionnaire/q#x', 'http://example.org/StructureDefinition/us-core-patient|', 'Patient?identifier=x|1', 'http://example.org', 'http://example.org/'],
    ['Patient/1/_history', 'Patient/1/_history/', 'Patient/_history/1', '_history/1', `Patient/1/_history/${'x'.repeat(65)}`, 'Patient/1/_history/2/_history/3', 'Patient/1\n', '\nPatient/1', 'a\nb/Patient/1', 'a\u2028b/Patient/1'],
  ].flat().map((reference) => [reference]))('%j is no literal reference', (reference) => {
    expect(readReference(reference)).toBeUndefined();
  });

  test.each<[string, string | undefined, string, string, string | undefined]>([
    ['Patient/1', undefined, 'Patient', '1', undefined],
    [`Patient/${'x'.repeat(64)}`, undefined, 'Patient', 'x'.repeat(64), undefined],
    ['Patient/A-1.b', undefined, 'Patient', 'A-1.b', undefined],
    ['Patient/1/_history/2', undefined, 'Patient', '1', '2'],
    ['/Patient/1', '', 'Patient', '1', undefined],
    ['http://example.org/fhir/Patient/1', 'http://example.org/fhir', 'Patient', '1', undefined],
    ['https://example.org:8080/a/b/fhir/Patient/1/_history/2', 'https://example.org:8080/a/b/fhir', 'Patient', '1', '2'],
    ['http://example.org/Patient/1/Observation/2', 'http://example.org/Patient/1', 'Observation', '2', undefined],
    ['Patient/1/Observation/2', 'Patient/1', 'Observation', '2', undefined],
    ['http://example.org/Questionnaire/q', 'http://example.org', 'Questionnaire', 'q', undefined],
    ['http://example.org//Patient/1', 'http://example.org/', 'Patient', '1', undefined],
    ['#base/Patient/1', '#base', 'Patient', '1', undefined],
  ])('%j', (reference, base, type, id, version) => {
    expect(readReference(reference)).toEqual({ base, type, id, version });
  });

  test('takes apart what was put together, and puts together what it took apart', () => {
    const id = fc.string({ unit: fc.constantFrom('a', 'Z', '0', '9', '-', '.'), minLength: 1, maxLength: 64 });
    const base = fc.option(fc.webUrl({ withQueryParameters: false }).map((url) => url.replace(/\/$/, '')), { nil: undefined });
    fc.assert(fc.property(base, fc.constantFrom('Patient', 'Claim', 'ClaimResponse'), id, fc.option(id, { nil: undefined }), (ofBase, type, ofId, version) => {
      const reference = `${ofBase === undefined ? '' : `${ofBase}/`}${type}/${ofId}${version === undefined ? '' : `/_history/${version}`}`;
      expect(readReference(reference)).toEqual({ base: ofBase, type, id: ofId, version });
    }));
    const pieces = fc.array(fc.constantFrom('/', '/', 'Patient', '_history', '1', 'http:', 'X', '#', 'Aa', '|', ' '), { maxLength: 10 });
    fc.assert(fc.property(pieces, (list) => {
      const reference = list.join('');
      const parts = readReference(reference);
      if (parts === undefined) return;
      expect(`${parts.base === undefined ? '' : `${parts.base}/`}${parts.type}/${parts.id}${parts.version === undefined ? '' : `/_history/${parts.version}`}`).toBe(reference);
    }), { numRuns: 3000 });
  });

  test('takes long texts in time', () => {
    for (const piece of ['/', 'A/', 'Patient/1/', '/_history', 'Aa', 'Aa/1/_history/']) expect(() => readReference(`${piece.repeat(200_000)}|`)).not.toThrow();
  });
});

const patient = (id: string | undefined, fullUrl?: string): BundleEntry => ({ ...(fullUrl !== undefined && { fullUrl }), resource: { resourceType: 'Patient', ...(id !== undefined && { id }) } });
const claim = (fullUrl?: string): BundleEntry => ({ ...(fullUrl !== undefined && { fullUrl }), resource: { resourceType: 'Claim', id: 'c' } as never });
/** The place of the entry that a reference from the first entry leads to. */
const resolved = (reference: string | undefined, ...entry: BundleEntry[]): number | undefined => {
  const index = indexBundle({ resourceType: 'Bundle', type: 'collection', entry });
  return index.resolve(reference, index.entries[0])?.index;
};

describe('indexBundle', () => {
  const uuid = 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520';
  const base = 'http://example.org/fhir';

  test.each<[string, string | undefined, BundleEntry[]]>([
    ['no reference', undefined, [claim(), patient('1')]],
    ['an empty one', '', [claim(), patient('1', '')]],
    ['a contained resource', '#1', [claim(), patient('1', '#1')]],
    ['a urn nobody has', uuid, [claim(), patient('1', 'urn:uuid:0')]],
    ['a urn, by the id alone', uuid, [claim(), patient(uuid.slice(9))]],
    ['an id alone', '1', [claim(), patient('1')]],
    ['another type with the id', 'Patient/c', [claim(), patient('1')]],
    ['an absolute reference to another server', 'http://elsewhere.example/fhir/Patient/1', [claim(`${base}/Claim/c`), patient('1', `${base}/Patient/1`)]],
    ['an absolute reference, by type and id alone', `${base}/Patient/1`, [claim(), patient('1')]],
    ['two of the type and id', 'Patient/1', [claim(), patient('1', 'urn:uuid:1'), patient('1', 'urn:uuid:2')]],
    ['three of the type and id', 'Patient/1', [claim(), patient('1'), patient('1'), patient('1')]],
    ['a resource without id', 'Patient/1', [claim(), patient(undefined)]],
    ['something every object inherits', 'constructor', [claim(), patient('1')]],
  ])('%s leads nowhere', (_name, reference, entries) => {
    expect(resolved(reference, ...entries)).toBeUndefined();
  });

  test.each<[string, string, number, BundleEntry[]]>([
    ['the fullUrl itself', uuid, 1, [claim(), patient('1', uuid)]],
    ['the fullUrl itself, absolute', `${base}/Patient/1`, 1, [claim(), patient('1', `${base}/Patient/1`)]],
    ['the first of two with one fullUrl', uuid, 1, [claim(), patient('1', uuid), patient('2', uuid)]],
    ['a relative reference, by the base of the fullUrl it stands under', 'Patient/1', 2, [claim(`${base}/Claim/c`), patient('1', 'http://elsewhere.example/Patient/1'), patient('1', `${base}/Patient/1`)]],
    ['a versioned reference, by the resource without its version', 'Patient/1/_history/3', 1, [claim(`${base}/Claim/c`), patient('1', `${base}/Patient/1`)]],
    ['an absolute versioned reference', `${base}/Patient/1/_history/3`, 1, [claim(), patient('1', `${base}/Patient/1`)]],
    ['a relative reference under a urn, by type and id', 'Patient/1', 1, [claim(uuid), patient('1', 'urn:uuid:1')]],
    ['a relative reference in a dialect whose fullUrls are bare ids', 'Patient/1', 1, [claim('c'), patient('1', '1')]],
    ['a relative reference where fullUrls are missing', 'Patient/1', 1, [claim(), patient('1')]],
    ['a relative reference where fullUrls are relative', 'Patient/1', 1, [claim('Claim/c'), patient('1', 'Patient/1')]],
    ['a bare id where fullUrls are bare ids', '1', 1, [claim('c'), patient('1', '1')]],
    ['the only entry of type and id, though under another base', 'Patient/1', 1, [claim(`${base}/Claim/c`), patient('1', 'http://elsewhere.example/Patient/1')]],
  ])('%s', (_name, reference, place, entries) => {
    expect(resolved(reference, ...entries)).toBe(place);
  });

  test('without the entry a reference stands in, a relative one goes by type and id', () => {
    const index = indexBundle({ resourceType: 'Bundle', type: 'collection', entry: [patient('1', `${base}/Patient/1`)] });
    expect(index.resolve('Patient/1')?.index).toBe(0);
  });

  test('passes over entries without a resource and keeps the places of the others', () => {
    const entry = [null, {}, { resource: null }, { resource: 'x' }, { resource: {} }, { resource: { resourceType: 5 } }, { fullUrl: 5, resource: { resourceType: 'Patient', id: 6 } }, patient('1', 'urn:uuid:1')] as unknown as BundleEntry[];
    const index = indexBundle({ resourceType: 'Bundle', type: 'collection', entry });
    expect(index.entries.map((one) => [one.index, one.fullUrl])).toEqual([[6, undefined], [7, 'urn:uuid:1']]);
    expect(indexBundle({ resourceType: 'Bundle', type: 'collection' }).entries).toEqual([]);
  });
});

describe('referencesIn', () => {
  const resource = () => ({
    resourceType: 'Claim',
    reference: 5,
    patient: { reference: 'Patient/1', display: 'reference' },
    contained: [{ resourceType: 'Coverage', payor: [{ reference: '#o' }, null, 'reference', { reference: null }] }],
    item: [{ detail: [{ udi: [{ reference: 'urn:uuid:1' }] }] }],
    provider: { reference: ['Patient/2'] },
  });

  test('finds every reference with its place, in order', () => {
    expect([...referencesIn(resource(), 'Claim')].map(({ value, expression }) => [expression, value])).toEqual([
      ['Claim.patient.reference', 'Patient/1'],
      ['Claim.contained[0].payor[0].reference', '#o'],
      ['Claim.item[0].detail[0].udi[0].reference', 'urn:uuid:1'],
    ]);
    expect([...referencesIn({ resourceType: 'Patient' }, 'Patient')]).toEqual([]);
  });

  test('rewrites in place, and nothing else', () => {
    const changed = resource();
    for (const found of referencesIn(changed, 'Claim')) found.set(`${found.value}!`);
    const expected = resource();
    expected.patient.reference = 'Patient/1!';
    (expected.contained[0]!.payor[0] as { reference: string }).reference = '#o!';
    expected.item[0]!.detail[0]!.udi[0]!.reference = 'urn:uuid:1!';
    expect(changed).toEqual(expected);
  });
});
