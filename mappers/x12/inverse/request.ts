/** A PAS request Bundle as a 278 request (005010X217), the inverse of the mapping in `request/`. */
import type { Bundle, Claim, ClaimCareTeam, ClaimItem, ServiceRequest } from '@medplum/fhirtypes';
import type { IndexedEntry } from '../../../fhir/references.ts';
import { toX12Date, toX12Time } from '../grammar/dates.ts';
import { LEVEL, REQUEST_GUIDE } from '../grammar/request-278.ts';
import { type OutgoingEnvelope, writeInterchange } from '../interchange.ts';
import type { X12Issue } from '../issue.ts';
import { levelSegments, type OutgoingLevel } from '../levels.ts';
import { EXTENSION, SYSTEM, x12System } from '../pas.ts';
import { buildSegment, type ElementInput, type Segment } from '../segment.ts';
import { codeIn, findExtension, isType, list } from '../shapes.ts';
import { transactionSet } from '../writer.ts';
import { accidentElement, attachmentSegments, conditionSegments, diagnosisSegments, encounterSegments, eventDateSegments, homeHealthSegments, locationElement, reviewReferenceSegments, traceOrganization, traceSegments } from './event.ts';
import { memberSegments } from './members.ts';
import { entityCode, partySegments } from './parties.ts';
import { dateSegments, deliverySegments, itemFacts, serviceLineSegments } from './service.ts';
import { Source } from './source.ts';

/** The envelope of an outgoing request: all that the Bundle does not say. */
export interface RequestEnvelope extends OutgoingEnvelope {
  /** GS02 and GS03. */
  applicationSender: string;
  applicationReceiver: string;
  groupControlNumber: number;
  /** ST02, four to nine characters. */
  transactionControlNumber: string;
  /** TRN03 where the Claim's identifier names no organization: ten characters, `1` and the tax number, or `9` and a number agreed on. */
  traceOrganization: string;
}

export interface WrittenRequest {
  bytes: Uint8Array;
  issues: X12Issue[];
}

/**
 * Writes the request; what X12 cannot carry is told in the issues, an `error` meaning that it should not be sent.
 * @param bundle a PAS request Bundle of sound FHIR structure: a number where a string belongs is for a validator to find
 */
export function requestInterchange(bundle: Bundle, envelope: RequestEnvelope): WrittenRequest {
  const source = new Source(bundle);
  const entry = source.first('Claim');
  const body = entry !== undefined && isType(entry.resource, 'Claim') ? requestBody(source, bundle, entry, entry.resource, envelope) : [];
  if (body.length === 0) source.error('no-claim', 'The Bundle holds no Claim.');
  const transactions = [transactionSet('278', envelope.transactionControlNumber, REQUEST_GUIDE, body)];
  const written = writeInterchange(envelope, [
    { functionalIdentifier: 'HI', senderCode: envelope.applicationSender, receiverCode: envelope.applicationReceiver, controlNumber: envelope.groupControlNumber, version: REQUEST_GUIDE, transactions },
  ]);
  return { bytes: written.bytes, issues: [...source.issues, ...written.issues] };
}

function requestBody(source: Source, bundle: Bundle, entry: IndexedEntry, claim: Claim, envelope: RequestEnvelope): Segment[] {
  const insurer = source.resolve(claim.insurer, entry, 'insurer');
  const provider = source.resolve(claim.provider, entry, 'requesting provider');
  const members = memberSegments(source, entry, claim);
  const items = changedItems(claim);
  const levels: OutgoingLevel[] = [
    { code: LEVEL.umo, segments: partySegments(source, insurer, { entity: entityOr(insurer, ['X3', 'PR', '36', '1P', 'FA', '2B'], 'X3'), fallbackQualifier: 'PI' }) },
    { code: LEVEL.requester, parent: 0, segments: partySegments(source, provider, { entity: entityOr(provider, ['1P', 'FA', '2B', '36', 'PR'], '1P'), fallbackQualifier: '46' }) },
    { code: LEVEL.subscriber, parent: 1, segments: members.subscriber },
  ];
  if (members.dependent !== undefined) levels.push({ code: LEVEL.dependent, parent: 2, segments: members.dependent });
  const eventAt = levels.length;
  levels.push({ code: LEVEL.event, parent: eventAt - 1, segments: eventSegments(source, entry, claim, items, envelope) });
  const isInstitutional = codeIn(claim.type, SYSTEM.claimType) === 'institutional';
  for (const item of items) levels.push({ code: LEVEL.service, parent: eventAt, segments: serviceSegments(source, entry, claim, item, isInstitutional, envelope) });
  const timestamp = bundle.timestamp ?? claim.created;
  const bht = buildSegment('BHT', '0007', '13', bundle.identifier?.value ?? list(claim.identifier)[0]?.value, toX12Date(timestamp) ?? envelope.date, toX12Time(timestamp) ?? envelope.time);
  return [bht, ...levelSegments(levels)];
}

/** IG examples type a requester X3, which X12 has no place for at that level. */
function entityOr(entry: IndexedEntry | undefined, allowed: readonly string[], otherwise: string): string {
  const code = entityCode(entry);
  return code !== undefined && allowed.includes(code) ? code : otherwise;
}

/** An update is the whole Claim in FHIR and its changed lines in X12. */
function changedItems(claim: Claim): ClaimItem[] {
  const items = [...list(claim.item)];
  if (list(claim.related).length === 0) return items;
  const changed = items.filter((item) => findExtension(item, EXTENSION.infoChanged) !== undefined || isCancelled(item));
  return changed.length > 0 ? changed : items;
}

function isCancelled(item: ClaimItem): boolean {
  return list(item.modifierExtension).some((extension) => extension.url === EXTENSION.infoCancelled && extension.valueBoolean === true);
}

interface UmParts {
  requestType?: string | undefined;
  certificationType?: string | undefined;
  serviceType?: string | undefined;
  location?: ElementInput;
}

function umParts(item: ClaimItem | undefined): UmParts {
  return {
    requestType: codeIn(findExtension(item, EXTENSION.serviceItemRequestType)?.valueCodeableConcept, x12System('1525')),
    certificationType: codeIn(findExtension(item, EXTENSION.certificationType)?.valueCodeableConcept, x12System('1322')),
    serviceType: codeIn(item?.category, x12System('1365')),
    location: locationElement(item?.locationCodeableConcept),
  };
}

function eventSegments(source: Source, entry: IndexedEntry, claim: Claim, items: readonly ClaimItem[], envelope: RequestEnvelope): Segment[] {
  const first = umParts(items[0]);
  const certification = codeIn(findExtension(claim, EXTENSION.certificationType)?.valueCodeableConcept, x12System('1322')) ?? (list(claim.related).length > 0 ? 'S' : first.certificationType);
  const levelOfService = codeIn(findExtension(claim, EXTENSION.levelOfServiceCode)?.valueCodeableConcept, x12System('1338'));
  const encounter = encounterSegments(source.resource(findExtension(claim, EXTENSION.encounter)?.valueReference, entry, 'Encounter', 'encounter'));
  const ofItems = new Set(items.flatMap((item) => list(item.informationSequence)));
  const information = list(claim.supportingInfo).filter((info) => info.sequence === undefined || !ofItems.has(info.sequence));
  const team = list(claim.careTeam).filter((member) => isOverall(member));
  if (team.length > 14) source.warn('too-many-providers', 'A patient event names fourteen providers; the others were left out.');
  return [
    ...traceSegments(list(claim.identifier), envelope.traceOrganization),
    buildSegment('UM', first.requestType ?? 'HS', certification ?? 'I', first.serviceType, first.location, accidentElement(claim), levelOfService, '', '', 'Y'),
    ...reviewReferenceSegments(claim),
    ...eventDateSegments(claim),
    ...diagnosisSegments(source, claim),
    ...encounter.stay,
    ...conditionSegments(claim),
    ...encounter.institutional,
    ...homeHealthSegments(claim),
    ...attachmentSegments(source, information),
    ...team.slice(0, 14).flatMap((member) => careTeamSegments(source, entry, member)),
  ];
}

function isOverall(member: ClaimCareTeam): boolean {
  return findExtension(member, EXTENSION.careTeamClaimScope)?.valueBoolean !== false;
}

function careTeamSegments(source: Source, entry: IndexedEntry, member: ClaimCareTeam): Segment[] {
  const provider = source.resolve(member.provider, entry, 'care team member');
  const taxonomy = codeIn(member.qualification, SYSTEM.providerTaxonomy);
  return partySegments(source, provider, {
    entity: codeIn(member.role, x12System('98')) ?? entityCode(provider) ?? 'SJ',
    fallbackQualifier: '46',
    ...(taxonomy === undefined ? {} : { specialty: { provider: 'PE', taxonomy } }),
  });
}

function serviceSegments(source: Source, entry: IndexedEntry, claim: Claim, item: ClaimItem, isInstitutional: boolean, envelope: RequestEnvelope): Segment[] {
  const um = umParts(item);
  const order: ServiceRequest | undefined = source.resource(findExtension(item, EXTENSION.requestedService)?.valueReference, entry, 'ServiceRequest', 'requested service');
  const facts = itemFacts(item, order);
  const traces = list(item.extension).flatMap((extension) => (extension.url === EXTENSION.itemTraceNumber && extension.valueIdentifier !== undefined ? [extension.valueIdentifier] : []));
  const eventTrace = list(claim.identifier)[0];
  const organization = traceOrganization(eventTrace) ?? envelope.traceOrganization;
  // Without a trace of its own the line carries its sequence, so that a response in another order still finds its item.
  const trace = traces.length > 0 ? traceSegments(traces, organization) : [buildSegment('TRN', '1', itemTrace(eventTrace?.value, item.sequence), organization)];
  const sequences = list(item.informationSequence);
  const information = list(claim.supportingInfo).filter((info) => info.sequence !== undefined && sequences.includes(info.sequence));
  const team = list(claim.careTeam).filter((member) => !isOverall(member) && member.sequence !== undefined && list(item.careTeamSequence).includes(member.sequence));
  const line = serviceLineSegments(facts, isInstitutional);
  if (line.length === 0 && [facts.epsdt, facts.levelOfCare, facts.residentialStatus, facts.rate, facts.unitPrice].some((fact) => fact !== undefined)) {
    source.warn('line-without-procedure', 'Particulars of a service were left out: without a procedure or revenue code there is no SV1 or SV2 to hold them.');
  }
  if (team.length > 10) source.warn('too-many-providers', 'A service names ten providers; the others were left out.');
  return [
    ...trace,
    buildSegment('UM', um.requestType ?? 'HS', um.certificationType ?? 'I', um.serviceType, um.location),
    ...reviewReferenceSegments(item),
    ...dateSegments('472', item.servicedDate, item.servicedPeriod),
    ...line,
    ...deliverySegments(facts),
    ...attachmentSegments(source, information),
    ...team.slice(0, 10).flatMap((member) => careTeamSegments(source, entry, member)),
  ];
}

/** TRN02 that holds the sequence of its item. */
export function itemTrace(eventTrace: string | undefined, sequence: number | undefined): string {
  return `${(eventTrace ?? '').slice(0, 40)}.${sequence ?? 0}`;
}
