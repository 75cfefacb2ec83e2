/** Messages to Bundles: what is told of what cannot be mapped, and where everything else goes. */
import { describe, expect, test } from '@jest/globals';
import type { Bundle, Resource } from '@medplum/fhirtypes';
import type { Hl7MappingOptions } from '../../../mappers/hl7v2/map.ts';
import { mapText } from './corpora.ts';

const MSH = String.raw`MSH|^~\&|REG|NORTH|PRIORA|PLAN|20261012113000-0400||ADT^A01^ADT_A01|A1|P|2.5.1`;
const EVN = 'EVN|A01|20261012113000-0400';
const PID = 'PID|1||77231^^^NORTH^MR||Marlow^Jo||19710304|F';
const PV1 = 'PV1|1|I|W4^401^B';

function all<T extends Resource['resourceType']>(bundle: Bundle, type: T): Extract<Resource, { resourceType: T }>[] {
  return bundle.entry!.map(({ resource }) => resource).filter((resource): resource is Extract<Resource, { resourceType: T }> => resource?.resourceType === type);
}

const one = <T extends Resource['resourceType']>(bundle: Bundle, type: T): Extract<Resource, { resourceType: T }> => {
  const found = all(bundle, type);
  expect(found).toHaveLength(1);
  return found[0]!;
};

const codesOf = (lines: readonly string[], options?: Hl7MappingOptions): string[] => mapText(lines, options).issues.map(({ code }) => code);

describe('What cannot be mapped', () => {
  test('a date that is none is left out, told by its place and never by its text', () => {
    const { bundle, issues, unmapped } = mapText([MSH, EVN, PID.replace('19710304', '19711399'), PV1]);
    expect(one(bundle, 'Patient').birthDate).toBeUndefined();
    expect(issues).toContainEqual(expect.objectContaining({ code: 'date-unreadable', source: 'PID-7[1].1', segment: 3 }));
    expect(unmapped).toContainEqual({ source: 'PID-7[1].1', segment: 3, reason: 'not a date or time' });
    expect(JSON.stringify(issues)).not.toContain('19711399');
  });

  test('a code without an equivalent is left out of an element of FHIR\'s own codes, and kept in a concept', () => {
    const { bundle, unmapped } = mapText([MSH, EVN, `${PID.replace('|F', '|Q')}||||||||Klingon`, PV1]);
    expect(one(bundle, 'Patient').gender).toBeUndefined();
    expect(unmapped).toContainEqual(expect.objectContaining({ source: 'PID-8[1].1' }));
    const { maritalStatus } = one(mapText([MSH, EVN, `${PID}||||||||Z9^Handfasted^99LOCAL`, PV1]).bundle, 'Patient');
    expect(maritalStatus).toEqual({ coding: [{ code: 'Z9', display: 'Handfasted' }], text: 'Handfasted' });
  });

  test('"" asks to delete: nothing is mapped, and it is told', () => {
    const { bundle, issues, unmapped } = mapText([MSH, EVN, PID.replace('|F', '|""'), PV1]);
    expect(one(bundle, 'Patient').gender).toBeUndefined();
    expect(issues).toContainEqual(expect.objectContaining({ code: 'delete-requested', source: 'PID-8[1].1' }));
    expect(unmapped).toContainEqual({ source: 'PID-8[1].1', segment: 3, reason: 'the sender asks to delete what is held' });
  });

  test('a table of HL7 is not claimed for a code that it does not have', () => {
    const { maritalStatus } = one(mapText([MSH, EVN, `${PID}||||||||Q^Quaint^HL70002`, PV1]).bundle, 'Patient');
    expect(maritalStatus?.coding).toEqual([{ code: 'Q', display: 'Quaint' }]);
  });

  test('segments that come where they have no place are read, and told', () => {
    expect(codesOf([MSH, EVN, PV1, PID])).toContain('segment-out-of-order');
    expect(codesOf([MSH, EVN, PID, 'RXE|x', PV1])).toContain('segment-unknown');
    expect(one(mapText([MSH, EVN, PV1, PID]).bundle, 'Patient').gender).toBe('female');
  });

  test('a message of no known structure is read segment by segment', () => {
    const { bundle, issues } = mapText([MSH.replace('ADT^A01^ADT_A01', 'XYZ^Q99'), PID]);
    expect(issues).toContainEqual(expect.objectContaining({ code: 'structure-unknown' }));
    expect(one(bundle, 'Patient').birthDate).toBe('1971-03-04');
  });

  test('a message about nobody is told of, and so is an event without a structure', () => {
    const admitted = mapText([MSH, EVN, PV1]);
    expect(admitted.issues).toContainEqual(expect.objectContaining({ severity: 'warning', code: 'patient-missing', source: 'PID' }));
    expect(admitted.acknowledgement.code).toBe('AA');
    expect(codesOf([MSH, EVN, PID, PV1])).not.toContain('patient-missing');
    expect(mapText([MSH.replace('ADT^A01^ADT_A01', 'ADT^Z99'), EVN, PID]).issues).toContainEqual(expect.objectContaining({ code: 'event-unknown', source: 'MSH-9[1].2' }));
  });

  test('a telephone number is as its sender writes it, and its pieces stand beside it', () => {
    const numbers = (field: string): unknown => one(mapText([MSH, EVN, `PID|1||1^^^A^MR||Byrd^Ann||19710304|F|||||${field}`]).bundle, 'Patient').telecom;
    expect(numbers('^PRN^PH^^1^720^3013954^^^^^(720) 301-3954')).toMatchObject([{ value: '(720) 301-3954', extension: [{ valueString: '1' }, { valueString: '720' }, { valueString: '3013954' }] }]);
    expect(numbers('^PRN^PH^^1^720^3013954')).toMatchObject([{ value: '+1 720 3013954' }]);
  });

  test('what an OBR says of a specimen is one, in an order too, unless an SPM tells of it', () => {
    const obr = 'OBR|1|P1||718-7^Hb^LN|||20260301100000+0000||5|77^Byrd^Ann||||20260301110000+0000|||||||||||||||||||||||||hand carried';
    const { bundle } = mapText([MSH.replace('ADT^A01^ADT_A01', 'OML^O21^OML_O21'), PID, 'ORC|NW|P1', obr]);
    const specimen = one(bundle, 'Specimen');
    expect(specimen).toMatchObject({ collection: { quantity: { value: 5 }, collectedDateTime: '2026-03-01T10:00:00+00:00' }, receivedTime: '2026-03-01T11:00:00+00:00', note: [{ text: 'hand carried' }] });
    expect(one(bundle, 'Practitioner').name).toMatchObject([{ family: 'Byrd', given: ['Ann'] }]);
    expect(one(bundle, 'ServiceRequest').specimen).toHaveLength(1);
    const { bundle: told } = mapText([MSH.replace('ADT^A01^ADT_A01', 'ORU^R01^ORU_R01'), PID, 'ORC|RE|P1', obr, 'SPM|1|S1||BLD']);
    expect(told.entry!.filter(({ resource }) => resource?.resourceType === 'Specimen')).toHaveLength(1);
  });

  test('every value sent is in the ledger, consulted, or unmapped with a reason', () => {
    const { unmapped } = mapText([MSH, EVN, PID, PV1, 'ZPI|1|blue']);
    expect(unmapped).toContainEqual({ source: 'ZPI-2[1].1', segment: 5, reason: 'a segment of the sender\'s own, without rules for it' });
    for (const { reason } of unmapped) expect(reason).not.toBe('');
  });
});

describe('Times of day', () => {
  const taken = (lines: readonly string[], options?: Hl7MappingOptions): string | undefined => one(mapText(lines, options).bundle, 'Encounter').period?.start;
  const admitted = (time: string): string => `PV1|1|I${'|'.repeat(42)}${time}`;
  const header = MSH.replace('-0400', '');

  test('are left out where no offset is known, and one issue says so', () => {
    expect(taken([header, EVN, PID, admitted('20260112104500')])).toBe('2026-01-12');
    expect(codesOf([header, EVN, PID, admitted('20260112104500')]).filter((code) => code === 'time-zone-unknown')).toHaveLength(1);
  });

  test('have the offset that was sent, or that of MSH-7, or that of the sender\'s zone on that day', () => {
    const options = { timeZone: 'America/New_York' };
    expect(taken([header, EVN, PID, admitted('20260112104500-0700')], options)).toBe('2026-01-12T10:45:00-07:00');
    expect(taken([MSH, EVN, PID, admitted('20260112104500')], options)).toBe('2026-01-12T10:45:00-04:00');
    expect(taken([header, EVN, PID, admitted('20260112104500')], options)).toBe('2026-01-12T10:45:00-05:00');
    expect(taken([header, EVN, PID, admitted('20260712104500')], options)).toBe('2026-07-12T10:45:00-04:00');
  });

  test('keep the precision they were sent with', () => {
    expect(taken([MSH, EVN, PID, admitted('2026')])).toBe('2026');
    expect(taken([MSH, EVN, PID, admitted('202601')])).toBe('2026-01');
    expect(taken([MSH, EVN, PID, admitted('20260112104500.25-0500')])).toBe('2026-01-12T10:45:00.25-05:00');
  });
});

describe('Rules of a tenant', () => {
  test('map a Z-segment into the resource its group is about', () => {
    const rules = { 'ZPI[Patient]': [['nick', 'ZPI-2', 'name[z].text'], ['use', 'ZPI-2', 'name[z].use', '', '', '', 'nickname']] } as const;
    const { bundle, ledger } = mapText([MSH, EVN, PID, PV1, 'ZPI|1|Jojo'], { rules });
    expect(one(bundle, 'Patient').name).toContainEqual({ text: 'Jojo', use: 'nickname' });
    expect(ledger).toContainEqual({ path: expect.stringMatching(/name\[1\]\.text$/), rule: 'ZPI[Patient]#nick', source: 'ZPI-2[1].1', segment: 5 });
  });

  test('that no resource has a place for are refused, by their name', () => {
    const withRule = (...rule: [string, string, string, string?, string?]) => () => mapText([MSH, PID], { rules: { 'ZPI[Patient]': [rule] } });
    expect(withRule('a', 'ZPI-2', 'shoeSize')).toThrow('ZPI[Patient]#a: Patient has no element shoeSize');
    expect(withRule('b', 'second field', 'gender')).toThrow('ZPI[Patient]#b');
    expect(withRule('c', 'ZPI-2', 'gender', '', 'IF ZPI-3 MAYBE')).toThrow('ZPI[Patient]#c');
  });
});

describe('Identity', () => {
  test('does not come from names: a patient is named by number and authority, the same in every message', () => {
    const address = (pid: string, control = 'A1'): string => mapText([MSH.replace('A1|P', `${control}|P`), EVN, pid, PV1]).bundle.entry!.find(({ resource }) => resource?.resourceType === 'Patient')!.fullUrl!;
    expect(address(PID.replace('Marlow', 'Other'), 'A2')).toBe(address(PID));
    expect(address(PID.replace('77231', '77232'))).not.toBe(address(PID));
    expect(address(PID.replace('NORTH', 'SOUTH'))).not.toBe(address(PID));
    expect(address('PID|1||||Marlow^Jo', 'A1')).not.toBe(address('PID|1||||Marlow^Jo', 'A2'));
  });

  test('a merge links both records and deactivates the one that is gone', () => {
    const { bundle } = mapText([MSH.replace('A01^ADT_A01', 'A40^ADT_A39'), EVN, PID, 'MRG|66110^^^NORTH^MR||||||Marlowe^J']);
    const [kept, gone] = all(bundle, 'Patient');
    const url = (resource: Resource): string => bundle.entry!.find((entry) => entry.resource === resource)!.fullUrl!;
    expect(gone).toMatchObject({ active: false, identifier: [{ value: '66110' }], link: [{ type: 'replaced-by', other: { reference: url(kept!) } }] });
    expect(kept).toMatchObject({ link: [{ type: 'replaces', other: { reference: url(gone!) } }] });
  });

  test('who is named twice with the same words is one resource, with other words another', () => {
    const attended = (second: string): number => all(mapText([MSH, EVN, PID, `PV1|1|I|||||44^Okafor^Ben|${second}`]).bundle, 'Practitioner').length;
    expect(attended('44^Okafor^Ben')).toBe(1);
    expect(attended('44^Okafor^Benjamin')).toBe(2);
  });
});

describe('Groups', () => {
  const ORU = MSH.replace('ADT^A01^ADT_A01', 'ORU^R01^ORU_R01');

  test('results and notes belong to the order before them', () => {
    const { bundle } = mapText([ORU, PID, 'OBR|1||F1^LAB|a^A^LN', 'OBX|1|NM|x^X^LN||1|mg^^UCUM', 'NTE|1||first', 'OBR|2||F2^LAB|b^B^LN', 'OBX|1|NM|y^Y^LN||2', 'NTE|1||second']);
    const results = all(bundle, 'DiagnosticReport').map(({ result }) => result!.map(({ reference }) => bundle.entry!.find(({ fullUrl }) => fullUrl === reference)!.resource));
    expect(results.map((those) => those.map((each) => (each as { note?: unknown }).note))).toEqual([[[{ text: 'first' }]], [[{ text: 'second' }]]]);
  });

  test('a prior result has a patient of its own and does not change who the order is for', () => {
    const { bundle } = mapText([MSH.replace('ADT^A01^ADT_A01', 'OMG^O19^OMG_O19'), PID, 'ORC|NW|P1', 'OBR|1|P1||a^A^LN', 'PID|1||500^^^SOUTH^MR', 'OBR|1|P0||b^B^LN', 'OBX|1|ST|y^Y^LN||old', 'ORC|NW|P2', 'OBR|2|P2||c^C^LN']);
    const [first] = all(bundle, 'Patient');
    const url = bundle.entry!.find(({ resource }) => resource === first)!.fullUrl;
    const orders = all(bundle, 'ServiceRequest').filter(({ identifier }) => identifier?.some(({ value }) => value === 'P2'));
    expect(orders).toMatchObject([{ subject: { reference: url } }]);
  });

  test('an observation with several values has them as components', () => {
    const { bundle } = mapText([ORU, PID, 'OBR|1||F1^LAB|a^A^LN', 'OBX|1|ST|x^X^LN||one~two']);
    expect(one(bundle, 'Observation').component).toMatchObject([{ valueString: 'one' }, { valueString: 'two' }]);
  });

  test('values are read by the type that OBX-2 names', () => {
    const value = (type: string, sent: string, unit = ''): unknown => {
      const { code: _code, ...rest } = one(mapText([ORU, PID, 'OBR|1||F1^LAB|a^A^LN', `OBX|1|${type}|x^X^LN||${sent}|${unit}`]).bundle, 'Observation');
      return Object.entries(rest).find(([name]) => name.startsWith('value'));
    };
    expect(value('NM', '7.2', 'mg/dL^^UCUM')).toEqual(['valueQuantity', { value: 7.2, code: 'mg/dL', system: 'http://unitsofmeasure.org', unit: 'mg/dL' }]);
    expect(value('SN', '>^100')).toEqual(['valueQuantity', { comparator: '>', value: 100 }]);
    expect(value('SN', '^1^:^128')).toEqual(['valueRatio', { numerator: { value: 1 }, denominator: { value: 128 } }]);
    expect(value('SN', '^5^-^9')).toEqual(['valueRange', { low: { value: 5 }, high: { value: 9 } }]);
    expect(value('NM', 'hemolyzed')).toEqual(['valueString', 'hemolyzed']);
    expect(value('CE', '260385009^Negative^SCT')).toEqual(['valueCodeableConcept', { coding: [{ system: 'http://snomed.info/sct', code: '260385009', display: 'Negative' }] }]);
  });
});

describe('Authorization', () => {
  const parties = ['PRD|RP|Okafor^Ben|||||44^NPI', 'PRD|RT|Silva^Rui|||||45^NPI'];
  const rest = [PID, 'IN1|1|PPO|60054^^^NAIC|Example Health Plan|||||||||||||SEL', 'DG1|1||M54.5^Low back pain^I10C', 'PR1|1||97110^Exercises^C4||20261020'];

  test('RQA is a request Bundle of PAS: its Claim first, with diagnosis, service and parties', () => {
    const { bundle } = mapText([MSH.replace('ADT^A01^ADT_A01', 'RQA^I08^RQA_I08'), 'RF1||S|||||20261015|20270115', ...parties, ...rest, 'AUT||||||||12']);
    expect(bundle.type).toBe('collection');
    expect(bundle.entry![0]!.resource).toMatchObject({
      resourceType: 'Claim', status: 'active', use: 'preauthorization', created: '2026-10-12T11:30:00-04:00', diagnosis: [{ sequence: 1 }], careTeam: [{ sequence: 1 }], insurance: [{ focal: true }],
      priority: { coding: [{ code: 'stat' }] }, item: [{ sequence: 1, productOrService: { coding: [{ code: '97110' }] }, servicedDate: '2026-10-20', quantity: { value: 12 } }],
    });
    expect(all(bundle, 'MessageHeader')).toEqual([]);
  });

  test('a referral is an order with the draft of a Claim, and its authorization a ClaimResponse', () => {
    const { bundle } = mapText([MSH.replace('ADT^A01^ADT_A01', 'REF^I12^REF_I12'), 'RF1|A|R', 'AUT|PPO|60054|Example Health Plan|20261020|20270120|AU-9^PLAN', ...parties, ...rest]);
    expect(one(bundle, 'Claim').status).toBe('draft');
    expect(one(bundle, 'ServiceRequest')).toMatchObject({ status: 'active', priority: 'routine' });
    expect(one(bundle, 'ClaimResponse')).toMatchObject({ preAuthRef: 'AU-9', preAuthPeriod: { start: '2026-10-20', end: '2027-01-20' }, use: 'preauthorization' });
  });

  test('RPA says what was decided', () => {
    const decided = (status: string): unknown => one(mapText([MSH.replace('ADT^A01^ADT_A01', 'RPA^I08^RPA_I08'), 'MSA|AA|Q1', `RF1|${status}|R`, 'AUT|PPO|60054|Plan|||AU-9', ...parties, ...rest]).bundle, 'ClaimResponse').item?.[0]?.adjudication?.[0]?.extension?.[0]?.extension?.[0]?.valueCodeableConcept?.coding?.[0]?.code;
    expect(['A', 'R', 'P'].map(decided)).toEqual(['A1', 'A3', 'A4']);
  });
});
