/**
 * What a PAS request Bundle must be before anything is decided on it. Each rule is one function; all of them run, so
 * that a sender hears everything at once. They run on what has the form of FHIR (shape-rules.ts).
 *
 * An error is what no resubmission without change can mend: it becomes a 4xx with one OperationOutcome (spec-35).
 * An observation is a departure that does not hinder processing (conf-14 forbids to fail for what is missing and
 * optional; older dialects leave out what 2.2.1 demands); it is kept with the delivery.
 * Source: http://hl7.org/fhir/us/davinci-pas/STU2.2, specification, "Bundle rules", spec-12 to spec-23.
 */
import type { Bundle, BundleEntry, Claim } from '@medplum/fhirtypes';
import type { ProblemIssue } from '../../../fhir/problems.ts';
import { referencesIn, type BundleIndex } from '../../../fhir/references.ts';

type Rule = (bundle: Bundle, index: BundleIndex) => Iterable<ProblemIssue>;

const broken = (rule: string, expression: string): ProblemIssue => ({ code: 'pas-bundle-rule', details: { rule }, expression });
const missing = (rule: string, expression: string): ProblemIssue => ({ code: 'pas-missing', details: { rule }, expression });
const observed = (rule: string, expression: string): ProblemIssue => ({ code: 'pas-observed', details: { rule }, expression, severity: 'warning' });

const claimComesFirst: Rule = function* (bundle) {
  if (entriesOf(bundle)[0]?.resource?.resourceType !== 'Claim') yield broken('The first entry must be the Claim (invariant ClaimFirst).', 'Bundle.entry[0].resource');
};

const claimAsksForAuthorization: Rule = function* (bundle) {
  const claim = claimOf(bundle);
  if (!claim) return;
  if (claim.type === undefined) yield missing('Claim.type is missing; the answer must repeat it.', 'Claim.type');
  if (claim.use !== 'preauthorization') yield broken('Claim.use must be preauthorization.', 'Claim.use');
  if (claim.status !== 'active') yield observed('Claim.status is not active.', 'Claim.status');
};

const fullUrlsAreUnique: Rule = function* (bundle) {
  const seen = new Set<string>();
  for (const [index, entry] of entriesOf(bundle).entries()) {
    const path = `Bundle.entry[${index}].fullUrl`;
    if (entry.fullUrl === undefined) {
      yield observed('An entry has no fullUrl.', path);
    } else if (seen.has(entry.fullUrl)) {
      yield broken('Two entries have the same fullUrl; each resource may be sent once.', path);
    } else {
      seen.add(entry.fullUrl);
      if (!isAbsoluteUrl(entry.fullUrl)) yield observed('A fullUrl is no absolute address.', path);
    }
  }
};

const headIsComplete: Rule = function* (bundle) {
  if (bundle.type !== 'collection') yield observed('Bundle.type is not collection.', 'Bundle.type');
  if (bundle.identifier?.value === undefined) yield observed('Bundle.identifier is missing.', 'Bundle.identifier');
  if (bundle.timestamp === undefined) yield observed('Bundle.timestamp is missing.', 'Bundle.timestamp');
};

const partiesAreThere: Rule = function* (bundle, index) {
  const claim = claimOf(bundle);
  if (!claim) return;
  const patient = index.resolve(claim.patient?.reference, index.entries[0]);
  if (patient?.resource.resourceType !== 'Patient') yield missing('Claim.patient must refer to a Patient in the Bundle.', 'Claim.patient');
  if (!index.resolve(claim.provider?.reference, index.entries[0])) yield observed('Claim.provider refers to nothing in the Bundle.', 'Claim.provider');
  if (!index.resolve(claim.insurer?.reference, index.entries[0])) yield observed('Claim.insurer refers to nothing in the Bundle.', 'Claim.insurer');
  if (!claim.insurance?.some((insurance) => index.resolve(insurance.coverage?.reference, index.entries[0]))) yield observed('No insurance of the Claim refers to a Coverage in the Bundle.', 'Claim.insurance');
};

/** More than a plan of care has, and few enough to be decided together while others wait. */
const mostItems = 300;
/** Of everything else that a Claim lists; what is on no item is gone through for each. */
const mostListed = 1000;

const itemsAreBounded: Rule = function* (bundle) {
  const claim = claimOf(bundle);
  if ((claim?.item?.length ?? 0) > mostItems) yield broken(`A request has ${mostItems} items at most; please send the others in requests of their own.`, 'Claim.item');
  for (const list of ['supportingInfo', 'careTeam', 'diagnosis', 'procedure', 'related', 'insurance'] as const) {
    if ((claim?.[list]?.length ?? 0) > mostListed) yield broken(`Claim.${list} has ${mostListed} entries at most.`, `Claim.${list}`);
  }
};

const itemsAreNumbered: Rule = function* (bundle) {
  yield* sequencesAreUnique(claimOf(bundle)?.item, 'Claim.item');
};

const supportingInfoIsNumbered: Rule = function* (bundle) {
  yield* sequencesAreUnique(claimOf(bundle)?.supportingInfo, 'Claim.supportingInfo');
};

const referencesResolve: Rule = function* (bundle, index) {
  const claim = claimOf(bundle);
  const first = index.entries[0];
  if (!claim || !first) return;
  for (const found of referencesIn(claim, 'Claim')) {
    // The prior Claim of an update may stay behind on the sender's side, and the parties have a rule of their own.
    if (/^Claim\.(related\[|patient\b|provider\b|insurer\b)/.test(found.expression)) continue;
    if (!found.value.startsWith('#') && !index.resolve(found.value, first)) yield observed('A reference names no entry of the Bundle.', found.expression);
  }
};

/** An address as a fullUrl must be: absolute, or a URN of a UUID or an OID. */
export function isAbsoluteUrl(url: string): boolean {
  return /^(https?:\/\/|urn:(uuid|oid):)/.test(url);
}

export const bundleRules: readonly Rule[] = [
  claimComesFirst, claimAsksForAuthorization, fullUrlsAreUnique, headIsComplete, partiesAreThere, itemsAreBounded, itemsAreNumbered,
  supportingInfoIsNumbered, referencesResolve,
];

function* sequencesAreUnique(elements: readonly { sequence?: number }[] | undefined, path: string): Iterable<ProblemIssue> {
  const seen = new Set<number>();
  for (const [index, { sequence }] of (elements ?? []).entries()) {
    const place = `${path}[${index}].sequence`;
    if (sequence === undefined) yield missing(`${path}.sequence is missing.`, place);
    else if (seen.has(sequence)) yield broken(`${path}.sequence is used twice.`, place);
    else seen.add(sequence);
  }
}

function entriesOf(bundle: Bundle): readonly BundleEntry[] {
  return bundle.entry ?? [];
}

function claimOf(bundle: Bundle): Claim | undefined {
  const first = entriesOf(bundle)[0]?.resource;
  return first?.resourceType === 'Claim' ? first : undefined;
}
