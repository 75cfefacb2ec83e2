/** A PAS response Bundle, read: the decisions, dates, numbers, messages and errors a 278 response can carry. */
import type { Bundle, ClaimResponse, ClaimResponseAddItem, ClaimResponseError, ClaimResponseItem, ClaimResponseItemAdjudication, Extension, Period } from '@medplum/fhirtypes';
import type { IndexedEntry } from '../../../fhir/references.ts';
import { type ServiceFacts } from '../inverse/service.ts';
import { Source } from '../inverse/source.ts';
import { EXTENSION, x12System } from '../pas.ts';
import { codeIn, findExtension, firstCode, isType, list } from '../shapes.ts';

/** One review action: HCR01 to HCR04. */
export interface ReviewDecision {
  action: string;
  number?: string;
  reasons: string[];
  secondSurgicalOpinion?: boolean;
}

/** A provider the payer authorizes, with its X12 entity code. */
export interface AuthorizedProvider {
  entry: IndexedEntry;
  entityCode?: string;
}

/** What is said of one line, by an item or an addItem. */
export interface LineAnswer {
  /** Sequence of the Claim.item it answers. */
  sequence: number;
  review?: ReviewDecision;
  issued?: string;
  validity?: Period;
  serviceDate?: string;
  servicePeriod?: Period;
  admission?: { date?: string; period?: Period };
  discharge?: string;
  authorizationNumber?: string;
  administrativeNumber?: string;
  notes: string[];
  providers: AuthorizedProvider[];
  /** What is authorized, where the payer says it. */
  authorized?: ServiceFacts;
  /** Request type, certification type and service type of a line the payer adds. */
  um: { requestType?: string; certificationType?: string; serviceType?: string };
}

/** One entry of ClaimResponse.error. */
export interface AnswerError {
  /** Loop of errorElement, such as 2010C. */
  loop?: string;
  /** AAA03. */
  code: string;
  /** AAA04. */
  followUp?: string;
  /** Index of the Claim.item that errorPath names. */
  itemIndex?: number;
}

export interface Answer {
  source: Source;
  /** True where the outcome is an error: there is no decision, whether or not `errors` says why. */
  failed: boolean;
  /** Validity of the whole. */
  validity?: Period;
  /** The decision on the request as a whole, when there is one. */
  review?: ReviewDecision;
  lines: LineAnswer[];
  /** What is authorized instead of, or besides, what was asked for. */
  added: LineAnswer[];
  errors: AnswerError[];
  /** Notes that belong to no line. */
  notes: string[];
}

/** Reads the first ClaimResponse; undefined without one. */
export function readAnswer(bundle: Bundle): Answer | undefined {
  const source = new Source(bundle);
  const entry = source.first('ClaimResponse');
  if (entry === undefined || !isType(entry.resource, 'ClaimResponse')) return undefined;
  const response = entry.resource;
  const reader = new AnswerReader(source, entry, response);
  const lines = list(response.item).map((item) => reader.line(item));
  const added = list(response.addItem).map((item) => reader.addedLine(item));
  const linked = new Set([...list(response.item), ...list(response.addItem)].flatMap((item) => list(item.noteNumber)));
  const review = reviewOf(response.adjudication);
  if (review !== undefined && review.number === undefined && response.preAuthRef !== undefined) review.number = response.preAuthRef;
  return {
    source,
    failed: response.outcome === 'error',
    ...(response.preAuthPeriod === undefined ? {} : { validity: response.preAuthPeriod }),
    lines,
    added,
    errors: list(response.error).flatMap(errorOf),
    notes: list(response.processNote).flatMap((note) => (note.text === undefined || (note.number !== undefined && linked.has(note.number)) ? [] : [note.text])),
    ...(review === undefined ? {} : { review }),
  };
}

/** Certified, modified and certified in part. */
const CERTIFIED = new Set(['A1', 'A2', 'A6']);

/** One decision for several lines: theirs where they agree, else pended while one is (A4), certified in part (A2) while one is certified, and that of the first denied or else first line. */
export function decisionOnSeveral(lines: readonly LineAnswer[]): ReviewDecision | undefined {
  const reviews = lines.flatMap(({ review }) => review ?? []);
  const [first] = reviews;
  if (first === undefined) return undefined;
  const { number: own, ...decision } = first;
  const number = own !== undefined && reviews.every((review) => review.number === own) ? { number: own } : {};
  if (reviews.every(({ action }) => action === first.action)) return { ...decision, ...number };
  if (reviews.some(({ action }) => action === 'A4')) return { action: 'A4', reasons: [], ...number };
  if (reviews.some(({ action }) => CERTIFIED.has(action))) return { action: 'A2', reasons: [], ...number };
  return reviews.find(({ action }) => action === 'A3') ?? first;
}

/** An answer that is a rejection and nothing else. */
export function rejection(error: AnswerError): Answer {
  return { source: new Source({ resourceType: 'Bundle', type: 'collection' }), failed: true, lines: [], added: [], errors: [error], notes: [] };
}

class AnswerReader {
  readonly #source: Source;
  readonly #entry: IndexedEntry;
  readonly #response: ClaimResponse;

  constructor(source: Source, entry: IndexedEntry, response: ClaimResponse) {
    this.#source = source;
    this.#entry = entry;
    this.#response = response;
  }

  line(item: ClaimResponseItem): LineAnswer {
    const providers = list(item.extension).filter((extension) => extension.url === EXTENSION.itemAuthorizedProvider);
    const detail = findExtension(item, EXTENSION.itemAuthorizedDetail);
    return {
      ...this.#common(item, item.itemSequence ?? 0, item.adjudication),
      providers: providers.flatMap((extension) => this.#provider(findExtension(extension, 'provider')?.valueReference, findExtension(extension, EXTENSION.authorizedProviderType))),
      ...(detail === undefined ? {} : { authorized: detailFacts(detail) }),
    };
  }

  addedLine(item: ClaimResponseAddItem): LineAnswer {
    const providers = list(item.provider).flatMap((provider) => this.#provider(provider, findExtension(provider, EXTENSION.authorizedProviderType)));
    const common = this.#common(item, list(item.itemSequence)[0] ?? 0, item.adjudication);
    const revenue = findExtension(item, EXTENSION.revenueCode)?.valueCodeableConcept;
    return {
      ...common,
      ...(item.servicedDate === undefined || common.serviceDate !== undefined ? {} : { serviceDate: item.servicedDate }),
      ...(item.servicedPeriod === undefined || common.servicePeriod !== undefined ? {} : { servicePeriod: item.servicedPeriod }),
      providers,
      authorized: {
        ...(item.productOrService === undefined ? {} : { productOrService: item.productOrService }),
        ...(item.modifier === undefined ? {} : { modifier: item.modifier }),
        ...(item.quantity === undefined ? {} : { quantity: item.quantity }),
        ...(item.unitPrice === undefined ? {} : { unitPrice: item.unitPrice }),
        ...(revenue === undefined ? {} : { revenue }),
      },
    };
  }

  #common(item: { extension?: Extension[]; noteNumber?: number[] }, sequence: number, adjudication: ClaimResponseItemAdjudication[] | undefined): LineAnswer {
    const date = (url: string): Extension | undefined => findExtension(item, url);
    const service = date(EXTENSION.itemRequestedServiceDate);
    const admission = date(EXTENSION.admissionDates);
    const texts = list(this.#response.processNote).flatMap((note) => (note.number !== undefined && list(item.noteNumber).includes(note.number) && note.text !== undefined ? [note.text] : []));
    const fields: { [K in keyof LineAnswer]: LineAnswer[K] | undefined } = {
      sequence,
      review: reviewOf(adjudication),
      issued: date(EXTENSION.itemPreAuthIssueDate)?.valueDate,
      validity: date(EXTENSION.itemPreAuthPeriod)?.valuePeriod,
      serviceDate: service?.valueDateTime ?? service?.valueDate,
      servicePeriod: service?.valuePeriod,
      admission: admission === undefined ? undefined : { ...(admission.valueDate === undefined ? {} : { date: admission.valueDate }), ...(admission.valuePeriod === undefined ? {} : { period: admission.valuePeriod }) },
      discharge: date(EXTENSION.dischargeDate)?.valueDate,
      authorizationNumber: date(EXTENSION.authorizationNumber)?.valueString,
      administrativeNumber: date(EXTENSION.administrationReferenceNumber)?.valueString,
      notes: texts,
      providers: [],
      um: umOf(item),
    };
    // exactOptionalPropertyTypes: members that are undefined are left out; the required ones never are.
    return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as unknown as LineAnswer;
  }

  #provider(reference: { reference?: string } | undefined, type: Extension | undefined): AuthorizedProvider[] {
    const entry = this.#source.resolve(reference, this.#entry, 'authorized provider');
    const code = codeIn(type?.valueCodeableConcept, x12System('98'));
    return entry === undefined ? [] : [{ entry, ...(code === undefined ? {} : { entityCode: code }) }];
  }
}

function umOf(item: { extension?: Extension[] }): LineAnswer['um'] {
  const requestType = firstCode(findExtension(item, EXTENSION.serviceItemRequestType)?.valueCodeableConcept);
  const certificationType = firstCode(findExtension(item, EXTENSION.certificationType)?.valueCodeableConcept);
  const serviceType = firstCode(findExtension(item, EXTENSION.itemCategory)?.valueCodeableConcept);
  return { ...(requestType === undefined ? {} : { requestType }), ...(certificationType === undefined ? {} : { certificationType }), ...(serviceType === undefined ? {} : { serviceType }) };
}

function reviewOf(adjudication: ClaimResponseItemAdjudication[] | undefined): ReviewDecision | undefined {
  for (const each of list(adjudication)) {
    const review = findExtension(each, EXTENSION.reviewAction);
    const action = codeIn(findExtension(review, EXTENSION.reviewActionCode)?.valueCodeableConcept, x12System('306'));
    if (review === undefined || action === undefined) continue;
    const number = findExtension(review, 'number')?.valueString;
    const opinion = findExtension(review, 'secondSurgicalOpinionFlag')?.valueBoolean;
    const reasons = list(review.extension).flatMap((part) => (part.url === 'reasonCode' ? (firstCode(part.valueCodeableConcept) ?? []) : []));
    return { action, reasons, ...(number === undefined ? {} : { number }), ...(opinion === undefined ? {} : { secondSurgicalOpinion: opinion }) };
  }
  return undefined;
}

function detailFacts(detail: Extension): ServiceFacts {
  const product = findExtension(detail, 'productOrServiceCode')?.valueCodeableConcept;
  const modifiers = list(detail.extension).flatMap((part) => (part.url === 'modifier' && part.valueCodeableConcept !== undefined ? [part.valueCodeableConcept] : []));
  const price = findExtension(detail, 'unitPrice')?.valueMoney;
  const quantity = findExtension(detail, 'quantity')?.valueQuantity;
  const revenue = findExtension(detail, EXTENSION.revenueCode)?.valueCodeableConcept;
  return {
    ...(product === undefined ? {} : { productOrService: product }),
    ...(modifiers.length === 0 ? {} : { modifier: modifiers }),
    ...(price === undefined ? {} : { unitPrice: price }),
    ...(quantity === undefined ? {} : { quantity }),
    ...(revenue === undefined ? {} : { revenue }),
  };
}

function errorOf(error: ClaimResponseError): AnswerError[] {
  const code = codeIn(error.code, x12System('901'));
  if (code === undefined) return [];
  const loop = /^(20[01]0[A-F][A-C]?)/.exec(findExtension(findExtension(error, EXTENSION.errorElement), 'error')?.valueString ?? '')?.[1];
  const followUp = firstCode(findExtension(error, EXTENSION.errorFollowupAction)?.valueCodeableConcept);
  const path = findExtension(error, EXTENSION.errorPath)?.valueString ?? '';
  const index = /\bitem\[(\d+)\]/.exec(path)?.[1];
  return [{ code, ...(loop === undefined ? {} : { loop }), ...(followUp === undefined ? {} : { followUp }), ...(index === undefined ? {} : { itemIndex: Number(index) }) }];
}
