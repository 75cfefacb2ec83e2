/**
 * What is still wanted from the provider, as PAS says it: a CommunicationRequest for each document of each item, and
 * for an EHR to work off one Task for all that codes name and another for all questionnaires (PAS 2.2.1, "Requesting
 * additional information", ainfo-7).
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

/** What one Task asks for (PASTaskCodes). Reports that X12 codes name are asked for by CommunicationRequest alone: the profile binds the input of a Task to LOINC. */
type AskingTask = 'attachment-request-code' | 'attachment-request-questionnaire';
const askingTasks: readonly AskingTask[] = ['attachment-request-code', 'attachment-request-questionnaire'];

function taskIdOf(claimResponse: string, kind: AskingTask): string {
  return nameBasedUuid(namespace, JSON.stringify(kind === 'attachment-request-code' ? [claimResponse] : [claimResponse, kind]));
}

/** Documents that have no code are told of in words, and belong with those that have one. */
function askingTaskOf({ questionnaire }: WantedInformation): AskingTask {
  return questionnaire === undefined ? 'attachment-request-code' : 'attachment-request-questionnaire';
}

/** Of what is wanted, what the Task of this id stands for. */
export function wantedByTask(task: string, claimResponse: string, state: AuthorizationState): Wanted[] {
  return wantedOf(claimResponse, state).filter((wanted) => taskIdOf(claimResponse, askingTaskOf(wanted)) === task);
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

/** Source: profile-task. None where nothing is wanted that a LOINC code names: the profile has no other way to say it. */
export function informationTasksOf(input: InformationInput, state: AuthorizationState): (Task & { id: string })[] {
  const documents = wantedOf(input.claimResponse, state).filter((wanted) => documentCode(wanted) !== undefined);
  return askingTasks.flatMap((kind) => {
    const asked = documents.filter((wanted) => askingTaskOf(wanted) === kind);
    return asked.length === 0 ? [] : [informationTaskOf(kind, asked, input, state)];
  });
}

function informationTaskOf(kind: AskingTask, documents: readonly Wanted[], input: InformationInput, state: AuthorizationState): Task & { id: string } {
  const { request, addresses } = input;
  const payer = identifierOf(request.insurer?.resource);
  const provider = identifierOf(request.requester?.resource as { identifier?: Identifier[] } | undefined) ?? providerIdentifier(request);
  return {
    resourceType: 'Task',
    id: taskIdOf(input.claimResponse, kind),
    meta: { profile: [pasProfile.task] },
    identifier: [{ system: trackingSystem, value: state.received.administrativeReference }],
    status: 'requested',
    statusReason: { text: 'The request is decided when this has come.' },
    intent: 'order',
    code: { coding: [{ system: systemOf.pasTemporary, code: kind }] },
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
