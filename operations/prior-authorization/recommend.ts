/** What the rules of the member's plan say of a request. */
import { evaluate } from '../../review/engine/evaluate.ts';
import type { ItemRecommendation } from '../../review/engine/types.ts';
import type { PolicyPack } from '../../review/policies/pack.ts';
import { selectPack } from '../../review/policies/select.ts';
import type { EarlierItem } from '../../store/authorizations.ts';
import { withCanonicalSystems } from '../../terminology/system-aliases.ts';
import type { Member } from './member.ts';
import type { RequestReading } from './request/read-request.ts';

export interface Question {
  readonly request: RequestReading;
  /** Items to decide, by sequence. */
  readonly items: readonly number[];
  readonly member: Member;
  readonly plan: string | undefined;
  /** What the plan holds for the same services already; not the authorization that the request itself updates. */
  readonly earlier: readonly EarlierItem[];
  /** Day of receipt, YYYY-MM-DD. */
  readonly receivedOn: string;
}

export function recommend({ request, items, member, plan, earlier, receivedOn }: Question, policies: readonly PolicyPack[]): ItemRecommendation[] {
  const { coverage, patient } = member;
  return evaluate(plan === undefined ? undefined : selectPack(policies, plan, receivedOn), {
    receivedOn,
    // Rules are written with canonical names; senders write aliases.
    claimBundle: withCanonicalSystems(request.bundle),
    member: { ...(patient.birthDate !== undefined && { birthDate: patient.birthDate }), ...(patient.gender !== undefined && { gender: patient.gender }) },
    coverage: coverage === undefined || plan === undefined ? undefined : {
      plan, status: coverage.status === 'active' || coverage.status === 'cancelled' ? coverage.status : 'unknown',
      ...(coverage.period?.start !== undefined && { periodStart: coverage.period.start.slice(0, 10) }),
      ...(coverage.period?.end !== undefined && { periodEnd: coverage.period.end.slice(0, 10) }),
    },
    itemSequences: items,
    existing: earlier.map((item) => ({
      authorizationNumber: item.number ?? '', itemSequence: item.item, services: item.service.map(codeOf),
      ...(item.servicedFrom !== undefined && { servicedFrom: item.servicedFrom }), ...(item.servicedTo !== undefined && { servicedTo: item.servicedTo }),
      ...(request.requesterIdentifiers[0] !== undefined && { requester: request.requesterIdentifiers[0] }),
      status: item.status === 'requested' ? 'pended' : item.status as 'certified' | 'modified' | 'pended' | 'denied' | 'cancelled',
    })),
  });
}

function codeOf(text: string): { system: string; code: string } {
  const at = text.lastIndexOf('|');
  return { system: text.slice(0, at), code: text.slice(at + 1) };
}
