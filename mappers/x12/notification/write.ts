/**
 * What `map.ts` makes of a notification, as a 278 notification (005010X216) again; and so a way to send one: a
 * Communication with its sender and recipient, about an Encounter and orders, or about a copy.
 */
import type { Bundle, Claim, Communication, Condition, Encounter, Identifier, ServiceRequest } from '@medplum/fhirtypes';
import type { IndexedEntry } from '../../../fhir/references.ts';
import { diagnosisQualifier, procedureOf } from '../codes.ts';
import { toX12Date, toX12Time } from '../grammar/dates.ts';
import { LEVEL } from '../grammar/levels-278.ts';
import { NOTIFICATION_GUIDE, PURPOSE } from '../grammar/notification-278.ts';
import { writeInterchange } from '../interchange.ts';
import { messageSegments, traceSegments } from '../inverse/event.ts';
import { memberSegments } from '../inverse/members.ts';
import type { RequestEnvelope, WrittenRequest } from '../inverse/message.ts';
import { entityCode, partySegments } from '../inverse/parties.ts';
import { eventSegments, isInstitutional, serviceSegments } from '../inverse/review.ts';
import { dateSegments, serviceLineSegments } from '../inverse/service.ts';
import { Source } from '../inverse/source.ts';
import { levelSegments, type OutgoingLevel } from '../levels.ts';
import { EXTENSION, SYSTEM, TRACE_SYSTEM_PREFIX, x12System } from '../pas.ts';
import { pairOf } from './pair.ts';
import { type Answer, type LineAnswer, readAnswer, type ReviewDecision } from '../response/answer.ts';
import { certificationDates } from '../response/echo.ts';
import { rejectionSegment } from '../response/rejections.ts';
import { buildSegment, type ElementInput, type Segment } from '../segment.ts';
import { codeIn, firstCode, isType, list } from '../shapes.ts';
import { transactionSet } from '../writer.ts';

/** Writes the notification; what X12 cannot carry is told in the issues, an `error` meaning that it should not be sent. */
export function notificationInterchange(bundle: Bundle, envelope: RequestEnvelope): WrittenRequest {
  const source = new Source(bundle);
  const entry = source.first('Communication');
  const body = entry !== undefined && isType(entry.resource, 'Communication') ? messageBody(source, bundle, entry, entry.resource, envelope) : [];
  if (body.length === 0) source.error('no-communication', 'The Bundle holds no Communication.');
  const written = writeInterchange(envelope, [
    { functionalIdentifier: 'HI', senderCode: envelope.applicationSender, receiverCode: envelope.applicationReceiver, controlNumber: envelope.groupControlNumber, version: NOTIFICATION_GUIDE, transactions: [transactionSet('278', envelope.transactionControlNumber, NOTIFICATION_GUIDE, body)] },
  ]);
  return { bytes: written.bytes, issues: [...source.issues, ...written.issues] };
}

function messageBody(source: Source, bundle: Bundle, entry: IndexedEntry, told: Communication, envelope: RequestEnvelope): Segment[] {
  const coverage = source.first('Coverage');
  // Who is insured how is read from a Claim elsewhere; a notice has none.
  const insured: Claim = { resourceType: 'Claim', status: 'active', type: {}, use: 'preauthorization', created: '', provider: {}, priority: {}, patient: { ...(told.subject?.reference !== undefined && { reference: told.subject.reference }) }, insurance: coverage?.fullUrl === undefined ? [] : [{ sequence: 1, focal: true, coverage: { reference: coverage.fullUrl } }] };
  const members = memberSegments(source, entry, insured);
  const levels: OutgoingLevel[] = [
    { code: LEVEL.umo, segments: partyOf(source, source.resolve(told.sender, entry, 'sender'), '1P') },
    { code: LEVEL.requester, parent: 0, segments: partyOf(source, source.resolve(list(told.recipient)[0], entry, 'recipient'), 'PR') },
    { code: LEVEL.subscriber, parent: 1, segments: members.subscriber },
    ...(members.dependent === undefined ? [] : [{ code: LEVEL.dependent, parent: 2, segments: members.dependent }]),
  ];
  const eventAt = levels.length;
  const copy = source.first('ExplanationOfBenefit');
  const pair = copy !== undefined && isType(copy.resource, 'ExplanationOfBenefit') ? pairOf(copy.resource) : undefined;
  const answer = pair === undefined ? undefined : readAnswer({ resourceType: 'Bundle', type: 'collection', entry: [{ fullUrl: 'urn:priora:copy', resource: pair.response }] });
  const { event, services } = copy !== undefined && pair !== undefined && answer !== undefined
    ? copySegments(source, copy, withNumbers(pair.claim, told), answer, envelope.traceOrganization)
    : noticeSegments(source, entry, told, envelope.traceOrganization);
  levels.push({ code: LEVEL.event, parent: eventAt - 1, segments: event });
  for (const segments of services) levels.push({ code: LEVEL.service, parent: eventAt, segments });
  const timestamp = told.sent ?? bundle.timestamp;
  const isTakenBack = told.status === 'entered-in-error';
  const purpose = isTakenBack ? PURPOSE.cancellation : codeIn(told.topic, x12System('353')) ?? (answer === undefined ? PURPOSE.completion : PURPOSE.copy);
  const bht = buildSegment('BHT', '0007', purpose, bundle.identifier?.value ?? list(told.identifier)[0]?.value, toX12Date(timestamp) ?? envelope.date, toX12Time(timestamp) ?? envelope.time);
  return [bht, ...levelSegments(levels)];
}

function partyOf(source: Source, party: IndexedEntry | undefined, otherwise: string): Segment[] {
  return partySegments(source, party, { entity: entityCode(party) ?? otherwise, fallbackQualifier: '46' });
}

/** REF*BB and REF*NT: the payer's numbers among what is told about. */
function numbersOf(told: Communication): { code: string; value: string }[] {
  return list(told.about).flatMap(({ identifier }) => {
    const code = codeIn(identifier?.type, x12System('128'));
    return identifier?.value === undefined || code === undefined ? [] : [{ code, value: identifier.value }];
  });
}

/** The Claim of a copy with the payer's numbers where a request has them. */
function withNumbers(claim: Claim, told: Communication): Claim {
  const numbers = numbersOf(told).map(({ code, value }) => ({ url: code === 'BB' ? EXTENSION.authorizationNumber : EXTENSION.administrationReferenceNumber, valueString: value }));
  return { ...claim, extension: [...list(claim.extension), ...numbers] };
}

interface Levels {
  event: Segment[];
  services: Segment[][];
}

/** HCR01 to HCR04. */
function reviewSegment({ action, number, reasons, secondSurgicalOpinion }: ReviewDecision): Segment {
  return buildSegment('HCR', action, number, reasons[0], secondSurgicalOpinion === undefined ? undefined : secondSurgicalOpinion ? 'Y' : 'N');
}

/** The segments with what was decided: AAA before UM, HCR behind it, and the certification dates behind the last date or reference. */
function withDecision(segments: readonly Segment[], rejections: readonly Segment[], decision: ReviewDecision | undefined, dates: readonly Segment[]): Segment[] {
  const um = segments.findIndex(({ id }) => id === 'UM');
  const names = segments.findIndex(({ id }) => id === 'NM1');
  const end = names < 0 ? segments.length : names;
  const last = segments.slice(0, end).findLastIndex(({ id }) => id === 'DTP' || id === 'REF' || id === 'UM');
  return [...segments.slice(0, um), ...rejections, ...segments.slice(um, um + 1), ...(decision === undefined ? [] : [reviewSegment(decision)]), ...segments.slice(um + 1, last + 1), ...dates, ...segments.slice(last + 1)];
}

function copySegments(source: Source, entry: IndexedEntry, claim: Claim, answer: Answer, defaultOrganization: string): Levels {
  const items = list(claim.item);
  const lineOf = (sequence: number | undefined): LineAnswer | undefined => answer.lines.find((line) => line.sequence === sequence);
  const rejectionsAt = (loop: string, index?: number): Segment[] => answer.errors.filter((error) => (error.loop ?? '2000E') === loop && (index === undefined || error.itemIndex === index)).map(rejectionSegment);
  const datesOf = (line: LineAnswer | undefined): Segment[] => certificationDates(line?.issued, line?.validity);
  const event = eventSegments(source, entry, claim, items, defaultOrganization);
  const services = items.map((item) => serviceSegments(source, entry, claim, item, isInstitutional(claim), defaultOrganization));
  const [only] = services;
  if (services.length === 1 && only !== undefined && !only.some(({ id }) => /^SV\d$/.test(id))) {
    // A type of service without a procedure stands on the event, as in a request that has no lines.
    const line = lineOf(items[0]?.sequence);
    const own = only.filter(({ id }) => id === 'HSD' && !event.some((segment) => segment.id === id));
    const names = event.findIndex(({ id }) => /^(CRC|CL1|CR\d|PWK|MSG|NM1)$/.test(id));
    const at = names < 0 ? event.length : names;
    return { event: withDecision([...event.slice(0, at), ...own, ...event.slice(at)], [...rejectionsAt('2000E'), ...rejectionsAt('2000F', 0)], line?.review ?? answer.review, datesOf(line)), services: [] };
  }
  return {
    event: withDecision(event, rejectionsAt('2000E'), answer.review, certificationDates(undefined, answer.validity)),
    services: services.map((segments, index) => {
      const line = lineOf(items[index]?.sequence);
      return withDecision(segments, rejectionsAt('2000F', index), line?.review, datesOf(line));
    }),
  };
}

/** Identifiers that are traces, and the payer's numbers among others. */
const tracesOf = (identifiers: readonly Identifier[] | undefined): Identifier[] => list(identifiers).filter(({ system, type }) => system?.startsWith(TRACE_SYSTEM_PREFIX) === true && type === undefined);

function noticeSegments(source: Source, entry: IndexedEntry, told: Communication, defaultOrganization: string): Levels {
  const about = list(told.about);
  const entries = about.flatMap((reference) => source.resolve(reference, entry, 'subject of the notice') ?? []);
  const encounter = entries.map(({ resource }) => resource).find((resource) => isType(resource, 'Encounter'));
  const orders = entries.filter(({ resource }) => isType(resource, 'ServiceRequest'));
  const isOfEvent = encounter === undefined && orders.length === 1 && orders[0] !== undefined && orderLine(orders[0].resource as ServiceRequest).length === 0;
  const [only] = isOfEvent ? orders.map(({ resource }) => resource as ServiceRequest) : [];
  const category = codeIn(list(told.reasonCode)[0], x12System('1525')) ?? (encounter === undefined ? 'HS' : 'AR');
  const references = numbersOf(told).map(({ code, value }) => buildSegment('REF', code, value));
  const event = [
    ...traceSegments(tracesOf(told.identifier), defaultOrganization),
    buildSegment('UM', category, undefined, codeIn(encounter?.serviceType, x12System('1365')) ?? (encounter === undefined ? typeOf(orders.map(({ resource }) => resource as ServiceRequest)) : undefined), placeOf(only), undefined, codeIn(encounter?.priority, x12System('1338'))),
    ...references,
    ...(only === undefined ? visitDates(encounter) : dateSegments('AAH', only.occurrenceDateTime, only.occurrencePeriod)),
    ...diagnosisSegments(source, entry, encounter, orders.map(({ resource }) => resource as ServiceRequest)),
    ...(only === undefined ? staySegments(encounter) : deliveryOf(only)),
    ...messageSegments(source, list(told.payload).flatMap(({ contentString }) => contentString ?? [])),
    ...teamSegments(source, entry, encounter, told),
    ...(only === undefined ? [] : performers(source, orders[0]!, only)),
  ];
  return { event, services: isOfEvent ? [] : orders.map((order) => orderSegments(source, order, order.resource as ServiceRequest, defaultOrganization)) };
}

/** The type of service that all orders are of. */
function typeOf(orders: readonly ServiceRequest[]): string | undefined {
  const types = new Set(orders.map(({ category }) => codeIn(list(category)[0], x12System('1365'))));
  const [type] = types;
  return types.size === 1 ? type : undefined;
}

function visitDates(encounter: Encounter | undefined): Segment[] {
  return [...dateSegments('435', encounter?.period?.start), ...dateSegments('096', encounter?.period?.end)];
}

/** HSD*DY and CL1. */
function staySegments(encounter: Encounter | undefined): Segment[] {
  const days = encounter?.length?.code === 'd' ? encounter.length.value : undefined;
  const codes = [firstCode(list(encounter?.type)[0]), firstCode(encounter?.hospitalization?.admitSource), firstCode(encounter?.hospitalization?.dischargeDisposition)];
  return [...(days === undefined ? [] : [buildSegment('HSD', 'DY', String(days))]), ...(codes.every((code) => code === undefined) ? [] : [buildSegment('CL1', ...codes)])];
}

function diagnosisSegments(source: Source, entry: IndexedEntry, encounter: Encounter | undefined, orders: readonly ServiceRequest[]): Segment[] {
  const told = encounter === undefined
    ? list(orders[0]?.reasonReference).map((reference) => ({ reference, type: undefined }))
    : list(encounter.diagnosis).map(({ condition, use }) => ({ reference: condition, type: codeIn(use, SYSTEM.pasTemporary) }));
  const composites = told.flatMap(({ reference, type }): ElementInput[] => {
    const condition: Condition | undefined = source.resource(reference, entry, 'Condition', 'diagnosis');
    const as = type ?? list(condition?.category).map((category) => codeIn(category, SYSTEM.pasTemporary)).find((code) => code !== undefined);
    const coding = list(condition?.code?.coding).find(({ system }) => diagnosisQualifier(system, as) !== undefined);
    if (coding?.code === undefined) {
      source.warn('diagnosis-system', 'A diagnosis is in no code system a 278 can carry.');
      return [];
    }
    const recorded = toX12Date(condition?.recordedDate);
    return [[diagnosisQualifier(coding.system, as), coding.code.replace('.', ''), ...(recorded === undefined ? [] : ['D8', recorded])]];
  });
  return composites.length === 0 ? [] : [buildSegment('HI', ...composites.slice(0, 12))];
}

/** 2010EA: the facility, where the sender is another, and who takes part. */
function teamSegments(source: Source, entry: IndexedEntry, encounter: Encounter | undefined, told: Communication): Segment[] {
  const facility = encounter?.serviceProvider === undefined || encounter.serviceProvider.reference === told.sender?.reference ? [] : partySegments(source, source.resolve(encounter.serviceProvider, entry, 'facility'), { entity: 'FA', fallbackQualifier: '46' });
  return [...facility, ...list(encounter?.participant).flatMap(({ individual, type }) => partySegments(source, source.resolve(individual, entry, 'participant'), { entity: codeIn(list(type)[0], x12System('98')) ?? 'SJ', fallbackQualifier: '46' }))];
}

const orderFacts = (order: ServiceRequest): Segment[] => {
  const isLine = order.quantityQuantity?.system?.endsWith('/673') !== true;
  return serviceLineSegments({
    ...(order.code !== undefined && { productOrService: order.code }), ...(order.orderDetail !== undefined && { modifier: order.orderDetail }),
    ...(isLine && order.quantityQuantity !== undefined && { quantity: order.quantityQuantity }),
  }, false);
};

/** SV1; empty for an order of a type of service. */
function orderLine(order: ServiceRequest): Segment[] {
  return procedureOf(order.code) === undefined ? [] : orderFacts(order);
}

function deliveryOf({ quantityQuantity: quantity }: ServiceRequest): Segment[] {
  return quantity?.system?.endsWith('/673') === true && quantity.value !== undefined ? [buildSegment('HSD', quantity.code, String(quantity.value))] : [];
}

function placeOf(order: ServiceRequest | undefined): ElementInput {
  const place = codeIn(list(order?.locationCode)[0], SYSTEM.placeOfService);
  return place === undefined ? undefined : [place, 'B'];
}

function performers(source: Source, entry: IndexedEntry, order: ServiceRequest): Segment[] {
  return list(order.performer).flatMap((performer) => partySegments(source, source.resolve(performer, entry, 'performer'), { entity: entityCode(source.resolve(performer, entry, 'performer')) ?? 'SJ', fallbackQualifier: '46' }));
}

function orderSegments(source: Source, entry: IndexedEntry, order: ServiceRequest, defaultOrganization: string): Segment[] {
  return [
    ...traceSegments(list(order.identifier), defaultOrganization),
    buildSegment('UM', 'HS', undefined, codeIn(list(order.category)[0], x12System('1365')), placeOf(order)),
    ...dateSegments('472', order.occurrenceDateTime, order.occurrencePeriod),
    ...orderLine(order),
    ...deliveryOf(order),
    ...performers(source, entry, order),
  ];
}
