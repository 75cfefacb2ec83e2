/** Why an element of a claim has no place in FHIR. */

const BY_ELEMENT: Readonly<Record<string, string>> = {
  BHT01: 'The structure code is fixed.', BHT02: 'That the file was sent before is told by its control numbers.', CLM06: 'That a signature is on file has no place in Claim.', CLM09: 'The release of information has no place in Claim.', CLM10: 'How the patient signed has no place in Claim.',
  OI03: 'The assignment of other benefits has no place in Claim.', OI04: 'How the patient signed has no place in Claim.', OI06: 'The release of information has no place in Claim.', SV115: 'The copay status has no place in Claim.item.', SV207: 'A non-covered charge has no place in Claim.item.',
  SBR06: 'That benefits are coordinated follows from the other insurance.', SVD03: 'The procedure as adjudicated has no place in ClaimResponse.item.', SVD06: 'The line it was bundled into has no place in ClaimResponse.item.', NM110: 'Not used.',
  DTP03: 'Not a date that FHIR has a form for.', LX01: 'The line number is not the line\'s place.', PAT01: 'The relationship is told with the Coverage.',
};

const BY_SEGMENT: Readonly<Record<string, string>> = {
  CN1: 'Contract information has no place in Claim.', HCP: 'Pricing and repricing have no place in Claim.', MIA: 'Inpatient adjudication remarks are not mapped.', MOA: 'Outpatient adjudication remarks are not mapped.', CR1: 'Ambulance details are not mapped.', CR2: 'Spinal manipulation details are not mapped.',
  CR3: 'Equipment certification details are not mapped.', CR5: 'Oxygen therapy details are not mapped.', SV5: 'Rental details of equipment are not mapped.', PS1: 'Purchased service details are not mapped.', MEA: 'Test results are not mapped.', DN1: 'Orthodontic details are not mapped.', DN2: 'Tooth status is not mapped.',
};

const BY_LOOP: Readonly<Record<string, string>> = {
  '1000A': 'The submitter is told by the interchange, not by the claim.', '1000B': 'The receiver is told by the interchange, not by the claim.', '2330C': 'Numbers of providers with other payers are not mapped.', '2330D': 'Numbers of providers with other payers are not mapped.',
  '2330E': 'Numbers of providers with other payers are not mapped.', '2330F': 'Numbers of providers with other payers are not mapped.', '2330G': 'Numbers of providers with other payers are not mapped.', '2330H': 'Numbers of providers with other payers are not mapped.', '2330I': 'Numbers of providers with other payers are not mapped.',
};

/** The reason for a place such as `2300.CLM06`. */
export function reasonFor(source: string): string {
  const [loop = '', name = ''] = source.split('.');
  const element = name.replace(/[-[].*$/, '');
  return BY_LOOP[loop] ?? BY_ELEMENT[element] ?? BY_SEGMENT[element.slice(0, -2)] ?? 'Claim has no place for this element.';
}
