/**
 * The PAS request Bundle as a place to look things up: its Claim, its other resources, and what belongs to the patient.
 *
 * Only the first entry is the Claim that is decided (PAS invariant ClaimFirst): an update carries the earlier Claim
 * too. A resource with a modifier extension is left out, because its meaning is not known (FHIR R4, section 2.4.1), and so
 * is everything the sender withdrew (`infoCancelled` on its supportingInfo). Resources inside a Bundle entry (a DTR
 * QuestionnaireResponse Bundle) count like entries of their own.
 */
import { asObject, asText, objectsIn, type Loose } from './loose.ts';

const INFO_CANCELLED = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/modifierextension-infoCancelled';

export interface Entry {
  /** The fullUrl; where there is none, `Type/id` or the place in the Bundle. */
  readonly reference: string;
  readonly type: string;
  readonly resource: Loose;
}

export interface Submission {
  readonly claim: Entry | undefined;
  /** Entries that may give facts. */
  readonly entries: readonly Entry[];
  /** The entry a reference leads to; undefined where there is none, or more than one. */
  readonly resolve: (reference: unknown) => Entry | undefined;
  /** Whether a Reference names the patient of the Claim. A reference that is missing names nobody. */
  readonly isPatient: (reference: unknown) => boolean;
}

export function readSubmission(bundle: unknown): Submission {
  const all = entriesOf(bundle, 'Bundle', true);
  const first = all[0];
  const claim = first?.type === 'Claim' && !isModified(first.resource) ? first : undefined;
  const byReference = new Map<string, Entry[]>();
  for (const entry of all) {
    for (const name of new Set([entry.reference, ...tailOf(entry.reference), localName(entry.resource)])) {
      if (name === undefined) continue;
      const known = byReference.get(name);
      if (known === undefined) byReference.set(name, [entry]);
      else known.push(entry);
    }
  }
  const resolve = (reference: unknown): Entry | undefined => {
    const name = referenceText(reference);
    if (name === undefined) return undefined;
    const [found, ...others] = byReference.get(name) ?? [];
    return others.length === 0 ? found : undefined;
  };
  const patient = claim?.resource['patient'];
  const patientName = referenceText(patient);
  const patientEntry = resolve(patient);
  const isPatient = (reference: unknown): boolean => {
    const name = referenceText(reference);
    if (name === undefined || patientName === undefined) return false;
    if (patientEntry !== undefined) return resolve(reference) === patientEntry;
    // A patient who did not come along is known by name alone; one whose name leads to several entries is not known.
    return name === patientName && !byReference.has(patientName);
  };
  const withdrawn = withdrawnEntries(claim, resolve);
  const entries = all.filter((entry) => entry !== claim && !withdrawn.has(entry) && !isModified(entry.resource));
  return { claim, entries, resolve, isPatient };
}

/** Whether an element carries a modifier extension other than `infoCancelled` = false. */
export function isModified(element: Loose): boolean {
  const modifiers = element['modifierExtension'];
  if (modifiers === undefined) return false;
  const known = objectsIn(modifiers);
  return !(Array.isArray(modifiers) && known.length === modifiers.length && known.every(([, extension]) => extension['url'] === INFO_CANCELLED && extension['valueBoolean'] === false));
}

function withdrawnEntries(claim: Entry | undefined, resolve: Submission['resolve']): Set<Entry> {
  const withdrawn = new Set<Entry>();
  const standing = new Set<Entry>();
  for (const [, info] of objectsIn(claim?.resource['supportingInfo'])) {
    const entry = resolve(info['valueReference']);
    if (entry === undefined) continue;
    (isModified(info) ? withdrawn : standing).add(entry);
    // What came inside a Bundle goes with it.
    for (const inner of entry.type === 'Bundle' ? entriesOf(entry.resource, entry.reference, false) : []) {
      const known = resolve({ reference: inner.reference });
      if (known !== undefined) (isModified(info) ? withdrawn : standing).add(known);
    }
  }
  for (const entry of standing) withdrawn.delete(entry);
  return withdrawn;
}

function entriesOf(bundle: unknown, place: string, descend: boolean): Entry[] {
  return objectsIn(asObject(bundle)?.['entry']).flatMap(([index, element]): Entry[] => {
    const resource = asObject(element['resource']);
    const type = asText(resource?.['resourceType']);
    if (resource === undefined || type === undefined) return [];
    const reference = asText(element['fullUrl']) ?? localName(resource) ?? `${place}.entry[${index}].resource`;
    const entry = { reference, type, resource };
    return descend && type === 'Bundle' ? [entry, ...entriesOf(resource, reference, false)] : [entry];
  });
}

function localName(resource: Loose): string | undefined {
  const type = asText(resource['resourceType']);
  const id = asText(resource['id']);
  return type === undefined || id === undefined ? undefined : `${type}/${id}`;
}

// The relative form (`Type/id`) of a fullUrl that is a RESTful URL (FHIR R4, section 3.1.3.2).
function tailOf(fullUrl: string): string[] {
  const [id, type] = fullUrl.split('/').toReversed();
  return /^https?:/.test(fullUrl) && id !== undefined && type !== undefined ? [`${type}/${id}`] : [];
}

function referenceText(reference: unknown): string | undefined {
  return asText(asObject(reference)?.['reference'])?.replace(/\/_history\/[^/]+$/, '');
}
