/**
 * Contacts, diagnoses and allergies have no number in most messages, and come again with each update about the patient.
 * What says the same of the same patient as a message before is the resource that that one made, and not another one: it
 * is stored under an id that follows from its words. Pure.
 */
import { nameBasedUuid } from '../../fhir/ids.ts';
import { stringifyJson } from '../../fhir/json.ts';
import type { MappedResource } from './bundle-resources.ts';

/**
 * What stays true when it is said again. A result is not among them: to measure the same twice is to measure twice.
 */
const stated: ReadonlySet<string> = new Set(['RelatedPerson', 'Condition', 'AllergyIntolerance']);

/**
 * @param unnumbered fullUrls that no other message has; references to a patient, or a visit, without a number are among
 *   the words, and keep what is said of one nameless patient from another's
 */
export function namedByWords(resources: readonly MappedResource[], unnumbered: ReadonlySet<string> = new Set()): readonly MappedResource[] {
  return resources.map((mapped) => {
    const { fullUrl, resource } = mapped;
    if (!unnumbered.has(fullUrl) || !stated.has(resource.resourceType) || !isOfPatient(resource)) return mapped;
    return { ...mapped, id: nameBasedUuid('https://priora.health/inbox/same-words', stringifyJson(resource)) };
  });
}

function isOfPatient(resource: object): boolean {
  const { subject, patient } = resource as { readonly subject?: { readonly reference?: unknown }; readonly patient?: { readonly reference?: unknown } };
  return typeof (subject ?? patient)?.reference === 'string';
}
