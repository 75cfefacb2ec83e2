/** A checked 278 request to a PAS 2.2.1 request Bundle, with its ledger and the context of the answer. */
import type { Bundle, Claim, ClaimItem, ClaimSupportingInfo, Extension } from '@medplum/fhirtypes';
import type { InterchangeControl } from '../envelope.ts';
import type { CheckedTransaction, LevelOccurrence } from '../grammar/check.ts';
import { isTime, toFhirDate } from '../grammar/dates.ts';
import type { X12Issue } from '../issue.ts';
import { EXTENSION, profile, SYSTEM, x12System } from '../pas.ts';
import { type Segment, valueAt } from '../segment.ts';
import { compact, concept, conceptExtension, stringExtension } from '../shapes.ts';
import { CareTeam } from './care-team.ts';
import { echoOf, type RequestContext } from './context.ts';
import { Draft, segmentsOf, urnOf } from './draft.ts';
import { mapAccident, mapAttachments, mapDatedInformation, mapDiagnoses, mapEncounter, mapEventExtensions, mapIdentifiersOfEvent } from './event.ts';
import { mapMembers } from './members.ts';
import { mapParty } from './parties.ts';
import type { LedgerEntry, Unmapped } from './recorder.ts';
import { mapItem, mapReviewReferences } from './service.ts';

export interface MappedRequest {
  /** PAS request Bundle (`collection`), the Claim first. */
  bundle: Bundle;
  issues: X12Issue[];
  ledger: LedgerEntry[];
  /** Everything that was sent and has no place in the Bundle. */
  unmapped: Unmapped[];
  context: RequestContext;
}

/** Control values around the transaction set. */
export interface Origin {
  interchange: InterchangeControl;
  group: { senderCode: string; receiverCode: string; controlNumber: string };
  transactionControlNumber: string;
  guide: string;
}

export interface MappingOptions {
  /** Offset of the sender's clock, such as `-05:00`; X12 times have none. UTC is assumed, and told, unless given. */
  utcOffset?: string;
  /** System for member numbers; a name-based URN of the payer unless given. */
  memberIdentifierSystem?: string;
}

interface Levels {
  umo: LevelOccurrence;
  requester: LevelOccurrence;
  subscriber: LevelOccurrence;
  dependent?: LevelOccurrence;
  event: LevelOccurrence;
  services: LevelOccurrence[];
}

/** Maps a transaction set that passed its checks; undefined when its levels are not all there. */
export function mapRequest(checked: CheckedTransaction, origin: Origin, options: MappingOptions): MappedRequest | undefined {
  const levels = findLevels(checked.root);
  if (levels === undefined || checked.bht === undefined) return undefined;
  const { bht } = checked;
  const draft = new Draft();
  const { sender } = origin.interchange;
  const trn = segmentsOf(levels.event.segments, 'TRN')[0];
  const referenceIdentification = valueAt(bht, 3).trim();
  const claim = urnOf('claim', sender.qualifier, sender.id, referenceIdentification, valueAt(trn, 3), valueAt(trn, 2));
  const header = draft.recorder.reader('HEADER', bht, 'bundle');
  const timestamp = mapTimestamp(draft, header.take('timestamp', 4) ?? '', header.take('timestamp', 5) ?? '', options);
  const purpose = header.consult(2);
  const mapped = mapClaim(draft, levels, { claim, purpose, timestamp, origin, options, fallbackIdentifier: referenceIdentification });
  draft.add(claim, mapped.resource);
  const entry = draft.entries(claim);
  const bundle: Bundle = {
    resourceType: 'Bundle',
    meta: { profile: [profile('pas-request-bundle')] },
    identifier: { system: urnOf('submitter', sender.qualifier, sender.id), value: header.take('identifier.value', 3) ?? referenceIdentification },
    type: 'collection',
    timestamp,
    entry,
  };
  const fullUrls = entry.map(({ fullUrl }) => fullUrl ?? '');
  return {
    bundle,
    issues: draft.issues,
    ledger: draft.recorder.ledger(fullUrls),
    unmapped: reportUnmapped(draft, bht, levels),
    context: {
      guide: origin.guide,
      interchange: origin.interchange,
      group: origin.group,
      transactionControlNumber: origin.transactionControlNumber,
      referenceIdentification,
      purpose,
      claim,
      answerAt: levels.services.length === 0 ? 'event' : 'service',
      umo: echoOf(levels.umo),
      requester: echoOf(levels.requester),
      subscriber: echoOf(levels.subscriber),
      ...(levels.dependent === undefined ? {} : { dependent: echoOf(levels.dependent) }),
      event: echoOf(levels.event),
      services: levels.services.map((service, index) => ({ ...echoOf(service), sequence: index + 1 })),
    },
  };
}

function below(level: LevelOccurrence | undefined, id: string): LevelOccurrence | undefined {
  return level?.children.find((child) => child.id === id);
}

function findLevels(umo: LevelOccurrence | undefined): Levels | undefined {
  const requester = below(umo, '2000B');
  const subscriber = below(requester, '2000C');
  const dependent = below(subscriber, '2000D');
  const event = below(dependent, '2000E') ?? below(subscriber, '2000E');
  if (umo === undefined || requester === undefined || subscriber === undefined || event === undefined) return undefined;
  if ([umo, requester, subscriber, ...(dependent === undefined ? [] : [dependent])].some((level) => level.nested.length === 0)) return undefined;
  const services = event.children.filter((child) => child.id === '2000F');
  return { umo, requester, subscriber, event, services, ...(dependent === undefined ? {} : { dependent }) };
}

function mapTimestamp(draft: Draft, date: string, time: string, options: MappingOptions): string {
  const day = toFhirDate(date) ?? '1970-01-01';
  const clock = isTime(time) ? time : '0000';
  if (options.utcOffset === undefined) {
    draft.issues.push({ severity: 'information', code: 'assumed-utc', text: 'BHT05 has no offset; UTC is assumed.', location: { segment: 'BHT', element: 5 } });
  }
  return `${day}T${clock.slice(0, 2)}:${clock.slice(2, 4)}:${clock.slice(4, 6) || '00'}.000${options.utcOffset ?? 'Z'}`;
}

interface ClaimParts {
  claim: string;
  purpose: string;
  timestamp: string;
  origin: Origin;
  options: MappingOptions;
  fallbackIdentifier: string;
}

function mapClaim(draft: Draft, levels: Levels, parts: ClaimParts): { resource: Claim } {
  const { umo, requester, subscriber, dependent, event, services } = levels;
  const { claim, origin } = parts;
  const um = draft.recorder.reader(event.id, segmentsOf(event.segments, 'UM')[0]!, claim);
  const insurer = mapParty(draft, umo.nested[0]!, 'insurer').reference;
  const provider = mapParty(draft, requester.nested[0]!, 'requestor').reference;
  const umoName = umo.nested[0]!.segments[0];
  const { patient, coverage } = mapMembers(draft, subscriber, dependent, {
    insurer,
    payerKey: `${valueAt(umoName, 8)}|${valueAt(umoName, 9)}`,
    ...(parts.options.memberIdentifierSystem === undefined ? {} : { memberIdentifierSystem: parts.options.memberIdentifierSystem }),
  });
  const references = mapReviewReferences(draft, event, claim, 'extension');
  const certificationType = parts.purpose === '01' ? '3' : um.consult(2);
  // A change without the number of what it changes is still a request of its own: PAS has no update without a predecessor.
  const predecessor = references[0]?.valueString;
  const isUpdate = certificationType !== 'I' && predecessor !== undefined;
  if (certificationType === '3' && !isUpdate) draft.warn('cancel-without-reference', 'The cancellation names no authorization number.', event.id, um.segment);
  const careTeam = new CareTeam(draft, claim);
  careTeam.addLoops(event, true);
  const information = [...mapDatedInformation(draft, event, claim, 1)];
  information.push(...mapAttachments(draft, event, claim, information.length + 1));
  const item = mapItems(draft, levels, { claim, patient, careTeam, information, isUpdate, ...(parts.purpose === '01' ? { certificationType } : {}) });
  const encounter = mapEncounter(draft, event, claim, patient, services.length > 0);
  const identifiers = mapIdentifiersOfEvent(draft, event, claim);
  const resource = compact<Claim>({
    resourceType: 'Claim',
    meta: { profile: [profile(isUpdate ? 'claim-update' : 'claim')] },
    extension: [
      transmissionIdentifiers(origin),
      ...mapEventExtensions(draft, event, claim),
      ...references,
      ...(isUpdate ? conceptExtension(EXTENSION.certificationType, concept(x12System('1322'), certificationType)) : []),
      ...(encounter === undefined ? [] : [{ url: EXTENSION.encounter, valueReference: { reference: encounter } }]),
    ],
    identifier: identifiers.length > 0 ? identifiers : [{ system: urnOf('submitter', origin.interchange.sender.qualifier, origin.interchange.sender.id), value: parts.fallbackIdentifier }],
    status: 'active',
    type: { coding: [{ system: SYSTEM.claimType, code: claimType(levels) }] },
    use: 'preauthorization',
    patient: { reference: patient },
    created: parts.timestamp,
    insurer: { reference: insurer },
    provider: { reference: provider },
    priority: { coding: [{ system: SYSTEM.processPriority, code: /^(03|U)$/.test(valueAt(um.segment, 6)) ? 'stat' : 'normal' }] },
    related: isUpdate ? [{ claim: { type: 'Claim', identifier: { value: predecessor } }, relationship: { coding: [{ system: SYSTEM.relatedClaim, code: 'prior' }] } }] : [],
    careTeam: careTeam.members,
    supportingInfo: information,
    diagnosis: mapDiagnoses(draft, event, claim),
    insurance: [{ sequence: 1, focal: true, coverage: { reference: coverage } }],
    accident: mapAccident(draft, event, claim),
    item,
  });
  return { resource };
}

/** Institutional where SV2, a bill type or an admission says so; oral where SV3; else professional. */
function claimType({ event, services }: Levels): string {
  const lines = new Set(services.flatMap((service) => service.segments.map((segment) => segment.id)));
  if (lines.has('SV3')) return 'oral';
  if (lines.has('SV2')) return 'institutional';
  if (lines.has('SV1')) return 'professional';
  const um = segmentsOf(event.segments, 'UM')[0];
  return valueAt(um, 4, 2) === 'A' || valueAt(um, 1) === 'AR' ? 'institutional' : 'professional';
}

interface ItemsParts {
  claim: string;
  patient: string;
  careTeam: CareTeam;
  information: ClaimSupportingInfo[];
  isUpdate: boolean;
  certificationType?: string;
}

function mapItems(draft: Draft, { event, services }: Levels, { careTeam, information, ...shared }: ItemsParts): ClaimItem[] {
  if (services.length === 0) return [mapItem(draft, { ...shared, sequence: 1, level: event, event, careTeamSequence: [], informationSequence: [], takesEventQuantity: false })];
  // An event's visits can be told of the only line that has none of its own; its days are the Encounter's.
  const eventUnit = valueAt(segmentsOf(event.segments, 'HSD')[0], 1);
  return services.map((level, index) => {
    const attachments = mapAttachments(draft, level, shared.claim, information.length + 1);
    information.push(...attachments);
    return mapItem(draft, {
      ...shared,
      sequence: index + 1,
      level,
      event,
      careTeamSequence: careTeam.addLoops(level, false),
      informationSequence: attachments.map(({ sequence }) => sequence ?? 0),
      takesEventQuantity: services.length === 1 && eventUnit !== '' && eventUnit !== 'DY',
    });
  });
}

function transmissionIdentifiers({ interchange, group }: Origin): Extension {
  return {
    url: EXTENSION.transmissionIdentifiers,
    extension: [
      ...stringExtension('applicationSenderCode', group.senderCode),
      ...stringExtension('applicationReceiverCode', group.receiverCode),
      ...stringExtension('interchangeSenderID', interchange.sender.id),
      ...stringExtension('interchangeReceiverID', interchange.receiver.id),
    ],
  };
}

function reportUnmapped(draft: Draft, bht: Segment, levels: Levels): Unmapped[] {
  const { umo, requester, subscriber, dependent, event, services } = levels;
  const all = [umo, requester, subscriber, ...(dependent === undefined ? [] : [dependent]), event, ...services];
  return [
    ...draft.recorder.unmapped('HEADER', [bht]),
    ...all.flatMap((level) => [...draft.recorder.unmapped(level.id, level.segments), ...level.nested.flatMap((loop) => draft.recorder.unmapped(loop.id, loop.segments))]),
  ];
}
