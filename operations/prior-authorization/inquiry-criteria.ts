/**
 * Which authorizations an inquiry asks about. It asks by example: what it gives must agree, what it leaves out matches
 * everything. Of several numbers, diagnoses or items, one is enough.
 * Source: PAS 2.2.1, "Inquiry", and profile-claim-inquiry; spec-43.
 */
import type { Claim, ClaimItem, CodeableConcept, Extension, Period } from '@medplum/fhirtypes';
import { pasExtension, systemOf } from '../../profiles/pas/names.ts';
import type { AuthorizationEvent } from './events.ts';
import type { LoadedAuthorization } from './load.ts';
import { actionCodeOf } from './record/claim-response.ts';
import type { RequestedItem, RequestReading } from './request/read-request.ts';
import type { ItemState } from './state.ts';

const structure = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-itemCertification';

export function matchesInquiry(inquiry: RequestReading, authorization: LoadedAuthorization): boolean {
  return numbersMatch(inquiry, authorization) && diagnosesMatch(inquiry.claim, authorization.request.claim) && stayMatches(inquiry.claim, authorization.request.claim) && itemsMatch(inquiry, authorization);
}

/** What every authorization that matches has: by this the store is asked, so that old ones are found among many. */
export function narrowestOf(inquiry: RequestReading): { readonly services: readonly string[]; readonly days: Days | undefined } {
  const { items } = inquiry;
  const codes = items.map(({ element }) => isAnyService(element) ? undefined : element.productOrService.coding!.flatMap(({ code }) => code ?? []));
  const each = items.map(({ element }) => askedDays(element.servicedDate, element.servicedPeriod));
  const all = <T>(values: readonly (T | undefined)[]): readonly T[] => values.includes(undefined) ? [] : values as readonly T[];
  const days = overallDays(inquiry.claim) ?? hull(all(each));
  return { services: [...new Set(all(codes).flat())], days: days?.every((day) => fullDay.test(day)) === true ? days : undefined };
}

const fullDay = /^\d{4}-\d{2}-\d{2}$/;

function hull(days: readonly Days[]): Days | undefined {
  const [from, to] = [days.map(([first]) => first).toSorted()[0], days.map(([, last]) => last).toSorted().at(-1)];
  return from === undefined || to === undefined ? undefined : [from, to];
}

/** Admission and discharge, of requests that say them. */
function stayMatches(asked: Claim, known: Claim): boolean {
  return (['admissionDates', 'dischargeDates'] as const).every((code) => {
    const [wanted, there] = [eventDays(asked, code), eventDays(known, code)];
    return wanted === undefined || (there !== undefined && overlaps(wanted, there));
  });
}

/** Days of supporting information of a kind: the patient event, admission, discharge. */
function eventDays(claim: Claim, code: string): Days | undefined {
  const said = claim.supportingInfo?.find(({ category }) => category?.coding?.some((coding) => coding.system === systemOf.pasTemporary && coding.code === code));
  return said && askedDays(said.timingDate, said.timingPeriod);
}

/** Certification and administrative reference numbers (REF*BB and REF*NT), on the Claim or an item. */
function numbersMatch(inquiry: RequestReading, { events }: LoadedAuthorization): boolean {
  const asked = askedNumbers(inquiry);
  if (asked.length === 0) return true;
  const known = new Set(numbersOf(events));
  return asked.some((number) => known.has(number));
}

/** The numbers of authorizations that an inquiry names, on the Claim or an item. */
export function askedNumbers(inquiry: Pick<RequestReading, 'claim' | 'items'>): string[] {
  return [inquiry.claim, ...inquiry.items.map((item) => item.element)].flatMap((holder: Claim | ClaimItem) => holder.extension ?? [])
    .flatMap(({ url, valueString }) => (url === pasExtension.authorizationNumber || url === pasExtension.administrationReferenceNumber) && valueString !== undefined ? [valueString] : []);
}

/** Every number that was ever given out: one that an update has superseded leads to what holds now (spec-47, spec-48). */
export function numbersOf(events: readonly AuthorizationEvent[]): string[] {
  return events.flatMap((event) => event.kind === 'received' ? [event.administrativeReference] : 'number' in event ? [event.number] : []);
}

/** ICD codes are written with the point in FHIR and without it in X12. */
function diagnosesMatch(asked: Claim, known: Claim): boolean {
  const codesOf = (claim: Claim): string[] => (claim.diagnosis ?? []).flatMap(({ diagnosisCodeableConcept }) => diagnosisCodeableConcept?.coding?.flatMap(({ code }) => code?.replace('.', '') ?? []) ?? []);
  const wanted = codesOf(asked);
  const there = new Set(codesOf(known));
  return wanted.length === 0 || wanted.some((code) => there.has(code));
}

function itemsMatch(inquiry: RequestReading, { request, state }: LoadedAuthorization): boolean {
  const overall = overallDays(inquiry.claim);
  const known = request.items.filter((item) => overlaps(overall, serviceDays(item.element, request.claim)));
  if (inquiry.items.length === 0) return known.length > 0;
  return inquiry.items.some((asked) => known.some((item) => itemMatches(asked.element, item, state.items.get(item.sequence), request.claim)));
}

function overallDays(claim: Claim): Days | undefined {
  return claim.billablePeriod ? range(claim.billablePeriod) : eventDays(claim, 'patientEvent');
}

function itemMatches(asked: ClaimItem, item: RequestedItem, state: ItemState | undefined, claim: Claim): boolean {
  const extension = (url: string): Extension | undefined => asked.extension?.find((candidate) => candidate.url === url);
  const action = extension(pasExtension.reviewActionCode)?.valueCodeableConcept?.coding?.[0]?.code;
  const decision = state?.decision?.kind === 'certified' || state?.decision?.kind === 'modified' ? state.decision : undefined;
  const days = askedDays(asked.servicedDate, asked.servicedPeriod);
  return serviceMatches(asked, item.element)
    && (days === undefined || overlaps(days, serviceDays(item.element, claim)))
    && (action === undefined || (state !== undefined && actionCodeOf(state) === action))
    && dateMatches(extension(`${structure}IssueDate`), decision?.at)
    && dateMatches(extension(`${structure}EffectiveDate`), decision?.period.start)
    && dateMatches(extension(`${structure}ExpirationDate`), decision?.period.end);
}

/** `data-absent-reason#not-applicable` asks for any service (spec-43), or any of the type that the item names (UM03). */
function serviceMatches(asked: ClaimItem, known: ClaimItem): boolean {
  if (isAnyService(asked)) return asked.category === undefined || isUnknown(known.category) || shareCode(asked.category, known.category);
  return shareCode(asked.productOrService, known.productOrService);
}

function isAnyService({ productOrService }: ClaimItem): boolean {
  const codings = productOrService?.coding ?? [];
  return codings.length === 0 || codings.some(({ code }) => code === 'not-applicable');
}

/** What its sender did not know cannot be asked for, and is not ruled out. */
function isUnknown(concept: CodeableConcept | undefined): boolean {
  return concept?.coding?.every(({ system }) => system === systemOf.dataAbsent) ?? true;
}

function shareCode(asked: CodeableConcept, known: CodeableConcept | undefined): boolean {
  return asked.coding?.some((coding) => known?.coding?.some((candidate) => candidate.code === coding.code)) ?? true;
}

/** First and last day, YYYY-MM-DD; an open end reaches to the end of time. */
export type Days = readonly [from: string, to: string];

const everyDay: Days = ['0000', '9999'];

function range({ start, end }: Period): Days {
  return [(start ?? everyDay[0]).slice(0, 10), (end ?? everyDay[1]).slice(0, 10)];
}

function askedDays(date: string | undefined, period: Period | undefined): Days | undefined {
  if (date !== undefined) return [date.slice(0, 10), date.slice(0, 10)];
  return period && range(period);
}

/** When a service is to be given, as far as the request says it. */
function serviceDays(element: ClaimItem, claim: Claim): Days {
  return askedDays(element.servicedDate, element.servicedPeriod ?? claim.billablePeriod) ?? eventDays(claim, 'patientEvent') ?? everyDay;
}

function overlaps(asked: Days | undefined, known: Days): boolean {
  return asked === undefined || (asked[0] <= known[1] && known[0] <= asked[1]);
}

/** A date of the certification, asked for as a day or as a period; what is not certified has none. */
function dateMatches(asked: Extension | undefined, known: string | undefined): boolean {
  const days = asked && askedDays(asked.valueDate, asked.valuePeriod);
  if (days === undefined) return true;
  const day = known?.slice(0, 10);
  return day !== undefined && days[0] <= day && day <= days[1];
}
