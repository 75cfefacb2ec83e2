/** Why an element of an eligibility inquiry has no place in FHIR. */

const BY_ELEMENT: Readonly<Record<string, string>> = {
  BHT01: 'The structure code is fixed.', BHT02: 'The purpose follows from the transaction set.', BHT03: 'The inquiry is told by its trace number.', EQ03: 'The coverage level is not asked of FHIR.', EQ05: 'Diagnosis pointers of an inquiry are not mapped.', TRN04: 'The division of the asker is not kept.',
  INS01: 'The insured indicator follows from the level.', INS02: 'The relationship is the plan\'s to know.',
};

const BY_SEGMENT: Readonly<Record<string, string>> = {
  III: 'Places of service and diagnoses of an inquiry are not mapped.', HI: 'Diagnoses of an inquiry are not mapped.', AMT: 'Spend down amounts are not mapped.', PRV: 'The specialty of the asker is not mapped.', DTP: 'No date of CoverageEligibilityRequest.', REF: 'Numbers of a request for one benefit are not mapped.',
};

/** The reason for a place such as `2110C.EQ03`. */
export function reasonFor(source: string): string {
  const element = (source.split('.')[1] ?? '').replace(/[-[].*$/, '');
  return BY_ELEMENT[element] ?? BY_SEGMENT[element.slice(0, -2)] ?? 'CoverageEligibilityRequest has no place for this element.';
}
