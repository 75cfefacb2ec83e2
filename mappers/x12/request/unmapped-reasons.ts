/** Why an element of a 278 request has no place in a PAS Bundle. */

const BY_ELEMENT: Readonly<Record<string, string>> = {
  BHT01: 'The structure code is fixed.',
  BHT02: 'A deduction from a service reservation has no place in PAS.',
  BHT06: 'The transaction type has no place in PAS.',
  UM01: 'The services name their own review, PAS has none for the event beside them.',
  UM02: 'The services name their own certification type, or the request cancels as a whole (BHT02).',
  UM03: 'The services name their own service type.',
  UM04: 'The services name their own place.',
  UM07: 'The current health condition has no place in PAS.',
  UM08: 'A prognosis has a place only with the date of a CR6.',
  UM09: 'The release of information is Y by policy.',
  UM10: 'The delay reason has no place in PAS.',
  UM05: 'Claim.accident needs the accident date (DTP 439).',
  HI: 'The qualifier names no diagnosis PAS knows, or a value beyond code and date.',
  HSD: 'The quantity covers several services and cannot be told of one.',
  INS01: 'The insured indicator follows from the loop.',
  PER01: 'The contact function has no place in PAS.',
  PER02: 'A contact name has a place with an organization only.',
  PRV01: 'The provider code has no place in PAS.',
  PRV03: 'A specialty has a place with an individual or a care team member only.',
};

const BY_SEGMENT: Readonly<Record<string, string>> = {
  CR1: 'PAS does not support ambulance certification.',
  CR2: 'PAS does not support spinal manipulation.',
  CR5: 'PAS does not support home oxygen therapy.',
  CR6: 'PAS carries the prognosis and start date of home health care only.',
  SV3: 'PAS does not support dental services beyond the procedure.',
  TOO: 'PAS does not support tooth information.',
};

const BY_LOOP: Readonly<Record<string, string>> = {
  '2010EB': 'PAS does not support patient transport locations.',
  '2010EC': 'PAS has no place for another organization\'s denial.',
};

/** The reason, from the most particular to the general. */
export function reasonFor(loop: string, segmentId: string, element: number): string {
  const name = `${segmentId}${String(element).padStart(2, '0')}`;
  return BY_LOOP[loop] ?? BY_ELEMENT[name] ?? BY_ELEMENT[segmentId] ?? BY_SEGMENT[segmentId] ?? 'PAS has no place for this element.';
}
