/**
 * The loops of the 005010X217 request: which segments stand where, how often, and what tells them apart.
 * The patient event (EV) hangs under the dependent where there is one, else under the subscriber; services (SS) under the event.
 */
import { type LevelLoop, type NestedLoop, type SegmentSlot, slot, type TransactionGrammar } from './definition.ts';
import { REQUEST_SEGMENTS } from './segments.ts';

export const REQUEST_GUIDE = '005010X217';

/** HL03 of each level. */
export const LEVEL = { umo: '20', requester: '21', subscriber: '22', dependent: '23', event: 'EV', service: 'SS' } as const;

const USED = { usage: 'R' } as const;
const UNUSED = { usage: 'N' } as const;

function partySlots(kind: string, entity: SegmentSlot, references: number): SegmentSlot[] {
  return [
    entity,
    slot('REF', `${kind} Supplemental Identification`, { maximum: references }),
    slot('N3', `${kind} Address`),
    slot('N4', `${kind} City, State, ZIP Code`),
    slot('PER', `${kind} Contact Information`),
    slot('PRV', `${kind} Provider Information`),
  ];
}

function personSlots(kind: string, entity: SegmentSlot, references: number): SegmentSlot[] {
  return [
    entity,
    slot('REF', `${kind} Supplemental Identification`, { maximum: references }),
    slot('N3', `${kind} Address`),
    slot('N4', `${kind} City, State, ZIP Code`),
    slot('DMG', `${kind} Demographic Information`),
    slot('INS', `${kind} Relationship`),
  ];
}

/** A DTP with the qualifier. */
export function dateSlot(name: string, code: string, toleratedCodes?: readonly string[]): SegmentSlot {
  return slot('DTP', name, { qualifier: { element: 1, codes: [code], ...(toleratedCodes === undefined ? {} : { toleratedCodes }) } });
}

const REVIEW_REFERENCES: SegmentSlot[] = [
  slot('REF', 'Previous Review Authorization Number', { qualifier: { element: 1, codes: ['BB'] } }),
  slot('REF', 'Previous Review Administrative Reference Number', { qualifier: { element: 1, codes: ['NT'] } }),
];

/** Entities of 2010EB: who moves the patient from where to where. */
const TRANSPORT_ENTITIES = ['45', 'FS', 'ND', 'PW', 'R3'];

/** Entity of 2010EC: another organization that has already reviewed the request. */
const OTHER_UMO_ENTITIES = ['00', 'CA'];

const nested = (id: string, usage: 'R' | 'S', maximum: number, slots: SegmentSlot[]): NestedLoop => ({ id, usage, maximum, slots });

const levels: LevelLoop[] = [
  {
    id: '2000A',
    levelCode: LEVEL.umo,
    usage: 'R',
    maximum: 1,
    parents: [],
    slots: [],
    loops: [nested('2010A', 'R', 1, [slot('NM1', 'Utilization Management Organization Name', { usage: 'R', qualifier: { element: 1, codes: ['X3', 'PR', '36', '1P', 'FA', '2B'] }, elements: { 8: USED, 9: USED } })])],
  },
  {
    id: '2000B',
    levelCode: LEVEL.requester,
    usage: 'R',
    maximum: 1,
    parents: [LEVEL.umo],
    slots: [],
    loops: [nested('2010B', 'R', 1, partySlots('Requester', slot('NM1', 'Requester Name', { usage: 'R', qualifier: { element: 1, codes: ['1P', 'FA', '2B', '36', 'PR'] }, elements: { 8: USED, 9: USED } }), 8))],
  },
  {
    id: '2000C',
    levelCode: LEVEL.subscriber,
    usage: 'R',
    maximum: 1,
    parents: [LEVEL.requester],
    slots: [],
    loops: [nested('2010C', 'R', 1, personSlots('Subscriber', slot('NM1', 'Subscriber Name', { usage: 'R', qualifier: { element: 1, codes: ['IL'] }, elements: { 8: { ...USED, codes: ['MI', 'II'] }, 9: USED } }), 9))],
  },
  {
    id: '2000D',
    levelCode: LEVEL.dependent,
    usage: 'S',
    maximum: 1,
    parents: [LEVEL.subscriber],
    slots: [],
    loops: [nested('2010D', 'R', 1, personSlots('Dependent', slot('NM1', 'Dependent Name', { usage: 'R', qualifier: { element: 1, codes: ['QC'] }, elements: { 8: UNUSED, 9: UNUSED } }), 3))],
  },
  {
    id: '2000E',
    levelCode: LEVEL.event,
    usage: 'R',
    maximum: 1,
    parents: [LEVEL.subscriber, LEVEL.dependent],
    slots: [
      slot('TRN', 'Patient Event Tracking Number', { maximum: 2 }),
      slot('UM', 'Health Care Services Review Information', { usage: 'R' }),
      ...REVIEW_REFERENCES,
      dateSlot('Accident Date', '439'),
      dateSlot('Last Menstrual Period Date', '484'),
      dateSlot('Estimated Date of Birth', 'ABC'),
      dateSlot('Onset of Current Symptoms or Illness Date', '431'),
      dateSlot('Event Date', 'AAH', ['472']),
      dateSlot('Admission Date', '435'),
      dateSlot('Discharge Date', '096'),
      slot('HI', 'Patient Diagnosis'),
      slot('HSD', 'Health Care Services Delivery'),
      slot('CRC', 'Condition Information', { maximum: 7 }),
      slot('CL1', 'Institutional Claim Code'),
      slot('CR1', 'Ambulance Transport Information'),
      slot('CR2', 'Spinal Manipulation Service Information'),
      slot('CR5', 'Home Oxygen Therapy Information'),
      slot('CR6', 'Home Health Care Information'),
      slot('PWK', 'Additional Patient Information', { maximum: 10 }),
      slot('MSG', 'Message Text'),
    ],
    loops: [
      nested('2010EC', 'S', 3, [
        slot('NM1', 'Patient Event Other UMO Name', { qualifier: { element: 1, codes: OTHER_UMO_ENTITIES } }),
        slot('REF', 'Other UMO Denial Reason', { usage: 'R', maximum: 4 }),
        slot('DTP', 'Other UMO Denial Date', { usage: 'R' }),
      ]),
      nested('2010EB', 'S', 5, [
        slot('NM1', 'Patient Event Transport Information', { qualifier: { element: 1, codes: TRANSPORT_ENTITIES } }),
        slot('N3', 'Patient Event Transport Location Address', { usage: 'R' }),
        slot('N4', 'Patient Event Transport Location City, State, ZIP Code', { usage: 'R' }),
      ]),
      nested('2010EA', 'S', 14, partySlots('Patient Event Provider', slot('NM1', 'Patient Event Provider Name'), 7)),
    ],
  },
  {
    id: '2000F',
    levelCode: LEVEL.service,
    usage: 'S',
    maximum: Number.POSITIVE_INFINITY,
    parents: [LEVEL.event],
    slots: [
      slot('TRN', 'Service Trace Number', { maximum: 2 }),
      slot('UM', 'Health Care Services Review Information'),
      ...REVIEW_REFERENCES,
      dateSlot('Service Date', '472'),
      slot('SV1', 'Professional Service'),
      slot('SV2', 'Institutional Service Line'),
      slot('SV3', 'Dental Service'),
      slot('TOO', 'Tooth Information', { maximum: 32 }),
      slot('HSD', 'Health Care Services Delivery'),
      slot('PWK', 'Additional Service Information', { maximum: 10 }),
      slot('MSG', 'Message Text'),
    ],
    loops: [nested('2010F', 'S', 10, partySlots('Service Provider', slot('NM1', 'Service Provider Name'), 8))],
  },
];

export const REQUEST_GRAMMAR: TransactionGrammar = {
  guide: REQUEST_GUIDE,
  header: [slot('ST', 'Transaction Set Header', { usage: 'R' }), slot('BHT', 'Beginning of Hierarchical Transaction', { usage: 'R' })],
  levels,
  segments: REQUEST_SEGMENTS,
};
