/**
 * Which authorization does an update follow? Its sender says so by a number that we gave out (X12: REF*BB, REF*NT), by
 * the identifier of the Claim that came before, or by that Claim's address here. Numbers go first, for they are ours.
 * FullUrls prove nothing: test tools and some EHRs give the same one to every Claim.
 *
 * Only authorizations are looked at that the sender asked for or is named on. One of somebody else, and one that is
 * not there, are answered alike.
 * Source: PAS 2.2.1, "Updating Authorization Requests", spec-65 and spec-66; X12 1322 and REF of 2000E and 2000F.
 */
import type { Claim, ClaimItem, Reference } from '@medplum/fhirtypes';
import { readReference } from '../../../fhir/references.ts';
import { pasExtension, systemOf } from '../../../profiles/pas/names.ts';
import { authorizationsNamed } from '../../../store/authorizations.ts';
import { isReference } from '../numbers.ts';
import { reopen, type LoadedAuthorization } from '../load.ts';
import type { Work } from '../plan.ts';
import type { Rejection } from '../rejection.ts';
import { identifiersOfProvider, tracesOf, type RequestReading } from '../request/read-request.ts';

export interface PriorNames {
  readonly numbers: readonly string[];
  readonly traces: readonly string[];
  /** Ids of Claims of this server. */
  readonly claims: readonly string[];
}

export async function priorOf({ database, request, patient, shard, settings, context }: Pick<Work, 'database' | 'request' | 'patient' | 'shard' | 'settings' | 'context'>): Promise<LoadedAuthorization | Rejection> {
  const { numbers, traces, claims } = priorNamesOf(request, settings.baseUrl);
  if (numbers.length + traces.length + claims.length === 0) return unknown;
  const requester = identifiersOfProvider(request.requester, request.index);
  const named = { member: patient.id, shard, requester };
  // A number in our form that is nobody's is a mistake that another name does not mend. One in another form was given by
  // somebody else: a Claim may name it (conf-5), and it is no name of what is updated where there is another one.
  const byNumber = numbers.some(isReference) || traces.length + claims.length === 0;
  const found = byNumber
    ? await authorizationsNamed(database, { ...named, numbers, traces: [], claims: [] }, context)
    : await authorizationsNamed(database, { ...named, numbers: [], traces, claims }, context);
  const candidates = found.map(reopen);
  // An item may rest on the number of another authorization; the number's own comes first.
  return candidates.find(({ state: { received } }) => numbers.includes(received.certificationNumber) || numbers.includes(received.administrativeReference)) ?? candidates[0] ?? unknown;
}

const unknown: Rejection = {
  code: 'AA', followUp: 'C', element: '2000E-REF02', path: 'Bundle.entry[0].resource.related', text: 'No authorization of this member and requester goes by the number or identifier given.',
};

function relatedTo(claim: Claim): Reference<Claim>[] {
  return (claim.related ?? []).flatMap(({ claim: prior }) => prior ?? []);
}

/** Claims of the Bundle that the request is related to: what came before, as its sender has it. */
export function claimsBefore({ claim, claimEntry, index }: RequestReading): Claim[] {
  return relatedTo(claim).flatMap(({ reference }) => index.resolve(reference, claimEntry)?.resource ?? []).filter((resource): resource is Claim => resource.resourceType === 'Claim');
}

export function priorNamesOf(request: RequestReading, baseUrl: string): PriorNames {
  const { claim } = request;
  const related = relatedTo(claim);
  const entries = claimsBefore(request);
  const identifiers = related.flatMap(({ identifier }) => identifier ?? []);
  const numbers = [
    ...numbersIn(claim),
    // An X12 mapper puts the number of a REF there.
    ...identifiers.flatMap(({ system, value }) => system === systemOf.referenceQualifier && value !== undefined ? [value] : []),
    ...(related.length === 0 ? (claim.item ?? []).flatMap(numbersIn) : []),
  ];
  // Without a word about what came before, a cancellation is of the request that bears its own identifier.
  const traced = related.length === 0 ? tracesOf(claim) : [...entries.flatMap(tracesOf), ...identifiers.flatMap(({ system, value }) => value === undefined || system === systemOf.referenceQualifier ? [] : [`${system ?? ''}|${value}`])];
  const claims = related.flatMap(({ reference }) => {
    const literal = readReference(reference ?? '');
    return literal?.type === 'Claim' && literal.base === baseUrl ? [literal.id] : [];
  });
  return { numbers: [...new Set(numbers)], traces: [...new Set(traced)], claims };
}

/** Identifiers of the Claim before, by which alone a change names what it is about: none where a number does, nor of a new request. */
export function tracesNamed(request: RequestReading): readonly string[] {
  if (!request.refersToPrior) return [];
  // Addresses are not asked for, so it does not matter which are ours.
  const { numbers, traces } = priorNamesOf(request, '');
  return numbers.length > 0 ? [] : traces;
}

function numbersIn(holder: Claim | ClaimItem): string[] {
  return (holder.extension ?? []).flatMap(({ url, valueString }) =>
    (url === pasExtension.authorizationNumber || url === pasExtension.administrationReferenceNumber) && valueString !== undefined ? [valueString] : []);
}
