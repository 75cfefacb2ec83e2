/**
 * A 275 that a review waits for: its documents join the authorization whose number they bear, or which has named theirs
 * (TRN02, or a REF of the patient or the documents), and the review goes on, as with CDex $submit-attachment. One that
 * bears a number of nobody's is stored as documents of its patient like any other, and found there by a request that
 * comes later.
 */
import type { DocumentReference, Identifier, Patient } from '@medplum/fhirtypes';
import { Problem } from '../../fhir/problems.ts';
import type { MappedUnit } from '../../mappers/x12/index.ts';
import { issuesOfProblem } from '../../operations/intake/issues.ts';
import type { Asking, Decided, MessageIssue } from '../../operations/intake/message.ts';
import { peopleIn } from '../../operations/prior-authorization/attach/people.ts';
import { checkPeople } from '../../operations/prior-authorization/attach/same-person.ts';
import { isParty, type Attachment, type AttachmentSubmission } from '../../operations/prior-authorization/attach/submission.ts';
import type { AttachmentPlan } from '../../operations/prior-authorization/attach/plan-attachment.ts';
import type { PriorAuthorizationService } from '../../operations/prior-authorization/service.ts';
import type { Context } from '../../store/context.ts';

/** Whether a unit holds documents that bear a number, by which a review may wait for them. */
export function awaitsReview(unit: MappedUnit): boolean {
  return unit.kind === 'attachment' && numbersIn(documentsIn(unit)).length > 0;
}

/** Undefined where the numbers are nobody's, or another member's. A document that speaks of somebody else than the 275 is quarantined, whosever number it bears. */
export async function attachDocuments(priorAuthorization: PriorAuthorizationService, unit: MappedUnit, { landing, receivedAt, turn }: Asking, context: Context): Promise<Decided | undefined> {
  const sent = submissionOf(unit);
  if (sent === undefined) return undefined;
  let plan: AttachmentPlan;
  try {
    const patient = patientIn(unit);
    if (patient) checkPeople(sent.people, { patient, member: sent.member, base: context.base });
    plan = await priorAuthorization.attach({ rail: 'x12', landing, receivedAt, turn }, sent, context);
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500 || error.code === 'concurrent-change') throw error;
    if (error.code === 'attachment-unmatched') return undefined;
    const issues = issuesOfProblem(error, unit.ledger);
    return { state: 'quarantined', issues, changes: [], acknowledgement: JSON.stringify({ state: 'quarantined', codes: issues.map(({ code }) => code) }), committed() {} };
  }
  return {
    state: 'accepted', issues: plan.unasked > 0 ? [notAskedFor] : [], changes: plan.changes, patient: plan.member, acknowledgement: JSON.stringify({ state: 'accepted', codes: [] }),
    committed: () => { priorAuthorization.committed('x12', plan); },
  };
}

/** In the account of the message; its sender is told by what is still asked for. */
const notAskedFor: MessageIssue = { severity: 'information', code: 'attachment-not-requested', text: 'A document is of a kind that was not asked for: the reviewer has it, and what was asked for is still expected.' };

function documentsIn({ bundle }: MappedUnit): DocumentReference[] {
  return (bundle.entry ?? []).flatMap(({ resource }) => resource?.resourceType === 'DocumentReference' ? [resource] : []);
}

/** NM1*QC. */
function patientIn({ bundle }: MappedUnit): Patient | undefined {
  return (bundle.entry ?? []).map(({ resource }) => resource).find((resource): resource is Patient => resource?.resourceType === 'Patient');
}

/** NM1*1P: the authors of the documents. */
function sendersIn(unit: MappedUnit): Identifier[] {
  const authors = new Set(documentsIn(unit).flatMap(({ author = [] }) => author.flatMap(({ reference }) => reference ?? [])));
  return (unit.bundle.entry ?? []).flatMap(({ fullUrl, resource }) => fullUrl !== undefined && authors.has(fullUrl) ? (resource as { identifier?: Identifier[] }).identifier ?? [] : []);
}

function numbersIn(documents: readonly DocumentReference[]): string[] {
  const identifiers = documents.flatMap(({ identifier = [], context }) => [...identifier, ...(context?.related ?? []).flatMap((related) => related.identifier ?? [])]);
  return [...new Set(identifiers.flatMap(({ value }) => value !== undefined && value !== '' ? [value] : []))];
}

function submissionOf(unit: MappedUnit): AttachmentSubmission | undefined {
  const documents = documentsIn(unit);
  const resources = (unit.bundle.entry ?? []).flatMap(({ fullUrl, resource }) => fullUrl !== undefined && resource ? [{ fullUrl, resource }] : []);
  const patient = patientIn(unit);
  const member = patient?.identifier?.find(({ type }) => type?.coding?.some(({ code }) => code === 'MB') === true)?.value ?? patient?.identifier?.[0]?.value;
  if (member === undefined) return undefined;
  return {
    numbers: numbersIn(documents), member, isFinal: true, senders: sendersIn(unit), people: peopleIn(unit.bundle, 'Bundle'),
    // Whose they are is said by the authorization, whose member has the same number.
    attachments: resources.flatMap(({ fullUrl, resource }): Attachment[] => {
      if (resource.resourceType !== 'DocumentReference') return [];
      const { subject: _patient, ...document } = resource;
      return [{ resource: document, fullUrl, scope: 0, items: [] }];
    }),
    others: resources.flatMap((each) => isParty(each.resource) ? [{ ...each, scope: 0 }] : []),
  };
}
