/**
 * What a decision rests on is held against FHIR R4 before anything is decided: the Claim, the patient, the subscriber,
 * the coverage, the insurer and the requester. What is said must be right; what is only missing hinders nobody (PAS
 * conf-14), and supporting documents of a wrong form are left out of the record elsewhere.
 */
import type { Resource } from '@medplum/fhirtypes';
import { Problem, type ProblemIssue } from '../../fhir/problems.ts';
import type { Context } from '../../store/context.ts';
import type { WriteCheck } from '../validate/on-write.ts';
import type { AttachmentSubmission } from './attach/submission.ts';
import { isEvidence } from './record/stored-resources.ts';
import type { RequestReading } from './request/read-request.ts';

/** Codes by which an issue says that something is absent. */
const absences: ReadonlySet<string> = new Set(['element-missing']);

/** @throws {Problem} with every fault of what is there */
export async function checkParties(request: RequestReading, checkWrite: WriteCheck, context: Context): Promise<void> {
  const { claimEntry, patient, subscriber, coverage, insurer, requester } = request;
  const entries = new Map([claimEntry, patient, subscriber, coverage, insurer, requester].flatMap((entry) => (entry ? [[entry.index, entry.resource] as const] : [])));
  const found: ProblemIssue[] = [];
  for (const [index, resource] of entries) found.push(...await faultsOf(resource, `Bundle.entry[${index}]`, checkWrite, context));
  const [first, ...more] = found;
  if (first !== undefined) throw Problem.of([first, ...more]);
}

/** Documents that come after a request are all there is of a delivery: what is wrong with them is not left out in silence. @throws {Problem} */
export async function checkAttachments({ attachments }: AttachmentSubmission, checkWrite: WriteCheck, context: Context): Promise<void> {
  const found: ProblemIssue[] = [];
  for (const [index, { resource, where }] of attachments.entries()) found.push(...await faultsOf(resource, where ?? `Parameters.parameter.where(name = 'Attachment')[${index}].part.where(name = 'Content').resource`, checkWrite, context));
  if (!attachments.some(({ resource }) => isEvidence(resource))) found.push({ code: 'attachment-invalid', details: { rule: 'Nothing that was sent is of a type that is taken as an attachment; a DocumentReference or a QuestionnaireResponse is.' }, expression: 'Parameters.parameter' });
  const [first, ...more] = found;
  if (first !== undefined) throw Problem.of([first, ...more]);
}

async function faultsOf(resource: Resource, where: string, checkWrite: WriteCheck, context: Context): Promise<readonly ProblemIssue[]> {
  try {
    await checkWrite(resource, context, where);
    return [];
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) throw error;
    return error.issues.filter((issue) => (issue.severity ?? 'error') === 'error' && !absences.has(issue.code));
  }
}
