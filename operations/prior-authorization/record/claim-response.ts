/**
 * The ClaimResponse of an authorization in its current state, by PAS 2.2.1 profile-claimresponse: item codes decide,
 * `outcome` only says how far processing is. Pure: state, request and addresses in, resource out.
 */
import type { ClaimItem, ClaimResponse, ClaimResponseAddItem, ClaimResponseItem, ClaimResponseProcessNote, CodeableConcept, Extension, Period } from '@medplum/fhirtypes';
import { pasExtension, pasProfile, reviewActionText, systemOf, type ReviewActionCode } from '../../../profiles/pas/names.ts';
import type { Person, Reason } from '../events.ts';
import type { ItemClock } from '../item-clock.ts';
import type { RequestReading } from '../request/read-request.ts';
import { isOpen, isUndecided, overallStatus, type AuthorizationState, type ItemState } from '../state.ts';
import type { Addresses } from './addresses.ts';
import { authorizedProviders, withoutTypes } from './authorized-providers.ts';
import { communicatedDiagnoses, heldElements, heldExtensions, identifiersBack, previousAuthorization, stay, traceNumbers, transmissionBack } from './echoed.ts';

export interface ClaimResponseInput {
  readonly id: string;
  readonly state: AuthorizationState;
  readonly request: RequestReading;
  readonly addresses: Addresses;
  readonly profile?: string;
  /** CommunicationRequests that say what is wanted. */
  readonly communicationRequests?: readonly string[];
}

export function claimResponseOf(input: ClaimResponseInput): ClaimResponse {
  const { state, request, addresses } = input;
  const notes = new Notes();
  const items = [...state.items.values()];
  const elements = new Map(request.items.map((item) => [item.sequence, item.element]));
  const certified = items.find((item) => item.decision?.kind === 'certified' || item.decision?.kind === 'modified');
  const number = certified?.decision && 'number' in certified.decision ? certified.decision.number : undefined;
  const addItem = items.flatMap((item) => addItemOf(item, elements.get(item.sequence), state, input) ?? []);
  const responseItems = items.map((item) => responseItemOf(item, elements.get(item.sequence), state, input, notes));
  const live = items.filter(({ status }) => status !== 'cancelled');
  const review = reviewOfAll(live);
  const period = periodOfAll(live);
  return {
    resourceType: 'ClaimResponse',
    id: input.id,
    meta: { profile: [input.profile ?? pasProfile.claimResponse] },
    extension: [...transmissionBack(request.claim), reviewer(items), ...providersOfAll(responseItems)],
    ...identifiersBack(request.claim),
    status: 'active',
    type: request.claim.type,
    use: 'preauthorization',
    patient: { reference: addresses.patient },
    created: state.received.receivedAt,
    insurer: addresses.insurer === undefined ? { display: 'Payer' } : { reference: addresses.insurer },
    ...(addresses.requester !== undefined && { requestor: { reference: addresses.requester } }),
    request: { reference: addresses.claim },
    outcome: isOpen(state) && items.some((item) => item.decision !== undefined && item.status !== 'pended') ? 'partial' : 'complete',
    disposition: sentence(overallStatus(state)),
    ...(number !== undefined && { preAuthRef: number }),
    ...(period && { preAuthPeriod: period }),
    item: responseItems,
    ...(addItem.length > 0 && { addItem }),
    ...(review && { adjudication: [review] }),
    ...(notes.list.length > 0 && { processNote: notes.list }),
    ...(input.communicationRequests?.length && { communicationRequest: input.communicationRequests.map((reference) => ({ reference })) }),
  };
}

const sentence = (status: string): string => status.charAt(0).toUpperCase() + status.slice(1);

type Adjudication = NonNullable<ClaimResponseItem['adjudication']>[number];

/** PAS says with the review action what it has to say; FHIR wants a category besides. */
const submittedCategory: CodeableConcept = { coding: [{ system: systemOf.adjudication, code: 'submitted' }] };

/** Notes are numbered once for the whole response; items point to them. */
class Notes {
  readonly list: ClaimResponseProcessNote[] = [];

  add(text: string): number {
    const known = this.list.find((note) => note.text === text);
    if (known) return known.number!;
    this.list.push({ number: this.list.length + 1, type: 'display', text });
    return this.list.length;
  }
}

/** Did a person decide? Said on every answer, and truthfully: the person who decided last is named. */
function reviewer(items: readonly ItemState[]): Extension {
  const people = items.flatMap(({ decision }) => decision?.authority.kind === 'person' ? [{ at: decision.at, person: decision.authority }] : []);
  const person: Person | undefined = people.toSorted((a, b) => a.at.localeCompare(b.at)).at(-1)?.person;
  return {
    url: pasExtension.claimResponseReviewer,
    extension: [
      { url: 'wasHumanReviewedFlag', valueBoolean: person !== undefined },
      ...(person?.identifier ? [{ url: 'reviewerNPI', valueIdentifier: person.identifier }] : []),
      ...(person?.specialty ? [{ url: 'reviewerSpecialty', valueCodeableConcept: person.specialty }] : []),
    ],
  };
}

export function actionCodeOf(item: ItemState): ReviewActionCode {
  switch (item.status) {
    case 'certified': return 'A1';
    case 'denied': return 'A3';
    case 'modified': return 'A6';
    case 'cancelled': return 'C';
    case 'pended':
    case 'requested': return 'A4';
  }
}

function responseItemOf(item: ItemState, element: ClaimItem | undefined, state: AuthorizationState, input: ClaimResponseInput, notes: Notes): ClaimResponseItem {
  const { decision } = item;
  const extension: Extension[] = [];
  extension.push(...traceNumbers(element), ...previousAuthorization(element));
  if (decision?.kind === 'certified' || decision?.kind === 'modified') {
    extension.push({ url: pasExtension.itemPreAuthIssueDate, valueDate: decision.at.slice(0, 10) });
    extension.push({ url: pasExtension.itemPreAuthPeriod, valuePeriod: decision.period });
    extension.push(...stay(input.request.claim));
  }
  extension.push({ url: pasExtension.administrationReferenceNumber, valueString: state.received.administrativeReference });
  if (element?.servicedDate) extension.push({ url: pasExtension.itemRequestedServiceDate, valueDateTime: element.servicedDate });
  if (element?.servicedPeriod) extension.push({ url: pasExtension.itemRequestedServiceDate, valuePeriod: element.servicedPeriod });
  extension.push(...authorizedProviders(element, input.request, input.addresses));
  if (decision?.kind === 'certified') extension.push(...authorizedDetail(element));
  extension.push(...communicatedDiagnoses(element, input.request));

  const said = [...notesOf(item), ...(state.received.refused?.includes(item.sequence) ? [changeRefused] : []), ...(state.received.misflagged?.includes(item.sequence) ? [flagDiffers] : [])].map((text) => notes.add(text));
  return {
    extension,
    itemSequence: item.sequence,
    ...(said.length > 0 && { noteNumber: said }),
    adjudication: [adjudicationOf(actionCodeOf(item), numberOf(item), reasonOf(item))],
  };
}

/**
 * What holds for the whole request: the certification number, where every item has it. The action code is said of
 * items only, for the context of extension-reviewActionCode does not allow ClaimResponse.adjudication.
 */
function reviewOfAll(items: readonly ItemState[]): Adjudication | undefined {
  const [number, ...others] = new Set(items.map(numberOf));
  if (number === undefined || others.length > 0) return undefined;
  return { extension: [{ url: pasExtension.reviewAction, extension: [{ url: 'number', valueString: number }] }], category: submittedCategory };
}

/** Who may give the services, where it is the same for all of them. */
function providersOfAll(items: readonly ClaimResponseItem[]): Extension[] {
  const [first, ...others] = items.map(({ extension = [] }) => extension.filter(({ url }) => url === pasExtension.itemAuthorizedProvider));
  return first !== undefined && others.length > 0 && others.every((each) => JSON.stringify(each) === JSON.stringify(first)) ? withoutTypes(first) : [];
}

function periodOfAll(items: readonly ItemState[]): Period | undefined {
  const periods = items.map(({ decision }) => decision?.kind === 'certified' || decision?.kind === 'modified' ? decision.period : undefined);
  const [first] = periods;
  return first !== undefined && periods.every((period) => period?.start === first.start && period?.end === first.end) ? first : undefined;
}

function numberOf(item: ItemState): string | undefined {
  return item.decision?.kind === 'certified' || item.decision?.kind === 'modified' ? item.decision.number : undefined;
}

function reasonOf(item: ItemState): Reason | undefined {
  return item.decision?.kind === 'denied' || item.decision?.kind === 'modified' ? item.decision.reason : undefined;
}

const flagDiffers = 'infoChanged does not say what differs from the version before; it was taken as it differs.';
const changeRefused = 'A service that was denied is not changed by an update; please send a new request or an appeal.';

function notesOf(item: ItemState): string[] {
  const texts: string[] = [];
  if (item.status === 'cancelled') texts.push('Cancelled by the requester.');
  if (item.standing) texts.push(`What was certified before under ${item.standing.decision.number} stands.`);
  // First what an answer with little room (MSG of a 278) must not leave out: by when.
  if (isUndecided(item)) texts.push(...clockNotes(item.clock));
  if (item.decision?.kind === 'certified' || item.decision?.kind === 'pended') texts.push(item.decision.explanation);
  if (item.decision?.kind === 'denied' || item.decision?.kind === 'modified') texts.push(item.decision.reason.text);
  texts.push(...item.wanted.map(({ text }) => /^please\b/i.test(text) ? text : `Please send: ${text}`));
  return texts.filter((text) => text.trim() !== '');
}

/** How the clock has moved, for those who wait. */
function clockNotes({ extended, paused, downgraded, dueAt }: ItemClock): string[] {
  return [
    ...(extended || paused || downgraded ? [`A decision is due by ${dueAt}.`] : []),
    ...(downgraded ? [`The request is decided in standard time: ${downgraded.reason.text}`, downgraded.notice] : []),
    ...(extended ? [`The time to decide has been extended: ${extended.reason.text}`, extended.notice] : []),
    ...(paused ? [`The time to decide stands still until what was asked for has come, until ${paused.until} at most.`] : []),
  ];
}

/**
 * `reasonCode` is bound to the licensed X12 list 886, so only a code of that list goes there; a reason in another
 * system is said in `adjudication.reason`, and every reason also in words, as a process note.
 */
function adjudicationOf(code: ReviewActionCode, number: string | undefined, reason: Reason | undefined): Adjudication {
  const review: Extension[] = [{ url: pasExtension.reviewActionCode, valueCodeableConcept: { coding: [{ system: systemOf.reviewAction, code, display: reviewActionText[code] }] } }];
  if (number !== undefined) review.push({ url: 'number', valueString: number });
  if (reason?.system === systemOf.reviewReason) review.push({ url: 'reasonCode', valueCodeableConcept: conceptOf(reason) });
  return {
    extension: [{ url: pasExtension.reviewAction, extension: review }],
    category: submittedCategory,
    ...(reason && reason.system !== systemOf.reviewReason && { reason: conceptOf(reason) }),
  };
}

function conceptOf(reason: Reason): CodeableConcept {
  return { coding: [{ ...(reason.system !== '' && { system: reason.system }), code: reason.code }], text: reason.text };
}

/** What a certified item says was authorized: the service as it was asked for. */
export function authorizedDetail(element: ClaimItem | undefined): Extension[] {
  if (!element) return [];
  const detail: Extension[] = [];
  if (element.productOrService?.coding) detail.push({ url: 'productOrServiceCode', valueCodeableConcept: element.productOrService });
  for (const modifier of element.modifier ?? []) detail.push({ url: 'modifier', valueCodeableConcept: modifier });
  if (element.unitPrice) detail.push({ url: 'unitPrice', valueMoney: element.unitPrice });
  if (element.quantity) detail.push({ url: 'quantity', valueQuantity: element.quantity });
  return detail.length > 0 ? [{ url: pasExtension.itemAuthorizedDetail, extension: detail }] : [];
}

/**
 * What was authorized in place of what was asked for (spec-36, spec-37): the item says A6, addItem says what. And what
 * was certified before an update asked for something else, which stands while that is not certified.
 */
function addItemOf(item: ItemState, element: ClaimItem | undefined, state: AuthorizationState, input: ClaimResponseInput): ClaimResponseAddItem | undefined {
  const given = item.decision?.kind === 'modified' ? { decision: item.decision, detail: item.decision.approved } : item.standing;
  if (!given) return undefined;
  const { decision, detail } = given;
  const providers = authorizedProviders(element, input.request, input.addresses).flatMap((extension) => {
    const provider = extension.extension?.find((part) => part.url === 'provider')?.valueReference;
    const type = extension.extension?.find((part) => part.url === pasExtension.authorizedProviderType);
    return provider?.reference ? [{ ...(type && { extension: [type] }), reference: provider.reference }] : [];
  });
  const quantity = detail.quantity ?? (given === item.standing ? undefined : element?.quantity);
  const unitPrice = detail.unitPrice ?? (given === item.standing ? undefined : element?.unitPrice);
  return {
    extension: [
      ...traceNumbers(element),
      { url: pasExtension.itemPreAuthIssueDate, valueDate: decision.at.slice(0, 10) },
      { url: pasExtension.itemPreAuthPeriod, valuePeriod: decision.period },
      { url: pasExtension.administrationReferenceNumber, valueString: state.received.administrativeReference },
      ...(element?.category ? [{ url: pasExtension.itemCategory, valueCodeableConcept: element.category }] : []),
      // Of a standing certification the request no longer says more than its detail does.
      ...(given === item.standing ? [] : [...heldExtensions(element, detail, input.request, input.addresses), ...stay(input.request.claim)]),
    ],
    itemSequence: [item.sequence],
    ...(providers.length > 0 && { provider: providers }),
    productOrService: detail.productOrService ?? element?.productOrService ?? { text: 'as requested' },
    ...(given !== item.standing && heldElements(element, detail)),
    ...(quantity && { quantity }),
    ...(unitPrice && { unitPrice }),
    adjudication: [adjudicationOf('A1', decision.number, undefined)],
  };
}
