/** A PAS request Bundle, read: the parties, the items, what it asks for. Nothing here looks outside the Bundle. */
import type { Bundle, Claim, ClaimItem, CodeableConcept, Coverage, Identifier, Organization, Patient, Practitioner, PractitionerRole } from '@medplum/fhirtypes';
import { Problem, type ProblemIssue } from '../../../fhir/problems.ts';
import { indexBundle, type BundleIndex, type IndexedEntry } from '../../../fhir/references.ts';
import { pasExtension } from '../../../profiles/pas/names.ts';
import { bundleRules } from './bundle-rules.ts';

export interface RequestedItem {
  readonly sequence: number;
  readonly element: ClaimItem;
}

export interface RequestReading {
  readonly bundle: Bundle;
  readonly index: BundleIndex;
  readonly claim: Claim;
  readonly claimEntry: IndexedEntry;
  readonly patient: IndexedEntry & { readonly resource: Patient };
  readonly coverage: (IndexedEntry & { readonly resource: Coverage }) | undefined;
  readonly subscriber: (IndexedEntry & { readonly resource: Patient }) | undefined;
  readonly insurer: (IndexedEntry & { readonly resource: Organization }) | undefined;
  readonly requester: IndexedEntry | undefined;
  readonly items: readonly RequestedItem[];
  /** `system|value` of the requester and of everyone on the care team: who may ask for the outcome later. */
  readonly requesterIdentifiers: readonly string[];
  /** An update or a cancellation of an earlier request. */
  readonly refersToPrior: boolean;
  readonly observations: readonly ProblemIssue[];
}

/**
 * @throws {Problem} `pas-not-a-bundle`, `pas-empty-bundle`, `pas-bundle-rule`, `pas-missing`, with an issue for each rule that is broken
 */
export function readRequest(body: unknown, rules = bundleRules): RequestReading {
  const bundle = bundleOf(body);
  if (!Array.isArray(bundle.entry) || bundle.entry.length === 0) throw new Problem('pas-empty-bundle', {}, 'Bundle.entry');
  const index = indexBundle(bundle);
  const issues = rules.flatMap((rule) => [...rule(bundle, index)]);
  const [error, ...more] = issues.filter((issue) => issue.severity === undefined || issue.severity === 'error');
  if (error) throw Problem.of([error, ...more]);

  const claimEntry = index.entries[0]!;
  const claim = claimEntry.resource as Claim;
  const { items, observation } = itemsOf(claim, claimEntry, index);
  if (items.length === 0) throw new Problem('pas-missing', { rule: 'The Claim asks for no service: it has no item and no prescription in the Bundle.' }, 'Claim.item');
  const patient = index.resolve(claim.patient.reference, claimEntry) as RequestReading['patient'];
  const coverage = focalCoverage(claim, claimEntry, index);
  const subscriber = index.resolve(coverage?.resource.subscriber?.reference, coverage);
  const insurer = index.resolve(claim.insurer?.reference, claimEntry);
  const requester = index.resolve(claim.provider?.reference, claimEntry);
  return {
    bundle, index, claim, claimEntry, patient, coverage,
    subscriber: isOf(subscriber, 'Patient') ? subscriber as RequestReading['subscriber'] : undefined,
    insurer: isOf(insurer, 'Organization') ? insurer as RequestReading['insurer'] : undefined,
    requester,
    items,
    requesterIdentifiers: identifiersOfProviders(claim, claimEntry, requester, index),
    refersToPrior: refersToPrior(claim),
    observations: [...issues.filter((issue) => issue.severity === 'warning'), ...(observation ? [observation] : [])],
  };
}

/** The body itself, or the Bundle in a Parameters called `resource`, as the operation's definition can also be read. */
function bundleOf(body: unknown): Bundle {
  const resource = body as { resourceType?: unknown; parameter?: unknown } | null;
  if (typeof resource === 'object' && resource?.resourceType === 'Bundle') return resource as Bundle;
  if (typeof resource === 'object' && resource?.resourceType === 'Parameters' && Array.isArray(resource.parameter)) {
    const wrapped = (resource.parameter as { name?: unknown; resource?: Bundle }[]).find((parameter) => parameter?.name === 'resource')?.resource;
    if (wrapped?.resourceType === 'Bundle') return wrapped;
  }
  throw new Problem('pas-not-a-bundle');
}

/**
 * The items asked for. Older dialects send a Claim that only points to a prescription; its service becomes item 1,
 * as a service on the patient event of an X12 278 does.
 */
function itemsOf(claim: Claim, entry: IndexedEntry, index: BundleIndex): { items: RequestedItem[]; observation?: ProblemIssue } {
  if ((claim.item?.length ?? 0) > 0) return { items: claim.item!.map((element) => ({ sequence: element.sequence, element })) };
  const prescription = index.resolve(claim.prescription?.reference, entry)?.resource as { codeCodeableConcept?: CodeableConcept; code?: CodeableConcept; medicationCodeableConcept?: CodeableConcept } | undefined;
  const service = prescription?.codeCodeableConcept ?? prescription?.code ?? prescription?.medicationCodeableConcept;
  if (!service) return { items: [] };
  return {
    items: [{ sequence: 1, element: { sequence: 1, productOrService: service } }],
    observation: { code: 'pas-observed', details: { rule: 'The Claim has no item; its prescription was taken as item 1.' }, expression: 'Claim.prescription', severity: 'warning' },
  };
}

function focalCoverage(claim: Claim, entry: IndexedEntry, index: BundleIndex): RequestReading['coverage'] {
  const insurances = claim.insurance ?? [];
  const focal = insurances.find((insurance) => insurance.focal === true) ?? insurances[0];
  const coverage = index.resolve(focal?.coverage?.reference, entry);
  return isOf(coverage, 'Coverage') ? coverage as RequestReading['coverage'] : undefined;
}

function isOf(entry: IndexedEntry | undefined, type: string): entry is IndexedEntry {
  return entry?.resource.resourceType === type;
}

function identifiersOfProviders(claim: Claim, entry: IndexedEntry, requester: IndexedEntry | undefined, index: BundleIndex): string[] {
  const team = (Array.isArray(claim.careTeam) ? claim.careTeam : []).map((member) => index.resolve(member?.provider?.reference, entry));
  const found = new Set<string>();
  for (const provider of [requester, ...team]) for (const identifier of identifiersOfProvider(provider, index)) found.add(identifier);
  return [...found];
}

/** `system|value` of an Organization or Practitioner, or of both behind a PractitionerRole. */
export function identifiersOfProvider(provider: IndexedEntry | undefined, index: BundleIndex): string[] {
  const resource = provider?.resource as Organization | Practitioner | PractitionerRole | undefined;
  if (!resource) return [];
  const behind = resource.resourceType === 'PractitionerRole'
    ? [index.resolve(resource.practitioner?.reference, provider), index.resolve(resource.organization?.reference, provider)]
    : [];
  const identifiers = [resource, ...behind.map((entry) => entry?.resource as { identifier?: Identifier[] } | undefined)]
    .flatMap((holder) => Array.isArray(holder?.identifier) ? holder.identifier : []);
  return identifiers.filter((identifier) => typeof identifier?.value === 'string').map((identifier) => `${identifier.system ?? ''}|${identifier.value}`);
}

function refersToPrior(claim: Claim): boolean {
  const prior = (Array.isArray(claim.related) ? claim.related : []).some((related) => related?.relationship?.coding?.some((coding) => coding.code === 'prior') ?? related?.claim !== undefined);
  const cancelsAll = claim.extension?.some((extension) => extension.url === pasExtension.certificationType && extension.valueCodeableConcept?.coding?.some((coding) => coding.code === '3')) ?? false;
  return prior || cancelsAll || claim.status === 'cancelled';
}
