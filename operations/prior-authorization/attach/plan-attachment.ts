/**
 * Documents that come after a request, as its next version: they join the supporting information, what was asked for and
 * has come is asked for no more, and the review goes on with the evidence as it is now. Rules may certify by it; what
 * they cannot read is for a person, whose Task says that information has come.
 *
 * They belong to the authorization whose number, or the number of whose request for information, they name, or which has
 * named their control number itself (PWK06) and was asked for by their sender, and whose member has the number that they give. Both must agree: a slip in one of them would put one member's chart into
 * another's record. Whoever sends them learns nothing but that they have arrived.
 * Source: PAS 2.2.1, "Requesting additional information"; CDex 2.1.0, "Attachments".
 */
import type { Identifier, Resource } from '@medplum/fhirtypes';
import { Problem } from '../../../fhir/problems.ts';
import { authorizationsNamed, type StoredAuthorization } from '../../../store/authorizations.ts';
import type { Context } from '../../../store/context.ts';
import type { Queryable } from '../../../store/database.ts';
import { shardOf } from '../../../store/shard.ts';
import { answerTo } from '../answered.ts';
import { reopen, type LoadedAuthorization } from '../load.ts';
import { membersNumbered, type Member } from '../member.ts';
import type { AuthorizedPlan, Work } from '../plan.ts';
import { controlTrace } from '../request/read-request.ts';
import { wantedOf } from '../record/information-requests.ts';
import { withEvidence, type Evidence } from '../update/merge.ts';
import { nextVersion } from '../update/next-version.ts';
import { addressed } from './addresses.ts';
import { answeredBy } from './kinds.ts';
import { peopleIn } from './people.ts';
import { checkPeople, differenceOf } from './same-person.ts';
import { isOneOf } from './senders.ts';
import type { AttachmentSubmission } from './submission.ts';

export type AttachmentWork = Pick<Work, 'database' | 'settings' | 'context'> & {
  readonly submission: Omit<Work['submission'], 'body'>;
};

export interface AttachmentPlan extends Omit<AuthorizedPlan, 'request' | 'sequences'> {
  readonly member: string;
  readonly count: number;
  /** How many are of a kind that nobody asked for, or say of nothing that was asked for that they answer it. */
  readonly unasked: number;
}

/** To which documents belong. */
export interface FoundAuthorization {
  readonly before: LoadedAuthorization;
  readonly patient: Member['patient'];
}

/** @throws {Problem} `attachment-unmatched`, `attachment-of-another`, `attachment-invalid` for an item that is not there */
export async function planAttachment({ database, submission, settings, context }: AttachmentWork, sent: AttachmentSubmission): Promise<AttachmentPlan> {
  const found = await authorizationFor(sent, { database, submission, settings, context });
  if (!found) throw new Problem('attachment-unmatched', {});
  return joinDocuments({ database, submission, settings, context }, found, sent);
}

/** @throws {Problem} `attachment-of-another`, `attachment-invalid` for an item that is not there */
export async function joinDocuments({ database, submission, settings, context }: AttachmentWork, { before, patient }: FoundAuthorization, sent: AttachmentSubmission): Promise<AttachmentPlan> {
  const known = { patient, member: sent.member, base: context.base };
  checkPeople(sent.people, known);
  const sequences = new Set(before.state.items.keys());
  for (const { items } of sent.attachments) {
    if (items.some((item) => !sequences.has(item))) throw new Problem('attachment-invalid', { rule: 'A LineItem is no item of the authorization.' }, 'Parameters.parameter');
  }
  const wanted = wantedOf(before.stored.claimResponse, before.state);
  const brought = addressed([...sent.attachments, ...sent.others], submission.landing.id, before.request, (resource) => peopleIn(resource, '').every((person) => differenceOf(person, known) === undefined));
  const others = brought.slice(sent.attachments.length).filter(({ resource }) => resource.resourceType !== 'Patient');
  const answers = sent.attachments.map((attachment) => answeredBy(attachment, sent, wanted, before.state.received.administrativeReference));
  const answered = sent.isFinal ? [...new Set(answers.flat())].map(answerTo) : [];
  const evidence = sent.attachments.map(({ items, code }, index): Evidence => {
    const { resource, fullUrl } = brought[index]!;
    const about = items.length > 0 ? items : [...new Set(answers[index]!.map(({ item }) => item))];
    return { fullUrl, resource: aboutMember(resource, before.request.patient.fullUrl!), items: about, ...(code && { code }) };
  });
  // What is about no item in particular is about all of them.
  const informed = new Set(evidence.flatMap(({ items }) => items.length > 0 ? items : [...sequences]));
  const planned = await nextVersion({ database, submission: { ...submission, body: undefined }, settings, context, patient, shard: before.stored.shard, payer: before.state.received.payer }, before, {
    ...withEvidence(before.request, evidence, others), held: new Map(), settled: [], changes: new Map(), cancelled: [], refused: [], misflagged: [], trace: [], requester: [], attached: evidence.map(({ fullUrl }) => fullUrl), answered, informed: [...informed],
  });
  return { ...planned, member: patient.id, count: sent.attachments.length, unasked: wanted.length > 0 ? answers.filter((these) => these.length === 0).length : 0 };
}

async function authorizationFor({ numbers, member, senders }: AttachmentSubmission, { database, submission, context }: AttachmentWork): Promise<FoundAuthorization | undefined> {
  for (const patient of await membersNumbered(database, [member], context)) {
    await submission.turn?.take(`${context.tenant.id}/${patient.id}`);
    const stored = await authorizationAwaiting(database, patient, { numbers, senders }, context);
    if (stored) return { before: reopen(stored), patient };
  }
  return undefined;
}

/** The authorization of a member to which documents of these numbers belong. */
export async function authorizationAwaiting(database: Queryable, patient: Member['patient'], { numbers, senders }: Pick<AttachmentSubmission, 'numbers' | 'senders'>, context: Context): Promise<StoredAuthorization | undefined> {
  const asked = { member: patient.id, shard: shardOf(context.tenant.id, patient.id), requester: undefined, numbers: [], traces: [], claims: [] };
  // The number of a request for information begins with that of the authorization (`information-requests.ts`).
  const named = [...new Set(numbers.flatMap((number) => [number, number.split('-')[0]!]))];
  // Our own number is nobody else's, and whoever has it may send for the requester. A control number is its sender's.
  const [ours] = await authorizationsNamed(database, { ...asked, numbers: named }, context);
  return ours ?? oneOf(await authorizationsNamed(database, { ...asked, traces: numbers.map(controlTrace) }, context), senders);
}

/** Of authorizations that wait for a document of this number, the newest of its sender; where he does not say who he is, only one that is the only one. */
function oneOf(waiting: readonly StoredAuthorization[], senders: readonly Identifier[]): StoredAuthorization | undefined {
  if (senders.length > 0) return waiting.find(({ requester }) => isOneOf(senders, requester));
  const requesters = new Set(waiting.map(({ requester }) => requester.toSorted().join(' ')));
  return requesters.size > 1 ? undefined : waiting[0];
}

/** Types whose subject is called `patient`. */
const withPatient: ReadonlySet<string> = new Set(['AllergyIntolerance', 'Immunization', 'Device', 'DeviceUseStatement', 'EpisodeOfCare', 'FamilyMemberHistory']);
/** Said to be about the member, where it names its subject by a number or not at all. */
function aboutMember(resource: Resource, patient: string): Resource {
  const name = withPatient.has(resource.resourceType) ? 'patient' : 'subject';
  const said = (resource as unknown as Record<string, { reference?: string } | undefined>)[name];
  return said?.reference !== undefined ? resource : { ...resource, [name]: { ...said, reference: patient } };
}
