/**
 * Where a payer's Da Vinci services are: the document that clients find at `[base]/.well-known/davinci-configuration`, an
 * endpoint for each version of each guide. All of a payer's coverages use the same ones. Pure.
 * Source: HRex 1.2.0, "Endpoint Discovery" (ep-2), and the logical model HRexWellknownDefinition.
 */
import type { Identifier, Organization } from '@medplum/fhirtypes';
import { editions } from '../../profiles/crd/names.ts';
import { systemOf } from '../../profiles/pas/names.ts';
import { pasVersions, type PasVersion } from '../prior-authorization/versions/pas-version.ts';

export const davinciConfigurationPath = '/.well-known/davinci-configuration';

export interface DavinciConfiguration {
  readonly resourceType: 'http://hl7.org/fhir/us/davinci-hrex/StructureDefinition/HRexWellknownDefinition';
  readonly identifier: Identifier;
  /** By the codes of hrex-endpoint-discovery. */
  readonly endpoints: Readonly<Record<string, string>>;
}

export interface Addresses {
  /** Of the tenant: what stands beside the FHIR base is under it. */
  readonly root: string;
  /** FHIR base of a version of PAS, with which a version of DTR goes. */
  readonly baseOf: (version: PasVersion) => string;
}

/** @param payers the tenant's own */
export function davinciConfiguration(payers: readonly Organization[], { root, baseOf }: Addresses): DavinciConfiguration {
  const [current] = pasVersions;
  return {
    resourceType: 'http://hl7.org/fhir/us/davinci-hrex/StructureDefinition/HRexWellknownDefinition',
    identifier: identifierOf(payers, root),
    endpoints: Object.fromEntries([
      ...editions.map((edition) => [`davinci_crd_hook_endpoint#${edition}`, `${root}/cds-services`]),
      ...pasVersions.flatMap((version) => [`davinci_dtr_qpackage_endpoint#${release(version)}`, `davinci_pas_submission_endpoint#${release(version)}`].map((code) => [code, baseOf(version)])),
      ['davinci_cdex_attachsubmit_endpoint#2.1', baseOf(current!)],
    ] as [string, string][]),
  };
}

/** `2.2` of `2.2.1`. */
function release({ name }: PasVersion): string {
  return name.split('.').slice(0, 2).join('.');
}

/** By which the one payer of the tenant is known; where there is none, or several, the address of the server tells them apart from others. */
function identifierOf(payers: readonly Organization[], root: string): Identifier {
  const named = payers.length === 1 ? (payers[0]!.identifier ?? []).filter(({ system, value }) => system !== undefined && value !== undefined) : [];
  const best = named.find(({ system }) => system === systemOf.npi) ?? named[0];
  return best ? { system: best.system!, value: best.value! } : { system: 'urn:ietf:rfc:3986', value: root };
}
