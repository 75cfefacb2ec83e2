/**
 * What a provider was told of the services of a request before they were asked for (coverage requirements): a statement of
 * ours that the request bears, about the same member and service and still good, is honoured. One that is forged, of
 * somebody else or of something else says nothing.
 * Source: Da Vinci CRD 2.2.1, found-11, resp-46.
 */
import type { Extension, Resource } from '@medplum/fhirtypes';
import { crdExtension } from '../../profiles/crd/names.ts';
import { pasExtension } from '../../profiles/pas/names.ts';
import { assertionsOf, type StoredAssertion } from '../../store/coverage-assertions.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import type { NotedAssertion } from './events.ts';
import type { RequestedItem, RequestReading } from './request/read-request.ts';
import { codesOf } from './rows.ts';

export interface Asserted {
  /** What is honoured, by item. */
  readonly byItem: ReadonlyMap<number, StoredAssertion>;
  /** What became of every statement that the request bears. */
  readonly noted: readonly NotedAssertion[];
}

/** Statements that a request bears, at most: more are not looked up. */
const mostBorne = 500;

/** @param receivedOn YYYY-MM-DD */
export async function assertedOf(database: Queryable, request: RequestReading, member: string, receivedOn: string, context: Context): Promise<Asserted> {
  const borne = request.items.flatMap((item) => idsOn(item, request).map((id) => ({ item, id }))).slice(0, mostBorne);
  if (borne.length === 0) return { byItem: new Map(), noted: [] };
  const known = await assertionsOf(database, borne.map(({ id }) => id), context);
  const byItem = new Map<number, StoredAssertion>();
  const noted = borne.map(({ item, id }): NotedAssertion => {
    const stored = known.get(id);
    const outcome = stored === undefined ? 'unknown' : outcomeOf(stored, item, member, receivedOn);
    if (stored && outcome === 'honoured' && isNewer(stored, byItem.get(item.sequence))) byItem.set(item.sequence, stored);
    // Whatever is no id of ours is a sender's text.
    return { item: item.sequence, outcome, ...(stored && { id }) };
  });
  return { byItem, noted };
}

function outcomeOf(stored: StoredAssertion, { element }: RequestedItem, member: string, receivedOn: string): NotedAssertion['outcome'] {
  if (stored.member !== member) return 'other-member';
  if (stored.expiresOn < receivedOn) return 'expired';
  const services = codesOf(element.productOrService);
  return services.length > 0 && services.every((service) => stored.service.includes(service)) ? 'honoured' : 'other-service';
}

function isNewer(stored: StoredAssertion, other: StoredAssertion | undefined): boolean {
  return other === undefined || stored.assertedAt > other.assertedAt;
}

/** On the item and the order that it names; where it names none, on whatever orders came along. */
function idsOn({ element }: RequestedItem, { claim, claimEntry, index }: RequestReading): string[] {
  const orders = (element.extension ?? []).flatMap(({ url, valueReference }) => url === pasExtension.requestedService ? index.resolve(valueReference?.reference, claimEntry)?.resource ?? [] : []);
  const others = orders.length > 0 ? orders : index.entries.map(({ resource }) => resource).filter((resource) => resource !== claim);
  return [...new Set([...idsIn(element.extension), ...idsIn(claim.extension), ...others.flatMap((order) => idsIn((order as Resource & { extension?: Extension[] }).extension))])];
}

function idsIn(extensions: readonly Extension[] | undefined): string[] {
  return (Array.isArray(extensions) ? extensions : []).filter(({ url }) => url === crdExtension.coverageInformation)
    .flatMap(({ extension }) => (Array.isArray(extension) ? extension : []).flatMap(({ url, valueString }) => url === 'coverage-assertion-id' && typeof valueString === 'string' ? [valueString] : []));
}
