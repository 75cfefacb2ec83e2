/** Changes of an authorization by 278: what the Bundle says of them, what is answered, and there and back. */
import type { Bundle, Claim, ClaimItem, ClaimResponse, ClaimSupportingInfo, Extension } from '@medplum/fhirtypes';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type MappedRequest, readDelivery, readResponse, type RequestContext, type RequestEnvelope, requestInterchange, responseFor, withItemSequences, writeInterchange } from '../../../mappers/x12/index.ts';
import { bytesOf, CANCELLATION, CANCELLATION_BY_TRACE, DEPENDENT_LINES, EVENT_ONLY, EXTENSION_REQUEST, interchange, REVISION, UPDATES } from '../../fixtures/x12/build.ts';
import { eachOrSkip, sharedFolder } from '../../fixtures/x12/corpus.ts';
import { declaredFields } from './declared-fields.ts';

const PAS = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-';
const envelope: RequestEnvelope = {
  sender: { qualifier: 'ZZ', id: 'CLINIC' }, receiver: { qualifier: 'ZZ', id: 'PAYER' }, usage: 'T', date: '20260302', time: '0915', controlNumber: 4711,
  applicationSender: 'CLINICAPP', applicationReceiver: 'PAYERAPP', groupControlNumber: 12, transactionControlNumber: '0001', traceOrganization: '9123456789',
};

function read(bytes: Uint8Array): MappedRequest {
  const [transaction] = readDelivery(bytes).interchanges[0]!.groups[0]!.transactions;
  expect(transaction!.errors).toEqual([]);
  return transaction!.request!;
}

const mapped = (request: readonly string[]): MappedRequest => read(bytesOf(interchange([request])));
const claimOf = ({ bundle }: { bundle: Bundle }): Claim => bundle.entry![0]!.resource as Claim;
const extension = (holder: { extension?: Extension[] } | undefined, name: string): Extension | undefined => holder?.extension?.find(({ url }) => url === `${PAS}${name}`);
const codeOf = (each: Extension | undefined): string | undefined => each?.valueCodeableConcept?.coding?.[0]?.code;
const certification = (holder: { extension?: Extension[] } | undefined): string | undefined => codeOf(extension(holder, 'certificationType'));
const changeOf = (holder: ClaimItem | ClaimSupportingInfo): string | undefined => extension(holder, 'infoChanged')?.valueCode;
const isCancelled = (item: ClaimItem): boolean => item.modifierExtension?.some(({ url, valueBoolean }) => url.endsWith('modifierextension-infoCancelled') && valueBoolean === true) === true;
const warnings = ({ issues }: MappedRequest): string[] => issues.filter(({ severity }) => severity === 'warning').map(({ code }) => code);
const number = (code: 'BB' | 'NT', value: string): unknown => ({ type: { coding: [{ system: 'https://codesystem.x12.org/005010/128', code }] }, system: 'https://codesystem.x12.org/005010/128', value });
const prior = (identifier: unknown): unknown => [{ claim: { type: 'Claim', identifier }, relationship: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship', code: 'prior' }] } }];
const text = (bytes: Uint8Array): string[] => Buffer.from(bytes).toString('latin1').split('~\n');

describe('what is no update', () => {
  test.each([['an initial request with the payer\'s reference', EVENT_ONLY], ['an initial line that names an earlier authorization', DEPENDENT_LINES]])('%s', (_, request) => {
    const claim = claimOf(mapped(request));
    expect(claim.related).toBeUndefined();
    expect(certification(claim)).toBeUndefined();
    expect([...claim.item!, ...claim.supportingInfo ?? []].map(changeOf).filter((change) => change !== undefined)).toEqual([]);
    expect(claim.meta!.profile![0]).toMatch(/profile-claim$/);
  });

  test.each(['R', '1', '2', 'N'])('a request of kind %s that names nothing stands for itself, which is told', (kind) => {
    const result = mapped(EXTENSION_REQUEST.filter((segment) => !/^(REF\*NT|TRN)/.test(segment)).map((segment) => segment.replace('UM*HS*4', `UM*HS*${kind}`)));
    expect(claimOf(result).related).toBeUndefined();
    expect(certification(claimOf(result).item![0])).toBe(kind);
    expect(warnings(result)).toEqual(['change-without-reference']);
  });

  test('a cancellation that names nothing at all', () => {
    const result = mapped(CANCELLATION.filter((segment) => !/^(REF\*BB|TRN)/.test(segment)));
    expect(claimOf(result).related).toBeUndefined();
    expect(warnings(result)).toEqual(['cancel-without-reference']);
  });

  test('a deduction from a reservation is told, and not taken for more than a request', () => {
    const result = mapped(EVENT_ONLY.map((segment) => segment.replace('BHT*0007*13', 'BHT*0007*36')));
    expect(warnings(result)).toEqual(['reservation-not-carried']);
    expect(result.unmapped).toContainEqual({ source: 'HEADER.BHT02', segment: 2, reason: 'A deduction from a service reservation has no place in PAS.' });
  });
});

describe('what is changed', () => {
  test('by certification number', () => {
    const claim = claimOf(mapped(CANCELLATION));
    expect(claim.related).toEqual(prior(number('BB', 'AUTH-77')));
    expect(extension(claim, 'authorizationNumber')?.valueString).toBe('AUTH-77');
    expect(claim.status).toBe('active');
  });

  test('by administrative reference', () => {
    const claim = claimOf(mapped(EXTENSION_REQUEST));
    expect(claim.related).toEqual(prior(number('NT', 'ADM-7')));
    expect(extension(claim, 'administrationReferenceNumber')?.valueString).toBe('ADM-7');
    expect([certification(claim), certification(claim.item![0]), changeOf(claim.item![0]!)]).toEqual(['4', '4', 'changed']);
  });

  test('the certification number is the better name, whichever comes first', () => {
    const both = EXTENSION_REQUEST.flatMap((segment) => (segment === 'REF*NT*ADM-7' ? ['REF*NT*ADM-7', 'REF*BB*AUTH-7'] : [segment]));
    const claim = claimOf(mapped(both));
    expect(claim.related).toEqual(prior(number('BB', 'AUTH-7')));
    expect(extension(claim, 'administrationReferenceNumber')?.valueString).toBe('ADM-7');
  });

  test('by the number of its only changed line', () => {
    const claim = claimOf(mapped(REVISION.filter((segment) => segment !== 'REF*BB*AUTH-77')));
    expect(claim.related).toEqual(prior(number('BB', 'AUTH-78')));
    expect(extension(claim, 'authorizationNumber')).toBeUndefined();
  });

  test('lines of several authorizations are told', () => {
    const result = mapped(REVISION.flatMap((segment) => (segment === 'REF*BB*AUTH-77' ? [] : segment.startsWith('DTP*472*D8*20260320') ? ['REF*BB*AUTH-79', segment] : [segment])));
    expect(claimOf(result).related).toEqual(prior(number('BB', 'AUTH-79')));
    expect(claimOf(result).item!.map((item) => extension(item, 'authorizationNumber')?.valueString)).toEqual([undefined, 'AUTH-79', 'AUTH-78']);
    expect(warnings(result)).toEqual(['several-authorizations']);
  });

  test('by the trace number of the request that is not answered yet', () => {
    const claim = claimOf(mapped(CANCELLATION_BY_TRACE));
    expect(claim.related).toEqual(prior({ system: 'urn:trnorg:9123456789', value: 'TR-5' }));
    // It is no trace of the cancellation itself.
    expect(claim.identifier).toEqual([{ system: 'urn:trnorg:9123456789', value: 'TR-8' }]);
  });

  test.each(['1', '2', 'N'])('an appeal (UM02 %s), by the trace number of what it is about', (kind) => {
    const claim = claimOf(mapped(CANCELLATION_BY_TRACE.map((segment) => segment.replace(/^UM\*(\w+)\*\w\*/, `UM*$1*${kind}*`))));
    expect(claim.related).toEqual(prior({ system: 'urn:trnorg:9123456789', value: 'TR-5' }));
  });

  test('by its own trace number, where that was the earlier request\'s', () => {
    const claim = claimOf(mapped(CANCELLATION_BY_TRACE.filter((segment) => !segment.startsWith('TRN*1*TR-8'))));
    expect(claim.related).toEqual(prior({ system: 'urn:trnorg:9123456789', value: 'TR-5' }));
    expect(claim.identifier).toEqual([{ system: 'urn:trnorg:9123456789', value: 'TR-5' }]);
  });

  test('a clearing house\'s trace is not taken for an earlier one', () => {
    const claim = claimOf(mapped(CANCELLATION_BY_TRACE.map((segment) => segment.replace('TRN*1*TR-5*9123456789', 'TRN*1*CH-5*9999999999'))));
    expect(claim.related).toEqual(prior({ system: 'urn:trnorg:9123456789', value: 'TR-8' }));
    expect(claim.identifier).toHaveLength(2);
  });
});

describe('how it is changed', () => {
  test('line by line', () => {
    const claim = claimOf(mapped(REVISION));
    expect(certification(claim)).toBe('S');
    expect(claim.meta!.profile![0]).toMatch(/profile-claim-update$/);
    expect(claim.item!.map((item) => [item.sequence, certification(item), changeOf(item), isCancelled(item), extension(item, 'authorizationNumber')?.valueString, extension(item, 'itemTraceNumber')?.valueIdentifier?.value])).toEqual([
      [1, 'S', 'changed', false, undefined, 'L1'],
      [2, 'I', 'added', false, undefined, 'L4'],
      [3, '3', 'changed', true, 'AUTH-78', 'L3'],
    ]);
  });

  test('dates stand in place of earlier ones, documents and messages come on top', () => {
    expect(claimOf(mapped(REVISION)).supportingInfo!.map((info) => [info.category.coding![0]!.code, changeOf(info)])).toEqual([['admissionDates', 'changed'], ['additionalInformation', 'added'], ['freeFormMessage', 'added']]);
  });

  test('an initial event with a line that is cancelled is a change of that line', () => {
    const claim = claimOf(mapped(REVISION.map((segment) => segment.replace('UM*HS*S*1*11:B', 'UM*HS*I*1*11:B'))));
    expect(claim.related).toEqual(prior(number('BB', 'AUTH-77')));
    expect(claim.item!.map((item) => [certification(item), changeOf(item), isCancelled(item)])).toEqual([['I', 'added', false], ['I', 'added', false], ['3', 'changed', true]]);
  });

  test('BHT02 01 cancels everything, whatever UM02 says, and the ledger tells where that was read', () => {
    const result = mapped(REVISION.map((segment) => segment.replace('BHT*0007*13', 'BHT*0007*01')));
    const claim = claimOf(result);
    expect(certification(claim)).toBe('3');
    expect(claim.item!.map((item) => [certification(item), isCancelled(item)])).toEqual([['3', true], ['3', true], ['3', true]]);
    expect(result.ledger).toContainEqual({ path: `Bundle.entry[0].resource.extension.where(url='${PAS}certificationType').valueCodeableConcept.coding[0].code`, rule: 'BHT02/extension', source: 'HEADER.BHT02', segment: 2 });
  });
});

describe('there and back', () => {
  const again = (claimed: Bundle): MappedRequest => {
    const written = requestInterchange(claimed, envelope);
    expect(written.issues).toEqual([]);
    return read(written.bytes);
  };
  const told = (request: MappedRequest): unknown => {
    const claim = claimOf(request);
    const information = (claim.supportingInfo ?? []).map((info) => [info.category.coding![0]!.code, changeOf(info)]);
    return { related: claim.related, identifier: claim.identifier, certification: certification(claim), information, fields: declaredFields(request.bundle) };
  };
  const lines = (request: MappedRequest): unknown[] =>
    claimOf(request).item!.map((item) => [certification(item), changeOf(item), isCancelled(item), extension(item, 'authorizationNumber')?.valueString, extension(item, 'itemTraceNumber')?.valueIdentifier?.value]);

  test.each(Object.entries(UPDATES))('%s says the same', (_, request) => {
    const once = mapped(request);
    expect(told(again(once.bundle))).toEqual(told(once));
    const twice = requestInterchange(again(once.bundle).bundle, envelope).bytes;
    expect(text(twice)).toEqual(text(requestInterchange(once.bundle, envelope).bytes));
  });

  test('what each line says of its change stays', () => {
    const once = mapped(REVISION);
    expect(lines(again(once.bundle))).toEqual(lines(once));
  });

  const changed = (change: (claim: Claim) => void, request: readonly string[] = REVISION): string[] => {
    const bundle = structuredClone(mapped(request).bundle);
    change(bundle.entry![0]!.resource as Claim);
    return text(requestInterchange(bundle, envelope).bytes);
  };

  test('a predecessor named by its identifier alone is sent as REF', () => {
    const sent = changed((claim) => { claim.extension = claim.extension!.filter(({ url }) => !url.endsWith('administrationReferenceNumber')); }, EXTENSION_REQUEST);
    expect(sent).toContain('REF*NT*ADM-7');
  });

  test('the number of a line is not said of the event too', () => {
    const sent = text(requestInterchange(mapped(REVISION.filter((segment) => segment !== 'REF*BB*AUTH-77')).bundle, envelope).bytes);
    expect(sent.filter((segment) => segment.startsWith('REF*BB'))).toEqual(['REF*BB*AUTH-78']);
  });

  test('a cancelled item is sent as cancelled and a changed one as revised, whatever their certification type was left at', () => {
    const sent = changed((claim) => {
      for (const item of claim.item!) item.extension = item.extension!.map((each) => (each.url.endsWith('certificationType') ? { ...each, valueCodeableConcept: { coding: [{ system: 'https://codesystem.x12.org/005010/1322', code: 'I' }] } } : each));
    });
    expect(sent.filter((segment) => segment.startsWith('UM*'))).toEqual(['UM*HS*S*1*11:B*****Y', 'UM*HS*S*1*11:B', 'UM*HS*I*1*11:B', 'UM*HS*3*1*11:B']);
  });

  test('what did not change is not sent again', () => {
    const sent = changed((claim) => {
      for (const holder of [claim.item![1]!, claim.supportingInfo![1]!]) holder.extension = holder.extension!.filter(({ url }) => !url.endsWith('infoChanged'));
    });
    expect(sent.filter((segment) => segment.startsWith('SV1'))).toEqual(['SV1*HC:97151*50*UN*12', 'SV1*HC:97153*50*UN*8']);
    expect(sent.filter((segment) => /^(PWK|MSG)/.test(segment))).toEqual(['MSG*MORE VISITS ARE NEEDED']);
  });

  test('information that is taken back cannot be sent, which is told', () => {
    const bundle = structuredClone(mapped(REVISION).bundle);
    (bundle.entry![0]!.resource as Claim).supportingInfo![1]!.modifierExtension = [{ url: 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/modifierextension-infoCancelled', valueBoolean: true }];
    const { bytes, issues } = requestInterchange(bundle, envelope);
    expect(issues).toMatchObject([{ severity: 'warning', code: 'withdrawn-information' }]);
    expect(text(bytes).filter((segment) => segment.startsWith('PWK'))).toEqual([]);
  });

  const folder = sharedFolder('pas-examples', 'ig-pas-2.2.1');
  const examples = folder === undefined ? [] : [{ name: 'HomecareAuthorizationUpdateBundleExample', bundle: JSON.parse(readFileSync(join(folder, 'Bundle-HomecareAuthorizationUpdateBundleExample.json'), 'utf8')) as Bundle }];
  eachOrSkip(examples, 'the earlier Claim of the Bundle is named by its trace number', ({ bundle }) => {
    const { bytes } = requestInterchange(bundle, envelope);
    expect(text(bytes).filter((segment) => segment.startsWith('TRN')).slice(0, 2)).toEqual(['TRN*1*111099-UPDATE*9012345678', 'TRN*1*111099*9012345678']);
    const claim = claimOf(read(bytes));
    expect(claim.related).toEqual(prior({ system: 'urn:trnorg:9012345678', value: '111099' }));
    expect(claim.item!.map((item) => [certification(item), changeOf(item), isCancelled(item)])).toEqual([['3', 'changed', true], ['I', 'added', false]]);
  });
});

describe('what is answered', () => {
  const review = (action: string, certified?: string): Extension => ({
    url: `${PAS}reviewAction`,
    extension: [{ url: `${PAS}reviewActionCode`, valueCodeableConcept: { coding: [{ system: 'https://codesystem.x12.org/005010/306', code: action }] } }, ...(certified === undefined ? [] : [{ url: 'number', valueString: certified }])],
  });
  type Line = [sequence: number, action: string, number?: string];
  function answerTo(context: RequestContext, lines: readonly Line[], fields: Partial<ClaimResponse> = {}): { text: string[]; reading: ReturnType<typeof readResponse>[number] } {
    const response: ClaimResponse = {
      resourceType: 'ClaimResponse', status: 'active', use: 'preauthorization', type: { coding: [{ code: 'professional' }] }, patient: { reference: 'urn:uuid:p' }, created: '2026-03-03', insurer: { reference: 'urn:uuid:i' }, outcome: 'complete',
      item: lines.map(([itemSequence, action, certified]) => ({ itemSequence, adjudication: [{ category: { coding: [{ code: 'submitted' }] }, extension: [review(action, certified)] }] })), ...fields,
    };
    const { segments } = responseFor(context, { resourceType: 'Bundle', type: 'collection', entry: [{ fullUrl: 'urn:uuid:r', resource: response }] }, { date: '20260303', time: '1000', controlNumber: '0007' });
    const { bytes } = writeInterchange({ ...envelope, date: '20260303', time: '1000' }, [{ functionalIdentifier: 'HI', senderCode: 'PAYERAPP', receiverCode: 'CLINICAPP', controlNumber: 1, version: '005010X217', transactions: [segments] }]);
    return { text: text(bytes), reading: readResponse(bytes)[0]! };
  }
  const unknown = (element: string, path?: string): NonNullable<ClaimResponse['error']> => [{
    code: { coding: [{ system: 'https://codesystem.x12.org/005010/901', code: 'AA' }] },
    extension: [{ url: `${PAS}errorElement`, extension: [{ url: 'error', valueString: element }] }, ...(path === undefined ? [] : [{ url: `${PAS}errorPath`, valueString: path }])],
  }];

  test('a number nobody knows is an AAA on the event, and no decision beside it', () => {
    const { text: sent, reading } = answerTo(mapped(REVISION).context, [], { outcome: 'error', error: unknown('2000E-REF02') });
    expect(sent.filter((segment) => /^(AAA|HCR)/.test(segment))).toEqual(['AAA*N**AA*C']);
    expect(reading).toMatchObject({ event: { rejections: [{ loop: '2000E', code: 'AA' }] }, services: [] });
  });

  test('the number of one line that nobody knows leaves the others decided', () => {
    const { reading } = answerTo(mapped(REVISION).context, [[1, 'A1', 'AUTH-77'], [2, 'A4']], { error: unknown('2000F-REF02', 'Bundle.entry[0].resource.item[2].extension') });
    expect(reading.services.map((line) => [line.review?.action, line.rejections.map(({ code }) => code)])).toEqual([['A1', []], ['A4', []], [undefined, ['AA']]]);
  });

  test('a cancellation is confirmed with the number it had', () => {
    const { text: sent } = answerTo(mapped(CANCELLATION).context, [[1, 'C', 'AUTH-77']]);
    expect(sent).toEqual(expect.arrayContaining(['UM*HS*3*1*11:B', 'HCR*C*AUTH-77', 'REF*BB*AUTH-77']));
  });

  test('lines are answered by the items they became, and the others not at all', () => {
    const context = withItemSequences(mapped(REVISION).context, new Map([[1, 1], [2, 4], [3, 3]]));
    const { reading } = answerTo(context, [[1, 'A1', 'AUTH-77'], [2, 'A1', 'AUTH-77'], [3, 'C', 'AUTH-78'], [4, 'A4']]);
    expect(reading.services.map(({ traces, review: decision }) => [traces[0]!.number, decision])).toEqual([['L1', { action: 'A1', number: 'AUTH-77' }], ['L4', { action: 'A4' }], ['L3', { action: 'C', number: 'AUTH-78' }]]);
  });

  test.each<[string, Line[], string]>([
    ['all cancelled', [[1, 'C', 'AUTH-77'], [2, 'C', 'AUTH-77']], 'HCR*C*AUTH-77'],
    ['numbers of their own', [[1, 'C', 'AUTH-77'], [2, 'C', 'AUTH-78']], 'HCR*C'],
    ['one still pended', [[1, 'A1'], [2, 'A4'], [3, 'A3']], 'HCR*A4'],
    ['in part certified', [[1, 'A3'], [2, 'A1', 'N1']], 'HCR*A2'],
    ['cancelled and denied', [[1, 'C'], [2, 'A3', 'N1']], 'HCR*A3*N1'],
  ])('an event without lines is answered as a whole: %s', (_, lines, expected) => {
    expect(answerTo(mapped(CANCELLATION).context, lines).text.filter((segment) => segment.startsWith('HCR'))).toEqual([expected]);
  });

  test('an event that became one item of several is answered by that', () => {
    const context = withItemSequences(mapped(EXTENSION_REQUEST).context, new Map([[1, 2]]));
    expect(answerTo(context, [[1, 'A1', 'N1'], [2, 'A4']]).text).toContain('HCR*A4');
  });
});
