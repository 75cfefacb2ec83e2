/**
 * The loops of the 005010X217 request: which segments stand where, how often, and what tells them apart.
 * The patient event (EV) hangs under the dependent where there is one, else under the subscriber; services (SS) under the event.
 * Source: PAS bindings (which spell out segment, position and data element), the published examples and the X12
 * acknowledgments vocabulary; the guide itself is licensed.
 */
import { compileGuide } from './compile.ts';
import { type Loop, loop } from './definition.ts';
import { beginning, CERTIFICATION_TYPES, date, dependentName, eventDates, eventDetails, eventNames, HEADING, identified, LEVEL, level, party, review, reviewReferences, serviceDetails, serviceNames, subscriberName, trace, TRAILER } from './levels-278.ts';
import { checkEvent, checkServiceKinds } from './review-278.ts';

export const REQUEST_GUIDE = '005010X217';

const umoName = loop('2010A', 'Utilization Management Organization Name', 'R1', [identified('X3|PR|36|1P|FA|2B', 'Utilization Management Organization Name')]);
const requesterName = loop('2010B', 'Requester Name', 'R1', [identified('1P|FA|2B|36|PR', 'Requester Name'), ...party('Requester', 8)]);

const service = loop('2000F', 'Service Level', 'S>', [
  level(LEVEL.service, 'Service Level'),
  trace('Service Trace Number', 2),
  review('S1', `R2=${CERTIFICATION_TYPES}`),
  ...reviewReferences,
  date('472', 'Service Date'),
  ...serviceDetails,
  serviceNames,
]);

/** It has a place below the subscriber and one below the dependent. That one of them is taken is for a review to see. */
const event: Loop = loop('2000E', 'Patient Event Level', 'S1', [
  level(LEVEL.event, 'Patient Event Level'),
  trace('Patient Event Tracking Number', 2),
  review('R1', `R2=${CERTIFICATION_TYPES}`),
  ...reviewReferences,
  ...eventDates,
  ...eventDetails,
  ...eventNames,
  service,
]);

export const REQUEST = compileGuide({
  versions: [REQUEST_GUIDE],
  set: '278',
  functionalIdentifier: 'HI',
  root: loop('ST', 'Transaction Set', 'R1', [
    ...HEADING,
    beginning('R2=01|13|36 S6=RU'),
    loop('2000A', 'Utilization Management Organization Level', 'R1', [
      level(LEVEL.umo, 'Utilization Management Organization Level'),
      umoName,
      loop('2000B', 'Requester Level', 'R1', [
        level(LEVEL.requester, 'Requester Level'),
        requesterName,
        loop('2000C', 'Subscriber Level', 'R1', [
          level(LEVEL.subscriber, 'Subscriber Level'),
          subscriberName,
          loop('2000D', 'Dependent Level', 'S1', [level(LEVEL.dependent, 'Dependent Level'), dependentName, event]),
          event,
        ]),
      ]),
    ]),
    TRAILER,
  ]),
  reviews: [checkEvent, checkServiceKinds],
});
