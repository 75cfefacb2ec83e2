/** Later versions of a request, as PAS wants them: the Claim first, the one before it in the Bundle, every item said again. */
import type { Bundle, Claim, ClaimItem } from '@medplum/fhirtypes';
import { pasExtension } from '../../profiles/pas/names.ts';
import { claimOf } from './pas-requests.ts';

const certificationType = 'https://codesystem.x12.org/005010/1322';
let versions = 0;

export function update(prior: Bundle, change: (claim: Claim) => void = () => {}): Bundle {
  versions += 1;
  const bundle = structuredClone(prior);
  const before = structuredClone(prior.entry![0]!);
  delete (before.resource as Claim).related;
  bundle.entry![0]!.fullUrl = `https://harbor.example.org/fhir/Claim/version-${versions}`;
  const claim = claimOf(bundle);
  claim.id = `version-${versions}`;
  claim.identifier = [{ system: 'urn:trnorg:9012345678', value: `VERSION${versions}` }];
  claim.related = [{ claim: { reference: before.fullUrl! }, relationship: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship', code: 'prior' }] } }];
  bundle.entry = [bundle.entry![0]!, ...bundle.entry!.slice(1).filter(({ resource }) => resource?.resourceType !== 'Claim'), before];
  change(claim);
  return bundle;
}

/** X12 1322: 3 cancel, 4 extension, 1 appeal. */
export function setType(holder: ClaimItem | Claim, code: string): void {
  holder.extension = [...(holder.extension ?? []).filter(({ url }) => url !== pasExtension.certificationType), { url: pasExtension.certificationType, valueCodeableConcept: { coding: [{ system: certificationType, code }] } }];
}

export function flag(item: ClaimItem, change: 'added' | 'changed'): void {
  item.extension = [...item.extension ?? [], { url: pasExtension.infoChanged, valueCode: change }];
}

export function cancelItem(item: ClaimItem): void {
  setType(item, '3');
  item.modifierExtension = [{ url: pasExtension.infoCancelled, valueBoolean: true }];
  flag(item, 'changed');
}

export function setQuantity(item: ClaimItem, value: number): void {
  item.quantity = { value, unit: 'visits' };
}

export function cancelAll(claim: Claim): void {
  setType(claim, '3');
  delete claim.item;
}

export function withNumber(claim: Claim, number: string): void {
  claim.extension = [...claim.extension ?? [], { url: pasExtension.authorizationNumber, valueString: number }];
}

/** An inquiry about any service of the member by the same requester. */
export function asksAbout(bundle: Bundle, change: (claim: Claim) => void = () => {}): Bundle {
  const copy = structuredClone(bundle);
  const claim = claimOf(copy);
  claim.item = [{ sequence: 1, productOrService: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'not-applicable' }] } }];
  for (const name of ['related', 'diagnosis', 'supportingInfo'] as const) delete claim[name];
  copy.entry = copy.entry!.filter(({ resource }) => resource === claim || resource!.resourceType !== 'Claim');
  change(claim);
  return copy;
}
