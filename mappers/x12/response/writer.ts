/** What is said of one request or authorization: the levels of its parties, and its event with its services, each with what the payer says there. */
import type { X12Issue } from '../issue.ts';
import { partySegments } from '../inverse/parties.ts';
import { dateSegments, deliverySegments, serviceLineSegments } from '../inverse/service.ts';
import { messageSegments } from '../inverse/event.ts';
import { procedureOf } from '../codes.ts';
import { LEVEL } from '../grammar/levels-278.ts';
import type { OutgoingLevel } from '../levels.ts';
import type { EchoLoop, RequestContext } from '../request/context.ts';
import { buildSegment, componentsAt, type Segment, valueAt, withElements } from '../segment.ts';
import { codeIn } from '../shapes.ts';
import { x12System } from '../pas.ts';
import { type Answer, decisionOnSeveral, type LineAnswer, type ReviewDecision } from './answer.ts';
import { type RequestedDocuments, requestedDocuments } from './documents.ts';
import { authorizedLine, certificationDates, echo, mergeLines, quantified, referenceEcho, traceEcho } from './echo.ts';
import { placeRejections, type Rejections } from './rejections.ts';

/** Writes one. The parties come from its context, so the first of several writes them for all. */
export class ResponseWriter {
  readonly #context: RequestContext;
  readonly #answer: Answer;
  readonly #rejections: Rejections;
  readonly #documents: RequestedDocuments;
  /** What is said of more than this event, by it. */
  #said: readonly string[] = [];

  constructor(context: RequestContext, answer: Answer) {
    this.#context = context;
    this.#answer = answer;
    this.#rejections = placeRejections(answer, context);
    this.#documents = requestedDocuments(answer);
  }

  /** Has the event say so, rejected or not, before it says anything else. */
  say(notes: readonly string[]): void {
    this.#said = notes;
  }

  /** What the 278 could not carry; complete once the levels are written. */
  get issues(): readonly X12Issue[] {
    return this.#answer.source.issues;
  }

  /** True when a rejection stands above the event: nothing below it is sent. */
  get cutsOffEvent(): boolean {
    return this.#rejections.cutOff('E');
  }

  /** 2000A to 2000D, as far as no rejection cuts them off. */
  parties(): OutgoingLevel[] {
    const context = this.#context;
    const rejections = this.#rejections;
    const levels: OutgoingLevel[] = [{ code: LEVEL.umo, segments: [...rejections.at('2000A'), ...this.#name(context.umo, '2010A', ['NM1'], [])] }];
    if (!rejections.cutOff('B')) levels.push({ code: LEVEL.requester, parent: 0, segments: this.#name(context.requester, '2010B', ['NM1', 'REF'], ['PRV']) });
    if (!rejections.cutOff('C')) levels.push({ code: LEVEL.subscriber, parent: 1, segments: this.#patient(context.subscriber, '2010C') });
    if (!rejections.cutOff('D') && context.dependent !== undefined) levels.push({ code: LEVEL.dependent, parent: 2, segments: this.#patient(context.dependent, '2010D') });
    return levels;
  }

  /** 2000E and its 2000F, the first of them to stand at `eventAt` in the list of levels. */
  eventLevels(patientAt: number, eventAt: number): OutgoingLevel[] {
    if (this.cutsOffEvent) return [];
    const event = { code: LEVEL.event, parent: patientAt, segments: this.#event() };
    return [event, ...(this.#rejections.rejects('E') ? [] : this.#services().map((segments) => ({ code: LEVEL.service, parent: eventAt, segments })))];
  }

  /** 18; 19, more to follow, while anything is pended. */
  get isFinal(): boolean {
    const { lines, added, review } = this.#answer;
    const pended = [...lines, ...added].some((line) => line.review?.action === 'A4') || review?.action === 'A4';
    return !pended && !this.#rejections.willFollow;
  }

  #patient(level: EchoLoop, loop: string): Segment[] {
    return [...traceEcho(level.segments), ...this.#name(level, loop, ['NM1', 'REF', 'N3', 'N4'], ['DMG'])];
  }

  /** The names of a level with their AAA between what comes before and after it. */
  #name(level: EchoLoop, loop: string, before: readonly string[], after: readonly string[]): Segment[] {
    const segments = level.names.find((name) => name.id === loop)?.segments ?? [];
    return [...echo(segments, before), ...this.#rejections.at(loop), ...echo(segments, after)];
  }

  #event(): Segment[] {
    const { event } = this.#context;
    const um = echo(event.segments, ['UM']).map((segment) => withElements({ ...segment, elements: segment.elements.slice(0, 6) }, {}));
    const head = [...traceEcho(event.segments), ...this.#contexts(), ...this.#rejections.at('2000E'), ...um];
    if (this.#rejections.rejects('E')) return [...head, ...messageSegments(this.#answer.source, this.#said), ...this.#providers(event, '2010EA', undefined)];
    const isHere = this.#context.answerAt === 'event';
    const line = isHere && !this.#isOfSeveral ? this.#lineFor(this.#eventItem) : undefined;
    const instead = isHere && !this.#isOfSeveral ? this.#added(this.#eventItem) : undefined;
    const merged = mergeLines(line, instead);
    const delivery = merged?.authorized === undefined ? [] : deliverySegments(quantified(merged.authorized, event.segments));
    return [
      ...head,
      ...this.#eventReview(line),
      ...referenceEcho(event.segments, merged),
      ...this.#eventDates(merged),
      ...this.#diagnoses(event.segments),
      ...(delivery.length > 0 ? delivery : echo(event.segments, ['HSD'])),
      ...echo(event.segments, ['CL1', 'CR1', 'CR2', 'CR5', 'CR6']),
      ...this.#documents.pwk.filter((each) => isHere || each.sequence === undefined).map((each) => each.segment),
      ...messageSegments(this.#answer.source, [...this.#said, ...this.#answer.notes, ...(merged?.notes ?? [])]),
      ...this.#providers(event, '2010EA', merged),
      ...event.names.filter((name) => name.id === '2010EB').flatMap((name) => echo(name.segments, ['NM1', 'N3', 'N4'])),
    ];
  }

  /** The decision at the event: the line's own where the service is here, else the whole's, which may not contradict the lines. */
  #eventReview(line: LineAnswer | undefined): Segment[] {
    const { review, lines, source } = this.#answer;
    if (this.#context.answerAt === 'event') {
      const decision = line?.review ?? review ?? (this.#isOfSeveral ? decisionOnSeveral(lines) : undefined);
      if (decision === undefined) source.warn('no-decision', 'The answer holds neither a decision nor an error for the request.');
      return decision === undefined ? [] : [this.#review(decision)];
    }
    if (review === undefined) return [];
    const actions = new Set(lines.flatMap((each) => each.review?.action ?? []));
    const agrees = actions.size === 1 ? actions.has(review.action) : actions.size === 0 || review.action === 'A2';
    if (!agrees) source.warn('review-contradicts-lines', 'The decision on the whole differs from that of the lines and was left out.');
    return agrees ? [this.#review(review)] : [];
  }

  #eventDates(line: LineAnswer | undefined): Segment[] {
    const asked = this.#context.event.segments;
    // Admission and discharge have a place at the event only, whichever item says them.
    const admission = line?.admission ?? this.#answer.lines.find((each) => each.admission !== undefined)?.admission;
    const discharge = line?.discharge ?? this.#answer.lines.find((each) => each.discharge !== undefined)?.discharge;
    const said = [
      ...dateSegments('AAH', line?.serviceDate, line?.servicePeriod),
      ...dateSegments('435', admission?.date, admission?.period),
      ...dateSegments('096', discharge),
    ];
    const echoed = echo(asked, ['DTP']).flatMap((dtp) => {
      const code = valueAt(dtp, 1) === '472' ? 'AAH' : valueAt(dtp, 1);
      return /^(AAH|435|096)$/.test(code) && !said.some((each) => valueAt(each, 1) === code) ? [withElements(dtp, { 1: code })] : [];
    });
    const order = ['AAH', '435', '096'];
    const dates = [...said, ...echoed].toSorted((a, b) => order.indexOf(valueAt(a, 1)) - order.indexOf(valueAt(b, 1)));
    const validity = line?.validity ?? (this.#context.answerAt === 'event' || !this.#answer.lines.some((each) => each.validity) ? this.#answer.validity : undefined);
    return [...dates, ...certificationDates(line?.issued, validity)];
  }

  #diagnoses(asked: readonly Segment[]): Segment[] {
    const composites = echo(asked, ['HI']).flatMap((hi) => hi.elements.map((_, index) => componentsAt(hi, index + 1)));
    const loinc = this.#documents.loinc.map((code) => ['LOI', code]);
    if (composites.length + loinc.length > 12) this.#answer.source.warn('too-many-documents', 'A patient event has room for twelve codes; some of the documents asked for were left out.');
    const all = [...composites, ...loinc].slice(0, 12);
    return all.length === 0 ? [] : [buildSegment('HI', ...all)];
  }

  #contexts(): Segment[] {
    const requesterTrace = this.#context.event.segments.find((segment) => segment.id === 'TRN');
    const organization = valueAt(requesterTrace, 3);
    const room = 3 - this.#context.event.segments.filter((segment) => segment.id === 'TRN').length;
    return organization === '' ? [] : this.#documents.contexts.slice(0, room).map((context) => buildSegment('TRN', '1', context, organization));
  }

  /** HCR01 to HCR04. */
  #review({ action, number, reasons, secondSurgicalOpinion }: ReviewDecision): Segment {
    if (reasons.length > 1) this.#answer.source.warn('too-many-reasons', 'HCR03 has room for one reason; the first was sent.');
    return buildSegment('HCR', action, number, reasons[0], secondSurgicalOpinion === undefined ? undefined : secondSurgicalOpinion ? 'Y' : 'N');
  }

  get #eventItem(): number {
    return this.#context.eventItem ?? 1;
  }

  /** True where one event without lines is answered by several items: an update of all of them, such as a cancellation. */
  get #isOfSeveral(): boolean {
    return this.#context.answerAt === 'event' && this.#context.eventItem === undefined && this.#answer.lines.length > 1;
  }

  #lineFor(sequence: number): LineAnswer | undefined {
    return this.#answer.lines.find((line) => line.sequence === sequence);
  }

  /** What is authorized instead of an item. */
  #added(sequence: number): LineAnswer | undefined {
    return this.#answer.added.find((line) => line.sequence === sequence);
  }

  #services(): Segment[][] {
    const { services, answerAt } = this.#context;
    const asked = new Set(answerAt === 'event' ? [this.#eventItem] : services.map((service) => service.sequence));
    const echoed = services.map((service) => this.#service(service, service.sequence));
    // A procedure has no place at the event: what is authorized there as a procedure becomes a line.
    const besides = this.#answer.added.filter((line) => !asked.has(line.sequence) || (answerAt === 'event' && procedureOf(line.authorized?.productOrService) !== undefined));
    return [...echoed, ...besides.map((line) => this.#addedService(line))];
  }

  #service(asked: EchoLoop, sequence: number): Segment[] {
    const rejected = this.#rejections.rejects('F', sequence);
    const line = this.#lineFor(sequence);
    const merged = mergeLines(line, this.#added(sequence));
    if (!rejected && line?.review === undefined && this.#answer.review === undefined) this.#answer.source.warn('no-decision', 'The answer holds neither a decision nor an error for a line.');
    const facts = merged?.authorized === undefined ? undefined : quantified(merged.authorized, asked.segments);
    const um = echo(asked.segments, ['UM']).map((segment) => withElements({ ...segment, elements: segment.elements.slice(0, 4) }, merged?.um.serviceType === undefined ? {} : { 3: merged.um.serviceType }));
    const service = facts === undefined ? [] : authorizedLine(facts, asked.segments);
    const delivery = facts === undefined ? [] : deliverySegments(facts);
    const said = dateSegments('472', merged?.serviceDate, merged?.servicePeriod);
    return [
      ...traceEcho(asked.segments),
      ...this.#rejections.at('2000F', sequence),
      ...um,
      ...(rejected || line?.review === undefined ? [] : [this.#review(line.review)]),
      ...referenceEcho(asked.segments, merged),
      ...(said.length > 0 ? said : echo(asked.segments, ['DTP'])),
      ...certificationDates(merged?.issued, merged?.validity),
      ...(service.length > 0 ? service : echo(asked.segments, ['SV1', 'SV2', 'SV3'])),
      ...echo(asked.segments, ['TOO']),
      ...(delivery.length > 0 ? delivery : echo(asked.segments, ['HSD'])),
      ...this.#documents.pwk.filter((each) => each.sequence === sequence).map((each) => each.segment),
      ...messageSegments(this.#answer.source, merged?.notes ?? []),
      ...this.#providers(asked, '2010F', merged, sequence),
    ];
  }

  /** A line the payer adds. */
  #addedService(line: LineAnswer): Segment[] {
    const facts = line.authorized ?? {};
    const serviceType = line.um.serviceType ?? codeIn(facts.productOrService, x12System('1365'));
    return [
      buildSegment('UM', line.um.requestType ?? 'HS', line.um.certificationType ?? 'I', serviceType),
      ...(line.review === undefined ? [] : [this.#review(line.review)]),
      ...referenceEcho([], line),
      ...dateSegments('472', line.serviceDate, line.servicePeriod),
      ...certificationDates(line.issued, line.validity),
      ...serviceLineSegments(facts, facts.revenue !== undefined),
      ...deliverySegments(facts),
      ...messageSegments(this.#answer.source, line.notes),
      ...line.providers.flatMap((provider) => partySegments(this.#answer.source, provider.entry, { entity: provider.entityCode ?? 'SJ', fallbackQualifier: '46' })),
    ];
  }

  /** Authorized providers where the payer names them, else those asked for. The first name carries the loop's AAA. */
  #providers(asked: EchoLoop, loop: '2010EA' | '2010F', line: LineAnswer | undefined, sequence?: number): Segment[] {
    const named = (line?.providers ?? []).map((provider) => partySegments(this.#answer.source, provider.entry, { entity: provider.entityCode ?? firstEntity(asked, loop) ?? 'SJ', fallbackQualifier: '46' }));
    const requested = asked.names.filter((name) => name.id === loop).map((name) => name.segments);
    const all = named.some((segments) => segments.length > 0) ? named : requested;
    return all.flatMap((segments, index) => [...echo(segments, ['NM1', 'REF', 'N3', 'N4', 'PER']), ...(index === 0 ? this.#rejections.at(loop, sequence) : []), ...echo(segments, ['PRV'])]);
  }
}

function firstEntity(asked: EchoLoop, loop: string): string | undefined {
  const code = valueAt(asked.names.find((name) => name.id === loop)?.segments[0], 1);
  return code === '' ? undefined : code;
}
