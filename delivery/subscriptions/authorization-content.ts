/** What a notification of the PAS topic tells of an authorization, and which filters it meets. */
import type { Bundle, Identifier, Organization, PractitionerRole } from '@medplum/fhirtypes';
import { parseJson, stringifyJson } from '../../fhir/json.ts';
import { randomUuid } from '../../fhir/ids.ts';
import { wireResponse } from '../../operations/prior-authorization/answer/wire-response.ts';
import { reopen, type LoadedAuthorization } from '../../operations/prior-authorization/load.ts';
import type { RequestReading } from '../../operations/prior-authorization/request/read-request.ts';
import { atCurrentBase, inVersion } from '../../operations/prior-authorization/versions/at-edge.ts';
import { pasExtension } from '../../profiles/pas/names.ts';
import { authorizationOfResponse } from '../../store/authorizations.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { met } from './filter.ts';

/** Undefined where there is no such authorization. */
export async function openAuthorization(database: Queryable, claimResponse: string, context: Context): Promise<LoadedAuthorization | undefined> {
  const stored = await authorizationOfResponse(database, claimResponse, context);
  return stored && reopen(stored);
}

/** The PAS response Bundle as `$submit` would answer now, in the version of the context's base. */
export function responseNow({ request, state, stored }: LoadedAuthorization, context: Context): Bundle & { readonly id: string } {
  const current = atCurrentBase(context);
  const response = wireResponse(request, state, stored.claimResponse, current.base, 'submit', current);
  // The Bundle is referred to by `urn:uuid:`, and conformance kits know version 4 alone there.
  const id = randomUuid(context.random(16));
  return { ...parseJson(inVersion('submit', stringifyJson(response), context)) as Bundle, id };
}

/**
 * The sending system by ISA06, as the narrative of PAS has it, and the requesting organization by its identifiers, as
 * conformance kits use the filter.
 */
export function valuesOfRequest(request: RequestReading): string[] {
  const transmission = request.claim.extension?.find(({ url }) => url === pasExtension.transmissionIdentifiers)?.extension ?? [];
  const senders = transmission.flatMap(({ url, valueString }) => (url === 'interchangeSenderID' && valueString !== undefined ? [valueString.trim()] : []));
  const identifiers = organizationsOf(request).flatMap(({ identifier }) => identifier ?? []);
  return [...new Set([...senders, ...identifiers.flatMap(formsOf)])].map((value) => met('org-identifier', value));
}

function formsOf({ system, value }: Identifier): string[] {
  return value === undefined ? [] : system === undefined ? [value] : [value, `${system}|${value}`];
}

/** Who asks: an organization, or that of a role. */
function organizationsOf({ requester, index }: RequestReading): Organization[] {
  if (!requester) return [];
  if (requester.resource.resourceType === 'Organization') return [requester.resource];
  const { organization } = requester.resource as PractitionerRole;
  const found = organization?.reference === undefined ? undefined : index.resolve(organization.reference, requester)?.resource;
  return [...(found?.resourceType === 'Organization' ? [found] : []), ...(organization?.identifier ? [{ resourceType: 'Organization' as const, identifier: [organization.identifier] }] : [])];
}
