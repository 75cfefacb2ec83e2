/** Names of Da Vinci PDex 2.0.0 (http://hl7.org/fhir/us/davinci-pdex/STU2): what its prior authorization is written with. */

const guide = 'http://hl7.org/fhir/us/davinci-pdex';

export const pdexProfile = {
  /** With its version: the profile fixes it so. */
  priorAuthorization: `${guide}/StructureDefinition/pdex-priorauthorization|2.0.0`,
} as const;

export const pdexExtension = {
  levelOfServiceCode: `${guide}/StructureDefinition/extension-levelOfServiceCode`,
  reviewAction: `${guide}/StructureDefinition/extension-reviewAction`,
  reviewActionCode: `${guide}/StructureDefinition/extension-reviewActionCode`,
  utilization: `${guide}/StructureDefinition/PriorAuthorizationUtilization`,
} as const;

export const pdexSystem = {
  discriminator: `${guide}/CodeSystem/PDexAdjudicationDiscriminator`,
  amounts: `${guide}/CodeSystem/PriorAuthorizationValueCodes`,
  /** X12's service type codes (data element 1365) under the name that PDex binds. */
  serviceType: 'https://x12.org/codes/service-type-codes',
  /** Claim adjustment reason codes: an external list, licensed, never shipped. */
  adjustmentReason: 'https://x12.org/codes/claim-adjustment-reason-codes',
  hcpcs: 'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
  hipps: 'https://www.cms.gov/Medicare/Medicare-Fee-for-Service-Payment/ProspMedicareFeeSvcPmtGen/HIPPSCodes',
  cpt: 'http://www.ama-assn.org/go/cpt',
} as const;
