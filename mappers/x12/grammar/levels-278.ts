/**
 * What the guides of the 278 have in common: the names of its parties and persons, and the segments of its patient event
 * and services. Requests (X217), inquiries (X215) and notifications (X216) differ in what of it must be there.
 */
import { type Loop, loop, segment, type SegmentSlot } from './definition.ts';

/** HL03 of each level. */
export const LEVEL = { umo: '20', requester: '21', subscriber: '22', dependent: '23', event: 'EV', service: 'SS' } as const;

/** NM1 has neither a related entity nor a second name in any of them. */
const NAME = 'N10 N11 N12';
const YES_NO = 'N|Y';

export const HEADING: readonly SegmentSlot[] = [segment('ST', 'Transaction Set Header', 'R1', 'R1=278 R3')];
export const TRAILER = segment('SE', 'Transaction Set Trailer', 'R1');

/** BHT with the purposes of a guide. 0078 is what some senders write for the structure. */
export const beginning = (narrowing: string): SegmentSlot => segment('BHT', 'Beginning of Hierarchical Transaction', 'R1', `R1=0007~0078 R3 R4 R5 ${narrowing}`);

/** HL of a level. That HL02 names the level above is the walk's to tell. */
export const level = (code: string, name: string): SegmentSlot => segment(`HL***${code}`, name, 'R1', 'S4=0|1');

/** The name of a party, identified by a number. */
export const identified = (codes: string, name: string): SegmentSlot => segment(`NM1*${codes}`, name, 'R1', `R8 R9 ${NAME}`);

const address = (kind: string, usage = 'S1'): SegmentSlot[] => [segment('N3', `${kind} Address`, usage), segment('N4', `${kind} City, State, ZIP Code`, usage, 'N5 N6')];

/** What follows the name of a provider. */
export const party = (kind: string, references: number): SegmentSlot[] => [
  segment('REF', `${kind} Supplemental Identification`, `S${references}`, 'R2'),
  ...address(kind),
  segment('PER', `${kind} Contact Information`, 'S1', 'N9'),
  segment('PRV', `${kind} Provider Information`, 'S1'),
];

/** What follows the name of a person. */
const person = (kind: string, references: number): SegmentSlot[] => [
  segment('REF', `${kind} Supplemental Identification`, `S${references}`, 'R2'),
  ...address(kind),
  segment('DMG', `${kind} Demographic Information`, 'S1', 'S1=D8'),
  segment('INS', `${kind} Relationship`, 'S1', `R1=${YES_NO} S10=${YES_NO}`),
];

export const subscriberName = loop('2010C', 'Subscriber Name', 'R1', [segment('NM1*IL', 'Subscriber Name', 'R1', `R8=MI|II R9 ${NAME}`), ...person('Subscriber', 9)]);
export const dependentName = loop('2010D', 'Dependent Name', 'R1', [segment('NM1*QC', 'Dependent Name', 'R1', `N8 N9 ${NAME}`), ...person('Dependent', 3)]);

/** TRN01 1: assigned by who sends it. A TRN03 of other than ten characters is lived with. */
export const trace = (name: string, maximum: number): SegmentSlot => segment('TRN*1', name, `S${maximum}`, 'R3!');

/** UM of an event or a service; what a certification type is asked for as is the guide's. */
export const review = (usage: string, certification: string): SegmentSlot =>
  segment('UM', 'Health Care Services Review Information', usage, `R1=AR|HS|IN|SC ${certification} R4-2=A|B N4-3`);

/** Every kind of certification: appeals, cancellation, extension, initial, reconsideration, renewal, revision. */
export const CERTIFICATION_TYPES = '1|2|3|4|I|N|R|S';

export const reviewReferences: readonly SegmentSlot[] = [
  segment('REF*BB', 'Previous Review Authorization Number', 'S1', 'R2'),
  segment('REF*NT', 'Previous Review Administrative Reference Number', 'S1', 'R2'),
];

/** A date or period that a qualifier tells. */
export const date = (code: string, name: string): SegmentSlot => segment(`DTP*${code}`, name, 'S1', 'R2=D8|RD8');

export const certificationDates: readonly SegmentSlot[] = [date('102', 'Certification Issue Date'), date('036', 'Certification Expiration Date'), date('007', 'Certification Effective Date')];

/** The dates of an event. 472 is a service's, and is written for the event's by some. */
export const eventDates: readonly SegmentSlot[] = [
  date('439', 'Accident Date'), date('484', 'Last Menstrual Period Date'), date('ABC', 'Estimated Date of Birth'), date('431', 'Onset of Current Symptoms or Illness Date'),
  date('AAH~472', 'Event Date'), date('435', 'Admission Date'), date('096', 'Discharge Date'),
];

/** What an event says of its patient's condition. */
export const eventDetails: readonly SegmentSlot[] = [
  segment('HI', 'Patient Diagnosis', 'S1'),
  segment('HSD', 'Health Care Services Delivery', 'S1'),
  segment('CRC', 'Condition Information', 'S7', `R2=${YES_NO}`),
  segment('CL1', 'Institutional Claim Code', 'S1'),
  segment('CR1', 'Ambulance Transport Information', 'S1'),
  segment('CR2', 'Spinal Manipulation Service Information', 'S1'),
  segment('CR5', 'Home Oxygen Therapy Information', 'S1'),
  segment('CR6', 'Home Health Care Information', 'S1'),
  documents('Additional Patient Information'),
  segment('MSG', 'Message Text', 'S1', 'N2 N3'),
];

function documents(name: string): SegmentSlot {
  return segment('PWK', name, 'S10', 'R2 N3 N4 S5=AC N8 N9');
}

/** Who takes part in an event. Any other name than those of another organization and of a transport is a provider's. */
export const eventNames: readonly Loop[] = [
  loop('2010EC', 'Patient Event Other UMO Name', 'S3', [
    segment('NM1*00|CA', 'Patient Event Other UMO Name', 'R1', NAME),
    segment('REF', 'Other UMO Denial Reason', 'R4', 'R2'),
    segment('DTP', 'Other UMO Denial Date', 'R1', 'R2=D8|RD8'),
  ]),
  loop('2010EB', 'Patient Event Transport Information', 'S5', [segment('NM1*45|FS|ND|PW|R3', 'Patient Event Transport Information', 'R1', NAME), ...address('Patient Event Transport Location', 'R1')]),
  loop('2010EA', 'Patient Event Provider Name', 'S14', [segment('NM1', 'Patient Event Provider Name', 'R1', NAME), ...party('Patient Event Provider', 7)]),
];

/** What a service is, and how much of it. */
export const serviceDetails: readonly SegmentSlot[] = [
  segment('SV1', 'Professional Service', 'S1', `S11=${YES_NO}`),
  segment('SV2', 'Institutional Service Line', 'S1'),
  segment('SV3', 'Dental Service', 'S1'),
  segment('TOO', 'Tooth Information', 'S32'),
  segment('HSD', 'Health Care Services Delivery', 'S1'),
  documents('Additional Service Information'),
  segment('MSG', 'Message Text', 'S1', 'N2 N3'),
];

export const serviceNames = loop('2010F', 'Service Provider Name', 'S10', [segment('NM1', 'Service Provider Name', 'R1', NAME), ...party('Service Provider', 8)]);

/** The decision on an event or a service. */
export const decision = segment('HCR', 'Health Care Services Review', 'S1', `S4=${YES_NO}`);
