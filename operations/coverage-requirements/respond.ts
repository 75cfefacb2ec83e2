/**
 * A call of a CDS service, answered: what each order would come to under the rules of the member's plan, as coverage
 * information on it. The result is the response and what is kept of it; whoever plans it commits it before it is sent.
 */
import { setImmediate } from 'node:timers/promises';
import type { Extension, Organization } from '@medplum/fhirtypes';
import type { RecordFact } from '../../review/engine/open-facts.ts';
import type { CardRule, PolicyPack } from '../../review/policies/pack.ts';
import { recordsOfMember } from '../../store/authorizations.ts';
import { assertionsOf, type StoredAssertion } from '../../store/coverage-assertions.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { newId, shardOf } from '../../store/shard.ts';
import type { CoverageAssertionRow } from '../../store/write/changes.ts';
import { approvedOf } from '../prior-authorization/approved-before.ts';
import { coverageOf, matchMember, payersOf, planOf, type Member } from '../prior-authorization/member.ts';
import { cardsOf, openFactsOf } from '../prior-authorization/recommend.ts';
import { readTaken } from '../prior-authorization/request/read-request.ts';
import { codesOf } from '../prior-authorization/rows.ts';
import { noMember, noService, sameAnswer, technical, withoutDocumentation, type Answer } from './answer.ts';
import { cardOf, type CardFrame } from './cards.ts';
import { claimBundleOf, unnamedBase } from './claim-bundle.ts';
import type { ClientServer } from './client-server.ts';
import { comparable, earlierStatements, extensionOf, withStatements, type Earlier, type Statement } from './coverage-information.ts';
import { coverageRecord, coverageRecordCard } from './coverage-record.ts';
import { coveragesOfOurs, type ChosenCoverage } from './choose-coverage.ts';
import { readEvidence } from './evidence.ts';
import { findFrom, type Gathered, type KnownCoverage } from './gather.ts';
import { guidanceOnItems } from './guidance.ts';
import { coverageInfo, isWanted } from './options.ts';
import { requestedOf, type Requested } from './orders.ts';
import { dispatchedTo } from './performers.ts';
import { nameOf, type ClientResource, type HookCall } from './read-call.ts';

/** What CDS Hooks calls a system action: the client carries it out by itself. */
export interface SystemAction {
  readonly type: 'update';
  readonly description: string;
  readonly resource: ClientResource;
}

export interface HookResponse {
  readonly cards: readonly object[];
  readonly systemActions?: readonly SystemAction[];
}

export interface PlannedResponse {
  readonly response: HookResponse;
  readonly assertions: readonly CoverageAssertionRow[];
  /** Of what was said, for whoever counts. */
  readonly answers: readonly Answer[];
}

/** How long guidance is good for where nothing ends sooner, in days. */
const goodFor = 90;

export interface ResponseParts {
  readonly database: Queryable;
  readonly policies: readonly PolicyPack[];
  /** Where evidence may be looked for that the call does not hold. */
  readonly evidence: ClientServer | undefined;
  /** Ends the work: nobody waits any more. Between orders others are served. */
  readonly signal: AbortSignal;
  readonly context: Context;
}

/** @throws {Problem} `cds-other-payer` */
export async function planResponse({ database, policies, evidence, signal, context }: ResponseParts, call: HookCall, gathered: Gathered): Promise<PlannedResponse> {
  const today = context.now().toISOString().slice(0, 10);
  const { coverage, payer, patient: member } = await underWhich(database, gathered, today, context);
  const sent: Covered = { ...gathered, coverage };
  const known = member && await knownOf(database, member, sent, call, signal, context);
  const covered = known && evidence && call.service.isPrimary ? await withEvidence(sent, known, call, policies, evidence, { signal, today }) : sent;
  const shard = known === undefined ? undefined : shardOf(context.tenant.id, known.member.patient.id);
  const contact = contactOf(payer);

  const assertions: CoverageAssertionRow[] = [];
  const systemActions: SystemAction[] = [];
  const answers: Answer[] = [];
  const cards = await cardsOn(covered, known, payer, call, policies, signal, context);
  if (!isWanted(call.configuration, coverageInfo)) return { response: { cards }, assertions, answers };
  const server = call.client?.base;
  const reference = `Coverage/${coverage.id}`;
  const earlier = await assertionsOf(database, gathered.asked.flatMap((order) => earlierStatements(order, server).map(({ id }) => id)), context);
  for (const order of gathered.asked) {
    await turn(signal);
    const found = guidanceOn(order, covered, known, call, policies, today);
    if (!found) continue;
    answers.push(...found.map(({ answer }) => answer));
    const statements = found.map(({ answer, services }) => ({ services, statement: { answer, id: newId(context, shard), coverage: { reference }, date: today, expiresOn: expiryOf(known, answer, today), contact } satisfies Statement }));
    const said = statements.map(({ statement }): Said => ({ extension: extensionOf(statement, call.edition), expiresOn: statement.expiresOn }));
    const borne = earlierStatements(order, server).filter((statement) => statement.coverage === reference);
    if (isSaid(borne, said, earlier, known?.member.patient.id, today)) continue;
    for (const { services, statement: { answer, id, expiresOn } } of statements) {
      assertions.push({
        id, shard: shard ?? shardOf(context.tenant.id, id), service: services, covered: answer.covered, answer: sameAnswer(answer), expiresOn, ...answer.basis,
        ...(known && { member: known.member.patient.id }), ...(known?.plan !== undefined && { plan: known.plan }), ...(answer.paNeeded !== undefined && { paNeeded: answer.paNeeded }),
      });
    }
    systemActions.push({ type: 'update', description: `Coverage information of ${payer?.name ?? 'the plan'}`, resource: withStatements(order, { coverage: reference, server }, said.map(({ extension }) => extension)) });
  }
  return { response: { cards, ...(systemActions.length > 0 && { systemActions }) }, assertions, answers };
}

/** What was gathered, and the coverage that guidance is given under. */
interface Covered extends Gathered {
  readonly coverage: KnownCoverage;
}

/** Coverages of a call that a member is looked for by, at most. */
const mostTried = 5;

/** The best coverage that leads to a member; where none does, the best. @throws {Problem} `cds-other-payer` */
async function underWhich(database: Queryable, gathered: Gathered, today: string, context: Context): Promise<ChosenCoverage & { readonly patient?: Member['patient'] }> {
  const candidates = coveragesOfOurs(gathered, await payersOf(database, context), today);
  for (const chosen of candidates.slice(0, mostTried)) {
    const match = await matchMember(database, { patient: { index: 0, resource: gathered.patient }, coverage: { resource: chosen.coverage }, subscriber: undefined }, context);
    if ('patient' in match) return { ...chosen, patient: match.patient };
  }
  return candidates[0];
}

/** Cards of the member's plan for this hook; one that several orders give is given once. */
async function cardsOn(gathered: Covered, known: Known | undefined, payer: Organization | undefined, call: HookCall, policies: readonly PolicyPack[], signal: AbortSignal, context: Context): Promise<object[]> {
  if (!known) return [];
  const today = context.now().toISOString().slice(0, 10);
  const found = new Map<string, { card: CardRule; orders: ClientResource[] }>();
  for (const order of gathered.asked) {
    await turn(signal);
    const requested = askedFor(order, gathered, call);
    if (!requested || requested.services.length === 0) continue;
    const request = requestOf(requested, gathered, call, today);
    for (const { card } of cardsOf({ request, items: request.items.map(({ sequence }) => sequence), member: known.member, plan: known.plan, earlier: known.earlier, receivedOn: today }, policies)) {
      if (!isWanted(call.configuration, card.topic) || card.hooks?.includes(call.service.hook) === false) continue;
      const same = found.get(card.id);
      if (!same) found.set(card.id, { card, orders: [order] });
      else if (!same.orders.includes(order)) same.orders.push(order);
    }
  }
  const frame: CardFrame = { insurer: payer?.name ?? 'Health plan', patientId: call.patientId, edition: call.edition };
  const held = known.member.coverage;
  const record = held && isWanted(call.configuration, coverageRecord) ? coverageRecordCard(call.service.hook, gathered.coverage, held, frame, context) : undefined;
  return [...[...found.values()].map((each) => cardOf({ ...each, isOfAll: each.orders.length === gathered.asked.length }, frame, context)), ...(record ? [record] : [])];
}

/** What the plan knows of the member that was found. */
interface Known {
  readonly member: Member;
  readonly plan: string | undefined;
  readonly earlier: Awaited<ReturnType<typeof recordsOfMember>>['earlier'];
}

/** Lets others have their turn. @throws when nobody waits any more */
async function turn(signal: AbortSignal): Promise<void> {
  await setImmediate();
  signal.throwIfAborted();
}

async function knownOf(database: Queryable, patient: Member['patient'], gathered: Covered, call: HookCall, signal: AbortSignal, context: Context): Promise<Known> {
  const bundles: ReturnType<typeof requestOf>[] = [];
  for (const order of gathered.asked) {
    await turn(signal);
    const requested = askedFor(order, gathered, call);
    if (requested) bundles.push(requestOf(requested, gathered, call, context.now().toISOString().slice(0, 10)));
  }
  const service = [...new Set(bundles.flatMap(({ items }) => items.flatMap(({ element }) => codesOf(element.productOrService))))];
  const requester = [...new Set(bundles.flatMap(({ requesterIdentifiers }) => requesterIdentifiers))];
  const [coverage, { earlier }] = await Promise.all([
    coverageOf(database, patient.id, context),
    recordsOfMember(database, { member: patient.id, shard: shardOf(context.tenant.id, patient.id), service, requester }, context),
  ]);
  return { member: { patient, coverage }, plan: planOf(coverage), earlier };
}

/** With what the rules could still be settled by, as far as the client's own server has it of the patient. */
async function withEvidence(gathered: Covered, known: Known, call: HookCall, policies: readonly PolicyPack[], server: ClientServer, { signal, today }: { readonly signal: AbortSignal; readonly today: string }): Promise<Covered> {
  const open: RecordFact[] = [];
  for (const order of gathered.asked) {
    await turn(signal);
    const requested = askedFor(order, gathered, call);
    if (!requested || requested.services.length === 0) continue;
    const request = requestOf(requested, gathered, call, today);
    open.push(...openFactsOf({ request, items: request.items.map(({ sequence }) => sequence), member: known.member, plan: known.plan, earlier: known.earlier, receivedOn: today }, policies));
  }
  const names = new Set(gathered.everything.map(nameOf));
  const found = await readEvidence(open, call, server);
  return { ...gathered, everything: [...gathered.everything, ...found.filter((each) => !names.has(nameOf(each)))] };
}

/** What an order asks for, and of whom as far as the hook knows more of that than the order. */
function askedFor(order: ClientResource, { find }: Gathered, call: HookCall): Requested | undefined {
  const requested = requestedOf(order, findFrom(order, find));
  const performers = dispatchedTo(order, call);
  return requested && performers ? { ...requested, performers } : requested;
}

function requestOf(requested: Requested, { patient, coverage, everything }: Covered, call: HookCall, today: string): ReturnType<typeof readTaken> {
  return readTaken(claimBundleOf(requested, { base: call.client?.base ?? unnamedBase, patient, coverage, others: everything, at: `${today}T00:00:00Z` }));
}

interface Found {
  readonly answer: Answer;
  /** `system|code` */
  readonly services: readonly string[];
}

/** Undefined for what guidance is not given on. Services that come to the same answer are told of together. */
function guidanceOn(order: ClientResource, gathered: Covered, known: Known | undefined, call: HookCall, policies: readonly PolicyPack[], today: string): readonly Found[] | undefined {
  const requested = askedFor(order, gathered, call);
  if (!requested) return undefined;
  const services = requested.services.flatMap(codesOf);
  if (!known) return [{ answer: noMember, services }];
  const request = requestOf(requested, gathered, call, today);
  const items = request.items.map(({ sequence }) => sequence);
  if (items.length === 0) return [{ answer: noService, services }];
  const byAnswer = new Map<string, { answer: Answer; services: string[] }>();
  for (const { service, answer: said } of guidanceOnItems({ request, items, member: known.member, plan: known.plan, earlier: known.earlier, receivedOn: today }, policies)) {
    const answer = call.service.isPrimary ? said : withoutDocumentation(said);
    const same = byAnswer.get(sameAnswer(answer));
    if (same) {
      same.answer = { ...same.answer, billingCodes: [...same.answer.billingCodes, ...answer.billingCodes] };
      same.services.push(...codesOf(service));
    } else {
      byAnswer.set(sameAnswer(answer), { answer, services: codesOf(service) });
    }
  }
  return [...byAnswer.values()];
}

interface Said {
  readonly extension: Extension;
  readonly expiresOn: string;
}

/** Whether the order bears these statements already: from us, for this member, still good, and word for word (resp-35). */
function isSaid(borne: readonly Earlier[], statements: readonly Said[], stored: ReadonlyMap<string, StoredAssertion>, member: string | undefined, today: string): boolean {
  if (borne.length !== statements.length || member === undefined) return false;
  const isOurs = ({ id, expiresOn }: Earlier): boolean => {
    const assertion = stored.get(id);
    return assertion !== undefined && assertion.member === member && assertion.expiresOn >= today && (expiresOn === undefined || expiresOn === assertion.expiresOn)
      // What it rests on may end sooner by now.
      && statements.every((statement) => assertion.expiresOn <= statement.expiresOn);
  };
  // What the client's side has made of a statement of ours is no longer ours.
  const said = new Set(borne.filter(isOurs).map(({ text }) => text));
  return statements.every(({ extension }) => said.has(comparable(extension)));
}

/** Guidance ends with the coverage, with the authorization that it tells of, or after some time; rules that change meanwhile do not take it back. */
function expiryOf(known: Known | undefined, { satisfiedPaId }: Answer, today: string): string {
  const after = new Date(Date.parse(today) + goodFor * 86_400_000).toISOString().slice(0, 10);
  const approved = satisfiedPaId === undefined ? [] : (known?.earlier ?? []).flatMap((item) => item.number === satisfiedPaId ? approvedOf(item, undefined).servicedTo ?? [] : []);
  const ends = [known?.member.coverage?.period?.end, approved.toSorted().at(-1)].flatMap((end) => end !== undefined && end.length >= 10 && end >= today ? end.slice(0, 10) : []);
  return [after, ...ends].toSorted()[0]!;
}

function contactOf(payer: Organization | undefined): Statement['contact'] {
  const telecom = payer?.telecom?.find(({ system, value }) => system !== undefined && value !== undefined);
  return telecom && { telecom, ...(payer?.name !== undefined && { name: payer.name }) };
}

/** The answer where trouble stood in the way: said of whatever the call itself brought along (resp-43). */
export function technicalResponse(call: HookCall, context: Context): PlannedResponse {
  const today = context.now().toISOString().slice(0, 10);
  const assertions: CoverageAssertionRow[] = [];
  if (!isWanted(call.configuration, coverageInfo)) return { response: { cards: [] }, assertions, answers: [] };
  const shown = new Map([...call.prefetched, ...call.proposed].map((resource) => [nameOf(resource), resource]));
  const coverage = [...shown.values()].find(({ resourceType }) => resourceType === 'Coverage');
  const reference = coverage && nameOf(coverage);
  const asked = call.asked.flatMap((name) => shown.get(name) ?? []);
  const systemActions = asked.map((order): SystemAction => {
    const id = newId(context);
    assertions.push({ id, shard: shardOf(context.tenant.id, id), service: [], covered: technical.covered, paNeeded: technical.paNeeded!, answer: sameAnswer(technical), expiresOn: today });
    const statement: Statement = { answer: technical, id, coverage: reference === undefined ? { display: 'The coverage could not be read.' } : { reference }, date: today, expiresOn: today, contact: undefined };
    return { type: 'update', description: 'Coverage information', resource: withStatements(order, { coverage: reference, server: call.client?.base }, [extensionOf(statement, call.edition)]) };
  });
  return { response: { cards: [], ...(systemActions.length > 0 && { systemActions }) }, assertions, answers: asked.map(() => technical) };
}
