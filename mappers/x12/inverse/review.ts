/** What is to be reviewed: a Claim as the patient event (2000E), its items as services (2000F). */
import type { Claim, ClaimCareTeam, ClaimItem, ServiceRequest } from '@medplum/fhirtypes';
import type { IndexedEntry } from '../../../fhir/references.ts';
import { EXTENSION, SYSTEM, x12System } from '../pas.ts';
import { buildSegment, type ElementInput, type Segment } from '../segment.ts';
import { codeIn, findExtension, list } from '../shapes.ts';
import { accidentElement, attachmentSegments, conditionSegments, diagnosisSegments, encounterSegments, eventDateSegments, homeHealthSegments, locationElement, reviewReferenceSegments, traceOrganization, traceSegments } from './event.ts';
import { entityCode, partySegments } from './parties.ts';
import { dateSegments, deliverySegments, itemFacts, serviceLineSegments } from './service.ts';
import type { Source } from './source.ts';
import { certificationOf, certificationOfEvent, changedInformation, earlierTrace, predecessorReferences, tellWithdrawn } from './update.ts';

interface UmParts {
  requestType?: string | undefined;
  certificationType?: string | undefined;
  serviceType?: string | undefined;
  location?: ElementInput;
}

/** What UM says of an item. */
export function umParts(item: ClaimItem | undefined): UmParts {
  return {
    requestType: codeIn(findExtension(item, EXTENSION.serviceItemRequestType)?.valueCodeableConcept, x12System('1525')),
    certificationType: codeIn(findExtension(item, EXTENSION.certificationType)?.valueCodeableConcept, x12System('1322')),
    serviceType: codeIn(item?.category, x12System('1365')),
    location: locationElement(item?.locationCodeableConcept),
  };
}

/** True for a Claim whose lines are SV2. */
export function isInstitutional(claim: Claim): boolean {
  return codeIn(claim.type, SYSTEM.claimType) === 'institutional';
}

/** 2000E of a Claim. */
export function eventSegments(source: Source, entry: IndexedEntry, claim: Claim, items: readonly ClaimItem[], defaultOrganization: string): Segment[] {
  const first = umParts(items[0]);
  const certification = certificationOfEvent(claim, first.certificationType);
  const references = reviewReferenceSegments(claim);
  const levelOfService = codeIn(findExtension(claim, EXTENSION.levelOfServiceCode)?.valueCodeableConcept, x12System('1338'));
  const encounter = encounterSegments(source.resource(findExtension(claim, EXTENSION.encounter)?.valueReference, entry, 'Encounter', 'encounter'));
  const ofItems = new Set(items.flatMap((item) => list(item.informationSequence)));
  const information = changedInformation(claim).filter((info) => info.sequence === undefined || !ofItems.has(info.sequence));
  const team = list(claim.careTeam).filter((member) => isOverall(member));
  tellWithdrawn(source, claim);
  if (team.length > 14) source.warn('too-many-providers', 'A patient event names fourteen providers; the others were left out.');
  return [
    ...traceSegments([...list(claim.identifier).slice(0, 1), ...earlierTrace(source, entry, claim), ...list(claim.identifier).slice(1)], defaultOrganization),
    buildSegment('UM', first.requestType ?? 'HS', certification ?? 'I', first.serviceType, first.location, accidentElement(claim), levelOfService, '', '', 'Y'),
    ...references,
    ...predecessorReferences(claim, references),
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

/** True for a provider of the event, false for one of some items. */
export function isOverall(member: ClaimCareTeam): boolean {
  return findExtension(member, EXTENSION.careTeamClaimScope)?.valueBoolean !== false;
}

/** 2010EA or 2010F of a member of the care team. */
export function careTeamSegments(source: Source, entry: IndexedEntry, member: ClaimCareTeam): Segment[] {
  const provider = source.resolve(member.provider, entry, 'care team member');
  const taxonomy = codeIn(member.qualification, SYSTEM.providerTaxonomy);
  return partySegments(source, provider, {
    entity: codeIn(member.role, x12System('98')) ?? entityCode(provider) ?? 'SJ',
    fallbackQualifier: '46',
    ...(taxonomy === undefined ? {} : { specialty: { provider: 'PE', taxonomy } }),
  });
}

/** 2000F of an item. */
export function serviceSegments(source: Source, entry: IndexedEntry, claim: Claim, item: ClaimItem, institutional: boolean, defaultOrganization: string): Segment[] {
  const um = umParts(item);
  const order: ServiceRequest | undefined = source.resource(findExtension(item, EXTENSION.requestedService)?.valueReference, entry, 'ServiceRequest', 'requested service');
  const facts = itemFacts(item, order);
  const traces = list(item.extension).flatMap((extension) => (extension.url === EXTENSION.itemTraceNumber && extension.valueIdentifier !== undefined ? [extension.valueIdentifier] : []));
  const eventTrace = list(claim.identifier)[0];
  const organization = traceOrganization(eventTrace) ?? defaultOrganization;
  // Without a trace of its own the line carries its sequence, so that a response in another order still finds its item.
  const trace = traces.length > 0 ? traceSegments(traces, organization) : [buildSegment('TRN', '1', itemTrace(eventTrace?.value, item.sequence), organization)];
  const sequences = list(item.informationSequence);
  const information = changedInformation(claim).filter((info) => info.sequence !== undefined && sequences.includes(info.sequence));
  const team = list(claim.careTeam).filter((member) => !isOverall(member) && member.sequence !== undefined && list(item.careTeamSequence).includes(member.sequence));
  const line = serviceLineSegments(facts, institutional);
  if (line.length === 0 && [facts.epsdt, facts.levelOfCare, facts.residentialStatus, facts.rate, facts.unitPrice].some((fact) => fact !== undefined)) {
    source.warn('line-without-procedure', 'Particulars of a service were left out: without a procedure or revenue code there is no SV1 or SV2 to hold them.');
  }
  if (team.length > 10) source.warn('too-many-providers', 'A service names ten providers; the others were left out.');
  return [
    ...trace,
    buildSegment('UM', um.requestType ?? 'HS', certificationOf(claim, item, um.certificationType) ?? 'I', um.serviceType, um.location),
    ...reviewReferenceSegments(item),
    ...dateSegments('472', item.servicedDate, item.servicedPeriod),
    ...line,
    ...deliverySegments(facts),
    ...attachmentSegments(source, information),
    ...team.slice(0, 10).flatMap((member) => careTeamSegments(source, entry, member)),
  ];
}

/** TRN02 that holds the sequence of its item. */
function itemTrace(eventTrace: string | undefined, sequence: number | undefined): string {
  return `${(eventTrace ?? '').slice(0, 40)}.${sequence ?? 0}`;
}
