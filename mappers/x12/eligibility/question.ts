/**
 * 270 eligibility inquiry to FHIR: a CoverageEligibilityRequest for each person that something is asked of, and what the
 * answer (271) needs to repeat. Nothing of a question is the plan's record: it is matched to a member, not stored as one.
 */
import type { Bundle, Patient } from '@medplum/fhirtypes';
import { Draft } from '../../draft.ts';
import type { Cursor } from '../reading/target.ts';
import type { MappingIssue, SourceRef } from '../../ledger.ts';
import { isTime, toFhirDate } from '../grammar/dates.ts';
import type { LoopOccurrence } from '../grammar/definition.ts';
import { SYSTEM, x12System } from '../pas.ts';
import { numberOf, type Reading, Urns } from '../reading/frame.ts';
import { Members } from '../reading/members.ts';
import { ABSENT, mapParty, mapPerson } from '../reading/parties.ts';
import { loopsOf, pieceOf, piecesOf, placesBelow, placesOf, putWhen } from '../reading/piece.ts';
import { valueAt } from '../segment.ts';
import type { SetMapper, SetMapperOptions } from '../set-unit.ts';
import type { EligibilityQuestion } from './asked.ts';
import { reasonFor } from './unmapped-reasons.ts';

/** Somebody who is asked about and the levels over him. */
interface Asked {
  set: LoopOccurrence;
  source: LoopOccurrence;
  receiver: LoopOccurrence;
  subscriber: LoopOccurrence;
  dependent: LoopOccurrence | undefined;
}

/** Maps every question of a 270. */
export const mapEligibility: SetMapper = function* (set, origin, options) {
  const urns = new Urns(origin);
  const all = [...askedIn(set)];
  for (const [index, asked] of all.entries()) {
    const next = all[index + 1];
    const until = (next?.dependent ?? next?.subscriber)?.segments[0]?.position ?? Number.POSITIVE_INFINITY;
    const { mapping, question } = mapQuestion(asked, urns, options);
    yield { kind: 'eligibility', mapping, question, until };
  }
};

function* askedIn(set: LoopOccurrence): Generator<Asked> {
  for (const source of loopsOf(set, '2000A')) for (const receiver of loopsOf(source, '2000B')) for (const subscriber of loopsOf(receiver, '2000C')) {
    const dependents = loopsOf(subscriber, '2000D');
    const isAskedAbout = loopsOf(subscriber, '2100C').some((name) => loopsOf(name, '2110C').length > 0);
    // A subscriber without a question of his own stands there for his dependents.
    if (isAskedAbout || dependents.length === 0) yield { set, source, receiver, subscriber, dependent: undefined };
    for (const dependent of dependents) yield { set, source, receiver, subscriber, dependent };
  }
}

const nameOf = (level: LoopOccurrence | undefined, id: string): LoopOccurrence | undefined => (level === undefined ? undefined : loopsOf(level, id)[0]);

function mapQuestion(asked: Asked, urns: Urns, options: SetMapperOptions): { mapping: { bundle: Bundle; issues: readonly MappingIssue[]; ledger: ReturnType<Draft['ledger']>; unmapped: ReturnType<Draft['unmapped']> }; question: EligibilityQuestion } {
  const draft = new Draft();
  const issues: MappingIssue[] = [];
  const [source, receiver] = [nameOf(asked.source, '2100A'), nameOf(asked.receiver, '2100B')];
  const anchor = asked.dependent ?? asked.subscriber;
  const url = urns.ofPlace('eligibility-request', anchor.segments[0]!);
  const request = draft.resource('CoverageEligibilityRequest', url);
  const insurer = mapAsked({ draft, urns }, source, asked.source);
  const provider = mapAsked({ draft, urns }, receiver, asked.receiver);
  const subscriberLoop = nameOf(asked.subscriber, '2100C');
  const members = new Members(urns, numberOf(source?.segments[0]), source?.segments[0] ?? asked.source.segments[0]!);
  const subscriberUrl = members.named(numberOf(subscriberLoop?.segments[0])) ?? urns.ofPlace('asked-about', asked.subscriber.segments[0]!);
  const patientUrl = asked.dependent === undefined ? subscriberUrl : urns.ofPlace('asked-about', asked.dependent.segments[0]!);
  const subscriber = mapMember({ draft, urns }, subscriberLoop, subscriberUrl, members);
  const patient = asked.dependent === undefined ? subscriber : mapMember({ draft, urns }, nameOf(asked.dependent, '2100D'), patientUrl, members);
  const loop = asked.dependent === undefined ? subscriberLoop : nameOf(asked.dependent, '2100D');
  const trace = pieceOf(draft, anchor, 'TRN', '1');
  if (trace !== undefined) {
    trace.consult(1);
    const identifier = request.another('identifier');
    if (trace.put(identifier, 'value', 2)) trace.put(identifier, 'system', 3, undefined, (organization) => `urn:trnorg:${organization}`);
  }
  request.set('status', 'active').set('purpose', ['benefits', 'validation']).set('patient', { reference: patientUrl }).set('insurer', { reference: insurer }).set('provider', { reference: provider });
  mapCreated(draft, asked.set, request, options, issues);
  const questions = loop === undefined ? [] : loopsOf(loop, asked.dependent === undefined ? '2110C' : '2110D');
  const date = pieceOf(draft, questions[0], 'DTP', '291') ?? pieceOf(draft, loop, 'DTP', '291');
  if (date !== undefined && putWhen(date, request, 'serviced', 2, 3)) date.consult(1);
  const serviceTypes = mapServices(draft, request, questions);
  draft.resource('Coverage', urns.ofPlace('coverage', anchor.segments[0]!)).set('status', 'active').set('beneficiary', { reference: patientUrl }).set('payor', [{ reference: insurer }]);
  const coverage = draft.resource('Coverage', urns.ofPlace('coverage', anchor.segments[0]!));
  pieceOf(draft, subscriberLoop, 'NM1')?.put(coverage, 'subscriberId', 9);
  request.set('insurance', [{ focal: true, coverage: { reference: urns.ofPlace('coverage', anchor.segments[0]!) } }]);
  const entries = draft.entries(url);
  const day = date === undefined ? undefined : toFhirDate(date.text(3).slice(0, 8));
  const bht = asked.set.segments.find(({ id }) => id === 'BHT');
  return {
    mapping: {
      bundle: { resourceType: 'Bundle', type: 'collection', entry: entries }, issues,
      get ledger() { return draft.ledger(); },
      get unmapped() { return draft.unmapped(sentIn(asked), ({ source: place }) => reasonFor(place)); },
    },
    question: {
      referenceIdentification: valueAt(bht, 3).trim(), patient, subscriber: asked.dependent === undefined ? undefined : subscriber, serviceTypes, day,
      echo: {
        source: source?.segments ?? [], receiver: receiver?.segments ?? [],
        subscriber: [...asked.subscriber.segments, ...(subscriberLoop?.segments ?? [])],
        dependent: asked.dependent === undefined ? undefined : [...asked.dependent.segments, ...(nameOf(asked.dependent, '2100D')?.segments ?? [])],
      },
    },
  };
}

function mapAsked(frame: Reading, loop: LoopOccurrence | undefined, level: LoopOccurrence): string {
  const nm1 = pieceOf(frame.draft, loop, 'NM1');
  if (loop === undefined || nm1 === undefined) {
    const url = frame.urns.ofPlace('organization', level.segments[0]!);
    frame.draft.resource('Organization', url).set('_name', ABSENT);
    return url;
  }
  nm1.consult(1);
  return mapParty(frame, loop).url;
}

/** What came of a person is what the member is looked for by. */
function mapMember({ draft }: Reading, loop: LoopOccurrence | undefined, url: string, members: Members): Patient {
  const cursor = draft.resource('Patient', url);
  if (pieceOf(draft, loop, 'NM1') !== undefined) mapPerson({ draft }, loop!, cursor, members);
  return draft.entries().find(({ fullUrl }) => fullUrl === url)!.resource as Patient;
}

/** EQ: services by type (EQ01, repeating) or by procedure (EQ02). */
function mapServices(draft: Draft, request: Cursor, questions: readonly LoopOccurrence[]): string[] {
  const types: string[] = [];
  for (const eq of questions.flatMap((question) => piecesOf(draft, question, 'EQ'))) {
    for (const [index, components] of (eq.segment.elements[0] ?? []).entries()) {
      const code = (components[0] ?? '').trim();
      if (code === '') continue;
      types.push(code);
      const from = { source: eq.from(1).source.concat(index === 0 ? '' : `[${index + 1}]`), segment: eq.segment.position };
      request.another('item').within('category').another('coding').set('system', x12System('1365')).emit('code', code, from, 'EQ01/category');
    }
    if (eq.text(2, 2) !== '') {
      eq.consult(2, 1);
      eq.code(request.another('item').within('productOrService'), eq.text(2, 1) === 'HC' ? SYSTEM.hcpcs : undefined, 2, 2);
    }
  }
  return types;
}

function mapCreated(draft: Draft, set: LoopOccurrence, request: Cursor, options: SetMapperOptions, issues: MappingIssue[]): void {
  const bht = pieceOf(draft, set, 'BHT');
  const day = toFhirDate(bht?.text(4) ?? '');
  if (bht === undefined || day === undefined) {
    request.set('_created', ABSENT);
    return;
  }
  const time = bht.text(5);
  const hasTime = isTime(time) && options.utcOffset !== undefined;
  if (!hasTime && time !== '') issues.push({ severity: 'information', code: 'time-without-offset', text: 'BHT05 has no offset; the day alone is kept.', ...bht.from(5) });
  bht.put(request, 'created', 4, undefined, () => (hasTime ? `${day}T${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4, 6) || '00'}${options.utcOffset!}` : day));
  if (hasTime) bht.put(request, 'created', 5, undefined, () => request.peek('created') as string);
}

/** Every value that a question was made of, its own and those of the levels above. */
function* sentIn({ set, source, receiver, subscriber, dependent }: Asked): Generator<SourceRef> {
  yield* placesOf(set.id, set.segments);
  for (const level of [source, receiver, subscriber, ...(dependent === undefined ? [] : [dependent])]) {
    yield* placesOf(level.id, level.segments);
    for (const loop of level.loops) if (loop.id.startsWith('2100')) yield* placesBelow(loop);
  }
}
