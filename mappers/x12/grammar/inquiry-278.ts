/**
 * The loops of the 005010X215 inquiry: the levels of the request, with less in them that must be there. An inquiry asks
 * by example, so every value below the member is a search value, and an inquiry that stops at the member asks for all.
 *
 * The guide is licensed and was not at hand. What stands here comes from the PAS 2.2.1 inquiry profile (which search
 * values there are), published inquiries to two payers (BHT02 28; events without UM and without TRN) and a published
 * mapping (TRN at the subscriber and the dependent, certification dates, UM02 left out). What a request may say beyond
 * that is let through and told as unmapped. Unverified are maximum counts, the places of HCR and of the certification
 * dates, and whether several patients or events may stand in one inquiry: this reader takes one of each.
 */
import { compileGuide } from './compile.ts';
import { type Loop, loop } from './definition.ts';
import { beginning, CERTIFICATION_TYPES, certificationDates, date, decision, dependentName, eventDates, eventDetails, eventNames, HEADING, identified, LEVEL, level, party, review, reviewReferences, serviceDetails, serviceNames, subscriberName, trace, TRAILER } from './levels-278.ts';
import { checkServiceKinds } from './review-278.ts';

export const INQUIRY_GUIDE = '005010X215';

const service = loop('2000F', 'Service Level', 'S>', [
  level(LEVEL.service, 'Service Level'),
  trace('Service Trace Number', 2),
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
  trace('Patient Event Tracking Number', 2),
  review('S1', `S2=${CERTIFICATION_TYPES}`),
  decision,
  ...reviewReferences,
  ...eventDates,
  ...certificationDates,
  ...eventDetails,
  ...eventNames,
  service,
]);

export const INQUIRY = compileGuide({
  versions: [INQUIRY_GUIDE],
  set: '278',
  functionalIdentifier: 'HI',
  root: loop('ST', 'Transaction Set', 'R1', [
    ...HEADING,
    // 13, a request, is what some senders write.
    beginning('R2=28~13'),
    loop('2000A', 'Utilization Management Organization Level', 'R1', [
      level(LEVEL.umo, 'Utilization Management Organization Level'),
      loop('2010A', 'Utilization Management Organization Name', 'R1', [identified('X3|PR|36|1P|FA|2B', 'Utilization Management Organization Name')]),
      loop('2000B', 'Requester Level', 'R1', [
        level(LEVEL.requester, 'Requester Level'),
        loop('2010B', 'Requester Name', 'R1', [identified('1P|FA|2B|36|PR', 'Requester Name'), ...party('Requester', 8)]),
        loop('2000C', 'Subscriber Level', 'R1', [
          level(LEVEL.subscriber, 'Subscriber Level'),
          trace('Subscriber Trace Number', 2),
          subscriberName,
          loop('2000D', 'Dependent Level', 'S1', [level(LEVEL.dependent, 'Dependent Level'), trace('Dependent Trace Number', 2), dependentName, event]),
          event,
        ]),
      ]),
    ]),
    TRAILER,
  ]),
  reviews: [checkServiceKinds],
});
