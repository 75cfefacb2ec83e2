/**
 * The X12 rail: bytes land, and one interchange answers. TA1 where the envelope is broken, 999 for the syntax of every
 * group, and beyond that what each transaction set asks for:
 *
 *   278 request       planned by the same code as a FHIR request; AAA where it cannot be reviewed, HCR where it is decided
 *   278 inquiry       what came of earlier requests, by whatever rail they came
 *   278 notification  taken by the inbox, and acknowledged as received or refused
 *   270               what the plan's records say of a member's coverage, as a 271
 *   837               claims taken by the inbox, each told of in a 277CA
 *   275, 834, 835     documents, members and payments taken by the inbox, told of in an 824
 *
 * Requests of a delivery are committed together with its answer; units of the inbox each for itself, so that one which
 * cannot be taken stops no other. Questions make nothing, and the same question again is answered with what stands then.
 */
import { Problem } from '../../fhir/problems.ts';
import {
  acknowledgmentCode, answerGroupCount, interchangeAcknowledgment, mapInterchange, writeAcknowledgment, writeInterchange,
  type MappedUnit, type ReceivedGroup, type ReceivedInterchange, type Rejection, type Segment,
} from '../../mappers/x12/index.ts';
import { takeDelivery, type Processed, type Taken } from '../../operations/intake/take-delivery.ts';
import type { Arrival, Intake } from '../../operations/intake/take-messages.ts';
import type { Context } from '../../store/context.ts';
import { nextControlNumbers, usedControlKeys } from '../../store/interchanges.ts';
import { answerEligibility } from './answer-eligibility.ts';
import { answerReview, type Reviewer, type Work } from './answer-review.ts';
import { isForInbox, x12MediaType, type X12Rail } from './rail.ts';
import { stampsOf } from './stamps.ts';
import { takeAcknowledgments } from './take-acknowledgments.ts';
import { SetOfUnits, takeUnit } from './take-unit.ts';

export { x12MediaType } from './rail.ts';

export interface X12Channel extends Reviewer {
  readonly intake: Intake;
  /** Takes what the inbox takes. */
  readonly x12: X12Rail;
}

export async function takeInterchange(channel: X12Channel, bytes: Buffer, context: Context): Promise<Taken> {
  let work: Work | undefined;
  const taken = await takeDelivery(
    { database: channel.database, turns: channel.priorAuthorization.turns }, { channel: 'x12', sender: context.actor, mediaType: x12MediaType, body: bytes }, context,
    (landed, turn) => {
      work = { landed, turn, committed: [], answered: new Map(), informed: 0, taken: 0, problems: [] };
      return process(channel, bytes, work, context);
    },
    (problem) => ({ status: problem.status, mediaType: x12MediaType, body: notAnInterchange(context) }),
  );
  channel.priorAuthorization.delivered('x12', taken.outcome);
  if (taken.outcome === 'answered') for (const plan of work?.committed ?? []) channel.priorAuthorization.committed('x12', plan);
  return taken;
}

/** The units of one transaction set that wait for their answer, in the order of the sets. */
type Waiting = { readonly unit: MappedUnit; readonly units?: SetOfUnits; readonly questions?: MappedUnit[] };

/** @throws {Problem} `x12-not-an-interchange` */
async function process(channel: X12Channel, bytes: Buffer, work: Work, context: Context): Promise<Processed> {
  const arrival: Arrival = { landing: work.landed, sender: context.actor, mediaType: x12MediaType, receivedAt: work.landed.receivedAt };
  const seen = new Map<string, Rejection | undefined>();
  const waiting: Waiting[] = [];
  const reading = mapInterchange(bytes);
  let next = reading.next();
  let position = 0;
  for (; next.done !== true; next = reading.next()) {
    const unit = next.value;
    if (isForInbox(unit)) position += 1;
    // What bears a number that was used before is not taken, whatever is in it.
    if (await rejectionOf(channel, unit.interchange, seen, work, context) === undefined) await note(channel, unit, position - 1, waiting, bytes, arrival, work, context);
  }
  const delivery = next.value;
  if (delivery.interchanges.length === 0) throw new Problem('x12-not-an-interchange', { reason: delivery.issues[0]?.text ?? 'no ISA segment was found' });
  await takeAcknowledgments(channel.database, delivery, bytes, context);
  const answers: Uint8Array[] = [];
  const mine: string[] = [];
  for (const interchange of delivery.interchanges) {
    const known = await rejectionOf(channel, interchange.control, seen, work, context);
    const key = controlKey(interchange);
    // The same control number with other content: the partner has lost count, and neither side may guess (TA1 025).
    const rejection = interchange.rejection ?? known ?? (mine.includes(key) ? reused : undefined);
    if (!mine.includes(key) && known === undefined) mine.push(key);
    const responses = rejection === undefined ? await answerGroups(channel, interchange, waiting, work, context) : [];
    if (rejection) work.problems.push(`ta1-${rejection.noteCode}`);
    const parts = { ...(rejection && { rejection }), responses };
    // The first group takes the interchange's number, every further one a number of its own: none is used twice.
    const numbers = await nextControlNumbers(channel.database, Math.max(1, answerGroupCount(interchange, parts)));
    const written = writeAcknowledgment(interchange, { ...stampsOf(context), interchangeControlNumber: numbers[0]!, groupControlNumbers: numbers }, parts);
    if (written) answers.push(written.bytes);
  }
  return {
    answer: { status: 200, mediaType: x12MediaType, body: Buffer.concat(answers).toString('latin1') },
    changes: work.committed.flatMap((plan) => plan.changes),
    outcome: work.answered.size > 0 || work.taken > 0 ? 'answered' : work.informed > 0 ? 'informed' : 'refused', problems: work.problems,
    controlKeys: mine,
  };
}

const reused: Rejection = { noteCode: '025', message: 'The interchange control number was used before.' };

/** Whether the control number of an interchange belongs to another delivery, asked once for each. */
async function rejectionOf(channel: X12Channel, control: ReceivedInterchange['control'], seen: Map<string, Rejection | undefined>, work: Work, context: Context): Promise<Rejection | undefined> {
  const key = controlKey({ control });
  if (!seen.has(key)) {
    const used = await usedControlKeys(channel.database, [key], work.landed.id, context);
    seen.set(key, used.has(key) ? reused : undefined);
  }
  return seen.get(key);
}

/** Takes what the inbox takes at once; what is asked waits until the whole delivery is read. */
async function note(channel: X12Channel, unit: MappedUnit, position: number, waiting: Waiting[], bytes: Uint8Array, arrival: Arrival, work: Work, context: Context): Promise<void> {
  const before = waiting.at(-1);
  const isSame = before !== undefined && unit.ordinal > 1 && before.unit.extent.start === unit.extent.start;
  if (isForInbox(unit)) {
    const units = isSame && before.units ? before.units : new SetOfUnits(unit);
    if (units !== before?.units) waiting.push({ unit, units });
    if (await takeUnit(channel, unit, position, units, bytes, arrival, context) === 'accepted') work.taken += 1;
  } else if (unit.question) {
    if (isSame && before.questions) before.questions.push(unit);
    else waiting.push({ unit, questions: [unit] });
  } else if (unit.request) waiting.push({ unit });
}

async function answerGroups(channel: X12Channel, interchange: ReceivedInterchange, waiting: readonly Waiting[], work: Work, context: Context): Promise<{ group: ReceivedGroup; transactions: Segment[][] }[]> {
  const answered = [];
  for (const group of interchange.groups) {
    const transactions: Segment[][] = [];
    for (const transaction of group.transactions) {
      if (acknowledgmentCode(transaction) === 'R') work.problems.push('999-r');
      const found = waiting.find(({ unit }) => unit.interchange === interchange.control && unit.group.controlNumber === group.controlNumber && unit.set.controlNumber === transaction.controlNumber);
      if (!found) continue;
      const stamps = { ...stampsOf(context), controlNumber: String(transactions.length + 1).padStart(4, '0') };
      const { unit, units, questions } = found;
      if (questions) transactions.push(await answerEligibility(channel.database, questions, work, stamps, interchange, context));
      else if (units) {
        transactions.push(units.answer(interchange, group, stamps));
        work.problems.push(...units.problems());
      } else if (unit.request) transactions.push(await answerReview(channel, unit.request, work, stamps, context));
    }
    answered.push({ group, transactions });
  }
  return answered;
}

function controlKey({ control }: Pick<ReceivedInterchange, 'control'>): string {
  return `${control.sender.qualifier}:${control.sender.id}:${control.controlNumber}`;
}

/** What is no interchange at all is told so in X12: a TA1 about an interchange without a number (note 022). */
function notAnInterchange(context: Context): string {
  const stamps = stampsOf(context);
  const nobody = { qualifier: 'ZZ', id: 'UNKNOWN' };
  const control = { sender: nobody, receiver: nobody, controlNumber: '', date: stamps.date.slice(2), time: stamps.time, usage: 'P', acknowledgmentRequested: true, version: '00501' };
  const about = interchangeAcknowledgment({ control, delimiters: { element: '*', component: ':', segment: '~', repetition: '^' }, groups: [], acknowledgments: [], issues: [] }, { noteCode: '022', message: 'There is no interchange in the delivery.' });
  const written = writeInterchange({ sender: nobody, receiver: nobody, usage: 'P', ...stamps, controlNumber: 1 }, [], [about]);
  return Buffer.from(written.bytes).toString('latin1');
}
