/**
 * Which requests for information a document answers. Documents are asked for by LOINC codes, and what says such a code is
 * of that kind and no other: a letter that nobody asked for must not close the request for a sleep study. Codes of other
 * lists (X12 755 says how a report is filed: `AE`) are not compared with LOINC and say no kind.
 * Source: PAS 2.2.1, "Requesting additional information"; CDex 2.1.0, "Attachments" (TrackingId, Code).
 */
import type { CodeableConcept, Coding } from '@medplum/fhirtypes';
import { trackingNumber, type Wanted } from '../record/information-requests.ts';
import { isCompleted, isResponseTo } from './questionnaire-response.ts';
import type { Attachment, AttachmentSubmission } from './submission.ts';

const loinc: ReadonlySet<string> = new Set(['http://loinc.org', 'urn:oid:2.16.840.1.113883.6.1']);
const loincForm = /^\d{1,7}-\d$/;

/** What stands for itself. Other resources are details, and answer what is named only. */
const documentTypes: ReadonlySet<string> = new Set(['DocumentReference', 'QuestionnaireResponse', 'DiagnosticReport', 'Media']);

/**
 * Of what is wanted, what one attachment answers: the request for information whose tracking number was given, unless the
 * document is of a kind that another one asks for; under the number of the authorization that which asks for its kind,
 * or everything (of the items it is about, and of the Task that it answers), where it says no kind. A response answers what asks for its questionnaire; one
 * that is still being filled in answers nothing.
 *
 * @param reference administrative reference number of the authorization
 */
export function answeredBy(attachment: Attachment, { numbers, asked: task }: Pick<AttachmentSubmission, 'numbers' | 'asked'>, wanted: readonly Wanted[], reference: string): readonly Wanted[] {
  const named = wanted.filter((each) => numbers.includes(trackingNumber(reference, each)));
  const about = wanted.filter(({ item }) => attachment.items.length === 0 || attachment.items.includes(item));
  const { resource } = attachment;
  if (resource.resourceType === 'QuestionnaireResponse') {
    if (!isCompleted(resource)) return [];
    const asked = [named, about].map((these) => these.filter((each) => isResponseTo(resource, each))).find((these) => these.length > 0);
    if (asked !== undefined) return asked;
  }
  const kinds = kindsOf(attachment);
  const isOfKind = ({ system, code }: Wanted): boolean => loinc.has(system) && kinds.has(code);
  const fitting = [named, about].map((these) => these.filter(isOfKind)).find((these) => these.length > 0) ?? [];
  if (fitting.length > 0 || named.length > 0) return fitting.length > 0 ? fitting : named;
  return kinds.size === 0 && documentTypes.has(attachment.resource.resourceType) ? about.filter(({ id }) => task?.has(id) ?? true) : [];
}

/** LOINC codes of what it is said to be, by whoever sends it or by itself. */
function kindsOf({ code, resource }: Attachment): ReadonlySet<string> {
  const said = resource as { type?: unknown; category?: unknown; code?: unknown };
  return new Set([code, said.type, said.category, said.code].flat().flatMap(codingsOf).flatMap(({ system, code: kind }) => kind !== undefined && (system === undefined ? loincForm.test(kind) : loinc.has(system)) ? [kind] : []));
}

function codingsOf(concept: unknown): readonly Coding[] {
  const { coding } = (typeof concept === 'object' && concept !== null ? concept : {}) as CodeableConcept;
  return coding ?? [];
}
