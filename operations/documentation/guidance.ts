/**
 * What the rules of the plan say of an order that documentation is for: by the same reading, the same rules and in the same
 * words as coverage requirements. What the plan holds of the member counts only under a statement that it gave for this
 * member and service: a member is found by number alone here, and whoever has such a statement was known by more.
 */
import type { Bundle, Identifier, Patient, Resource } from '@medplum/fhirtypes';
import type { PolicyPack } from '../../review/policies/pack.ts';
import { recordsOfMember } from '../../store/authorizations.ts';
import { assertionsOf, type StoredAssertion } from '../../store/coverage-assertions.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { shardOf } from '../../store/shard.ts';
import { claimBundleOf, unnamedBase } from '../coverage-requirements/claim-bundle.ts';
import { guidanceOnItems, type Guidance } from '../coverage-requirements/guidance.ts';
import type { ClientResource } from '../coverage-requirements/read-call.ts';
import { coverageOf, planOf, type Member } from '../prior-authorization/member.ts';
import { readTaken } from '../prior-authorization/request/read-request.ts';
import { codesOf } from '../prior-authorization/rows.ts';
import type { KnownCoverage } from './coverage.ts';
import type { OrderQuestion } from './order-question.ts';

export interface OrderGuidance extends Guidance {
  /** The statement that it was given under before; undefined where there is none that is good. */
  readonly assertion: StoredAssertion | undefined;
}

/** Of each service of the order. @param evidence what is known of the patient beside it */
export async function guidanceOn(database: Queryable, question: OrderQuestion, known: KnownCoverage, policies: readonly PolicyPack[], context: Context, evidence: readonly ClientResource[] = []): Promise<OrderGuidance[]> {
  const receivedOn = context.now().toISOString().slice(0, 10);
  const good = await goodAssertions(database, question, known, receivedOn, context);
  const member = await memberOf(database, known, good[0]?.member, context);
  const request = readTaken(requestOf(question, evidence, `${receivedOn}T00:00:00Z`));
  const asserted = new Map(request.items.flatMap(({ sequence, element }): [number, StoredAssertion][] => {
    const services = codesOf(element.productOrService);
    const found = good.find(({ service }) => services.length > 0 && services.every((each) => service.includes(each)));
    return found ? [[sequence, found]] : [];
  }));
  const service = [...new Set(request.items.filter(({ sequence }) => asserted.has(sequence)).flatMap(({ element }) => codesOf(element.productOrService)))];
  const { earlier } = service.length === 0 ? { earlier: [] } : await recordsOfMember(database, { member: member.patient.id, shard: shardOf(context.tenant.id, member.patient.id), service, requester: request.requesterIdentifiers }, context);
  const common = { request, member, plan: planOf(member.coverage), receivedOn };
  const isAsserted = (sequence: number): boolean => asserted.has(sequence);
  const sequences = request.items.map(({ sequence }) => sequence);
  return [
    ...guidanceOnItems({ ...common, items: sequences.filter(isAsserted), earlier, asserted }, policies),
    ...guidanceOnItems({ ...common, items: sequences.filter((sequence) => !isAsserted(sequence)), earlier: [] }, policies),
  ].map((guidance) => ({ ...guidance, assertion: asserted.get(guidance.item) }));
}

/** Statements of ours to one of these members that have not ended, the newest first; all of one member. */
export async function goodAssertions(database: Queryable, { assertions }: Pick<OrderQuestion, 'assertions'>, { members }: KnownCoverage, today: string, context: Context): Promise<readonly StoredAssertion[]> {
  const stored = [...(await assertionsOf(database, assertions, context)).values()]
    .filter(({ member, expiresOn }) => expiresOn >= today && members.some(({ id }) => id === member))
    .toSorted((a, b) => b.assertedAt.getTime() - a.assertedAt.getTime() || b.id.localeCompare(a.id));
  return stored.filter(({ member }) => member === stored[0]!.member);
}

/** Of several with one number it is not known which one is meant, unless a statement tells. */
async function memberOf(database: Queryable, { members, coverage }: KnownCoverage, asserted: string | undefined, context: Context): Promise<Member> {
  const [only, ...others] = members;
  if (only !== undefined && others.length === 0) return { patient: only, coverage };
  const meant = members.find(({ id }) => id === asserted);
  return meant === undefined ? { patient: somebody, coverage } : { patient: meant, coverage: await coverageOf(database, meant.id, context) };
}

const somebody: Patient & { readonly id: string } = { resourceType: 'Patient', id: 'member' };

/** The request that the order would become. Whom it and the evidence are about goes without saying. */
function requestOf({ requested, requester, performers }: OrderQuestion, evidence: readonly ClientResource[], at: string): Bundle {
  const subject = { reference: `${unnamedBase}/Patient/${somebody.id}` };
  const party = (id: string, identifier: readonly Identifier[]): ClientResource => ({ resourceType: 'Organization', id, identifier: [...identifier] });
  const parties = [...(requester.length > 0 ? [party('requester', requester)] : []), ...performers.map((identifiers, index) => party(`performer-${index}`, identifiers))];
  const aboutMember = (resource: ClientResource): ClientResource => ({ ...resource, ...('subject' in resource && { subject }), ...('patient' in resource && { patient: subject }) } as ClientResource);
  const { requester: _requester, performers: _performers, ...rest } = requested;
  return claimBundleOf({
    ...rest, ...(requester.length > 0 && { requester: { reference: `${unnamedBase}/Organization/requester` } }),
    performers: performers.map((_, index) => ({ reference: `${unnamedBase}/Organization/performer-${index}` })),
  }, {
    base: unnamedBase, patient: somebody, coverage: { resourceType: 'Coverage', id: 'coverage', status: 'active', beneficiary: subject, payor: [] }, at,
    others: [...parties, ...evidence.filter(isEvidence).map(aboutMember)],
  });
}

function isEvidence({ resourceType }: Resource): boolean {
  return resourceType !== 'Patient' && resourceType !== 'Coverage' && resourceType !== 'Organization';
}
