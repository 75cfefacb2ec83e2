/** 834 and 835 to FHIR: what is told of members, benefits, payments and claims, and that whatever comes is mapped soundly. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Coverage, ExplanationOfBenefit, Patient, PaymentReconciliation, Resource } from '@medplum/fhirtypes';
import { mapEnrollment } from '../../../mappers/x12/enrollment/map.ts';
import { readEnvelope } from '../../../mappers/x12/envelope.ts';
import { guideOf } from '../../../mappers/x12/grammar/guides.ts';
import { walkGuide } from '../../../mappers/x12/grammar/walk.ts';
import { mapRemittance } from '../../../mappers/x12/remittance/map.ts';
import type { SetMapper, SetUnit } from '../../../mappers/x12/set-unit.ts';
import { DEFAULT_LIMITS, tokenize } from '../../../mappers/x12/tokenizer.ts';
import { valueAt as elementAt } from '../../../mappers/x12/segment.ts';
import { stringifyJson } from '../../../fhir/json.ts';
import { corpusFiles } from '../../fixtures/x12/corpus.ts';
import { danglingIn, invalidIn, packagesAreHere, untrueIn } from '../sound.ts';

const mappers: Readonly<Record<string, SetMapper>> = { 834: mapEnrollment, 835: mapRemittance };

/** Every unit of a delivery, mapped whatever is wrong with it. */
function unitsOf(bytes: Uint8Array): SetUnit[] {
  return tokenize(bytes, DEFAULT_LIMITS).interchanges.flatMap((interchange) => {
    const { control, groups } = readEnvelope(interchange);
    return groups.flatMap(({ header, transactions }) => transactions.flatMap(({ segments }) => {
      const identifier = elementAt(segments[0], 1);
      const version = elementAt(segments[0], 3) || elementAt(header, 8);
      const guide = guideOf(identifier, version);
      const mapper = mappers[identifier];
      if (guide === undefined || mapper === undefined) return [];
      const origin = { interchange: control, group: { senderCode: elementAt(header, 2), receiverCode: elementAt(header, 3), controlNumber: elementAt(header, 6) }, transactionControlNumber: elementAt(segments[0], 2), guide: version };
      return [...mapper(walkGuide(segments, guide).root, origin, {})];
    }));
  });
}

const delivery = (functional: string, guide: string, segments: readonly string[]): Uint8Array =>
  Buffer.from(['ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260601*1200*^*00501*000000001*0*P*:', `GS*${functional}*S*R*20260601*1200*1*X*${guide}`, ...segments, `SE*${segments.length + 1}*0001`, 'GE*1*1', 'IEA*1*000000001'].join('~\n').concat('~\n'));

const enrollment = delivery('BE', '005010X220A1', [
  'ST*834*0001*005010X220A1', 'BGN*00*F1*20260601*1200****2', 'REF*38*POLICY-1', 'N1*P5*EMPLOYER*FI*444556666', 'N1*IN*PLAN*XV*12345',
  'INS*Y*18*021*EC*A***FT', 'REF*0F*M1', 'REF*1L*G1', 'DTP*356*D8*20260101', 'NM1*IL*1*DOE*JANE*A***34*123456789', 'PER*IP**TE*5551234567*EM*A@B.C', 'N3*1 MAIN ST', 'N4*COLUMBUS*OH*43215', 'DMG*D8*19850515*F*M', 'LUI*LE*EN',
  'HD*021**HLT*GOLD PPO*FAM', 'DTP*348*D8*20260201', 'HD*024**DEN', 'DTP*349*D8*20260531',
  'INS*N*19*021*XN*A', 'REF*0F*M1', 'NM1*IL*1*DOE*JOHN', 'DMG*D8*20150101*M', 'HD*021**HLT*GOLD PPO*FAM',
]);

function resources<T extends Resource>(unit: SetUnit | undefined, type: T['resourceType']): T[] {
  return (unit?.mapping.bundle.entry ?? []).map(({ resource }) => resource).filter((resource): resource is T => resource?.resourceType === type);
}

describe('an enrollment', () => {
  const [subscriber, dependent, ...more] = unitsOf(enrollment);

  test('is a Bundle for each member, faults before the next belonging to it', () => {
    expect(more).toEqual([]);
    expect(subscriber).toMatchObject({ kind: 'member', until: 20 });
    expect(dependent).toMatchObject({ kind: 'member', until: Number.POSITIVE_INFINITY });
  });

  test('the subscriber', () => {
    expect(resources<Patient>(subscriber, 'Patient')).toMatchObject([{
      identifier: [{ type: { coding: [{ code: 'MB' }] }, value: 'M1' }, { system: 'http://hl7.org/fhir/sid/us-ssn', value: '123456789' }],
      name: [{ family: 'DOE', given: ['JANE', 'A'] }], telecom: [{ system: 'phone', value: '5551234567' }, { system: 'email', value: 'A@B.C' }],
      address: [{ line: ['1 MAIN ST'], city: 'COLUMBUS', state: 'OH', postalCode: '43215' }], birthDate: '1985-05-15', gender: 'female', maritalStatus: { coding: [{ code: 'M' }] }, communication: [{ language: { coding: [{ code: 'en' }] } }],
    }]);
  });

  test('each benefit is a Coverage, one that ended is cancelled', () => {
    const [patient] = subscriber!.mapping.bundle.entry!;
    expect(resources<Coverage>(subscriber, 'Coverage')).toMatchObject([
      { status: 'active', type: { coding: [{ code: 'HLT' }] }, subscriberId: 'M1', subscriber: { reference: patient!.fullUrl }, relationship: { coding: [{ code: 'self' }, { code: '18' }] }, period: { start: '2026-02-01' }, class: [{ type: { coding: [{ code: 'group' }] }, value: 'G1' }, { type: { coding: [{ code: 'plan' }] }, value: 'GOLD PPO' }] },
      { status: 'cancelled', type: { coding: [{ code: 'DEN' }] }, period: { start: '2026-01-01', end: '2026-05-31' } },
    ]);
  });

  test('a dependent without a number is named by the message, and by no name of his', () => {
    const [person] = resources<Patient>(dependent, 'Patient');
    expect(person).toMatchObject({ name: [{ family: 'DOE', given: ['JOHN'] }], birthDate: '2015-01-01' });
    expect(person!.identifier).toBeUndefined();
    expect(resources<Coverage>(dependent, 'Coverage')[0]).toMatchObject({ subscriberId: 'M1', relationship: { coding: [{ code: 'child' }, { code: '19' }] } });
    expect(resources<Coverage>(dependent, 'Coverage')[0]!.subscriber).toBeUndefined();
    const again = Buffer.from(enrollment).toString('latin1').replace('DOE*JOHN', 'ROE*JOHN');
    expect(unitsOf(Buffer.from(again))[1]!.mapping.bundle.entry![0]!.fullUrl).toBe(dependent!.mapping.bundle.entry![0]!.fullUrl);
  });
});

const remittance = delivery('HP', '005010X221A1', [
  'ST*835*0001', 'BPR*I*75.50*C*ACH*CCP*01*555000066*DA*678900034*7777777777**01*666000077*DA*456789055*20260626', 'TRN*1*0022222*7777777777', 'DTM*405*20260625',
  'N1*PR*PLAN*XV*12345', 'N3*1 WAY', 'N4*ANYTOWN*OH*44130', 'N1*PE*CLINIC*XX*1234567893', 'REF*TJ*111222333', 'LX*1',
  'CLP*A1*1*100.00*80.50*9.5*12*P1*11*1', 'NM1*QC*1*DOE*JANE****MI*M1', 'NM1*82*1*HEALER*HAL****XX*1234567893', 'REF*G1*AUTH9', 'DTM*232*20260620', 'DTM*050*20260621',
  'SVC*HC:99213:25*100.00*80.50**1', 'DTM*472*20260620', 'CAS*CO*45*10.00**97*0', 'CAS*PR*2*9.50', 'REF*6R*LINE1', 'LQ*HE*N14', 'PLB*1234567893*20261231*WO:P1*5',
]);

describe('a remittance', () => {
  const [unit] = unitsOf(remittance);

  test('the payment', () => {
    expect(JSON.parse(stringifyJson(resources<PaymentReconciliation>(unit, 'PaymentReconciliation')[0]))).toMatchObject({
      paymentDate: '2026-06-26', paymentAmount: { value: 75.5, currency: 'USD' }, paymentIdentifier: { system: 'urn:trnorg:7777777777', value: '0022222' },
      detail: [{ type: { coding: [{ code: 'payment' }] }, amount: { value: 80.5 } }, { type: { coding: [{ code: 'adjustment' }, { code: 'WO' }] }, identifier: { value: 'P1' }, amount: { value: -5 } }],
    });
    expect(stringifyJson(unit!.mapping.bundle)).toContain('"value":75.50');
  });

  test('the claim, its line, adjustments and remarks', () => {
    expect(resources<ExplanationOfBenefit>(unit, 'ExplanationOfBenefit')).toMatchObject([{
      identifier: [{ value: 'P1' }], claim: { identifier: { value: 'A1' } }, status: 'active', use: 'claim', created: '2026-06-26', billablePeriod: { start: '2026-06-20' }, preAuthRef: ['AUTH9'],
      item: [{ productOrService: { coding: [{ code: '99213', system: 'http://www.ama-assn.org/go/cpt' }] }, modifier: [{ coding: [{ code: '25' }] }], servicedDate: '2026-06-20', adjudication: [
        { category: { coding: [{ code: 'submitted' }] } }, { category: { coding: [{ code: 'benefit' }] } },
        { category: { coding: [{ code: 'CO' }] }, reason: { coding: [{ code: '45' }] } }, { category: { coding: [{ code: 'CO' }] }, reason: { coding: [{ code: '97' }] } }, { category: { coding: [{ code: 'PR' }] }, reason: { coding: [{ code: '2' }] } },
        { category: { coding: [{ code: 'denialreason' }] }, reason: { coding: [{ code: 'N14' }] } },
      ] }],
    }]);
  });

  test('banking details are not kept, and said to be left out', () => {
    expect(stringifyJson(unit!.mapping.bundle)).not.toMatch(/678900034|555000066|456789055/);
    expect(unit!.mapping.unmapped).toContainEqual({ source: 'ST.BPR09', segment: 2, reason: 'Banking details are not kept.' });
  });

  test('a claim that was taken back is cancelled', () => {
    const reversed = unitsOf(Buffer.from(Buffer.from(remittance).toString('latin1').replace('CLP*A1*1*', 'CLP*A1*22*')));
    expect(resources<ExplanationOfBenefit>(reversed[0], 'ExplanationOfBenefit')[0]).toMatchObject({ status: 'cancelled' });
  });
});

const files = [{ name: 'own enrollment', bytes: enrollment }, { name: 'own remittance', bytes: remittance }, ...corpusFiles('x12-other')];
const units = files.flatMap(({ name, bytes }) => unitsOf(bytes).map((unit, index) => [`${name} ${index + 1}`, unit] as const));

describe.each(units)('%s', (_, { mapping }) => {
  beforeAll(() => { if (packagesAreHere) return invalidIn({ resourceType: 'Bundle', type: 'collection' }); return undefined; });

  (packagesAreHere ? test : test.skip)('is valid by R4', async () => expect(await invalidIn(mapping.bundle)).toEqual([]));
  test('leads nowhere wrong', () => {
    expect(danglingIn(mapping.bundle)).toEqual([]);
    expect(untrueIn(mapping.bundle, mapping.ledger)).toEqual([]);
    expect(mapping.ledger.length).toBeGreaterThan(0);
  });
});
