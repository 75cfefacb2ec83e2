/**
 * Documents that nobody has asked for: kept in the record of their member under the tracking number that their sender
 * gave them, until a request names it as a control number (`held.ts`). Nothing is kept of anybody who is no member, or of
 * whom the number names several.
 * Source: CDex 2.1.0, "Unsolicited Attachments", CONF-021.
 */
import type { Identifier, Resource } from '@medplum/fhirtypes';
import { copyOf } from '../../../fhir/copy.ts';
import { Problem } from '../../../fhir/problems.ts';
import { referencesIn } from '../../../fhir/references.ts';
import { recordedOfMember } from '../../../store/authorizations.ts';
import type { Context } from '../../../store/context.ts';
import type { Queryable } from '../../../store/database.ts';
import { newId, shardOf } from '../../../store/shard.ts';
import type { Change } from '../../../store/write/changes.ts';
import { membersNumbered } from '../member.ts';
import { authorizationAwaiting } from './plan-attachment.ts';
import { markSubmitted } from '../../intake/origin.ts';
import { foreignReference } from '../record/stored-resources.ts';
import { checkPeople, differenceOf } from './same-person.ts';
import { checkRoom, counted, waiting, type KeepingLimits } from './keeping.ts';
import { withSenders } from './senders.ts';
import type { AttachmentSubmission } from './submission.ts';

/**
 * Undefined where nothing can be kept.
 * @param source URN of the delivery
 * @throws {Problem} `attachment-of-another`, `too-many-held`, `too-much-held`, `concurrent-change` where somebody waits for them by now
 */
export async function planHold(database: Queryable, { member, tracking, numbers, attachments, people, senders }: AttachmentSubmission, source: string, limits: KeepingLimits, context: Context): Promise<readonly Change[] | undefined> {
  const numbered = (await membersNumbered(database, [member], context)).map((patient) => ({ patient, member, base: context.base }));
  const members = numbered.filter((known) => people.every((person) => differenceOf(person, known) === undefined));
  const [one] = members;
  if (!one) for (const known of numbered) checkPeople(people, known);
  if (!one || members.length > 1 || tracking === undefined) return undefined;
  const { patient } = one;
  const shard = shardOf(context.tenant.id, patient.id);
  // A request that has come since nobody waited for these (`held.ts`) has not found them: whoever is later looks again.
  const before = await recordedOfMember(database, { member: patient.id, shard }, context);
  if (await authorizationAwaiting(database, patient, { numbers, senders }, context) !== undefined) throw new Problem('concurrent-change');
  const documents = attachments.flatMap(({ resource }) => named(resource, tracking) ?? []);
  if (documents.length < attachments.length) return undefined;
  const kept = documents.map((resource) => waiting(markSubmitted({ ...withSenders(detached(resource), senders), subject: { reference: `Patient/${patient.id}` } } as Resource, source), senders, limits, context));
  await checkRoom(database, senders, kept, limits, context);
  return [...kept.map((resource): Change => ({ kind: 'create', id: newId(context, shard), resource })), ...counted(kept, limits, context), { kind: 'recorded', member: patient.id, shard, before }];
}

/** Under its tracking number; undefined for what is no document. */
function named(resource: Resource, tracking: Identifier): Resource | undefined {
  if (resource.resourceType === 'DocumentReference') return { ...resource, identifier: [...resource.identifier ?? [], tracking] };
  if (resource.resourceType === 'QuestionnaireResponse') return { ...resource, identifier: tracking };
  return undefined;
}

/** What it refers to stayed with its sender. */
function detached(resource: Resource): Resource {
  const copy = copyOf(resource);
  for (const found of referencesIn(copy, '')) found.set(foreignReference(found.value, undefined));
  return copy;
}
