/**
 * Who may give the service: the item's care team, else the requester. Later errata of PAS make one provider with a
 * provider type mandatory on every item, so both are always sent.
 */
import type { ClaimItem, CodeableConcept, Extension } from '@medplum/fhirtypes';
import { pasExtension, systemOf } from '../../../profiles/pas/names.ts';
import type { IndexedEntry } from '../../../fhir/references.ts';
import type { RequestReading } from '../request/read-request.ts';
import type { Addresses } from './addresses.ts';

/** X12 data element 98: who requested (1P) or gives the service (SJ), where the request does not say more. */
const requesterType = '1P';
const serviceProviderType = 'SJ';

export function authorizedProviders(element: ClaimItem | undefined, request: RequestReading, addresses: Addresses): Extension[] {
  const team = element?.careTeamSequence ?? [];
  const members = (request.claim.careTeam ?? []).filter((member) => team.includes(member.sequence));
  const named = members.flatMap((member) => {
    const entry = behindRole(request.index.resolve(member.provider?.reference, request.claimEntry), request);
    const type = concept98(member.role) ?? typeOf(entry) ?? codeOf98(serviceProviderType);
    return entry ? [extensionFor(entry, type, addresses)] : [];
  });
  if (named.length > 0) return named;
  const requester = behindRole(request.requester, request);
  return requester ? [extensionFor(requester, typeOf(requester) ?? codeOf98(requesterType), addresses)] : [];
}

/**
 * The same without the types, for other places than the items of a ClaimResponse: there alone the type may be said.
 * Source: StructureDefinition-extension-authorizedProviderType of PAS 2.2.1, context
 */
export function withoutTypes(providers: readonly Extension[]): Extension[] {
  return providers.flatMap(({ url, extension = [] }) => {
    const said = extension.filter((each) => each.url !== pasExtension.authorizedProviderType);
    return said.length > 0 ? [{ url, extension: said }] : [];
  });
}

/** PAS authorizes a Practitioner or an Organization; a role stands for one of them. Where the role names neither, it stays with the type alone. */
function behindRole(entry: IndexedEntry | undefined, request: RequestReading): IndexedEntry | undefined {
  if (entry?.resource.resourceType !== 'PractitionerRole') return entry;
  const { practitioner, organization } = entry.resource;
  return request.index.resolve(practitioner?.reference, entry) ?? request.index.resolve(organization?.reference, entry) ?? entry;
}

function extensionFor(entry: IndexedEntry, providerType: CodeableConcept, addresses: Addresses): Extension {
  const reference = entry.fullUrl === undefined || entry.resource.resourceType === 'PractitionerRole' ? undefined : addresses.entry(entry.fullUrl);
  return {
    url: pasExtension.itemAuthorizedProvider,
    extension: [
      ...(reference === undefined ? [] : [{ url: 'provider', valueReference: { reference } }]),
      { url: pasExtension.authorizedProviderType, valueCodeableConcept: providerType },
    ],
  };
}

const codeOf98 = (code: string): CodeableConcept => ({ coding: [{ system: systemOf.entity, code }] });

function typeOf(entry: IndexedEntry | undefined): CodeableConcept | undefined {
  if (entry?.resource.resourceType !== 'Organization') return undefined;
  return (entry.resource).type?.map(concept98).find((type) => type !== undefined);
}

function concept98(concept: CodeableConcept | undefined): CodeableConcept | undefined {
  const coding = concept?.coding?.find((candidate) => candidate.system === systemOf.entity && candidate.code !== undefined);
  return coding && { coding: [coding] };
}
