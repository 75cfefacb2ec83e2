import type { Bundle, Claim, Patient } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type MappedRequest, readDelivery, type RequestEnvelope, requestInterchange, type X12Issue } from '../../../mappers/x12/index.ts';
import { bytesOf, EVENT_ONLY, interchange, REQUESTS } from '../../fixtures/x12/build.ts';
import { corpusFiles, eachOrSkip, sharedFolder } from '../../fixtures/x12/corpus.ts';
import { declaredFields } from './declared-fields.ts';

const envelope: RequestEnvelope = {
  sender: { qualifier: 'ZZ', id: 'CLINIC' }, receiver: { qualifier: 'ZZ', id: 'PAYER' }, usage: 'T', date: '20260302', time: '0915', controlNumber: 4711,
  applicationSender: 'CLINICAPP', applicationReceiver: 'PAYERAPP', groupControlNumber: 12, transactionControlNumber: '0001', traceOrganization: '9123456789',
};

function accepted(bytes: Uint8Array): MappedRequest {
  const [received] = readDelivery(bytes).interchanges;
  expect(received!.rejection).toBeUndefined();
  expect(received!.groups[0]!.errors).toEqual([]);
  const [transaction] = received!.groups[0]!.transactions;
  expect(transaction!.errors.filter((error) => error.severity === 'error')).toEqual([]);
  return transaction!.request!;
}

const read = (request: readonly string[]): Bundle => accepted(bytesOf(interchange([request]))).bundle;
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

describe('what cannot be sent is told', () => {
  const write = (change: (claim: Claim, patient: Patient) => void): ReturnType<typeof requestInterchange> => {
    const bundle = structuredClone(read(EVENT_ONLY));
    change(bundle.entry![0]!.resource as Claim, bundle.entry!.find(({ resource }) => resource!.resourceType === 'Patient')!.resource as Patient);
    return requestInterchange(bundle, envelope);
  };

  test('a Bundle without a Claim', () => {
    expect(requestInterchange({ resourceType: 'Bundle', type: 'collection' }, envelope).issues).toMatchObject([{ severity: 'error', code: 'no-claim' }]);
  });
  test.each([
    ['a Bundle of nothing', { resourceType: 'Bundle', type: 'collection', entry: [{}] }],
    ['lists that are none', { resourceType: 'Bundle', type: 'collection', entry: [{ resource: { resourceType: 'Claim', item: 'x', identifier: 7, careTeam: null, insurance: {}, extension: 'y' } }] }],
    ['nulls in lists', { resourceType: 'Bundle', type: 'collection', entry: [{ resource: { resourceType: 'Claim', item: [null], identifier: [null], diagnosis: [null], supportingInfo: [null], insurance: [null] } }] }],
  ])('%s does not throw', (_, bundle) => {
    expect(requestInterchange(bundle as unknown as Bundle, envelope).issues.some((issue) => issue.severity === 'error')).toBe(true);
  });
  test('an insurer that is not in the Bundle', () => {
    expect(write((claim) => { claim.insurer = { reference: 'urn:uuid:nowhere' }; }).issues).toMatchObject([{ severity: 'warning', code: 'unresolved-reference' }]);
  });
  test('a member without a number', () => {
    const bundle = structuredClone(read(EVENT_ONLY));
    for (const { resource } of bundle.entry!) {
      if (resource?.resourceType === 'Coverage') delete resource.subscriberId;
      if (resource?.resourceType === 'Coverage' || resource?.resourceType === 'Patient') resource.identifier = [];
    }
    expect(requestInterchange(bundle, envelope).issues).toContainEqual(expect.objectContaining({ severity: 'error', code: 'no-member-number' }));
  });
  test('a diagnosis in another code system', () => {
    expect(write((claim) => { claim.diagnosis![0]!.diagnosisCodeableConcept = { coding: [{ system: 'http://snomed.info/sct', code: '1' }] }; }).issues).toMatchObject([{ code: 'diagnosis-system' }]);
  });
  test('letters X12 does not have are folded with a warning', () => {
    const { bytes, issues } = write((_, patient) => { patient.name![0]!.family = 'MÜLLER-ŁĘSKI’S 日'; });
    expect(text(bytes)).toContain("NM1*IL*1*MULLER-LESKI'S ?*");
    expect(issues).toMatchObject([{ severity: 'warning', code: 'folded-character', location: { segment: 'NM1', element: 3 } }]);
    expect(JSON.stringify(issues)).not.toContain('LLER');
  });
  test('delimiters in a text become blanks with a warning', () => {
    const { bytes, issues } = write((claim) => { claim.supportingInfo![2]!.valueString = 'call*me~now:please^ok'; });
    expect(text(bytes)).toContain('MSG*call me now please ok~');
    expect(issues).toMatchObject([{ severity: 'warning', code: 'folded-delimiter' }]);
    accepted(bytes);
  });
  test('delimiters in a number are an error', () => {
    expect(write((claim) => { claim.identifier![0]!.value = 'TR*1'; }).issues).toContainEqual(expect.objectContaining({ severity: 'error', code: 'folded-delimiter', location: expect.objectContaining({ segment: 'TRN', element: 2 }) }));
  });
  test('a procedure is named by its code, not by its description', () => {
    const described = (code: string, description: string): X12Issue[] =>
      write((claim) => { claim.item![0]!.productOrService = { coding: [{ system: 'http://www.ama-assn.org/go/cpt', code }], text: description }; }).issues;
    expect(described('99213', 'visit: long')).toMatchObject([{ severity: 'warning', code: 'folded-delimiter' }]);
    expect(described('99*13', 'visit')).toMatchObject([{ severity: 'error', code: 'folded-delimiter' }]);
  });
  test('a long message is cut with a warning', () => {
    const { bytes, issues } = write((claim) => { claim.supportingInfo![2]!.valueString = 'word '.repeat(100); });
    expect(issues).toMatchObject([{ code: 'cut-text' }]);
    accepted(bytes);
  });
});

describe('there and back', () => {
  test.each(Object.entries(REQUESTS))('%s keeps its declared fields', (_, request) => {
    const bundle = read(request);
    const { bytes, issues } = requestInterchange(bundle, envelope);
    expect(issues).toEqual([]);
    expect(declaredFields(accepted(bytes).bundle)).toEqual(declaredFields(bundle));
  });

  eachOrSkip(
    corpusFiles('x12-278').filter(({ name }) => /3_[123]_1_Request|ServicesReview|278-request/.test(name)),
    'a published request keeps its declared fields',
    ({ bytes }) => {
      const { bundle } = accepted(bytes);
      const written = requestInterchange(bundle, envelope);
      expect(written.issues).toEqual([]);
      expect(declaredFields(accepted(written.bytes).bundle)).toEqual(declaredFields(bundle));
    },
  );

  test('diagnosis codes are sent without their dots', () => {
    expect(text(requestInterchange(read(EVENT_ONLY), envelope).bytes)).toContain('HI*ABK:M545:D8:20260220*ABF:E1165~');
  });

  test('a second trip changes nothing at all', () => {
    for (const request of Object.values(REQUESTS)) {
      const once = requestInterchange(read(request), envelope).bytes;
      const twice = requestInterchange(accepted(once).bundle, envelope).bytes;
      expect(text(twice)).toBe(text(once));
    }
  });

  test('names, numbers and texts of any kind survive', () => {
    const word = fc.string({ unit: fc.constantFrom(...Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcxyz0123456789 .,-/()#')), minLength: 2, maxLength: 24 }).map((each) => each.trim()).filter((each) => each.length >= 2);
    fc.assert(
      fc.property(fc.record({ family: word, given: word, member: word, city: word, message: word, trace: word }), ({ family, given, member, city, message, trace }) => {
        const request = EVENT_ONLY.map((segment) =>
          segment
            .replace('DOE*ALEX*Q', `${family}*${given}*Q`).replace('W1234567', member).replace('N4*MADISON*WI*53711', `N4*${city}*WI*53711`)
            .replace('PLEASE CALL BEFORE THE VISIT', message).replace('TR-1', trace),
        );
        const bundle = read(request);
        expect(declaredFields(accepted(requestInterchange(bundle, envelope).bytes).bundle)).toEqual(declaredFields(bundle));
      }),
      { numRuns: 60 },
    );
  });
});

describe('the examples of PAS 2.2.1', () => {
  const folder = sharedFolder('pas-examples', 'ig-pas-2.2.1');
  const names = ['HomecareAuthorizationBundleExample', 'HomecareAuthorizationUpdateBundleExample', 'MedicalServicesAuthorizationBundleExample', 'ReferralAuthorizationBundleExample', 'SurgicalRequestBundleExample'];
  const examples = folder === undefined ? [] : names.map((name) => ({ name, bundle: JSON.parse(readFileSync(join(folder, `Bundle-${name}.json`), 'utf8')) as Bundle }));

  eachOrSkip(examples, 'keeps its declared fields as a 278', ({ bundle }) => {
    const written = requestInterchange(bundle, envelope);
    expect(written.issues.filter((issue) => issue.severity === 'error')).toEqual([]);
    expect(declaredFields(accepted(written.bytes).bundle)).toEqual(declaredFields(bundle));
  });

  test('an update sends its changed lines only', () => {
    const example = examples.find(({ name }) => name.includes('Update'));
    if (example === undefined) return;
    const sent = text(requestInterchange(example.bundle, envelope).bytes);
    expect(sent.match(/^HL\*\d+\*4\*SS/gm)).toHaveLength(2);
    expect(sent).toContain('UM*HS*3*42*11:B');
  });
});
