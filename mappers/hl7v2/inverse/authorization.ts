/**
 * The answer to a request for authorization: RPA, from the message that asked (RQA) and the PAS response Bundle. What
 * tells the parties apart is repeated as it was sent (RF1, PRD, PID, IN1, DG1, PR1); what was decided is written into it:
 *
 *   RF1-1    accepted, pending, rejected, expired where it was cancelled (table 0283), of all services together
 *   RF1-11   the payer's own number for the request, unless the sender has put one of its own there
 *   AUT      after RF1 what holds for the whole, after each PR1 what holds for that procedure: the number (6), the days
 *            (4, 5), how much was asked for and granted (8, 9), when (10). What is not certified has none
 *   NTE      what became of each service, in words; the reasons for a denial as 1R, everything else as RE (table 0364)
 *
 * Source: HL7 v2.5.1, 11.3.1 (RQA and RPA), 11.6.1 (RF1), 11.6.2 (AUT), 2.15.10 (NTE).
 */
import type { Bundle } from '@medplum/fhirtypes';
import type { LedgerEntry, MappingIssue } from '../../ledger.ts';
import { acknowledge, type AcknowledgementCode, type AcknowledgementStamps } from '../syntax/acknowledgement.ts';
import { type Hl7Field, type Hl7Message, type Hl7Segment, valueAt } from '../syntax/message.ts';
import { componentField, plainField } from '../syntax/write.ts';
import { type DecidedService, type Decision, readDecision, type Told } from './read-decision.ts';
import { leavesOf, reasonFor, type Unwritten } from './unwritten.ts';
import { dtm } from './values.ts';

export interface AuthorizationAnswer {
  readonly message: Hl7Message;
  /** Which value of the Bundle stands at which place of the answer. */
  readonly ledger: readonly LedgerEntry[];
  /** What of the Bundle is the payer's own and stands nowhere in it. */
  readonly unwritten: readonly Unwritten[];
}

/** How the request is acknowledged, beside what was decided on it. */
export interface Acknowledged {
  readonly code: AcknowledgementCode;
  readonly issues: readonly MappingIssue[];
}

/**
 * @param answer undefined where nothing was decided: the request is repeated with what was wrong
 * @param sequences of the services in the answer, by their place in the request: a change counts its own from one
 */
export function answerRequest(asked: Hl7Message, answer: Bundle | undefined, { code, issues }: Acknowledged, stamps: AcknowledgementStamps, sequences: ReadonlyMap<number, number> = new Map()): AuthorizationAnswer {
  const writer = new Writer();
  const decision = answer && readDecision(answer);
  const of = (...ids: readonly string[]): Hl7Segment[] => asked.segments.filter(({ id }) => ids.includes(id));
  if (decision !== undefined) writeReferral(writer, of('RF1')[0], decision);
  const procedures = of('PR1');
  const payer = payerOf(asked);
  if (decision !== undefined) writeWhole(writer, decision, payer, procedures.length <= 1 ? requestedIn(asked, undefined) : undefined);
  for (const segment of of('PRD', 'CTD')) writer.repeat(segment);
  for (const segment of of('PID', 'IN1', 'DG1')) writer.repeat(segment);
  for (const [at, procedure] of procedures.entries()) {
    writer.repeat(procedure);
    const service = decision?.services.find(({ sequence }) => sequence === (sequences.get(at + 1) ?? at + 1));
    if (service !== undefined) writeAuthorization(writer, { ...service, issued: service.issued ?? decision?.created }, payer, requestedIn(asked, procedure));
  }
  if (decision !== undefined) writeWords(writer, decision, new Map(Array.from(sequences, ([own, theirs]) => [theirs, own])));
  const event = valueAt(asked.segments[0], 9, 1, 2) ?? 'I08';
  const message = acknowledge(asked, code, issues, stamps, { type: componentField('RPA', event, 'RPA_I08'), segments: writer.segments });
  // Behind what the acknowledgement itself has: MSH, MSA, ERR.
  const before = message.segments.length - writer.segments.length;
  const ledger = writer.ledger.map((entry) => ({ ...entry, segment: entry.segment! + before }));
  const written = new Set(ledger.map(({ path }) => path));
  return { message, ledger, unwritten: answer === undefined ? [] : leavesOf(answer).filter((path) => !written.has(path)).map((path) => ({ path, reason: reasonFor(path) })) };
}

type Fields = Readonly<Record<number, Hl7Field>>;

class Writer {
  readonly segments: Omit<Hl7Segment, 'position'>[] = [];
  readonly ledger: LedgerEntry[] = [];

  repeat({ id, fields }: Hl7Segment): void {
    this.segments.push({ id, fields });
  }

  /** A segment, with the values of the Bundle that stand in its fields. */
  write(id: string, fields: Fields, sources: Readonly<Record<number, Told | undefined>>): void {
    const last = Math.max(...Object.entries(fields).map(([at, field]) => (field.length > 0 ? Number(at) : 0)));
    this.segments.push({ id, fields: Array.from({ length: last + 1 }, (_, at) => fields[at] ?? []) });
    for (const [at, told] of Object.entries(sources)) if ((fields[Number(at)]?.length ?? 0) > 0) this.note(told, id, Number(at));
  }

  /** A value of the Bundle stands in a field of the segment that was written last. */
  note(told: Told | undefined, id: string, field: number): void {
    if (told !== undefined) this.ledger.push({ path: told.path, rule: `RPA#${id}-${field}`, source: `${id}-${field}[1].1`, segment: this.segments.length });
  }
}

/** Table 0283 by what was decided (X12 306). */
const STATUS: Readonly<Record<string, string>> = { A1: 'A', A2: 'A', A6: 'A', A3: 'R', A4: 'P', C: 'E' };
const STATUS_TEXTS: Readonly<Record<string, string>> = { A: 'Accepted', P: 'Pending', R: 'Rejected', E: 'Expired' };

/** Of several services one that waits makes the whole wait, and one that is certified makes the rest a matter of the words. */
function statusOf(services: readonly DecidedService[]): string | undefined {
  const all = new Set(services.map(({ action }) => STATUS[action?.value ?? '']));
  return ['P', 'A', 'R', 'E'].find((status) => all.has(status));
}

function writeReferral(writer: Writer, asked: Hl7Segment | undefined, { services, created }: Decision): void {
  const status = statusOf(services);
  const reference = services[0]?.reference;
  const fields: Record<number, Hl7Field> = Object.fromEntries((asked?.fields ?? []).entries());
  fields[1] = componentField(status, STATUS_TEXTS[status ?? ''], status === undefined ? undefined : 'HL70283');
  const isFree = (fields[11] ?? []).length === 0;
  if (isFree) fields[11] = plainField(reference?.value);
  if ((fields[9] ?? []).length === 0) fields[9] = plainField(dtm(created?.value));
  writer.write('RF1', fields, (asked?.fields[9] ?? []).length === 0 ? { 9: created } : {});
  // The status is that of all actions, and all services have the payer's one number.
  for (const service of services) {
    writer.note(service.action, 'RF1', 1);
    if (isFree) writer.note(service.reference, 'RF1', 11);
  }
}

/** AUT-1 to AUT-3: the plan, and the company by number and name. */
interface Payer {
  readonly plan: Hl7Field;
  readonly company: Hl7Field;
  readonly name: Hl7Field;
}

/** As the request names it: in AUT, otherwise in the first IN1. */
function payerOf(asked: Hl7Message): Payer {
  const [own, insurance] = ['AUT', 'IN1'].map((id) => asked.segments.find((segment) => segment.id === id));
  const first = (field: Hl7Field | undefined): Hl7Field => field?.slice(0, 1) ?? [];
  const or = (one: Hl7Field, other: Hl7Field): Hl7Field => (one.length > 0 ? one : other);
  return {
    plan: or(first(own?.fields[1]), first(insurance?.fields[2])), company: or(first(own?.fields[2]), plainField(valueAt(insurance, 3))), name: or(first(own?.fields[3]), plainField(valueAt(insurance, 4))),
  };
}

/** AUT-8 of the AUT that follows a procedure; of the first where none is meant in particular. */
function requestedIn({ segments }: Hl7Message, procedure: Hl7Segment | undefined): Hl7Field {
  if (procedure === undefined) return segments.find(({ id }) => id === 'AUT')?.fields[8] ?? [];
  const next = segments[segments.indexOf(procedure) + 1];
  return next?.id === 'AUT' ? next.fields[8] ?? [] : [];
}

/** The number and days that all certified services share; the quantity where there is one service. */
function writeWhole(writer: Writer, decision: Decision, payer: Payer, requested: Hl7Field | undefined): void {
  const first = decision.services.find(({ number }) => number !== undefined);
  if (first === undefined) return;
  const isOnly = decision.services.length === 1;
  writeAuthorization(writer, {
    ...first, number: decision.number ?? first.number, from: isOnly ? decision.from ?? first.from : decision.from, to: isOnly ? decision.to ?? first.to : decision.to,
    issued: first.issued ?? decision.created, quantity: isOnly ? first.quantity : undefined,
  }, payer, isOnly ? requested ?? [] : []);
}

function writeAuthorization(writer: Writer, { number, from, to, issued, quantity }: DecidedService, payer: Payer, requested: Hl7Field): void {
  if (number === undefined) return;
  const day = (each: Told | undefined): Hl7Field => plainField(dtm(each?.value));
  writer.write('AUT', { 1: payer.plan, 2: payer.company, 3: payer.name, 4: day(from), 5: day(to), 6: plainField(number.value), 8: requested, 9: plainField(quantity?.value), 10: day(issued) }, { 4: from, 5: to, 6: number, 9: quantity, 10: issued });
}

/** What the actions are called where nothing but words can say it of one service. */
const OUTCOMES: Readonly<Record<string, string>> = { A1: 'Certified.', A2: 'Certified in part.', A3: 'Denied.', A4: 'Pending.', A6: 'Certified with changes.', C: 'Cancelled.' };

/** @param places of the services in the request, by their sequence in the answer, where the two differ */
function writeWords(writer: Writer, { services, words }: Decision, places: ReadonlyMap<number, number>): void {
  let sequence = 0;
  const note = (text: string, type: '1R' | 'RE', source?: Told): void => {
    sequence += 1;
    writer.write('NTE', { 1: plainField(String(sequence)), 2: plainField('O'), 3: plainField(text), 4: plainField(type) }, { 3: source });
  };
  for (const { sequence: service, action, words: own } of services) {
    // An authorization may have services that a change says nothing of.
    const place = places.size === 0 ? service : places.get(service);
    const about = services.length === 1 ? '' : place === undefined ? 'Another service of the authorization: ' : `Service ${place}: `;
    note(`${about}${OUTCOMES[action?.value ?? ''] ?? 'Not decided.'}`, 'RE', action);
    for (const each of own) note(`${about}${each.value}`, action?.value === 'A3' ? '1R' : 'RE', each);
  }
  const reference = services[0]?.reference;
  if (reference !== undefined && !writer.ledger.some(({ path }) => path === reference.path)) note(`Reference of the plan: ${reference.value}`, 'RE', reference);
  for (const each of words) note(each.value, 'RE', each);
}
