/**
 * Documents that come after a request, as its next version: they join the supporting information, what was asked for and
 * has come is asked for no more, and the review goes on with the evidence as it is now. Rules may certify by it; what
 * they cannot read is for a person, whose Task says that information has come.
 *
 * They belong to the authorization whose number, or the number of whose request for information, they name, or which has
 * named their control number itself (PWK06), and whose member has the number that they give. Both must agree: a slip in one of them would put one member's chart into
 * another's record. Whoever sends them learns nothing but that they have arrived.
 * Source: PAS 2.2.1, "Requesting additional information"; CDex 2.1.0, "Attachments".
 */
import type { Resource } from '@medplum/fhirtypes';
import { nameBasedUuid } from '../../../fhir/ids.ts';
import { Problem } from '../../../fhir/problems.ts';
import { authorizationsNamed } from '../../../store/authorizations.ts';
import { shardOf } from '../../../store/shard.ts';
import type { AnsweredRequest } from '../events.ts';
import { reopen, type LoadedAuthorization } from '../load.ts';
import { membersNumbered, type Member } from '../member.ts';
import type { AuthorizedPlan, Work } from '../plan.ts';
import { controlTrace } from '../request/read-request.ts';
import { trackingNumber, wantedOf, type Wanted } from '../record/information-requests.ts';
import { withEvidence, type Evidence } from '../update/merge.ts';
import { nextVersion } from '../update/next-version.ts';
import type { Attachment, AttachmentSubmission } from './submission.ts';

export type AttachmentWork = Pick<Work, 'database' | 'settings' | 'context'> & {
  readonly submission: Omit<Work['submission'], 'body'>;
};

export interface AttachmentPlan extends Omit<AuthorizedPlan, 'request' | 'sequences'> {
  readonly member: string;
  readonly count: number;
}

/** @throws {Problem} `attachment-unmatched`, `attachment-invalid` for an item that is not there */
export async function planAttachment({ database, submission, settings, context }: AttachmentWork, sent: AttachmentSubmission): Promise<AttachmentPlan> {
  const found = await authorizationFor(sent, { database, submission, settings, context });
  if (!found) throw new Problem('attachment-unmatched', {});
  const { before, patient } = found;
  const sequences = new Set(before.state.items.keys());
  for (const { items } of sent.attachments) {
    if (items.some((item) => !sequences.has(item))) throw new Problem('attachment-invalid', { rule: 'A LineItem is no item of the authorization.' }, 'Parameters.parameter');
  }
  const wanted = wantedOf(before.stored.claimResponse, before.state);
  const answered = sent.isFinal ? answeredBy(sent, wanted, before.state.received.administrativeReference) : [];
  const evidence = sent.attachments.map((attachment, index) => evidenceOf(attachment, index, submission.landing.id, before, answered));
  const planned = await nextVersion({ database, submission: { ...submission, body: undefined }, settings, context, patient, shard: before.stored.shard, payer: before.state.received.payer }, before, {
    ...withEvidence(before.request, evidence, sent.others), held: new Map(), changes: new Map(), cancelled: [], refused: [], observations: [], trace: [], requester: [], attached: evidence.map(({ fullUrl }) => fullUrl), answered,
  });
  return { ...planned, member: patient.id, count: sent.attachments.length };
}

async function authorizationFor({ numbers, member }: AttachmentSubmission, { database, submission, context }: AttachmentWork): Promise<{ before: LoadedAuthorization; patient: Member['patient'] } | undefined> {
  // The number of a request for information begins with that of the authorization (`information-requests.ts`).
  const named = [...new Set(numbers.flatMap((number) => [number, number.split('-')[0]!]))];
  for (const patient of await membersNumbered(database, [member], context)) {
    await submission.turn?.take(`${context.tenant.id}/${patient.id}`);
    const [stored] = await authorizationsNamed(database, { member: patient.id, shard: shardOf(context.tenant.id, patient.id), requester: undefined, numbers: named, traces: numbers.map(controlTrace), claims: [] }, context);
    if (stored) return { before: reopen(stored), patient };
  }
  return undefined;
}

/**
 * What is asked for no more: the request for information that is named; else those for documents of the kinds that came,
 * and, where the kinds say nothing, all of the items that the documents are about.
 */
function answeredBy({ numbers, attachments }: AttachmentSubmission, wanted: readonly Wanted[], reference: string): AnsweredRequest[] {
  const isNamed = (each: Wanted): boolean => numbers.includes(trackingNumber(reference, each));
  const codes = new Set(attachments.flatMap(({ code, resource }) => [...code?.coding ?? [], ...(resource.resourceType === 'DocumentReference' ? [resource.type, ...resource.category ?? []].flatMap((concept) => concept?.coding ?? []) : [])].map(({ system, code: each }) => `${system}|${each}`)));
  const isOfKind = (each: Wanted): boolean => codes.has(`${each.system}|${each.code}`);
  const items = new Set(attachments.flatMap((attachment) => attachment.items));
  const isAbout = (each: Wanted): boolean => items.size === 0 || items.has(each.item);
  const choice = [isNamed, (each: Wanted) => isOfKind(each) && isAbout(each), isAbout].map((is) => wanted.filter(is)).find((chosen) => chosen.length > 0) ?? [];
  return choice.map(({ item, system, code }) => ({ item, system, code }));
}

const namespace = 'https://priora.health/attachment';

function evidenceOf({ resource, fullUrl, code, items }: Attachment, index: number, landing: string, { request }: LoadedAuthorization, answered: readonly AnsweredRequest[]): Evidence {
  const about = items.length > 0 ? items : [...new Set(answered.map(({ item }) => item))];
  const isTaken = fullUrl === undefined || request.index.resolve(fullUrl) !== undefined;
  return {
    fullUrl: isTaken ? `urn:uuid:${nameBasedUuid(namespace, `${landing}|${index}`)}` : fullUrl,
    resource: aboutMember(resource, request.patient.fullUrl!), items: about, ...(code && { code }),
  };
}

/** Types whose subject is called `patient`. */
const withPatient: ReadonlySet<string> = new Set(['AllergyIntolerance', 'Immunization', 'Device', 'DeviceUseStatement', 'EpisodeOfCare', 'FamilyMemberHistory']);
/** Said to be about the member, where it names its subject by a number or not at all. */
function aboutMember(resource: Resource, patient: string): Resource {
  const name = withPatient.has(resource.resourceType) ? 'patient' : 'subject';
  const said = (resource as unknown as Record<string, { reference?: string } | undefined>)[name];
  return said?.reference !== undefined ? resource : { ...resource, [name]: { ...said, reference: patient } };
}
