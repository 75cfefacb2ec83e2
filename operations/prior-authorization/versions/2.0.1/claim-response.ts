/**
 * ClaimResponse by PAS 2.0.1: no extension that the guide did not have yet, what was authorized in place of what was
 * asked for on the item itself (`addItem` says nothing there), and `queued` where everything waits.
 * Source: StructureDefinition-profile-claimresponse of 2.0.1 and the contexts of its extensions.
 */
import type { ClaimResponse, ClaimResponseAddItem, ClaimResponseError, ClaimResponseItem, CodeableConcept, Extension } from '@medplum/fhirtypes';
import { pasExtension } from '../../../../profiles/pas/names.ts';

/** Slices of ClaimResponse.item.extension in 2.0.1; the contexts of two of them forget it (decision 0043). */
const onItems: ReadonlySet<string> = new Set([
  pasExtension.itemTraceNumber, pasExtension.itemPreAuthIssueDate, pasExtension.itemPreAuthPeriod, pasExtension.authorizationNumber,
  pasExtension.administrationReferenceNumber, pasExtension.itemRequestedServiceDate, pasExtension.itemAuthorizedDetail, pasExtension.itemAuthorizedProvider,
  pasExtension.communicatedDiagnosis,
]);

export function claimResponseOfOlder(response: ClaimResponse): ClaimResponse {
  // The whole has no review action in 2.0.1: its number is `preAuthRef`, and the rest is said of items.
  const { extension: _newer, addItem = [], adjudication: _ofTheWhole, ...rest } = response;
  const items = (rest.item ?? []).map((item) => itemOfOlder(item, addItem));
  return { ...rest, outcome: isQueued(rest) ? 'queued' : rest.outcome, ...(rest.item && { item: items }), ...(rest.error && { error: rest.error.map(errorOfOlder) }) };
}

/** Everything is taken in, and nothing is decided (FHIR R4, remittance-outcome). */
function isQueued({ outcome, item = [] }: Pick<ClaimResponse, 'outcome' | 'item'>): boolean {
  return outcome === 'complete' && item.some((each) => actionOf(each) === 'A4') && item.every((each) => ['A4', 'C'].includes(actionOf(each) ?? ''));
}

function actionOf({ adjudication = [] }: Partial<Pick<ClaimResponseItem, 'adjudication'>>): string | undefined {
  const review = adjudication.flatMap(({ extension = [] }) => extension).find(({ url }) => url === pasExtension.reviewAction);
  return review?.extension?.find(({ url }) => url === pasExtension.reviewActionCode)?.valueCodeableConcept?.coding?.[0]?.code;
}

function itemOfOlder(item: ClaimResponseItem, added: readonly ClaimResponseAddItem[]): ClaimResponseItem {
  const kept = (item.extension ?? []).filter(({ url }) => onItems.has(url)).map(extensionOfOlder);
  const authorized = actionOf(item) === 'A6' ? added.find(({ itemSequence }) => itemSequence?.includes(item.itemSequence)) : undefined;
  const extension = authorized ? [...kept.filter(({ url }) => url !== pasExtension.itemAuthorizedDetail), detailOf(authorized)] : kept;
  const { extension: _all, ...rest } = item;
  return { ...(extension.length > 0 && { extension }), ...rest };
}

/** What an addItem of 2.2.1 says, as 2.0.1 says it on the item. */
function detailOf({ productOrService, modifier = [], quantity, unitPrice, extension = [] }: ClaimResponseAddItem): Extension {
  return {
    url: pasExtension.itemAuthorizedDetail,
    extension: [
      { url: 'productOrServiceCode', valueCodeableConcept: productOrService },
      ...modifier.map((each): Extension => ({ url: 'modifier', valueCodeableConcept: each })),
      ...(unitPrice ? [{ url: 'unitPrice', valueMoney: unitPrice }] : []),
      ...(quantity ? [{ url: 'quantity', valueQuantity: quantity }] : []),
      ...extension.filter(({ url }) => partsOfDetail.has(url)).map(partOfOlder),
    ],
  };
}

/** Parts of extension-itemAuthorizedDetail that are extensions of their own in 2.0.1, and the one that became one later. */
const partsOfDetail: ReadonlySet<string> = new Set([
  pasExtension.productOrServiceCodeEnd, pasExtension.epsdtIndicator, pasExtension.nursingHomeLevelOfCare, pasExtension.revenueUnitRateLimit,
  pasExtension.requestedService, pasExtension.revenueCode,
]);

/** Names that became canonicals in 2.2.1, under which 2.0.1 does not know them. */
const olderNames: ReadonlyMap<string, string> = new Map([[pasExtension.revenueCode, 'revenue'], [pasExtension.authorizedProviderType, 'providerType']]);

function partOfOlder(part: Extension): Extension {
  const name = olderNames.get(part.url);
  return name === undefined ? part : { ...part, url: name, ...(name === 'revenue' && part.valueCodeableConcept && { valueCodeableConcept: revenueOfOlder(part.valueCodeableConcept) }) };
}

/** NUBC's revenue codes have another address in 2.0.1 (ValueSet AHANUBCRevenueCodes, a required binding). */
function revenueOfOlder({ coding = [], ...rest }: CodeableConcept): CodeableConcept {
  return { ...rest, coding: coding.map((each) => each.system === 'https://www.nubc.org/CodeSystem/RevenueCodes' ? { ...each, system: 'https://www.nubc.org/revenue-code' } : each) };
}

function extensionOfOlder(extension: Extension): Extension {
  return extension.extension ? { ...extension, extension: extension.extension.map(partOfOlder) } : extension;
}

/** The X12 element stands in the extension itself, which 2.2.1 made a list. */
function errorOfOlder(error: ClaimResponseError): ClaimResponseError {
  if (!error.extension) return error;
  return { ...error, extension: error.extension.map((each) => each.url === pasExtension.errorElement && each.extension?.[0]?.valueString !== undefined ? { url: each.url, valueString: each.extension[0].valueString } : each) };
}
