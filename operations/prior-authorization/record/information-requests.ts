/**
 * What is still wanted from the provider, as PAS says it: a CommunicationRequest for each document of each item, and
 * one Task for all of them, which is what an EHR works off (PAS 2.2.1, "Requesting additional information").
 * Pure, and the same for the same state: the ids follow from the ClaimResponse, the item and the document.
 */
import type { Claim, CommunicationRequest, Extension, Identifier, Reference, Task, TaskInput } from '@medplum/fhirtypes';
import { nameBasedUuid } from '../../../fhir/ids.ts';
import { pasExtension, pasProfile, systemOf, x12System } from '../../../profiles/pas/names.ts';
import type { WantedInformation } from '../events.ts';
import type { RequestReading } from '../request/read-request.ts';
import { dueAtOf, type AuthorizationState } from '../state.ts';
import type { Addresses } from './addresses.ts';
import { communicatedDiagnoses } from './echoed.ts';

/** X12 data element 755, by which the guide asks for a kind of report (PWK01); no code of it is kept here. */
const reportTypes = x12System('755');
const loinc = 'http://loinc.org';
const namespace = 'https://priora.health/information-request';
/** Source: PAS 2.2.1, "Requesting additional information". */
const questionnaireRequest = '102089-0';
/** By this number an attachment is matched with what was asked for (CDex: TrackingId), and DTR with its questionnaire. */
export const trackingSystem = 'https://priora.health/fhir/information-request';

export interface InformationInput {
  /** Id of the ClaimResponse. */
  readonly claimResponse: string;
  readonly request: RequestReading;
  readonly addresses: Addresses;
  /** How the Task refers to the Claim: by address in the store, by identifier where the Claim stays with its sender. */
  readonly claim: Reference<Claim>;
  /** FHIR base of this server: where the information is to be sent. */
  readonly baseUrl: string;
}

export interface Wanted extends WantedInformation {
  readonly item: number;
  readonly id: string;
}

/** Everything wanted, item by item, each with the id of its CommunicationRequest. Wanted twice for two reasons is wanted once. */
export function wantedOf(claimResponse: string, state: AuthorizationState): Wanted[] {
  const found = new Map<string, Wanted>();
  for (const item of state.items.values()) {
    for (const wanted of item.wanted) {
      const id = nameBasedUuid(namespace, JSON.stringify([claimResponse, item.sequence, wanted.system, wanted.code, wanted.code === '' ? wanted.text : '', ...(wanted.questionnaire === undefined ? [] : [wanted.questionnaire])]));
      const known = found.get(id);
      found.set(id, { ...wanted, item: item.sequence, id, text: known && known.text !== wanted.text ? `${known.text} ${wanted.text}` : wanted.text });
    }
  }
  return [...found.values()];
}

/** Of one request for information; begins with the number of the authorization. */
export function trackingNumber(administrativeReference: string, { item, id }: Pick<Wanted, 'item' | 'id'>): string {
  return `${administrativeReference}-${item}-${id.slice(0, 8)}`;
}

export function taskIdOf(claimResponse: string): string {
  return nameBasedUuid(namespace, JSON.stringify([claimResponse]));
}

/** Source: profile-communicationrequest. `category` is bound to the licensed X12 list 755: only a rule pack that asks by its codes fills it. */
export function communicationRequestsOf(input: InformationInput, state: AuthorizationState): (CommunicationRequest & { id: string })[] {
  const { patient, insurer } = input.addresses;
  const sender = organizationAsking(input);
  return wantedOf(input.claimResponse, state).map((wanted) => ({
    resourceType: 'CommunicationRequest',
    id: wanted.id,
    meta: { profile: [pasProfile.communicationRequest] },
    extension: [{ url: pasExtension.serviceLineNumber, valuePositiveInt: wanted.item }],
    identifier: [{ system: trackingSystem, value: trackingNumber(state.received.administrativeReference, wanted) }],
    status: 'active',
    subject: { reference: patient },
    ...(wanted.system === reportTypes && { category: [{ coding: [{ system: wanted.system, code: wanted.code }] }] }),
    medium: [{ coding: [{ system: systemOf.pasTemporary, code: 'CDEX' }] }],
    ...(documentCode(wanted) !== undefined && { payload: [{ ...about(wanted, input.request), contentString: documentCode(wanted)! }] }),
    ...(insurer !== undefined && { requester: { reference: insurer }, recipient: [{ reference: insurer }] }),
    ...(sender !== undefined && { sender: { reference: sender } }),
    note: [{ text: wanted.text }],
  }));
}

/** Which of it, and for which diagnoses of the item. */
function about({ item, modifier }: Wanted, request: RequestReading): { extension?: Extension[] } {
  const extension = [...communicatedDiagnoses(request.items.find(({ sequence }) => sequence === item)?.element, request), ...modifiers(modifier)];
  return extension.length > 0 ? { extension } : {};
}

function modifiers(modifier: WantedInformation['modifier']): Extension[] {
  return modifier ? [{ url: pasExtension.contentModifier, valueCodeableConcept: { coding: [{ system: modifier.system, code: modifier.code }] } }] : [];
}

/** The profile has an organization send the information: for a PractitionerRole that asked, the one it names, if any. */
function organizationAsking({ request, addresses }: InformationInput): string | undefined {
  const { requester } = request;
  if (requester?.resource.resourceType !== 'PractitionerRole') return addresses.requester;
  const organization = request.index.resolve(requester.resource.organization?.reference, requester);
  return organization?.fullUrl === undefined ? undefined : addresses.entry(organization.fullUrl);
}

/** Source: profile-task. Undefined where nothing is wanted that a LOINC code names: the profile has no other way to say it. */
export function informationTaskOf(input: InformationInput, state: AuthorizationState): (Task & { id: string }) | undefined {
  const { request, addresses } = input;
  const documents = wantedOf(input.claimResponse, state).filter((wanted) => documentCode(wanted) !== undefined);
  if (documents.length === 0) return undefined;
  const payer = identifierOf(request.insurer?.resource);
  const provider = identifierOf(request.requester?.resource as { identifier?: Identifier[] } | undefined) ?? providerIdentifier(request);
  return {
    resourceType: 'Task',
    id: taskIdOf(input.claimResponse),
    meta: { profile: [pasProfile.task] },
    identifier: [{ system: trackingSystem, value: state.received.administrativeReference }],
    status: 'requested',
    statusReason: { text: 'The request is decided when this has come.' },
    intent: 'order',
    code: { coding: [{ system: systemOf.pasTemporary, code: documents.every(({ questionnaire }) => questionnaire !== undefined) ? 'attachment-request-questionnaire' : 'attachment-request-code' }] },
    for: { reference: addresses.patient },
    authoredOn: state.received.receivedAt,
    ...(payer && { requester: { identifier: payer } }),
    ...(provider && { owner: { identifier: provider } }),
    reasonCode: { coding: [{ system: systemOf.pasTemporary, code: 'priorAuthorization' }] },
    reasonReference: input.claim,
    restriction: { period: { end: dueAtOf(state) } },
    input: [
      { type: typeOf('payer-url'), valueUrl: input.baseUrl },
      ...documents.map((wanted): TaskInput => ({
        extension: [{ url: pasExtension.serviceLineNumber, valuePositiveInt: wanted.item }, ...(wanted.questionnaire === undefined ? modifiers(wanted.modifier) : [])],
        ...(wanted.questionnaire === undefined
          ? { type: typeOf('attachments-needed'), valueCodeableConcept: { coding: [{ system: wanted.system, code: wanted.code }], text: wanted.text } }
          // The number by which DTR is asked for the questionnaire (ainfo-3).
          : { type: typeOf('questionnaire-context'), valueString: trackingNumber(state.received.administrativeReference, wanted) }),
      })),
    ],
  };
}

/**
 * The LOINC code that asks for it: that of a document, or the one that stands for "fill in the questionnaire of this
 * context". Undefined where it has none.
 */
function documentCode({ system, code, questionnaire }: WantedInformation): string | undefined {
  if (questionnaire !== undefined) return questionnaireRequest;
  return system === loinc ? code : undefined;
}

const typeOf = (code: string): TaskInput['type'] => ({ coding: [{ system: systemOf.pasTemporary, code }] });

function identifierOf(resource: { identifier?: Identifier[] } | undefined): Identifier | undefined {
  const identifiers = resource?.identifier ?? [];
  const best = identifiers.find((identifier) => identifier.system === systemOf.npi) ?? identifiers[0];
  return best?.value === undefined ? undefined : { ...(best.system !== undefined && { system: best.system }), value: best.value };
}

/** Behind a PractitionerRole without an identifier of its own: whoever asked. */
function providerIdentifier(request: RequestReading): Identifier | undefined {
  const [first] = request.requesterIdentifiers;
  if (first === undefined) return undefined;
  const at = first.indexOf('|');
  return { ...(at > 0 && { system: first.slice(0, at) }), value: first.slice(at + 1) };
}
