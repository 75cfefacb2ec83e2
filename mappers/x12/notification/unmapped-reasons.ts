/** Why an element of a notification has no place in what is made of it. */
import { reasonFor as reasonInPas } from '../request/unmapped-reasons.ts';

const BY_ELEMENT: Readonly<Record<string, string>> = {
  BHT01: 'The structure code is fixed.',
  BHT06: 'The transaction type has no place in a Communication.',
  UM01: 'The event says what kind of review its services are of.',
  UM02: 'A notice asks for no certification.',
  UM03: 'The services name their own type.',
  UM04: 'An Encounter names its facility, and has no place for the kind of facility.',
  UM05: 'A notice has no place for related causes.',
  UM09: 'The release of information is Y by policy.',
  AAA01: 'Whether the request was valid follows from the reason.',
  AAA04: 'A copy has no place for what to do about a rejection.',
  INS01: 'The insured indicator follows from the loop.',
  PER01: 'The contact function has no place.',
  PER02: 'A contact name has a place with an organization only.',
  PRV01: 'The provider code has no place.',
};

const BY_SEGMENT: Readonly<Record<string, string>> = {
  CRC: 'A notice has no place for conditions of certification.',
  CR1: 'A notice has no place for an ambulance certification.',
  CR2: 'A notice has no place for spinal manipulation.',
  CR5: 'A notice has no place for home oxygen therapy.',
  CR6: 'A notice has no place for home health certification.',
  DTP: 'An Encounter or an order has no place for this date.',
  HSD: 'Only the days of a stay and the quantity of a service have a place.',
  PWK: 'The document comes by another way, and a notice orders none.',
  TOO: 'A notice has no place for teeth.',
  NM1: 'Only individuals take part in an Encounter, and one organization provides it.',
};

/** The reasons for a copy of a decision, which is a Claim, or for a notice. */
export function reasonFor(isCopy: boolean): (loop: string, segmentId: string, element: number) => string {
  return (loop, segmentId, element) => {
    const name = `${segmentId}${String(element).padStart(2, '0')}`;
    if (isCopy) return BY_ELEMENT[name] !== undefined && /^(BHT|AAA)/.test(name) ? BY_ELEMENT[name] : reasonInPas(loop, segmentId, element);
    if (loop === '2010A' && BY_ELEMENT[name] === undefined) return 'The source of the notification is its sender; another name beside it has no place.';
    return BY_ELEMENT[name] ?? BY_SEGMENT[segmentId] ?? 'A notice has no place for this element.';
  };
}
