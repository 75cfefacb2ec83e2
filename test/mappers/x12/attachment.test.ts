/** 275: documents as they came, with the numbers by which they find their request, whatever is in them. */
import { describe, expect, test } from '@jest/globals';
import type { DocumentReference } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { mapInterchange, type MappedUnit } from '../../../mappers/x12/index.ts';
import { danglingIn, invalidIn, packagesAreHere, untrueIn } from '../sound.ts';

const head = ['ST*275*0001*006020X316', 'BGN*02*A1*20260601*1200', 'NM1*X3*2*PLAN*****PI*12345', 'NM1*1P*1*HEALER*HAL****XX*1234567893', 'NM1*QC*1*DOE*JANE****MI*M1', 'REF*EA*MR7', 'REF*BB*AUTH9', 'LX*1', 'TRN*2*CTRL1*1234567890', 'CAT*AE*HL**11506-3'];

function delivery(documents: readonly string[], before: readonly string[] = head): Uint8Array {
  const segments = [...before, ...documents.flatMap((document) => ['EFI*05', document])];
  return Buffer.from(['ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260601*1200*^*00501*000000001*0*P*:', `GS*PI*S*R*20260601*1200*1*X*006020X316`, ...segments, `SE*${segments.length + 1}*0001`, 'GE*1*1', 'IEA*1*000000001'].join('~').concat('~'), 'latin1');
}

const bds = (bytes: Uint8Array): string => {
  const text = Buffer.from(bytes).toString('base64');
  return `BDS*B64*${text.length}*${text}`;
};
const bin = (text: string): string => `BIN*${text.length}*${text}`;
const documentsOf = ([unit]: MappedUnit[]): DocumentReference[] => (unit?.bundle.entry ?? []).map(({ resource }) => resource).filter((resource): resource is DocumentReference => resource?.resourceType === 'DocumentReference');

describe('a document that cannot be read', () => {
  test.each([
    ['not base 64', 'BDS*B64*5*%%%%%', 'attachment-unreadable'],
    ['an encoding nobody named', 'BDS*UUE*4*abcd', 'attachment-unreadable'],
    ['none at all', 'BDS*B64*0*', 'syntax-8-1'],
  ])('%s: told, and the set says it holds nothing', (_, segment, code) => {
    const units = [...mapInterchange(delivery([segment]))];
    expect(units[0]!.issues.map((issue) => issue.code)).toEqual(expect.arrayContaining([code]));
    expect(documentsOf(units)).toEqual([]);
  });
});

describe('a document', () => {
  test('with its numbers, kind, author and patient', () => {
    const units = [...mapInterchange(delivery([bds(Buffer.from('{"resourceType":"Bundle","type":"collection"}'))]))];
    expect(units[0]).toMatchObject({ kind: 'attachment', acknowledgement: { code: 'A' } });
    expect(documentsOf(units)).toMatchObject([{
      identifier: [{ system: 'urn:trnorg:1234567890', value: 'CTRL1' }], status: 'current', date: '2026-06-01T12:00:00Z',
      type: { coding: [{ code: 'AE' }, { system: 'http://loinc.org', code: '11506-3' }] },
      content: [{ attachment: { contentType: 'application/fhir+json', data: Buffer.from('{"resourceType":"Bundle","type":"collection"}').toString('base64') } }],
      context: { related: [{ identifier: { value: 'AUTH9' } }] },
    }]);
  });

  test.each([
    ['%PDF-1.7 …', 'application/pdf'], ['<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"/>', 'application/cda+xml'], ['<a/>', 'application/xml'], ['MSH|^~\\&|A', 'x-application/hl7-v2+er7'], ['A letter.', 'text/plain'], ['\u0000\u0001', 'application/octet-stream'],
  ])('%j is %s', (text, mediaType) => expect(documentsOf([...mapInterchange(delivery([bds(Buffer.from(text, 'latin1'))]))])[0]!.content[0]!.attachment.contentType).toBe(mediaType));

  test('with delimiters in it, counted and not split', () => {
    const text = 'one~two*three:four^five';
    expect(Buffer.from(documentsOf([...mapInterchange(delivery([bin(text)]))])[0]!.content[0]!.attachment.data!, 'base64').toString('latin1')).toBe(text);
  });

  test('whatever its bytes: each comes back as it was', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 3 }), (documents) => {
      const found = documentsOf([...mapInterchange(delivery(documents.map(bds)))]);
      expect(found.map(({ content }) => content[0]!.attachment.data)).toEqual(documents.map((bytes) => Buffer.from(bytes).toString('base64')));
    }), { numRuns: 60 });
  });
});

(packagesAreHere ? test : test.skip)('what is made is valid by R4 and leads nowhere wrong', async () => {
  const [unit] = [...mapInterchange(delivery([bds(Buffer.from('%PDF-1.7')), bin('A letter.')]))];
  expect(await invalidIn(unit!.bundle)).toEqual([]);
  expect(danglingIn(unit!.bundle)).toEqual([]);
  expect(untrueIn(unit!.bundle, unit!.ledger)).toEqual([]);
});
