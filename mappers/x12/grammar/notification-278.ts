/**
 * The loops of 005010X216: a notification of what happens or was decided, and its acknowledgment. Other than in a request
 * the source of information (HL 20) is who sends it: a provider that admits a patient, or a utilization management
 * organization that copies its decision to somebody; the receiver (HL 21) may be either.
 *
 * The guide is licensed and was not at hand, and HIPAA does not adopt it. What stands here comes from public material: X12's
 * own examples to its successor (008030X328: advance and completion notification, information copy, acknowledgment of
 * receipt, negative acknowledgment), public outlines of both transaction sets, a payer's companion guide (005010X216,
 * "278N") and a published admission notice (BHT02 CN, BHT06 RD). Segments of event and service are those of 005010X217,
 * with HCR, AAA and certification dates of its response. Unverified are maximum counts, the places of AAA and HCR, the
 * purposes of the acknowledgment in this version, and which elements are required; what is not certain is let through.
 */
import { compileGuide } from './compile.ts';
import { type Loop, loop, segment, type SegmentSlot } from './definition.ts';
import { beginning, certificationDates, CERTIFICATION_TYPES, date, decision, dependentName, eventDates, eventDetails, eventNames, HEADING, identified, LEVEL, level, party, review, reviewReferences, serviceDetails, serviceNames, subscriberName, TRAILER } from './levels-278.ts';
import { checkEvent, checkServiceKinds } from './review-278.ts';

export const NOTIFICATION_GUIDE = '005010X216';

/** BHT02 of a notification: 14 of what is to come, CN of what has come about, 22 a copy of what was decided, 01 takes one back. */
export const PURPOSE = { advance: '14', completion: 'CN', copy: '22', cancellation: '01' } as const;

/** BHT02 of an acknowledgment: 53 received, 44 refused. */
export const ACKNOWLEDGED = { received: '53', refused: '44' } as const;

/** Who may send or receive: provider, third party administrator, facility, employer, payer, utilization management organization. */
const PARTIES = '1P|2B|36|FA|PR|X3';
const rejections = segment('AAA', 'Request Validation', 'S9', 'R1=N|Y R3');
const traces = (name: string): SegmentSlot => segment('TRN*1|2', name, 'S3', 'S3!');
const receipt = segment('REF*NT', 'Notification Receipt Number', 'S1', 'R2');

const service = loop('2000F', 'Service Level', 'S>', [
  level(LEVEL.service, 'Service Level'),
  traces('Service Trace Number'),
  rejections,
  review('S1', `S2=${CERTIFICATION_TYPES}`),
  decision,
  ...reviewReferences,
  date('472', 'Service Date'),
  ...certificationDates,
  ...serviceDetails,
  serviceNames,
]);

const event: Loop = loop('2000E', 'Patient Event Level', 'S1', [
  level(LEVEL.event, 'Patient Event Level'),
  traces('Patient Event Tracking Number'),
  rejections,
  review('R1', `S2=${CERTIFICATION_TYPES}`),
  decision,
  ...reviewReferences,
  ...eventDates,
  ...certificationDates,
  ...eventDetails,
  ...eventNames,
  service,
]);

/** Levels below the header, for what is told and for what is said about it: the latter has AAA and receipt numbers further up. */
function levels(isAnswer: boolean): Loop {
  const faults = isAnswer ? [rejections] : [];
  const numbered = isAnswer ? [receipt] : [];
  return loop('2000A', 'Information Source Level', 'R1', [
    level(LEVEL.umo, 'Information Source Level'),
    ...faults,
    loop('2010A', 'Information Source Name', 'R2', [identified(PARTIES, 'Information Source Name'), ...party('Information Source', 8), ...faults]),
    loop('2000B', 'Information Receiver Level', isAnswer ? 'S1' : 'R1', [
      level(LEVEL.requester, 'Information Receiver Level'),
      loop('2010B', 'Information Receiver Name', 'R1', [identified(PARTIES, 'Information Receiver Name'), ...party('Information Receiver', 8), ...faults]),
      loop('2000C', 'Subscriber Level', isAnswer ? 'S1' : 'R1', [
        level(LEVEL.subscriber, 'Subscriber Level'),
        traces('Subscriber Trace Number'),
        ...faults,
        ...numbered,
        subscriberName,
        loop('2000D', 'Dependent Level', 'S1', [level(LEVEL.dependent, 'Dependent Level'), traces('Dependent Trace Number'), ...faults, ...numbered, dependentName, event]),
        event,
      ]),
    ]),
  ]);
}

export const NOTIFICATION = compileGuide({
  versions: [NOTIFICATION_GUIDE], set: '278', functionalIdentifier: 'HI',
  root: loop('ST', 'Transaction Set', 'R1', [...HEADING, beginning('R2=01|14|22|CN'), levels(false), TRAILER]),
  reviews: [checkEvent, checkServiceKinds],
});

export const NOTIFICATION_ACKNOWLEDGMENT = compileGuide({
  versions: [NOTIFICATION_GUIDE], set: '278', functionalIdentifier: 'HI',
  root: loop('ST', 'Transaction Set', 'R1', [...HEADING, beginning('R2=44|53'), levels(true), TRAILER]),
});
