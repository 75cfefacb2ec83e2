/**
 * The addresses of what comes after a request, in the Bundle of the request as it stands then. Every resource gets one of
 * ours and loses its id: whatever its sender calls it, it cannot take the place of an entry of the request, nor be what a
 * reference of the request means that led nowhere. References between what came together are rewritten to that.
 */
import { hash } from 'node:crypto';
import type { Resource } from '@medplum/fhirtypes';
import { copyOf } from '../../../fhir/copy.ts';
import { randomUuid } from '../../../fhir/ids.ts';
import { indexBundle, readReference, referencesIn, type BundleIndex, type IndexedEntry } from '../../../fhir/references.ts';
import type { RequestReading } from '../request/read-request.ts';
import type { Sent } from './submission.ts';

const namespace = 'https://priora.health/attachment';

/** FullUrls that follow from a name, each only once, and none that the request has or refers to. UUIDs of the form of version 4, as all `urn:uuid:` in answers. */
export function addressMaker({ bundle }: RequestReading): (name: string) => string {
  const taken = new Set((bundle.entry ?? []).flatMap(({ fullUrl, resource }) => [...fullUrl === undefined ? [] : [fullUrl], ...resource === undefined ? [] : [...referencesIn(resource, '')].map(({ value }) => value)]));
  return (name) => {
    for (let attempt = 0; ; attempt += 1) {
      const address = `urn:uuid:${randomUuid(hash('sha256', `${namespace}\u0000${name}\u0000${attempt}`, 'buffer'))}`;
      if (taken.has(address)) continue;
      taken.add(address);
      return address;
    }
  };
}

/**
 * The resources under addresses of ours, in their order.
 *
 * @param landing id of the delivery they came with: the same delivery gets the same addresses
 * @param isMember whether a Patient that came along is the member, who is called there what the request calls him
 */
export function addressed<S extends Sent>(sent: readonly S[], landing: string, request: RequestReading, isMember: (resource: Resource) => boolean): (S & { readonly fullUrl: string })[] {
  const make = addressMaker(request);
  const patient = request.patient.fullUrl!;
  const addresses = sent.map(({ resource }, index) => resource.resourceType === 'Patient' && isMember(resource) ? patient : make(`${landing}|${index}`));
  const scopes = new Map<number, { index: BundleIndex; places: number[] }>();
  for (const { scope } of sent) {
    if (scopes.has(scope)) continue;
    const places = sent.flatMap((each, place) => each.scope === scope ? [place] : []);
    scopes.set(scope, { places, index: indexBundle({ resourceType: 'Bundle', type: 'collection', entry: places.map((place) => ({ resource: sent[place]!.resource, ...(sent[place]!.fullUrl !== undefined && { fullUrl: sent[place]!.fullUrl }) })) }) });
  }
  return sent.map((each, place) => {
    const { index, places } = scopes.get(each.scope)!;
    const from = index.entries[places.indexOf(place)];
    const { id: _theirs, ...resource } = copyOf(each.resource);
    for (const found of referencesIn(resource, '')) {
      const target = index.resolve(found.value, from);
      found.set(target ? addresses[places[target.index]!]! : absolute(found.value, from));
    }
    return { ...each, resource, fullUrl: addresses[place]! };
  });
}

/** What is not there keeps the base that it had: beside an address of ours a relative reference would lose it. */
function absolute(reference: string, from: IndexedEntry | undefined): string {
  const base = readReference(from?.fullUrl ?? '')?.base;
  const parts = readReference(reference);
  return base !== undefined && parts !== undefined && parts.base === undefined ? `${base}/${reference}` : reference;
}
