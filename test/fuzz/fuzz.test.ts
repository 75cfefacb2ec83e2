/**
 * Broken input of every format, made from seeds: nothing throws, what is refused is refused with a place, no reference
 * dangles, the ledger says where there is something, and the same bytes give the same. For longer: `npm run fuzz`.
 */
import { describe, expect, test } from '@jest/globals';
import { subjects } from './subjects/index.ts';
import { complaintAbout, fingerprint, inputOf, type Subject } from './subject.ts';

const seeds = 150;

describe('complaints are made', () => {
  const silent = { refused: false, issues: [], bundles: [] };
  const about = (read: Subject['read']): string | undefined => complaintAbout({ name: 'x', samples: [], mutate: (bytes) => bytes, read }, Buffer.alloc(0));
  const bundled = (resource: object, path: string) => ({ ...silent, bundles: [{ bundle: { resourceType: 'Bundle' as const, type: 'collection' as const, entry: [{ fullUrl: 'urn:uuid:1', resource: resource as never }] }, ledger: [{ path, source: 'PID-1', rule: 'r' }], unmapped: [] }] });

  test.each([
    ['of what throws', () => { throw new Error('broken'); }, /threw Error: broken/],
    ['of a refusal without an issue', () => ({ ...silent, refused: true }), /without an issue/],
    ['of an error without a place', () => ({ ...silent, issues: [{ severity: 'error' as const, code: 'c', text: 't' }] }), /no position/],
    ['of a reference to nothing', () => bundled({ resourceType: 'Claim', patient: { reference: 'urn:uuid:2' } }, 'Bundle.type'), /urn:uuid:2/],
    ['of a ledger that names nothing', () => bundled({ resourceType: 'Patient', name: [{ family: 'A' }] }, 'Bundle.entry[0].resource.name[1].family'), /where nothing is/],
  ])('%s', (_, read, expected) => expect(about(read)).toMatch(expected));

  test('and none of what is right', () => {
    expect(about(() => bundled({ resourceType: 'Patient', name: [{ family: 'A' }] }, 'Bundle.entry[0].resource.name[0].family'))).toBeUndefined();
  });
});

describe.each(subjects)('$name', (subject) => {
  test(`${seeds} seeds`, () => {
    for (let seed = 1; seed <= seeds; seed += 1) {
      const { name, bytes } = inputOf(subject, seed);
      expect({ name, complaint: complaintAbout(subject, bytes) }).toEqual({ name, complaint: undefined });
    }
  }, 900_000);

  test('the samples themselves', () => {
    for (const { name, bytes } of subject.samples) expect({ name, complaint: complaintAbout(subject, bytes) }).toEqual({ name, complaint: undefined });
  }, 900_000);

  test('the same bytes give the same', () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const { bytes } = inputOf(subject, seed);
      expect(fingerprint(subject, bytes)).toBe(fingerprint(subject, Buffer.from(bytes)));
    }
  }, 900_000);
});
