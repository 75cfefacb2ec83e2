/**
 * Names of Da Vinci PAS 2.2.1 and of the code systems it binds: canonical URLs only, no codes beyond those the mapping branches on.
 */

const STRUCTURE = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/';

/** Canonical of a PAS profile, for meta.profile. */
export const profile = (id: string): string => `${STRUCTURE}profile-${id}`;

/** Canonicals of the PAS extensions this room reads and writes. */
export const EXTENSION = {
  administrationReferenceNumber: `${STRUCTURE}extension-administrationReferenceNumber`,
  admissionDates: `${STRUCTURE}extension-admissionDates`,
  authorizationNumber: `${STRUCTURE}extension-authorizationNumber`,
  authorizedProviderType: `${STRUCTURE}extension-authorizedProviderType`,
  careTeamClaimScope: `${STRUCTURE}extension-careTeamClaimScope`,
  certificationType: `${STRUCTURE}extension-certificationType`,
  communicatedDiagnosis: `${STRUCTURE}extension-communicatedDiagnosis`,
  conditionCode: `${STRUCTURE}extension-conditionCode`,
  diagnosisRecordedDate: `${STRUCTURE}extension-diagnosisRecordedDate`,
  dischargeDate: `${STRUCTURE}extension-dischargeDate`,
  documentInformation: `${STRUCTURE}extension-documentInformation`,
  encounter: 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Claim.encounter',
  epsdtIndicator: `${STRUCTURE}extension-epsdtIndicator`,
  errorElement: `${STRUCTURE}extension-errorElement`,
  errorFollowupAction: `${STRUCTURE}extension-errorFollowupAction`,
  errorPath: `${STRUCTURE}extension-errorPath`,
  homeHealthCareInformation: `${STRUCTURE}extension-homeHealthCareInformation`,
  identifierSubDepartment: `${STRUCTURE}extension-identifierSubDepartment`,
  infoChanged: `${STRUCTURE}extension-infoChanged`,
  infoCancelled: `${STRUCTURE}modifierextension-infoCancelled`,
  itemAuthorizedDetail: `${STRUCTURE}extension-itemAuthorizedDetail`,
  itemAuthorizedProvider: `${STRUCTURE}extension-itemAuthorizedProvider`,
  itemCategory: `${STRUCTURE}extension-itemCategory`,
  itemPreAuthIssueDate: `${STRUCTURE}extension-itemPreAuthIssueDate`,
  itemPreAuthPeriod: `${STRUCTURE}extension-itemPreAuthPeriod`,
  itemRequestedServiceDate: `${STRUCTURE}extension-itemRequestedServiceDate`,
  itemTraceNumber: `${STRUCTURE}extension-itemTraceNumber`,
  levelOfServiceCode: `${STRUCTURE}extension-levelOfServiceCode`,
  militaryStatus: `${STRUCTURE}extension-militaryStatus`,
  nursingHomeLevelOfCare: `${STRUCTURE}extension-nursingHomeLevelOfCare`,
  nursingHomeResidentialStatus: `${STRUCTURE}extension-nursingHomeResidentialStatus`,
  patientStatus: `${STRUCTURE}extension-patientStatus`,
  productOrServiceCodeEnd: `${STRUCTURE}extension-productOrServiceCodeEnd`,
  requestedService: `${STRUCTURE}extension-requestedService`,
  revenueCode: `${STRUCTURE}extension-revenueCode`,
  revenueUnitRateLimit: `${STRUCTURE}extension-revenueUnitRateLimit`,
  reviewAction: `${STRUCTURE}extension-reviewAction`,
  reviewActionCode: `${STRUCTURE}extension-reviewActionCode`,
  serviceItemRequestType: `${STRUCTURE}extension-serviceItemRequestType`,
  serviceLineNumber: `${STRUCTURE}extension-serviceLineNumber`,
  timingCalendarPattern: `${STRUCTURE}extension-timingcalendarpattern`,
  timingDeliveryPattern: `${STRUCTURE}extension-timingdeliverypattern`,
  transmissionIdentifiers: `${STRUCTURE}extension-TransmissionIdentifiers`,
} as const;

/** The code system of an X12 data element, such as 1365. */
export const x12System = (dataElement: string): string => `https://codesystem.x12.org/005010/${dataElement}`;

export const SYSTEM = {
  claimType: 'http://terminology.hl7.org/CodeSystem/claim-type',
  cpt: 'http://www.ama-assn.org/go/cpt',
  hcpcs: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
  icd10: 'http://hl7.org/fhir/sid/icd-10-cm',
  icd10Procedures: 'http://www.cms.gov/Medicare/Coding/ICD10',
  icd9: 'http://terminology.hl7.org/CodeSystem/icd9cm',
  identifierType: 'http://terminology.hl7.org/CodeSystem/v2-0203',
  loinc: 'http://loinc.org',
  msDrg: 'https://www.cms.gov/Medicare/Medicare-Fee-for-Service-Payment/AcuteInpatientPPS/MS-DRG-Classifications-and-Software',
  ndc: 'http://hl7.org/fhir/sid/ndc',
  npi: 'http://hl7.org/fhir/sid/us-npi',
  pasTemporary: 'http://hl7.org/fhir/us/davinci-pas/CodeSystem/PASTempCodes',
  placeOfService: 'https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set',
  processPriority: 'http://terminology.hl7.org/CodeSystem/processpriority',
  providerTaxonomy: 'http://nucc.org/provider-taxonomy',
  relatedClaim: 'http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship',
  admitPriority: 'https://www.nubc.org/CodeSystem/PriorityTypeOfAdmitOrVisit',
  dischargeStatus: 'https://www.nubc.org/CodeSystem/PatDischargeStatus',
  pointOfOrigin: 'https://www.nubc.org/CodeSystem/PointOfOrigin',
  revenue: 'https://www.nubc.org/CodeSystem/RevenueCodes',
  typeOfBill: 'https://www.nubc.org/CodeSystem/TypeOfBill',
  ssn: 'http://hl7.org/fhir/sid/us-ssn',
  ein: 'urn:oid:2.16.840.1.113883.4.4',
  subscriberRelationship: 'http://terminology.hl7.org/CodeSystem/subscriber-relationship',
  payerIdentifierType: 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBIdentifierType',
  reviewReason: 'https://codesystem.x12.org/external/886',
  units: 'http://unitsofmeasure.org',
  encounterClass: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
  dataAbsent: 'http://terminology.hl7.org/CodeSystem/data-absent-reason',
} as const;

/** Prefix of the system of a trace number: the rest is TRN03. */
export const TRACE_SYSTEM_PREFIX = 'urn:trnorg:';
