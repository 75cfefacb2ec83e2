/** A PAS request Bundle, read: the parties, the items, what it asks for. Nothing here looks outside the Bundle. */
import type { Bundle, Claim, ClaimItem, CodeableConcept, Coverage, Identifier, Organization, Patient, Practitioner, PractitionerRole } from '@medplum/fhirtypes';
import { Problem, type ProblemIssue } from '../../../fhir/problems.ts';
import { nameBasedUuid } from '../../../fhir/ids.ts';
import { indexBundle, type BundleIndex, type IndexedEntry } from '../../../fhir/references.ts';
import { pasExtension } from '../../../profiles/pas/names.ts';
import { bundleRules, isAbsoluteUrl } from './bundle-rules.ts';
import { checkShapes, type ShapeReading } from './shape-rules.ts';

export interface RequestedItem {
  readonly sequence: number;
  readonly element: ClaimItem;
}

export interface RequestReading {
  /** As it came, but for a fullUrl of ours where an entry has none that is absolute. */
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
  /** Places of entries whose form is not that of FHIR: kept with the delivery, but no part of the record. */
  readonly unfit: ReadonlySet<number>;
  readonly observations: readonly ProblemIssue[];
}

/**
 * @throws {Problem} `pas-not-a-bundle`, `pas-empty-bundle`, `pas-bundle-rule`, `pas-missing`, with an issue for each rule that is broken
 */
export function readRequest(body: unknown): RequestReading {
  const reading = readBundle(body, refuseIfBroken);
  // Whoever cancels the whole need not name what is in it.
  if (reading.items.length === 0 && !cancelsAll(reading.claim)) throw new Problem('pas-missing', { rule: 'The Claim asks for no service: it has no item and no prescription in the Bundle.' }, 'Claim.item');
  return reading;
}

/** An inquiry: the same Bundle, but without an item it asks about every service (spec-43). @throws {Problem} as {@link readRequest} */
export function readInquiry(body: unknown): RequestReading {
  return readBundle(body, refuseIfBroken);
}

/** A request that was taken before: the rules of today do not judge it again. */
export function readTaken(body: unknown): RequestReading {
  return readBundle(body);
}

/** @param judge refuses what breaks the rules; without it they are not asked, which takes half of the time */
function readBundle(body: unknown, judge?: (issues: readonly ProblemIssue[]) => void): RequestReading {
  const sent = bundleOf(body);
  if (!Array.isArray(sent.entry) || sent.entry.length === 0) throw new Problem('pas-empty-bundle', {}, 'Bundle.entry');
  const form = formOf(sent);
  const issues = judge ? judged(sent, form().issues, judge) : [];

  const bundle = addressed(sent);
  const index = indexBundle(bundle);
  const claimEntry = index.entries[0]!;
  const claim = claimEntry.resource as Claim;
  const { items, observation } = itemsOf(claim, claimEntry, index, () => form().unfit);
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
    get unfit() { return form().unfit; },
    observations: [...issues, ...(observation ? [observation] : [])],
  };
}

/** Looked at when somebody asks: of a request that was taken hardly anybody does, and its narratives alone take half of the time to read it. */
function formOf(sent: Bundle): () => ShapeReading {
  let read: ShapeReading | undefined;
  return () => read ??= checkShapes(sent);
}

function judged(sent: Bundle, ofShape: readonly ProblemIssue[], judge: (issues: readonly ProblemIssue[]) => void): readonly ProblemIssue[] {
  // What is not formed as it should be cannot be asked about the rest.
  judge(ofShape);
  const index = indexBundle(sent);
  const issues = [...ofShape, ...bundleRules.flatMap((rule) => [...rule(sent, index)])];
  judge(issues);
  return issues;
}

/** Errors in the order of the request; only warnings pass. */
function refuseIfBroken(issues: readonly ProblemIssue[]): void {
  const [error, ...more] = issues.filter((issue) => issue.severity === undefined || issue.severity === 'error');
  if (error) throw Problem.of([error, ...more]);
}

/**
 * Older dialects send entries without a fullUrl, or with a bare id in its place. An answer must address what it
 * repeats, so such an entry gets a URN that follows from its place and content; all else stays as it came.
 */
function addressed(bundle: Bundle): Bundle {
  const entries = bundle.entry!;
  if (entries.every((entry) => entry.fullUrl !== undefined && isAbsoluteUrl(entry.fullUrl))) return bundle;
  return {
    ...bundle,
    entry: entries.map((entry, index) => entry.fullUrl !== undefined && isAbsoluteUrl(entry.fullUrl) ? entry
      : { ...entry, fullUrl: `urn:uuid:${nameBasedUuid(entryNamespace, JSON.stringify([index, entry.fullUrl, entry.resource]))}` }),
  };
}

const entryNamespace = 'https://priora.health/entry';

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
function itemsOf(claim: Claim, entry: IndexedEntry, index: BundleIndex, unfit: () => ReadonlySet<number>): { items: RequestedItem[]; observation?: ProblemIssue } {
  if ((claim.item?.length ?? 0) > 0) return { items: claim.item!.map((element) => ({ sequence: element.sequence, element })) };
  const ordered = index.resolve(claim.prescription?.reference, entry);
  const prescription = (ordered && !unfit().has(ordered.index) ? ordered.resource : undefined) as { codeCodeableConcept?: CodeableConcept; code?: CodeableConcept; medicationCodeableConcept?: CodeableConcept } | undefined;
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
  const team = (claim.careTeam ?? []).map((member) => index.resolve(member.provider?.reference, entry));
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
  return [resource, ...behind.map((behindRole) => behindRole?.resource as { identifier?: Identifier[] } | undefined)]
    .flatMap((holder) => (holder?.identifier ?? []).flatMap(({ system, value }) => value === undefined ? [] : [`${system ?? ''}|${value}`]));
}

function refersToPrior(claim: Claim): boolean {
  const prior = (claim.related ?? []).some((related) => related.relationship?.coding?.some((coding) => coding.code === 'prior') ?? related.claim !== undefined);
  return prior || cancelsAll(claim);
}

/** The certification type "cancel" (X12 1322: 3) of the Claim itself; older dialects set its status. */
export function cancelsAll(claim: Claim): boolean {
  return claim.status === 'cancelled' || certificationTypeOf(claim) === '3';
}

/** An item that is taken back: by its certification type, or as PAS flags it. */
export function cancels(element: ClaimItem): boolean {
  return certificationTypeOf(element) === '3' || element.modifierExtension?.some(({ url, valueBoolean }) => url === pasExtension.infoCancelled && valueBoolean === true) === true;
}

/** X12 data element 1322 of a Claim or an item. */
export function certificationTypeOf(holder: Claim | ClaimItem): string | undefined {
  return holder.extension?.find((extension) => extension.url === pasExtension.certificationType)?.valueCodeableConcept?.coding?.find((coding) => coding.code !== undefined)?.code;
}

/** `system|value` of the Claim's identifiers: what its sender calls this version of the request. */
export function tracesOf(claim: Claim): string[] {
  return (claim.identifier ?? []).flatMap(({ system, value }) => value === undefined ? [] : [`${system ?? ''}|${value}`]);
}

/**
 * Control numbers of documents that the request says will come by another way (X12: PWK06 of a PWK05 of AC), each under
 * a name that no sender's own identifier has.
 */
export function controlNumbersOf(claim: Claim): string[] {
  return (claim.supportingInfo ?? []).flatMap(({ extension = [] }) => extension.filter(({ url }) => url === pasExtension.documentInformation))
    .flatMap(({ extension = [] }) => extension.flatMap(({ url, valueString }) => url === 'controlNumber' && valueString !== undefined && valueString !== '' ? [valueString] : []));
}

/** What a version is found by: the identifiers of its Claim, and the control numbers of documents to come. */
export function namesOf(claim: Claim): string[] {
  return [...tracesOf(claim), ...controlNumbersOf(claim).map(controlTrace)];
}

export function controlTrace(controlNumber: string): string {
  return `urn:priora:attachment-control-number|${controlNumber}`;
}
