/**
 * What of a submitted Bundle becomes resources of the store, and under which ids.
 *
 * The plan's own records are never overwritten by what a sender says: the Patient, the Coverage and the payer of the
 * request are pointed to, not stored again. Providers with a business identifier get one resource each, however often
 * they are sent. Everything else is new with each request. The Bundle as it came stays whole in landing.
 */
import type { Identifier, Resource } from '@medplum/fhirtypes';
import { nameBasedUuid } from '../../../fhir/ids.ts';
import { referencesIn, type IndexedEntry } from '../../../fhir/references.ts';
import { systemOf } from '../../../profiles/pas/names.ts';
import type { Context } from '../../../store/context.ts';
import { newId, shardOf } from '../../../store/shard.ts';
import type { Change } from '../../../store/write/changes.ts';
import type { Member } from '../member.ts';
import type { RequestReading } from '../request/read-request.ts';

export interface StoredRequest {
  /** `Type/id` by fullUrl (or by the entry's place, where it has none). */
  readonly addresses: ReadonlyMap<string, string>;
  readonly changes: readonly Change[];
  /** `Claim/id` of the request. */
  readonly claim: string;
}

/** Name space of the ids that follow from a provider's identifier. */
const providerNamespace = 'https://priora.health/provider';

export function storeRequest(request: RequestReading, member: Member, payer: string | undefined, sourceOf: string, context: Context): StoredRequest {
  const patient = `Patient/${member.patient.id}`;
  const shard = shardOf(context.tenant.id, member.patient.id);
  const addresses = new Map<string, string>();
  const placed: { entry: IndexedEntry; id: string; kind: 'create' | 'ensure' }[] = [];

  for (const entry of request.index.entries) {
    const key = keyOf(entry);
    const { resourceType } = entry.resource;
    if (entry.index === request.patient.index || entry.index === request.subscriber?.index) addresses.set(key, patient);
    else if (entry.index === request.coverage?.index) { if (member.coverage) addresses.set(key, `Coverage/${member.coverage.id}`); }
    else if (entry.index === request.insurer?.index && payer !== undefined) addresses.set(key, payer);
    else if (resourceType !== 'Patient' && resourceType !== 'Coverage') {
      const identifier = resourceType === 'Organization' || resourceType === 'Practitioner' ? businessIdentifier(entry.resource) : undefined;
      const id = identifier === undefined ? newId(context, shard) : nameBasedUuid(providerNamespace, `${context.tenant.id}|${resourceType}|${identifier}`);
      addresses.set(key, `${resourceType}/${id}`);
      placed.push({ entry, id, kind: identifier === undefined ? 'create' : 'ensure' });
    }
  }

  const changes = placed.map(({ entry, id, kind }): Change => {
    const resource = pointed(entry, request, addresses, sourceOf);
    return kind === 'ensure' ? { kind, resource: { ...resource, id } } : { kind, resource, id };
  });
  return { addresses, changes, claim: addresses.get(keyOf(request.claimEntry))! };
}

export function keyOf(entry: Pick<IndexedEntry, 'fullUrl' | 'index'>): string {
  return entry.fullUrl ?? `#${entry.index}`;
}

/** A copy whose references to other entries point into the store, and whose source says which delivery it came with. */
function pointed(entry: IndexedEntry, request: RequestReading, addresses: ReadonlyMap<string, string>, source: string): Resource {
  const copy = copyOf(entry.resource);
  for (const found of referencesIn(copy, '')) {
    const target = request.index.resolve(found.value, entry);
    const address = target && addresses.get(keyOf(target));
    if (address !== undefined) found.set(address);
  }
  return { ...copy, meta: { ...copy.meta, source } };
}

/** `structuredClone` would turn a Decimal into a bare Number object and lose its digits. Scalars, Decimals among them, are shared. */
function copyOf<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyOf) as T;
  if (typeof value !== 'object' || value === null || value instanceof Number) return value;
  return Object.fromEntries(Object.entries(value).map(([name, element]) => [name, copyOf(element as unknown)])) as T;
}

/** The NPI, or else an identifier with a system: what makes two providers the same. */
function businessIdentifier(resource: { identifier?: Identifier[] }): string | undefined {
  const identifiers = (Array.isArray(resource.identifier) ? resource.identifier : []).filter((identifier) => identifier?.system !== undefined && identifier.value !== undefined);
  const best = identifiers.find((identifier) => identifier.system === systemOf.npi) ?? identifiers[0];
  return best && `${best.system}|${best.value}`;
}
