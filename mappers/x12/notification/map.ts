/**
 * A checked 278 notification (005010X216) to FHIR. It asks for nothing, so no request for authorization comes of it: a
 * Communication says who told whom what, and when, and is about
 *
 *   a notice        what happens to a patient, told by a provider: an Encounter with its diagnoses, and orders for services
 *   a copy          what a utilization management organization decided, as an ExplanationOfBenefit
 *
 * Which of them it is, is told by whether it holds a decision (HCR) or a rejection (AAA). Why these resources:
 * docs/decisions/0031-x12-notifications.md.
 */
import type { CodeableConcept, Communication, Reference } from '@medplum/fhirtypes';
import { PURPOSE } from '../grammar/notification-278.ts';
import type { LoopOccurrence } from '../grammar/definition.ts';
import { x12System } from '../pas.ts';
import { segmentsOf } from '../request/draft.ts';
import { closeFrame, type Frame, type MappedRequest, type MappingOptions, openFrame, type Origin, submitterIdentifier } from '../request/frame.ts';
import { findLevels, type Level } from '../request/levels.ts';
import type { RequestLevels } from '../request/map.ts';
import { REFERENCE_SYSTEM } from '../request/predecessor.ts';
import { compact } from '../shapes.ts';
import { mapCopy } from './copy.ts';
import { numbersIn, traces, urnOfNotification } from './keys.ts';
import { mapNotice } from './notice.ts';
import { mapParties, type Parties } from './parties.ts';
import { reasonFor } from './unmapped-reasons.ts';

/** Category of a Communication that tells of something and asks for nothing. */
export const NOTIFICATION_CATEGORY = { system: 'http://terminology.hl7.org/CodeSystem/communication-category', code: 'notification' } as const;

/** Maps a transaction set that passed its checks; undefined when its levels are not all there. */
export function mapNotification(set: LoopOccurrence, origin: Origin, options: MappingOptions): MappedRequest | undefined {
  const levels = findLevels(set);
  const [bht] = segmentsOf(set.segments, 'BHT');
  if (levels?.event === undefined || bht === undefined) return undefined;
  const { event, services } = levels;
  const opened = openFrame(bht, 'notification', segmentsOf(event.segments, 'TRN')[0], origin, options);
  const frame: Frame = { ...opened, claim: urnOfNotification(opened, { ...levels, event }) };
  const decided = [event, ...services].some(({ segments }) => segments.some(({ id }) => id === 'HCR' || id === 'AAA'));
  const parties = mapParties(frame, { ...levels, event }, decided);
  const about = decided ? mapCopy(frame, { ...levels, event }, parties) : mapNotice(frame, { ...levels, event }, parties);
  return closeFrame(frame, mapCommunication(frame, { ...levels, event }, parties, [...about, ...mapSubjects(frame, event, about.length)]), levels, { kind: 'notification', reasons: reasonFor(decided) });
}

/** REF*BB and REF*NT: the decision that the notification is about, by the number that the payer gave it. */
function mapSubjects({ draft, claim }: Frame, event: Level, first: number): Reference[] {
  return numbersIn(event).flatMap((segment, index): Reference[] => {
    const reader = draft.recorder.reader(event.id, segment, claim);
    const at = `about[${first + index}].identifier`;
    const code = reader.take(`${at}.type.coding[0].code`, 1);
    const value = reader.take(`${at}.value`, 2);
    return code === undefined || value === undefined ? [] : [{ type: 'ClaimResponse', identifier: { type: { coding: [{ system: REFERENCE_SYSTEM, code }] }, system: REFERENCE_SYSTEM, value } }];
  });
}

function mapCommunication(frame: Frame, { event }: RequestLevels, parties: Parties, about: Reference[]): Communication {
  const { draft, claim, purpose } = frame;
  const header = draft.recorder.reader('HEADER', frame.bht, claim);
  header.take('identifier[0].value', 3);
  header.take('topic.coding[0].code', 2);
  const um = draft.recorder.reader(event.id, segmentsOf(event.segments, 'UM')[0]!, claim);
  const category = um.take('reasonCode[0].coding[0].code', 1);
  const payload = segmentsOf(event.segments, 'MSG').flatMap((segment, index) => draft.recorder.reader(event.id, segment, claim).take(`payload[${index}].contentString`, 1) ?? []);
  const coded = (dataElement: string, code: string | undefined): CodeableConcept | undefined => (code === undefined ? undefined : { coding: [{ system: x12System(dataElement), code }] });
  const reason = coded('1525', category);
  return compact<Communication>({
    resourceType: 'Communication',
    identifier: [submitterIdentifier(frame), ...traces(frame, event, claim, 1)],
    status: purpose === PURPOSE.cancellation ? 'entered-in-error' : 'completed',
    category: [{ coding: [NOTIFICATION_CATEGORY] }],
    topic: coded('353', purpose),
    reasonCode: reason === undefined ? undefined : [reason],
    subject: { reference: parties.patient },
    about,
    sent: frame.timestamp,
    sender: { reference: parties.sender },
    recipient: [{ reference: parties.recipient }],
    payload: payload.map((contentString) => ({ contentString })),
  });
}
