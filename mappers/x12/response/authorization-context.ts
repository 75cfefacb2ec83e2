/** What a response to an inquiry repeats of an authorization: the loops of its own request, below the parties of the inquiry. */
import type { Bundle } from '@medplum/fhirtypes';
import { eventSegments, isInstitutional, serviceSegments } from '../inverse/review.ts';
import { Source } from '../inverse/source.ts';
import type { X12Issue } from '../issue.ts';
import type { EchoLoop, RequestContext } from '../request/context.ts';
import type { Segment } from '../segment.ts';
import { isType, list } from '../shapes.ts';

/**
 * The context to answer with: who asks and about whom from the inquiry, its trace numbers too; the event and the
 * services from the request that the authorization was asked for with, whatever rail it came by.
 */
export function authorizationContext(inquiry: RequestContext, request: Bundle): { context: RequestContext; issues: X12Issue[] } {
  const source = new Source(request);
  const entry = source.first('Claim');
  if (entry === undefined || !isType(entry.resource, 'Claim')) return { context: inquiry, issues: source.issues };
  const claim = entry.resource;
  const items = list(claim.item);
  const event = loopOf(eventSegments(source, entry, claim, items, ''), '2010EA');
  const services = items.map((item) => ({ ...loopOf(serviceSegments(source, entry, claim, item, isInstitutional(claim), ''), '2010F'), sequence: item.sequence ?? 0 }));
  event.segments.unshift(...inquiry.event.segments.filter(({ id }) => id === 'TRN'));
  const [only] = services;
  // A type of service without a procedure stands on the event, as in a request that has no lines.
  if (services.length === 1 && only?.sequence === 1 && !only.segments.some(({ id }) => /^SV\d$/.test(id))) {
    const ofService = only.segments.filter(({ id }) => (id === 'HSD' || id === 'REF') && !event.segments.some((segment) => segment.id === id));
    const names = [...event.names, ...only.names.map(({ segments }) => ({ id: '2010EA', segments }))];
    return { context: { ...inquiry, answerAt: 'event', event: { segments: [...event.segments, ...ofService], names }, services: [] }, issues: source.issues };
  }
  return { context: { ...inquiry, answerAt: 'service', event, services }, issues: source.issues };
}

/** Segments as a loop and its names. The authorization's own trace numbers are its requester's, and are left out. */
function loopOf(segments: readonly Segment[], name: string): EchoLoop {
  const loop: EchoLoop = { segments: [], names: [] };
  for (const segment of segments) {
    if (segment.id === 'NM1') loop.names.push({ id: name, segments: [segment] });
    else if (loop.names.length > 0) loop.names.at(-1)!.segments.push(segment);
    else if (segment.id !== 'TRN') loop.segments.push(segment);
  }
  return loop;
}
