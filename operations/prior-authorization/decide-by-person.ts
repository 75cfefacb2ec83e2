/**
 * Claim/[id]/$decide: a named person decides, item by item. This is the only way in which a request is denied or
 * reduced on clinical grounds, and it needs a name, a reason and a text.
 */
import { Problem, type ProblemIssue } from '../../fhir/problems.ts';
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import { changeByPerson, type ChangedAuthorization, type ChangeSettings, type Reviewed } from './change-by-person.ts';
import type { DecisionEvent, Person } from './events.ts';
import type { LoadedAuthorization } from './load.ts';
import { moreThanAsked } from './more-than-asked.ts';
import type { ItemDecision, PersonDecision } from './read-decision.ts';
import { servicedDates } from './rows.ts';
import { validPeriod } from './valid-period.ts';

/** @throws {Problem} `version-conflict`, `authorization-not-found`, `decision-invalid`, `decision-not-allowed`, `concurrent-change` */
export async function decideByPerson(database: Database, reviewed: Reviewed, decision: PersonDecision, settings: ChangeSettings, context: Context): Promise<ChangedAuthorization> {
  return changeByPerson(database, reviewed, { author: decision.author, act: (loaded, now) => decide(loaded, decision, now) }, settings, context);
}

function decide(loaded: LoadedAuthorization, decision: PersonDecision, now: Date): DecisionEvent[] {
  const [first, ...more] = decision.items.flatMap((item) => faultsOf(item, decision.author, loaded))
    .map((rule): ProblemIssue => ({ code: 'decision-invalid', details: { rule }, expression: 'Parameters.parameter' }));
  if (first) throw Problem.of([first, ...more]);
  return eventsOf(decision, loaded, now.toISOString().slice(0, 10));
}

function isSame(one: Person, other: Person): boolean {
  return one.name.trim().toLowerCase() === other.name.trim().toLowerCase() || (one.identifier?.value !== undefined && one.identifier.value === other.identifier?.value);
}

function faultsOf(item: ItemDecision, author: Person, { state, request }: LoadedAuthorization): string[] {
  const known = state.items.get(item.sequence);
  if (!known) return [`There is no item ${item.sequence} in this authorization.`];
  if (item.action !== 'pend' && known.appealed?.authority.kind === 'person' && isSame(known.appealed.authority, author)) return [`Item ${item.sequence} was denied by the same person; somebody else decides it now.`];
  if (item.action !== 'modify') return [];
  const asked = request.items.find(({ sequence }) => sequence === item.sequence)?.element;
  return moreThanAsked(item.approved, asked).map((name) => `${name} of item ${item.sequence} must not be more than was asked for.`);
}

function eventsOf(decision: PersonDecision, { state, request }: LoadedAuthorization, today: string): DecisionEvent[] {
  const { author } = decision;
  const number = state.received.certificationNumber;
  return decision.items.flatMap((item): DecisionEvent[] => {
    const head = { item: item.sequence, authority: author };
    const usual = validPeriod(servicedDates(request.items.find(({ sequence }) => sequence === item.sequence)?.element), today);
    switch (item.action) {
      case 'certify': return [{ kind: 'certified', ...head, number, period: item.period ?? usual, explanation: item.text ?? '' }];
      case 'deny': return [{ kind: 'denied', ...head, reason: item.reason }];
      case 'modify': return [{ kind: 'modified', ...head, number, period: item.period ?? usual, approved: item.approved, reason: item.reason }];
      case 'pend': return [
        { kind: 'pended', ...head, explanation: item.text ?? 'A reviewer needs more information.' },
        ...(item.wanted.length > 0 ? [{ kind: 'information-requested' as const, ...head, wanted: item.wanted }] : []),
      ];
    }
  });
}
