/**
 * Held resources: the record of a prior authorization. What was asked, what was decided and by whom is said by its log,
 * and resources that say it over again follow the log: they change by a commit that writes to that log, or
 * that tells the same of it anew (`ofAuthorization`), and by no other.
 * So with the CodeSystems that tell of imported code systems: they follow the tables, and the import alone writes them.
 */
import sql from 'sql-template-tag';
import { Problem } from '../../fhir/problems.ts';
import { isOfImport } from '../../terminology/imported-id.ts';
import type { Context } from '../context.ts';
import type { Queryable } from '../database.ts';
import { shardOf } from '../shard.ts';
import type { Change, DeleteResource, UpdateResource } from './changes.ts';

/** The types of which the record consists. What a request brings as evidence is the sender's, and is not held. */
const recordTypes: ReadonlySet<string> = new Set(['Claim', 'ClaimResponse', 'ExplanationOfBenefit', 'Task', 'CommunicationRequest', 'Provenance']);

/**
 * Id of the authorization that each of `changes` belongs to, by position: that of the next `authorization` in the list.
 * @throws {RangeError} when a new authorization comes without the ClaimResponse that tells of it, and would leave it free
 */
export function authorizationsOf(changes: readonly Change[]): readonly (string | undefined)[] {
  const answered = new Map<string, string | undefined>();
  let next: string | undefined;
  const owners = changes.toReversed().map((change) => {
    if (change.kind === 'authorization') next = change.header.id;
    if (change.kind === 'create' && change.id !== undefined) answered.set(`${change.resource.resourceType}/${change.id}`, next);
    return change.kind === 'update' && change.ofAuthorization !== undefined ? change.ofAuthorization : next;
  }).toReversed();
  for (const change of changes) {
    if (change.kind !== 'authorization' || change.request?.version !== 1) continue;
    const { id, claim, claimResponse } = change.header;
    if (answered.get(`Claim/${claim}`) !== id || answered.get(`ClaimResponse/${claimResponse}`) !== id) throw new RangeError('The resources of an authorization come before it in a commit');
  }
  return owners;
}

/** The authorization that holds a resource which is written now; once held, a resource stays so. */
export function holderOf(type: string, before: string | undefined, authorization: string | undefined): string | undefined {
  return before ?? (recordTypes.has(type) ? authorization : undefined);
}

/** @throws {Problem} `held-by-authorization` */
export function assertNotHeld(key: { readonly type: string; readonly id: string }, holder: string | undefined, authorization: string | undefined): void {
  if (holder !== undefined && holder !== authorization) throw new Problem('held-by-authorization', { type: key.type, id: key.id });
}

/**
 * Patients that would be deleted stay where they are members of authorizations: who asks is known by the member.
 * @throws {Problem} `member-of-authorization`
 */
export async function assertNoMembers(connection: Queryable, ids: readonly string[], context: Context): Promise<void> {
  if (ids.length === 0) return;
  const { rows: [member] } = await connection.query<{ member: string }>(sql`
    select member from prior_authorization
    where tenant = ${context.tenant.id} and (shard, member) in (select * from unnest(${ids.map((id) => shardOf(context.tenant.id, id))}::smallint[], ${[...ids]}::text[]))
    limit 1`);
  if (member) throw new Problem('member-of-authorization', { type: 'Patient', id: member.member });
}

/** @throws {Problem} `held-by-import` */
export function assertNotOfImport({ type, id }: { readonly type: string; readonly id: string }, { ofImport }: UpdateResource | DeleteResource): void {
  if (ofImport !== true && isOfImport(type, id)) throw new Problem('held-by-import', { type, id });
}
