/** What the 278 mapping adds to the names of PAS 2.2.1 (profiles/pas): further extensions and code systems, canonical URLs only. */
import { pasExtension, systemOf } from '../../profiles/pas/names.ts';

export { x12System } from '../../profiles/pas/names.ts';

const STRUCTURE = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/';

/** Canonical of a PAS profile, for meta.profile. */
export const profile = (id: string): string => `${STRUCTURE}profile-${id}`;

/** Canonicals of the PAS extensions this room reads and writes. */
export const EXTENSION = {
  ...pasExtension,
  admissionDates: `${STRUCTURE}extension-admissionDates`,
  careTeamClaimScope: `${STRUCTURE}extension-careTeamClaimScope`,
  communicatedDiagnosis: `${STRUCTURE}extension-communicatedDiagnosis`,
  conditionCode: `${STRUCTURE}extension-conditionCode`,
  diagnosisRecordedDate: `${STRUCTURE}extension-diagnosisRecordedDate`,
  dischargeDate: `${STRUCTURE}extension-dischargeDate`,
  documentInformation: `${STRUCTURE}extension-documentInformation`,
  encounter: 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Claim.encounter',
  epsdtIndicator: `${STRUCTURE}extension-epsdtIndicator`,
  homeHealthCareInformation: `${STRUCTURE}extension-homeHealthCareInformation`,
  identifierSubDepartment: `${STRUCTURE}extension-identifierSubDepartment`,
  itemCertificationEffectiveDate: `${STRUCTURE}extension-itemCertificationEffectiveDate`,
  itemCertificationExpirationDate: `${STRUCTURE}extension-itemCertificationExpirationDate`,
  itemCertificationIssueDate: `${STRUCTURE}extension-itemCertificationIssueDate`,
  infoChanged: `${STRUCTURE}extension-infoChanged`,
  militaryStatus: `${STRUCTURE}extension-militaryStatus`,
  nursingHomeLevelOfCare: `${STRUCTURE}extension-nursingHomeLevelOfCare`,
  nursingHomeResidentialStatus: `${STRUCTURE}extension-nursingHomeResidentialStatus`,
  patientStatus: `${STRUCTURE}extension-patientStatus`,
  productOrServiceCodeEnd: `${STRUCTURE}extension-productOrServiceCodeEnd`,
  requestedService: `${STRUCTURE}extension-requestedService`,
  revenueCode: `${STRUCTURE}extension-revenueCode`,
  revenueUnitRateLimit: `${STRUCTURE}extension-revenueUnitRateLimit`,
  serviceItemRequestType: `${STRUCTURE}extension-serviceItemRequestType`,
  timingCalendarPattern: `${STRUCTURE}extension-timingcalendarpattern`,
  timingDeliveryPattern: `${STRUCTURE}extension-timingdeliverypattern`,
} as const;

export const SYSTEM = {
  ...systemOf,
  claimType: 'http://terminology.hl7.org/CodeSystem/claim-type',
  cpt: 'http://www.ama-assn.org/go/cpt',
  hcpcs: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
  icd10: 'http://hl7.org/fhir/sid/icd-10-cm',
  icd10Procedures: 'http://www.cms.gov/Medicare/Coding/ICD10',
  icd9: 'http://terminology.hl7.org/CodeSystem/icd9cm',
  icd9Procedures: 'http://hl7.org/fhir/sid/icd-9-cm',
  loinc: 'http://loinc.org',
  msDrg: 'https://www.cms.gov/Medicare/Medicare-Fee-for-Service-Payment/AcuteInpatientPPS/MS-DRG-Classifications-and-Software',
  ndc: 'http://hl7.org/fhir/sid/ndc',
  placeOfService: 'https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set',
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
  units: 'http://unitsofmeasure.org',
  encounterClass: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
} as const;

/** Prefix of the system of a trace number: the rest is TRN03. */
export const TRACE_SYSTEM_PREFIX = 'urn:trnorg:';
