/** 837 to FHIR: every row of the mapping, and what must hold of every Bundle. */
import { describe, expect, test } from '@jest/globals';
import type { Claim, ClaimResponse, Coverage, Organization, Patient, QuestionnaireResponse, RelatedPerson, Resource } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { stringifyJson } from '../../../fhir/json.ts';
import { mapInterchange, type MappedUnit } from '../../../mappers/x12/index.ts';
import { mappedShare } from '../../../mappers/ledger.ts';
import { CHILD, CLAIM, claimInterchange, FULL, HOSPITAL, LINES, SELF, TEETH, TOP } from '../../fixtures/x12/claims.ts';
import { corpusFiles, eachOrSkip } from '../../fixtures/x12/corpus.ts';
import { danglingIn, invalidIn, packagesAreHere, untrueIn } from '../sound.ts';

const GUIDE = { hospital: '005010X223A2', dental: '005010X224A2' };

const DELIVERIES: Readonly<Record<string, Uint8Array>> = {
  'a professional claim of the subscriber': claimInterchange([[...TOP, ...SELF, ...CLAIM]]),
  'a professional claim of a child': claimInterchange([[...TOP, ...CHILD, ...CLAIM]]),
  'an institutional claim': claimInterchange([[...TOP, ...SELF, ...HOSPITAL]], { guide: GUIDE.hospital }),
  'a dental claim': claimInterchange([[...TOP, ...SELF, ...TEETH]], { guide: GUIDE.dental }),
};

const unitsOf = (bytes: Uint8Array): MappedUnit[] => [...mapInterchange(bytes)];
const only = (name: string): MappedUnit => unitsOf(DELIVERIES[name]!)[0]!;
const all = <T extends Resource>(unit: MappedUnit, type: T['resourceType']): T[] => unit.bundle.entry!.map(({ resource }) => resource!).filter((resource): resource is T => resource.resourceType === type);
const claimOf = (unit: MappedUnit): Claim => all<Claim>(unit, 'Claim')[0]!;
const code = (value: { coding?: { code?: string }[] } | undefined): string | undefined => value?.coding?.[0]?.code;

describe.each(Object.keys(DELIVERIES))('%s', (name) => {
  const unit = only(name);

  test('is accepted and mapped', () => {
    expect(unit).toMatchObject({ kind: 'claim', acknowledgement: { code: 'A' } });
    expect(unit.issues.filter(({ severity }) => severity !== 'information')).toEqual([]);
  });
  (packagesAreHere ? test : test.skip)('is valid by base R4', async () => expect(await invalidIn(unit.bundle)).toEqual([]), 900_000);
  test('refers to nothing that is not there', () => expect(danglingIn(unit.bundle)).toEqual([]));
  test('has a ledger whose every path leads to a value, and a rule for each', () => {
    expect(untrueIn(unit.bundle, unit.ledger)).toEqual([]);
    expect(unit.ledger.filter(({ rule, segment }) => !/^[A-Z0-9]+(-\d+)?\/\w/.test(rule) || segment === undefined)).toEqual([]);
  });
  test('names what has no place, with a reason, and nothing twice', () => {
    const placed = new Set(unit.ledger.map(({ source, segment }) => `${source}|${segment}`));
    expect(unit.unmapped.filter(({ source, segment, reason }) => reason === '' || placed.has(`${source}|${segment}`))).toEqual([]);
    const share = mappedShare(unit);
    expect(share.mapped / share.sent).toBeGreaterThan(0.7);
  });
  test('comes out the same every time', () => expect(unitsOf(DELIVERIES[name]!).map(({ bundle, ledger }) => stringifyJson([bundle, ledger]))).toEqual(unitsOf(DELIVERIES[name]!).map(({ bundle, ledger }) => stringifyJson([bundle, ledger]))));
});

describe('a professional claim', () => {
  const unit = only('a professional claim of the subscriber');
  const claim = claimOf(unit);

  test('keeps the digits of its money', () => {
    expect(stringifyJson(claim.total)).toBe('{"value":175.50,"currency":"USD"}');
    expect(stringifyJson(claim.item?.map(({ net }) => net?.value))).toBe('[125.50,50]');
  });
  test('says who, when and what for', () => {
    expect(claim).toMatchObject({
      use: 'claim', status: 'active', created: '2026-03-02', identifier: [{ value: 'PCN-1' }], type: { coding: [{ code: 'professional' }] }, payee: { type: { coding: [{ code: 'provider' }] } },
      accident: { date: '2026-02-09', type: { coding: [{ code: 'AA' }] }, locationAddress: { state: 'WI' } }, referral: { identifier: { value: 'REFERRAL1' } },
      related: [{ claim: { identifier: { value: 'ORIGINAL-1' } }, relationship: { coding: [{ code: 'prior' }] } }],
      diagnosis: [{ sequence: 1, diagnosisCodeableConcept: { coding: [{ code: 'M54.5' }] }, type: [{ coding: [{ code: 'principal' }] }] }, { sequence: 2, diagnosisCodeableConcept: { coding: [{ code: 'E11.65' }] } }],
    });
  });
  test('has its care team in the roles they were sent with', () => expect(claim.careTeam?.map(({ role, qualification }) => [role?.coding?.map((each) => each.code), code(qualification)])).toEqual([[['referring', 'DN'], undefined], [['rendering', '82'], '208D00000X']]));
  test('numbers what else it says, and lines name theirs', () => {
    expect(claim.supportingInfo?.map(({ sequence }) => sequence)).toEqual(claim.supportingInfo?.map((_, index) => index + 1));
    expect(claim.supportingInfo?.map(({ category }) => code(category))).toEqual(expect.arrayContaining(['7', '431', 'OZ', 'F5', 'ADD', 'K3', 'UT']));
    expect(claim.item?.[1]?.informationSequence).toEqual([claim.supportingInfo?.find(({ category }) => code(category) === 'UT')?.sequence]);
  });
  test('has lines with their own place, or the claim\'s', () => expect(claim.item?.map(({ locationCodeableConcept }) => code(locationCodeableConcept))).toEqual(['11', '12']));
  test('has lines with dates, diagnoses, trace and drug', () => {
    expect(claim.item).toMatchObject([
      { sequence: 1, productOrService: { coding: [{ system: 'http://www.ama-assn.org/go/cpt', code: '99213' }] }, modifier: [{ coding: [{ code: '25' }] }], servicedDate: '2026-02-15', diagnosisSequence: [1, 2], programCode: [{ text: 'Emergency' }],
        extension: [{ valueIdentifier: { value: 'LINE-1' } }], detail: [{ sequence: 1, productOrService: { coding: [{ system: 'http://hl7.org/fhir/sid/ndc', code: '00002762101' }] }, quantity: { code: 'ML' } }] },
      { sequence: 2, productOrService: { coding: [{ system: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', code: 'E0424' }] }, servicedPeriod: { start: '2026-02-01', end: '2026-02-28' } },
    ]);
  });
  test('has a form (2440) as a QuestionnaireResponse', () => {
    expect(all<QuestionnaireResponse>(unit, 'QuestionnaireResponse')).toMatchObject([{
      status: 'completed', questionnaire: 'https://codesystem.x12.org/005010/1270/UT/484.03', subject: claim.patient,
      item: [{ linkId: '1A', answer: [{ valueBoolean: true }] }, { linkId: '1B', answer: [{ valueString: '56' }] }, { linkId: '5', answer: [{ valueDate: '2026-02-01' }] }, { linkId: '7', answer: [{ valueDecimal: 88.5 }] }],
    }]);
  });
  test('has the authorization with its own insurance', () => expect(claim.insurance).toMatchObject([{ sequence: 1, focal: true, preAuthRef: ['AUTH-1'] }, { sequence: 2, focal: false }]));
  test('tells how another payer decided', () => {
    const [other] = all<ClaimResponse>(unit, 'ClaimResponse');
    expect(other).toMatchObject({ identifier: [{ value: 'OTHERCLAIM' }], created: '2026-02-25', outcome: 'complete', total: [{ category: { coding: [{ code: 'benefit' }] }, amount: { value: 100 } }, { category: { coding: [{ code: 'EAF' }] } }] });
    expect(other!.item).toMatchObject([{ itemSequence: 1, adjudication: [{ amount: { value: 80 }, value: 1 }, { category: { coding: [{ code: 'CO' }] }, reason: { coding: [{ code: '45' }] } }] }, { itemSequence: 2, adjudication: [{ amount: { value: 20 } }, { amount: { value: 30 } }] }]);
    expect(all<RelatedPerson>(unit, 'RelatedPerson')).toMatchObject([{ name: [{ family: 'DOE', given: ['KIM'] }], patient: claim.patient }]);
    expect(all<Coverage>(unit, 'Coverage').map(({ subscriberId, order }) => [subscriberId, order])).toEqual([['W1234567', 1], ['X999', 2]]);
  });
  test('has the number the payer gave the provider with the provider', () => expect(all<Organization>(unit, 'Organization').find(({ name }) => name === 'LAKESIDE CLINIC')?.identifier?.map(({ value }) => value)).toEqual(['1234567893', '841234567', 'PROV77']));
  test('leads from a value to its segment', () => {
    expect(unit.ledger).toContainEqual({ path: 'Bundle.entry[0].resource.total.value', rule: 'CLM02/value', source: '2300.CLM02', segment: 23 });
    expect(unit.ledger).toContainEqual({ path: 'Bundle.identifier.value', rule: 'BHT03/identifier.value', source: 'HEADER.BHT03', segment: 2 });
  });
});

test('a child is a patient of its own, related to the subscriber', () => {
  const unit = only('a professional claim of a child');
  const [coverage] = all<Coverage>(unit, 'Coverage');
  expect(coverage?.relationship?.coding?.map((each) => each.code)).toEqual(['child', '19']);
  expect(coverage?.beneficiary).toEqual(claimOf(unit).patient);
  expect(coverage?.subscriber).not.toEqual(coverage?.beneficiary);
  expect(all<Patient>(unit, 'Patient').find(({ name }) => name?.[0]?.given?.[0] === 'SAM')).toMatchObject({ birthDate: '2012-04-05', deceasedDateTime: '2026-03-01' });
});

test('an institutional claim has bill type, admission, DRG, procedures and billing codes', () => {
  const claim = claimOf(only('an institutional claim'));
  expect(claim.billablePeriod).toEqual({ start: '2026-02-01', end: '2026-02-05' });
  const told = Object.fromEntries(claim.supportingInfo!.map((info) => [code(info.category), code(info.code)]));
  expect(told).toMatchObject({ typeofbill: '0111', admtype: '1', pointoforigin: '7', 'discharge-status': '01', drg: '291', BH: '11', BI: '71', BE: '80', BG: 'C5' });
  expect(claim.diagnosis?.map(({ type, onAdmission }) => [code(type?.[0]), code(onAdmission)])).toEqual([['principal', 'y'], ['admitting', undefined], [undefined, 'n']]);
  expect(claim.procedure).toMatchObject([{ sequence: 1, date: '2026-02-02', procedureCodeableConcept: { coding: [{ code: '02703ZZ' }] } }]);
  expect(claim.item?.map(({ revenue, productOrService }) => [code(revenue), code(productOrService)])).toEqual([['0120', '0120'], ['0360', '33510']]);
});

test('a dental claim has teeth, surfaces and the place in the mouth', () => {
  expect(claimOf(only('a dental claim')).item).toMatchObject([{ productOrService: { coding: [{ system: 'http://www.ada.org/cdt', code: 'D2330' }] }, bodySite: { coding: [{ code: '10' }, { code: '8' }] }, subSite: [{ coding: [{ code: 'M' }] }, { coding: [{ code: 'O' }] }] }]);
});

describe('what is refused', () => {
  test('has no Bundle, an acknowledgment R and an issue with its place', () => {
    const [unit] = unitsOf(claimInterchange([[...TOP, ...SELF, ...CLAIM.map((segment) => segment.replace('HI*ABK:M545', 'HI*ABK'))]]));
    expect(unit).toMatchObject({ kind: 'refused', acknowledgement: { code: 'R' }, bundle: { resourceType: 'Bundle' } });
    expect(unit!.bundle.entry).toBeUndefined();
    expect(unit!.issues).toContainEqual(expect.objectContaining({ severity: 'error', source: '2300.HI01', segment: 35 }));
    expect(unit!.unmapped.length).toBeGreaterThan(100);
  });
  test('does not keep the next set from being mapped', () => {
    const bytes = claimInterchange([[...TOP, ...SELF, ...FULL], [...TOP, ...SELF, ...CLAIM]]);
    expect(unitsOf(bytes).map(({ kind }) => kind)).toEqual(['refused', 'claim']);
  });
  test('an interchange whose IEA does not agree has no units', () => {
    const text = Buffer.from(DELIVERIES['a dental claim']!).toString().replace('IEA*1*', 'IEA*2*');
    expect(unitsOf(Buffer.from(text)).map(({ kind }) => kind)).toEqual(['refused']);
  });
  test('no issue carries a value', () => {
    for (const { issues } of unitsOf(claimInterchange([[...TOP, ...SELF, ...CLAIM.map((segment) => segment.replace('20260215', 'SECRETS9'))]]))) expect(JSON.stringify(issues)).not.toMatch(/SECRETS|DOE|W1234567/);
  });
});

test('each claim of a set is a unit, with the faults that stand in it', () => {
  const second = [...FULL, ...LINES].map((segment) => segment.replace('CLM*PCN-1*175.50', 'CLM*PCN-9*999'));
  const units = unitsOf(claimInterchange([[...TOP, ...SELF, ...CLAIM, ...second]]));
  expect(units.map((unit) => [unit.ordinal, claimOf(unit).identifier?.[0]?.value])).toEqual([[1, 'PCN-1'], [2, 'PCN-9']]);
  expect(units.map(({ issues }) => issues.map((issue) => issue.code).filter((each) => each === 'claim-balance'))).toEqual([[], ['claim-balance']]);
  expect(units[1]!.acknowledgement.code).toBe('E');
});

eachOrSkip(corpusFiles('x12-837'), 'every file is mapped or refused with a reason', async ({ bytes }) => {
  for (const unit of mapInterchange(bytes)) {
    expect(danglingIn(unit.bundle)).toEqual([]);
    expect(untrueIn(unit.bundle, unit.ledger)).toEqual([]);
    if (unit.kind === 'refused') expect(unit.issues.some(({ severity }) => severity === 'error')).toBe(true);
    else if (packagesAreHere) expect(await invalidIn(unit.bundle)).toEqual([]);
  }
});

test('no mutation makes it throw, refer to nothing, or tell an untrue ledger', () => {
  const change = fc.record({ at: fc.nat(), byte: fc.oneof(fc.constantFrom(...Buffer.from('*~:^\n A0')), fc.integer({ min: 0, max: 255 })), remove: fc.nat({ max: 12 }) });
  fc.assert(
    fc.property(fc.constantFrom(...Object.values(DELIVERIES)), fc.array(change, { minLength: 1, maxLength: 3 }), (seed, changes) => {
      let bytes = [...seed];
      for (const { at, byte, remove } of changes) bytes = [...bytes.slice(0, 220 + (at % (bytes.length - 220))), byte, ...bytes.slice(220 + (at % (bytes.length - 220)) + remove)];
      for (const unit of mapInterchange(Uint8Array.from(bytes))) {
        expect(danglingIn(unit.bundle)).toEqual([]);
        expect(untrueIn(unit.bundle, unit.ledger)).toEqual([]);
      }
    }),
    { numRuns: 250 },
  );
});

test('two sets of a group with one control number: the second is refused', () => {
  const bytes = claimInterchange([[...TOP, ...SELF, ...CLAIM], [...TOP, ...SELF, ...CLAIM]]);
  const units = unitsOf(Buffer.from(Buffer.from(bytes).toString().replaceAll('*0002', '*0001')));
  expect(units.map(({ kind, issues }) => [kind, issues.some(({ code: each }) => each === 'set-23')])).toEqual([['claim', false], ['refused', true]]);
});

test('chunks of any size give the same units, and the same delivery', () => {
  const bytes = claimInterchange([[...TOP, ...SELF, ...CLAIM], [...TOP, ...CHILD, ...CLAIM]]);
  const read = (input: Uint8Array | Iterable<Uint8Array>): string => {
    const units = mapInterchange(input);
    const told: unknown[] = [];
    for (let step = units.next(); ; step = units.next()) {
      told.push(step.value);
      if (step.done === true) return stringifyJson(told);
    }
  };
  const whole = read(bytes);
  for (const size of [1, 50, 1000]) expect(read(Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size)))).toBe(whole);
});

test('what has no place is told exactly', () => {
  expect(only('a dental claim').unmapped.map(({ source }) => source)).toEqual([
    'HEADER.BHT01', 'HEADER.BHT02', ...['NM101', 'NM102', 'NM103', 'NM108', 'NM109', 'PER01', 'PER02', 'PER03', 'PER04'].map((name) => `1000A.${name}`),
    ...['NM101', 'NM102', 'NM103', 'NM108', 'NM109'].map((name) => `1000B.${name}`), '2300.CLM06', '2300.CLM09',
  ]);
});
