/**
 * Names of Da Vinci PAS 2.2.1 (http://hl7.org/fhir/us/davinci-pas/STU2.2) and of the code systems that it binds:
 * canonical URLs, and the few codes on which this house branches. Licensed lists are never enumerated here.
 */

const structure = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/';

export const pasProfile = {
  claimResponse: `${structure}profile-claimresponse`,
  claimInquiryResponse: `${structure}profile-claiminquiryresponse`,
  responseBundle: `${structure}profile-pas-response-bundle`,
  subscription: `${structure}profile-subscription`,
  inquiryResponseBundle: `${structure}profile-pas-inquiry-response-bundle`,
  communicationRequest: `${structure}profile-communicationrequest`,
  task: `${structure}profile-task`,
} as const;

export const pasExtension = {
  admissionDates: `${structure}extension-admissionDates`,
  administrationReferenceNumber: `${structure}extension-administrationReferenceNumber`,
  authorizationNumber: `${structure}extension-authorizationNumber`,
  certificationType: `${structure}extension-certificationType`,
  communicatedDiagnosis: `${structure}extension-communicatedDiagnosis`,
  contentModifier: `${structure}extension-contentModifier`,
  claimResponseReviewer: `${structure}extension-claimResponseReviewer`,
  dischargeDate: `${structure}extension-dischargeDate`,
  documentInformation: `${structure}extension-documentInformation`,
  epsdtIndicator: `${structure}extension-epsdtIndicator`,
  errorElement: `${structure}extension-errorElement`,
  errorFollowupAction: `${structure}extension-errorFollowupAction`,
  errorPath: `${structure}extension-errorPath`,
  identifierJurisdiction: `${structure}extension-identifierJurisdiction`,
  identifierSubDepartment: `${structure}extension-identifierSubDepartment`,
  infoCancelled: `${structure}modifierextension-infoCancelled`,
  infoChanged: `${structure}extension-infoChanged`,
  itemAuthorizedDetail: `${structure}extension-itemAuthorizedDetail`,
  itemAuthorizedProvider: `${structure}extension-itemAuthorizedProvider`,
  authorizedProviderType: `${structure}extension-authorizedProviderType`,
  itemCategory: `${structure}extension-itemCategory`,
  itemPreAuthIssueDate: `${structure}extension-itemPreAuthIssueDate`,
  itemPreAuthPeriod: `${structure}extension-itemPreAuthPeriod`,
  itemRequestedServiceDate: `${structure}extension-itemRequestedServiceDate`,
  itemTraceNumber: `${structure}extension-itemTraceNumber`,
  levelOfServiceCode: `${structure}extension-levelOfServiceCode`,
  nursingHomeLevelOfCare: `${structure}extension-nursingHomeLevelOfCare`,
  nursingHomeResidentialStatus: `${structure}extension-nursingHomeResidentialStatus`,
  productOrServiceCodeEnd: `${structure}extension-productOrServiceCodeEnd`,
  requestedService: `${structure}extension-requestedService`,
  revenueCode: `${structure}extension-revenueCode`,
  revenueUnitRateLimit: `${structure}extension-revenueUnitRateLimit`,
  reviewAction: `${structure}extension-reviewAction`,
  reviewActionCode: `${structure}extension-reviewActionCode`,
  serviceItemRequestType: `${structure}extension-serviceItemRequestType`,
  serviceLineNumber: `${structure}extension-serviceLineNumber`,
  transmissionIdentifiers: `${structure}extension-TransmissionIdentifiers`,
} as const;

/** The code system of an X12 data element, such as 306. */
export const x12System = (dataElement: string): string => `https://codesystem.x12.org/005010/${dataElement}`;

export const systemOf = {
  reviewAction: x12System('306'),
  /** Health Care Services Review Decision Reason Codes: an external list, licensed, never shipped. */
  reviewReason: 'https://codesystem.x12.org/external/886',
  rejectReason: x12System('901'),
  followUp: x12System('889'),
  entity: x12System('98'),
  levelOfService: x12System('1338'),
  certificationType: x12System('1322'),
  /** REF01: what kind of number an identifier is that came in a REF. */
  referenceQualifier: x12System('128'),
  pasTemporary: 'http://hl7.org/fhir/us/davinci-pas/CodeSystem/PASTempCodes',
  npi: 'http://hl7.org/fhir/sid/us-npi',
  identifierType: 'http://terminology.hl7.org/CodeSystem/v2-0203',
  processPriority: 'http://terminology.hl7.org/CodeSystem/processpriority',
  adjudication: 'http://terminology.hl7.org/CodeSystem/adjudication',
  dataAbsent: 'http://terminology.hl7.org/CodeSystem/data-absent-reason',
  organizationType: 'http://terminology.hl7.org/CodeSystem/organization-type',
  coverageClass: 'http://terminology.hl7.org/CodeSystem/coverage-class',
} as const;

/**
 * X12 data element 306 as PAS answers with it. Older clients and one reference implementation write the value
 * set's address (valueset.x12.org) or http: in place of the system; that is accepted, never sent.
 */
export type ReviewActionCode = 'A1' | 'A3' | 'A4' | 'A6' | 'C';

export const reviewActionText: Readonly<Record<ReviewActionCode, string>> = {
  A1: 'Certified in total',
  A3: 'Not certified',
  A4: 'Pended',
  A6: 'Modified',
  C: 'Cancelled',
};
