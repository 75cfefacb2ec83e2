/**
 * Extensions of PAS 2.2.1 whose contexts forbid where its profiles require them: authorizationNumber on Claim, infoChanged
 * on supportingInfo, productOrServiceCodeEnd on ServiceRequest, itemAuthorizedProvider on ClaimResponse,
 * certificationType, requestType and revenueUnitRateLimit on addItem, communicatedDiagnosis on ClaimResponse.item.
 * Source: the StructureDefinitions of hl7.fhir.us.davinci-pas 2.2.1
 */
const base = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-';

export const contextExceptions: ReadonlySet<string> = new Set([
  'authorizationNumber', 'infoChanged', 'productOrServiceCodeEnd', 'itemAuthorizedProvider', 'certificationType', 'requestType',
  'serviceItemRequestType', 'revenueUnitRateLimit', 'communicatedDiagnosis',
].map((name) => base + name));
