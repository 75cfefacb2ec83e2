/** Why an element of an enrollment has no place in FHIR. */

const BY_ELEMENT: Readonly<Record<string, string>> = {
  INS03: 'The kind of change is told by what changes.', INS04: 'The reason of the change has no place in Coverage.', INS05: 'The benefit status has no place in Coverage.', INS06: 'Medicare eligibility has no place in Coverage.', INS07: 'The COBRA event has no place in Coverage.',
  INS08: 'The employment status has no place in Coverage.', INS09: 'The student status has no place in Coverage.', INS10: 'Whether the member is handicapped has no place in Coverage.', INS13: 'Confidentiality is for the sponsor to say, and not mapped.',
  HD05: 'Who is covered by the benefit (coverage level) has no place in Coverage.', COB02: 'The other payer is not told by a number that names it.', COB03: 'That benefits are coordinated follows from the order.', BGN01: 'The purpose of the file has no place in FHIR.', BGN02: 'The file is told by its control numbers.',
  DMG05: 'Race and ethnicity are in a licensed list and not mapped.', DMG06: 'Citizenship is not mapped.',
};

const BY_SEGMENT: Readonly<Record<string, string>> = {
  BGN: 'The file is told by its control numbers.', AMT: 'Contributions and premiums have no place in Coverage.', ICM: 'Income is not mapped.', HLH: 'Health information of the enrollment is not mapped.', EC: 'Employment class is not mapped.', QTY: 'Control totals are checked, not mapped.',
  DTP: 'No date of Patient or Coverage.', DSB: 'Disability of the enrollment is not mapped.', IDC: 'Identification cards are not mapped.', LX: 'Reporting categories are not mapped.', PLA: 'Changes of provider are not mapped.', ACT: 'Accounts of brokers are not mapped.', INS: 'No place in Patient or Coverage.',
};

const BY_LOOP: Readonly<Record<string, string>> = {
  '1000C': 'Brokers and administrators are not mapped.', '2100B': 'The name as it was wrong before is not kept.', '2100D': 'Employers are not mapped.', '2100E': 'Schools are not mapped.', '2100F': 'Custodial parents are not mapped.', '2100G': 'Responsible persons are not mapped.',
  '2100H': 'Drop off locations are not mapped.', '2310': 'Primary care providers are not mapped.', '2330': 'Other payers are not mapped.', '2750': 'Reporting categories are not mapped.',
};

/** The reason for a place such as `2000.INS04`. */
export function reasonFor(source: string): string {
  const [loop = '', name = ''] = source.split('.');
  const element = name.replace(/[-[].*$/, '');
  return BY_LOOP[loop] ?? BY_ELEMENT[element] ?? BY_SEGMENT[element.slice(0, -2)] ?? 'Patient and Coverage have no place for this element.';
}
