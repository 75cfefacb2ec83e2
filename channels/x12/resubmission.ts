/**
 * A request that its sender submits again under a new interchange number, to learn what became of it or because the
 * first answer was lost. Clearing houses do both. A second authorization for it would be wrong, so it is answered from
 * the one that exists, in its current state.
 *
 * It counts as the same request only when everything agrees: who sent it (ISA05/06, GS02), BHT02 and BHT03, and every
 * segment of every loop, the trace numbers of the event among them. BHT04 and BHT05, the time at which the sender
 * wrote it, may differ. Anything else is a request of its own. Each version
 * keeps the hash of the request that made it, for a delivery holds others too, which may have made nothing. A version
 * of an older release has none; it is compared with all requests of its delivery.
 */
import { createHash } from 'node:crypto';
import type { Claim } from '@medplum/fhirtypes';
import { readDelivery, type MappedRequest, type RequestContext, type Segment } from '../../mappers/x12/index.ts';
import { versionsTraced } from '../../store/authorizations.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { readLanded } from '../../store/landing.ts';

/** Requests that share a trace number; a sender who gives one number to more of them is not to be guessed at. */
const mostCandidates = 20;

/** Id of the Claim of the authorization that this request made, or changed, when it came first; undefined for a new request. */
export async function claimOfEarlier(database: Queryable, request: MappedRequest, context: Context): Promise<string | undefined> {
  const trace = (request.bundle.entry?.[0]?.resource as Claim | undefined)?.identifier?.[0];
  if (trace?.system === undefined || trace.value === undefined || !request.context.event.segments.some((segment) => segment.id === 'TRN')) return undefined;
  const candidates = await versionsTraced(database, [`${trace.system}|${trace.value}`], mostCandidates, context);
  const content = contentOf(request.context);
  const sha256 = contentSha256(request, context.actor);
  for (const { claim, landing, contentSha256: taken } of candidates) {
    if (taken !== undefined) {
      if (taken === sha256) return claim;
      continue;
    }
    const landed = await readLanded(database, landing, context);
    if (landed?.sender === context.actor && landed.channel === 'x12' && requestsIn(landed.body).some((earlier) => contentOf(earlier.context) === content)) return claim;
  }
  return undefined;
}

/** The requests of a delivery that landed. */
export function requestsIn(bytes: Uint8Array): MappedRequest[] {
  return readDelivery(bytes).interchanges.flatMap(({ groups }) => groups.flatMap(({ transactions }) => transactions.flatMap(({ request }) => request ?? [])));
}

/** What a version keeps of the request that made it: who sent it, and its content. */
export function contentSha256(request: MappedRequest, sender: string): string {
  return createHash('sha256').update(JSON.stringify(['x12', sender, contentOf(request.context)])).digest('hex');
}

/** Without their places, which depend on what stands before them. */
const textOf = (segments: readonly Segment[]): unknown => segments.map(({ id, elements }) => [id, elements]);

/** Everything that makes two requests the same one, as one text. */
export function contentOf(context: RequestContext): string {
  const { guide, interchange, group, referenceIdentification, purpose, umo, requester, subscriber, dependent, event, services } = context;
  const loops = [umo, requester, subscriber, ...(dependent ? [dependent] : []), event, ...services].map(({ segments, names }) => [textOf(segments), names.map((name) => [name.id, textOf(name.segments)])]);
  return JSON.stringify([guide, interchange.sender, group.senderCode, referenceIdentification, purpose, dependent !== undefined, loops]);
}
