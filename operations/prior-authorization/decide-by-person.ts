/**
 * Claim/[id]/$decide: a named person decides, item by item. This is the only way in which a request is denied or
 * reduced on clinical grounds, and it needs a name, a reason and a text.
 */
import type { CodeableConcept, Identifier, Money, Parameters, ParametersParameter, Period, Quantity } from '@medplum/fhirtypes';
import { Problem, type ProblemIssue } from '../../fhir/problems.ts';
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import { newId } from '../../store/shard.ts';
import { commit } from '../../store/write/commit.ts';
import type { Change } from '../../store/write/changes.ts';
import type { DecisionEvent, Person, Reason } from './events.ts';
import { loadByClaim, type LoadedAuthorization } from './load.ts';
import { claimResponseOf } from './record/claim-response.ts';
import { provenanceOf } from './record/provenance.ts';
import { storedAddresses } from './record/address-book.ts';
import { reviewTaskOf } from './record/task.ts';
import { apply, isOpen, type AuthorizationState } from './state.ts';
import { eventRow, inOrder, itemRows } from './submit.ts';

const actions = ['certify', 'modify', 'deny', 'pend'] as const;
type Action = (typeof actions)[number];

interface ItemDecision {
  readonly sequence: number;
  readonly action: Action;
  readonly reason?: Reason;
  readonly text?: string;
  readonly period?: Period;
  readonly approved: { productOrService?: CodeableConcept; quantity?: Quantity; unitPrice?: Money };
  readonly information?: CodeableConcept;
}

export interface PersonDecision {
  readonly author: Person;
  readonly items: readonly ItemDecision[];
}

/** @throws {Problem} `decision-invalid` with an issue for everything that is missing */
export function readDecision(body: unknown): PersonDecision {
  const parameters = body as Parameters;
  if (parameters?.resourceType !== 'Parameters') throw new Problem('wrong-resource-type', { found: String(parameters?.resourceType ?? 'nothing').slice(0, 64), expected: 'Parameters' });
  const list = Array.isArray(parameters.parameter) ? parameters.parameter : [];
  const issues: ProblemIssue[] = [];
  const complain = (rule: string, expression: string): void => { issues.push({ code: 'decision-invalid', details: { rule }, expression }); };

  const author = list.find((parameter) => parameter?.name === 'author')?.valueReference;
  const name = author?.display?.trim() ?? '';
  if (name === '') complain('author must name the person who decides (valueReference.display).', 'Parameters.parameter.where(name = \'author\')');
  const specialty = list.find((parameter) => parameter?.name === 'specialty')?.valueCodeableConcept;
  const items = list.filter((parameter) => parameter?.name === 'item').map((parameter, index) => readItem(parameter, `Parameters.parameter.where(name = 'item')[${index}]`, complain));
  if (items.length === 0) complain('At least one item must be decided.', 'Parameters.parameter');
  if (new Set(items.map((item) => item.sequence)).size < items.length) complain('An item is decided twice.', 'Parameters.parameter');
  const [first, ...more] = issues;
  if (first) throw Problem.of([first, ...more]);
  return {
    author: { kind: 'person', name, ...(author?.identifier && { identifier: author.identifier }), ...(specialty && { specialty }) },
    items,
  };
}

function readItem(parameter: ParametersParameter, path: string, complain: (rule: string, expression: string) => void): ItemDecision {
  const parts = new Map((Array.isArray(parameter.part) ? parameter.part : []).map((part) => [part?.name, part]));
  const sequence = parts.get('sequence')?.valuePositiveInt ?? parts.get('sequence')?.valueInteger;
  if (typeof sequence !== 'number' || !Number.isInteger(sequence) || sequence < 1) complain('sequence must be the number of an item.', `${path}.part`);
  const action = parts.get('action')?.valueCode as Action | undefined;
  if (action === undefined || !actions.includes(action)) complain(`action must be one of ${actions.join(', ')}.`, `${path}.part`);
  const text = parts.get('text')?.valueString?.trim();
  const coding = parts.get('reason')?.valueCodeableConcept?.coding?.[0];
  if (action === 'deny' || action === 'modify') {
    if (coding?.code === undefined) complain(`To ${action} needs a reason with a code.`, `${path}.part`);
    if (!text) complain(`To ${action} needs a text that the patient and the provider can understand.`, `${path}.part`);
  }
  const approved = {
    ...(parts.get('productOrService')?.valueCodeableConcept && { productOrService: parts.get('productOrService')!.valueCodeableConcept! }),
    ...(parts.get('quantity')?.valueQuantity && { quantity: parts.get('quantity')!.valueQuantity! }),
    ...(parts.get('unitPrice')?.valueMoney && { unitPrice: parts.get('unitPrice')!.valueMoney! }),
  };
  if (action === 'modify' && Object.keys(approved).length === 0) complain('To modify needs what is approved: productOrService, quantity or unitPrice.', `${path}.part`);
  const period = parts.get('period')?.valuePeriod;
  const information = parts.get('information')?.valueCodeableConcept;
  return {
    sequence: sequence ?? 0, action: action ?? 'pend', approved,
    ...(coding?.code !== undefined && { reason: { system: coding.system ?? '', code: coding.code, text: text ?? '' } }),
    ...(text && { text }), ...(period && { period }), ...(information && { information }),
  };
}

/** What a person certifies without saying until when is good for this many days. */
const defaultValidDays = 90;

function eventsOf(decision: PersonDecision, state: AuthorizationState, today: string): DecisionEvent[] {
  const { author } = decision;
  const number = state.received.certificationNumber;
  return decision.items.flatMap((item): DecisionEvent[] => {
    const period = item.period ?? { start: today, end: new Date(Date.parse(`${today}T00:00:00Z`) + defaultValidDays * 86_400_000).toISOString().slice(0, 10) };
    switch (item.action) {
      case 'certify': return [{ kind: 'certified', item: item.sequence, authority: author, number, period, explanation: item.text ?? '' }];
      case 'deny': return [{ kind: 'denied', item: item.sequence, authority: author, reason: item.reason! }];
      case 'modify': return [{ kind: 'modified', item: item.sequence, authority: author, number, period, approved: item.approved, reason: item.reason! }];
      case 'pend': {
        const coding = item.information?.coding?.[0];
        const wanted = item.information ? [{ system: coding?.system ?? '', code: coding?.code ?? '', text: item.information.text ?? coding?.display ?? item.text ?? '' }] : [];
        return [
          { kind: 'pended', item: item.sequence, authority: author, explanation: item.text ?? 'A reviewer needs more information.' },
          ...(wanted.length > 0 ? [{ kind: 'information-requested' as const, item: item.sequence, authority: author, wanted }] : []),
        ];
      }
    }
  });
}

export interface DecidedAuthorization {
  readonly loaded: LoadedAuthorization;
  readonly state: AuthorizationState;
  readonly decisions: readonly DecisionEvent[];
}

/** @throws {Problem} `authorization-not-found`, `decision-not-allowed`, `concurrent-change` */
export async function decideByPerson(database: Database, claimId: string, decision: PersonDecision, context: Context): Promise<DecidedAuthorization> {
  const loaded = await loadByClaim(database, claimId, context);
  const { stored, request } = loaded;
  const now = context.now();
  const decisions = eventsOf(decision, loaded.state, now.toISOString().slice(0, 10));
  const events = inOrder(decisions, loaded.state.lastSequence, now);
  let { state } = loaded;
  for (const event of events) state = apply(state, event);

  const addresses = new Map(Object.entries(state.received.stored));
  const patient = `Patient/${stored.member}`;
  const claim = `Claim/${stored.claim}`;
  const claimResponse = { ...claimResponseOf({ id: stored.claimResponse, state, request, addresses: storedAddresses(request, addresses, undefined) }), id: stored.claimResponse };
  const changes: Change[] = [
    { kind: 'update', resource: claimResponse },
    ...(stored.task === undefined ? [] : [{
      kind: 'update' as const,
      resource: reviewTaskOf({ id: stored.task, claim, claimResponse: `ClaimResponse/${stored.claimResponse}`, patient, state, changedAt: now }),
    }]),
    { kind: 'create', resource: provenanceOf({ targets: [`ClaimResponse/${stored.claimResponse}`, claim], recorded: now, activity: 'UPDATE', decisions, patient }), id: newId(context, stored.shard) },
    {
      kind: 'authorization',
      header: {
        id: stored.id, shard: stored.shard, administrativeReference: stored.administrativeReference, member: stored.member, requester: stored.requester,
        claim: stored.claim, claimResponse: stored.claimResponse, receivedAt: stored.receivedAt, expedited: stored.expedited, dueAt: stored.dueAt,
        open: isOpen(state), lastSequence: state.lastSequence, ...(stored.plan !== undefined && { plan: stored.plan }), ...(stored.task !== undefined && { task: stored.task }),
      },
      items: itemRows(state, request),
      events: events.map(eventRow),
    },
  ];
  await commit(database, changes, { ...context, actor: decision.author.name });
  return { loaded, state, decisions };
}
