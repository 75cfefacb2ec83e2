/**
 * What of a submitted Bundle becomes resources of the store, and under which ids.
 *
 * The plan's own records are never overwritten by what a sender says: the Patient, the Coverage and the payer of the
 * request are pointed to, not stored again. Providers with a business identifier get one resource each, however often
 * they are sent. The Claim and the evidence for it are new with each request. Everything else (other people's
 * records, decisions, tasks, definitions) has no business in the record and stays in the Bundle, which landing keeps
 * whole, as it came.
 */
import type { Identifier, Resource } from '@medplum/fhirtypes';
import { copyOf } from '../../../fhir/copy.ts';
import { nameBasedUuid } from '../../../fhir/ids.ts';
import { stringifyJson } from '../../../fhir/json.ts';
import { readReference, referencesIn, type IndexedEntry } from '../../../fhir/references.ts';
import { systemOf } from '../../../profiles/pas/names.ts';
import type { Context } from '../../../store/context.ts';
import { newId, shardOf } from '../../../store/shard.ts';
import type { Change } from '../../../store/write/changes.ts';
import type { Member } from '../member.ts';
import type { RequestReading } from '../request/read-request.ts';
import { markSubmitted } from '../../intake/origin.ts';

export interface StoredRequest {
  /** `Type/id` by fullUrl. */
  readonly addresses: ReadonlyMap<string, string>;
  readonly changes: readonly Change[];
  /** `Claim/id` of the request. */
  readonly claim: string;
  /** FullUrls of what this request has made in the store; all else it only points to. */
  readonly made: readonly string[];
}

/** Name space of the ids that follow from a provider's identifier. */
const providerNamespace = 'https://priora.health/provider';

/** What a provider may add to the record of a request: its parties and the evidence. Nothing that a payer says or does. */
const acceptedTypes = new Set([
  'Organization', 'Practitioner', 'PractitionerRole', 'Location', 'HealthcareService', 'RelatedPerson',
  'ServiceRequest', 'DeviceRequest', 'MedicationRequest', 'NutritionOrder', 'VisionPrescription',
  'AllergyIntolerance', 'Appointment', 'CarePlan', 'CareTeam', 'ClinicalImpression', 'Condition', 'Device', 'DeviceUseStatement', 'DiagnosticReport',
  'DocumentReference', 'Encounter', 'EpisodeOfCare', 'FamilyMemberHistory', 'Goal', 'ImagingStudy', 'Immunization', 'Media', 'Medication',
  'MedicationAdministration', 'MedicationDispense', 'MedicationStatement', 'Observation', 'Procedure', 'QuestionnaireResponse', 'RiskAssessment', 'Specimen',
]);

/** What an earlier version of the same request has put into the store. */
export interface StoredBefore {
  readonly request: RequestReading;
  /** `Type/id` by fullUrl. */
  readonly addresses: Readonly<Record<string, string>>;
  /** FullUrls of those that the versions before have made: the others are the plan's, or shared, or somebody else's. */
  readonly made: ReadonlySet<string>;
  /** `Claim/id` of the authorization, and which version of it this request follows. */
  readonly claim: string;
  readonly version: number;
}

export interface StoredAlready {
  /** `Type/id` by fullUrl of documents that were kept for this request. */
  readonly held: ReadonlyMap<string, string>;
  /**
   * Of an update: its Claim is the next version of the same resource, and evidence that comes again under the same
   * fullUrl is written only where it says something new.
   */
  readonly before?: StoredBefore;
}

export function storeRequest(request: RequestReading, member: Member, payer: string | undefined, source: string, context: Context, { held, before }: StoredAlready): StoredRequest {
  const patient = `Patient/${member.patient.id}`;
  const shard = shardOf(context.tenant.id, member.patient.id);
  const addresses = new Map<string, string>();
  const placed: { entry: IndexedEntry; id: string; kind: 'create' | 'ensure' | 'update' }[] = [];

  for (const entry of request.index.entries) {
    const key = entry.fullUrl!;
    const { resourceType } = entry.resource;
    if (entry.index === request.patient.index) addresses.set(key, patient);
    else if (held.has(key)) addresses.set(key, held.get(key)!);
    else if (entry.index === request.coverage?.index) { if (member.coverage) addresses.set(key, `Coverage/${member.coverage.id}`); }
    else if (entry.index === request.insurer?.index && payer !== undefined) addresses.set(key, payer);
    else if (entry.index === request.claimEntry.index || (isEvidence(entry.resource) && !request.unfit.has(entry.index))) {
      const identifier = resourceType === 'Organization' || resourceType === 'Practitioner' ? businessIdentifier(entry.resource) : undefined;
      const known = before && identifier === undefined ? knownId(entry, request, before) : undefined;
      const id = identifier === undefined ? known ?? newId(context, shard) : nameBasedUuid(providerNamespace, `${context.tenant.id}|${resourceType}|${identifier}`);
      addresses.set(key, `${resourceType}/${id}`);
      if (identifier !== undefined) placed.push({ entry, id, kind: 'ensure' });
      else if (known === undefined) placed.push({ entry, id, kind: 'create' });
      else if (entry === request.claimEntry || !saysTheSame(entry, before!.request)) placed.push({ entry, id, kind: 'update' });
    }
  }
  // The Claim that an update follows is the version before it.
  if (before) for (const prior of priorClaims(request)) addresses.set(prior.fullUrl!, `${before.claim}/_history/${before.version}`);

  const changes = placed.map(({ entry, id, kind }): Change => {
    const resource = markSubmitted(pointed(entry, request, addresses), source);
    return kind === 'create' ? { kind, resource, id } : { kind, resource: { ...resource, id } };
  });
  const made = placed.flatMap(({ entry, kind }) => kind === 'create' && entry !== request.claimEntry ? [entry.fullUrl!] : []);
  return { addresses, changes, claim: addresses.get(request.claimEntry.fullUrl!)!, made };
}

/** Id of the resource that an earlier version has made of an entry with the same fullUrl, or of its Claim. */
function knownId(entry: IndexedEntry, request: RequestReading, before: StoredBefore): string | undefined {
  if (entry === request.claimEntry) return before.claim.slice('Claim/'.length);
  const [type, id] = (before.addresses[entry.fullUrl!] ?? '').split('/');
  if (type !== entry.resource.resourceType) return undefined;
  return before.made.has(entry.fullUrl!) || saysTheSame(entry, before.request) ? id : undefined;
}

function saysTheSame(entry: IndexedEntry, before: RequestReading): boolean {
  const earlier = before.index.resolve(entry.fullUrl);
  return earlier !== undefined && stringifyJson(earlier.resource) === stringifyJson(entry.resource);
}

function priorClaims(request: RequestReading): IndexedEntry[] {
  return (request.claim.related ?? []).flatMap(({ claim }) => {
    const entry = request.index.resolve(claim?.reference, request.claimEntry);
    return entry?.resource.resourceType === 'Claim' && entry.fullUrl !== undefined && entry !== request.claimEntry ? [entry] : [];
  });
}

/** Whether a resource that a provider sends becomes part of the record. */
export function isEvidence(resource: Resource): boolean {
  return acceptedTypes.has(resource.resourceType) && !isPayer(resource);
}

/** By this type the plan knows its own payers; nobody becomes one by being sent. */
function isPayer(resource: Resource): boolean {
  return resource.resourceType === 'Organization' && (resource.type ?? []).some((type) => type.coding?.some(({ system, code }) => system === systemOf.organizationType && code === 'pay'));
}

/**
 * A copy whose references to other entries point into the store. A reference to anything else must not, by chance or
 * on purpose, come to mean a record of the plan that has the same id: it becomes the absolute address it had with its sender.
 */
function pointed(entry: IndexedEntry, request: RequestReading, addresses: ReadonlyMap<string, string>): Resource {
  const copy = copyOf(entry.resource);
  for (const found of referencesIn(copy, '')) {
    const target = request.index.resolve(found.value, entry);
    const address = target && addresses.get(target.fullUrl!);
    if (address !== undefined) found.set(address);
    else if (target) found.set(target.fullUrl!);
    else found.set(foreignReference(found.value, entry.fullUrl));
  }
  return copy;
}

/** A reference to what is not here, absolute, so that it can mean no record of the plan. @param from fullUrl of the resource that refers to it */
export function foreignReference(reference: string, from: string | undefined): string {
  if (/^(#|[a-z][a-z\d+.-]*:)/i.test(reference)) return reference;
  return `${readReference(from ?? '')?.base ?? unknownBase}/${reference.replace(/^\/+/, '')}`;
}

/** Base of the addresses of a sender who gave none; the top-level domain `invalid` leads nowhere (RFC 2606). */
const unknownBase = 'https://sender.invalid/fhir';

/** The NPI, or else an identifier with a system: what makes two providers the same. */
function businessIdentifier(resource: { identifier?: Identifier[] }): string | undefined {
  const identifiers = (resource.identifier ?? []).filter((identifier) => identifier.system !== undefined && identifier.value !== undefined);
  const best = identifiers.find((identifier) => identifier.system === systemOf.npi) ?? identifiers[0];
  return best && `${best.system}|${best.value}`;
}
