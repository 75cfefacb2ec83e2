/**
 * 271: what the plan's records say to an eligibility inquiry. A member who is found is told with his coverage in force
 * on the day asked about, or that none is; one who is not found is told why (AAA). The levels, traces and names are
 * those of the question, names and numbers of the member those of the record.
 * Source: public companion guides to 005010X279A1 and the CAQH CORE rules on eligibility; the guide itself is licensed.
 */
import type { Coverage, Patient } from '@medplum/fhirtypes';
import { toX12Date } from '../grammar/dates.ts';
import { levelSegments, type OutgoingLevel } from '../levels.ts';
import { buildSegment, type Segment, valueAt, withElements } from '../segment.ts';
import { transactionSet } from '../writer.ts';
import type { EligibilityQuestion } from './asked.ts';

/** Why nobody was found: AAA03 (element 901) and AAA04 (889). */
export interface EligibilityRejection {
  level: 'source' | 'receiver' | 'subscriber' | 'dependent';
  code: string;
  followUp: string;
}

export type EligibilityAnswer =
  | { kind: 'rejected'; rejection: EligibilityRejection }
  /** The member's record and the coverage that counts on `day`; `inForce` is false where it ended, was cancelled, or there is none. */
  | { kind: 'found'; patient: Patient; coverage: Coverage | undefined; inForce: boolean; day: string };

/** Control values of the answer. Time is the caller's. */
export interface EligibilityStamps {
  /** ST02. */
  controlNumber: string;
  /** CCYYMMDD and HHMM. */
  date: string;
  time: string;
}

/** EB01 (element 1390): active coverage, inactive, cannot process. */
const ACTIVE = '1';
const INACTIVE = '6';
/** EQ01 30 asks for the plan as a whole. */
const WHOLE_PLAN = '30';

/**
 * The 271 for the questions of one 270, in their order; answers stand beside their questions.
 * @param endpoints where the plan's Da Vinci services are told (HRex, ep-1); undefined where that cannot be written
 */
export function eligibilityResponse(questions: readonly { question: EligibilityQuestion; answer: EligibilityAnswer }[], stamps: EligibilityStamps, endpoints?: string): Segment[] {
  const covered = new Set(questions.filter(({ answer }) => answer.kind === 'found' && answer.inForce).map(({ question: { echo } }) => keyOf(echo.source)));
  const levels: OutgoingLevel[] = [];
  const known = new Map<string, number>();
  const place = (key: string, level: () => OutgoingLevel): number => {
    const there = known.get(key);
    if (there !== undefined) return there;
    const index = levels.push(level()) - 1;
    known.set(key, index);
    return index;
  };
  for (const { question, answer } of questions) {
    const { echo } = question;
    const rejected = (level: EligibilityRejection['level']): Segment[] => (answer.kind === 'rejected' && answer.rejection.level === level ? [rejectionOf(answer.rejection)] : []);
    const source = place(`source ${keyOf(echo.source)}`, () => ({ code: '20', segments: [...named(echo.source), ...(endpoints !== undefined && covered.has(keyOf(echo.source)) ? contactAt(echo.source, endpoints) : []), ...rejected('source')] }));
    const receiver = place(`receiver ${source} ${keyOf(echo.receiver)}`, () => ({ code: '21', parent: source, segments: [...named(echo.receiver), ...rejected('receiver')] }));
    const isDependent = echo.dependent !== undefined;
    const member = answer.kind === 'found' ? answer : undefined;
    const subscriber = place(`subscriber ${receiver} ${keyOf(echo.subscriber)}`, () => ({
      code: '22', parent: receiver,
      segments: [...traces(echo.subscriber), ...personOf(echo.subscriber, isDependent ? undefined : member?.patient, rejected('subscriber')), ...(isDependent ? [] : benefits(question, member))],
    }));
    if (echo.dependent === undefined) continue;
    place(`dependent ${subscriber} ${keyOf(echo.dependent)}`, () => ({ code: '23', parent: subscriber, segments: [...traces(echo.dependent!), ...personOf(echo.dependent!, member?.patient, rejected('dependent')), ...benefits(question, member)] }));
  }
  return transactionSet('271', stamps.controlNumber, '005010X279A1', [buildSegment('BHT', '0022', '11', questions[0]?.question.referenceIdentification ?? '', stamps.date, stamps.time), ...levelSegments(levels)]);
}

function keyOf(segments: readonly Segment[]): string {
  return String(segments[0]?.position ?? '');
}

/** The name of a source or a receiver, as it was sent. */
function named(segments: readonly Segment[]): Segment[] {
  return segments.filter(({ id }) => id === 'NM1');
}

/** PER of a payer (PR): a URL (365: UR). Source: HRex 1.2.0, "Endpoint Discovery", ep-1. */
function contactAt(segments: readonly Segment[], url: string): Segment[] {
  return segments.some((segment) => segment.id === 'NM1' && valueAt(segment, 1) === 'PR') ? [buildSegment('PER', 'IC', '', 'UR', url)] : [];
}

/** TRN*1 of the asker comes back as TRN*2. */
function traces(segments: readonly Segment[]): Segment[] {
  return segments.filter(({ id }) => id === 'TRN').map((trn) => withElements(trn, { 1: '2' }));
}

/** NM1, N3, N4 and DMG: of the record where there is one, else as asked; a rejection (AAA) has its place before DMG. */
function personOf(segments: readonly Segment[], patient: Patient | undefined, rejection: readonly Segment[]): Segment[] {
  const nm1 = segments.find(({ id }) => id === 'NM1');
  if (patient === undefined || nm1 === undefined) return [...segments.filter(({ id }) => id === 'NM1'), ...rejection, ...segments.filter(({ id }) => id === 'DMG')];
  const name = patient.name?.find(({ use }) => use === 'official') ?? patient.name?.[0];
  const address = patient.address?.find(({ use }) => use !== 'old') ?? patient.address?.[0];
  const birthDate = toX12Date(patient.birthDate);
  return [
    withElements(nm1, { 3: name?.family ?? valueAt(nm1, 3), 4: name?.given?.[0] ?? '', 5: name?.given?.[1] ?? '', 7: name?.suffix?.[0] ?? '' }),
    ...(address?.line?.[0] === undefined ? [] : [buildSegment('N3', address.line[0], ...(address.line[1] === undefined ? [] : [address.line[1]]))]),
    ...(address?.city === undefined ? [] : [buildSegment('N4', address.city, address.state ?? '', address.postalCode?.replaceAll('-', '') ?? '')]),
    ...(birthDate === undefined ? [] : [buildSegment('DMG', 'D8', birthDate, ...({ male: ['M'], female: ['F'], other: ['U'], unknown: ['U'] }[patient.gender ?? 'unknown'] ?? []))]),
  ];
}

/** EB for the plan as a whole: of single services the records say nothing. */
function benefits({ day }: EligibilityQuestion, member: Extract<EligibilityAnswer, { kind: 'found' }> | undefined): Segment[] {
  if (member === undefined) return [];
  const { coverage, inForce } = member;
  const period = coverage?.period;
  const [start, end] = [toX12Date(period?.start), toX12Date(period?.end)];
  const asked = toX12Date(day);
  const plan = coverage?.class?.find(({ type }) => type.coding?.some(({ code }) => code === 'plan'));
  const group = coverage?.class?.find(({ type }) => type.coding?.some(({ code }) => code === 'group'));
  const description = (plan?.name ?? plan?.value ?? '').slice(0, 50);
  return [
    buildSegment('EB', inForce ? ACTIVE : INACTIVE, '', WHOLE_PLAN, '', ...(description === '' ? [] : [description])),
    ...(group?.value === undefined ? [] : [buildSegment('REF', '6P', group.value.slice(0, 50), ...(group.name === undefined ? [] : [group.name.slice(0, 80)]))]),
    // 346 and 347: the plan's days; 291: of an open plan, the day that was asked about.
    ...(start === undefined ? [] : [buildSegment('DTP', '346', 'D8', start)]),
    ...(end === undefined ? [] : [buildSegment('DTP', '347', 'D8', end)]),
    ...(start === undefined && end === undefined && asked !== undefined ? [buildSegment('DTP', '291', 'D8', asked)] : []),
  ];
}

function rejectionOf({ code, followUp }: EligibilityRejection): Segment {
  return buildSegment('AAA', 'N', '', code, followUp);
}
