/**
 * The showcase: a plan of the demo on which testers of PAS get every kind of answer, by the service that they ask for.
 * What rules may say is in its rule pack (review/demo/showcase.yaml). What only a person may say is said by a named person
 * of the demo, whom this file plays, through the same events and the same $decide as everybody. Nothing of it exists
 * outside demo mode, and no other plan has it.
 */
import type { Coding } from '@medplum/fhirtypes';
import type { Database } from '../../store/database.ts';
import type { Context } from '../../store/context.ts';
import type { Change } from '../../store/write/changes.ts';
import { decideByPerson } from './decide-by-person.ts';
import type { ChangeSettings } from './change-by-person.ts';
import type { DecisionEvent, Person, Received } from './events.ts';
import { loadByClaim } from './load.ts';
import type { ItemDecision } from './read-decision.ts';
import type { RequestedItem, RequestReading } from './request/read-request.ts';
import type { AuthorizationState } from './state.ts';

export const showcasePlan = 'DEMO-SHOWCASE';
export const showcaseJob = 'decide_showcase';

/** Long enough that a tester sees what is pended, and short enough that he waits for the rest. */
const secondsLater = 4;

/** HCPCS codes on which a person acts. */
const services = { modified: 'E0601', certifiedLater: 'E1390', deniedLater: 'B4150', withoutClaim: 'A9999' } as const;

const reviewer: Person = {
  kind: 'person', name: 'Dr. Demo Reviewer (played by the showcase)', identifier: { system: 'http://hl7.org/fhir/sid/us-npi', value: '1487000006' },
  specialty: { coding: [{ system: 'http://nucc.org/provider-taxonomy', code: '207Q00000X' }] },
};

const reason = (text: string): { system: string; code: string; text: string } => ({ system: 'https://priora.health/fhir/CodeSystem/decision-reason', code: 'showcase', text });
const asksFor = ({ element }: RequestedItem, code: string): boolean => element.productOrService?.coding?.some((coding: Coding) => coding.code === code) === true;

/** A service that comes with less than was asked for: decided before the answer is given. */
export function decidedAtOnce(plan: string | undefined, request: RequestReading, { certificationNumber }: Pick<Received, 'certificationNumber'>, today: string): DecisionEvent[] {
  if (plan !== showcasePlan) return [];
  return request.items.filter((item) => asksFor(item, services.modified)).map(({ sequence, element: { quantity, productOrService } }): DecisionEvent => ({
    kind: 'modified', item: sequence, authority: reviewer, number: certificationNumber, period: { start: today, end: `${Number(today.slice(0, 4)) + 1}${today.slice(4)}` },
    approved: quantity?.value === undefined ? { ...(productOrService && { productOrService }) } : { quantity: { ...quantity, value: quantity.value / 2 } },
    reason: reason('Half of it first; the showcase modifies this service.'),
  }));
}

/** The job that decides what else waits for the reviewer. @param claim `Claim/id` */
export function decidedLater(plan: string | undefined, request: RequestReading, claim: string, tenant: number): Change[] {
  const waits = plan === showcasePlan && request.items.some((item) => asksFor(item, services.certifiedLater) || asksFor(item, services.deniedLater));
  return waits ? [{ kind: 'job', name: showcaseJob, payload: { tenant, claim: claim.replace('Claim/', '') }, afterSeconds: secondsLater }] : [];
}

/** Whether the answer is to be as if no Claim had been sent that it could refer to. */
export function hidesClaim(plan: string | undefined, request: RequestReading): boolean {
  return plan === showcasePlan && request.items.some((item) => asksFor(item, services.withoutClaim));
}

/** What the job does. @throws {Problem} as $decide */
export async function decideShowcase(database: Database, claim: string, settings: ChangeSettings, context: Context): Promise<void> {
  const { state, request, stored } = await loadByClaim(database, claim, context);
  const items = stored.plan === showcasePlan ? request.items.flatMap((item) => decisionOn(item, state)) : [];
  if (items.length > 0) await decideByPerson(database, { claim, version: undefined }, { author: reviewer, items }, settings, context);
}

function decisionOn(item: RequestedItem, state: AuthorizationState): ItemDecision[] {
  const { sequence } = item;
  if (state.items.get(sequence)?.status !== 'pended') return [];
  if (asksFor(item, services.certifiedLater)) return [{ action: 'certify', sequence, text: 'Certified by the reviewer of the showcase.', period: undefined }];
  if (asksFor(item, services.deniedLater)) return [{ action: 'deny', sequence, text: 'Denied by the reviewer of the showcase.', reason: reason('Denied by the reviewer of the showcase.') }];
  return [];
}
