/**
 * Names of Da Vinci DTR (http://hl7.org/fhir/us/davinci-dtr, 2.0.1 and 2.2.0), of Structured Data Capture and of CRD that
 * questionnaires and their packages are made with.
 */

const dtr = 'http://hl7.org/fhir/us/davinci-dtr/StructureDefinition/';
const sdc = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/';
const core = 'http://hl7.org/fhir/StructureDefinition/';

export const dtrProfile = {
  packageBundle: `${dtr}DTR-QPackageBundle`,
  packageOutput: `${dtr}dtr-qpackage-output-parameters`,
  adaptiveSearch: `${dtr}dtr-questionnaire-adapt-search`,
  adaptive: `${dtr}dtr-questionnaire-adapt`,
  response: `${dtr}dtr-questionnaireresponse`,
  adaptiveResponse: `${dtr}dtr-questionnaireresponse-adapt`,
} as const;

export const dtrExtension = {
  /** What a response is about: orders, and by 2.0.1 the coverage too. */
  context: `${dtr}qr-context`,
  /** The coverage that a response is about, by 2.2.0. */
  coverage: `${dtr}qr-coverage`,
  intendedUse: `${dtr}intendedUse`,
  /** Who has filled in an answer. */
  origin: `${dtr}information-origin`,
} as const;

export const sdcExtension = {
  adaptive: `${sdc}sdc-questionnaire-questionnaireAdaptive`,
  initialExpression: `${sdc}sdc-questionnaire-initialExpression`,
  enableWhenExpression: `${sdc}sdc-questionnaire-enableWhenExpression`,
  unitValueSet: `${core}questionnaire-unitValueSet`,
  library: `${core}cqf-library`,
} as const;

export const sdcAdaptiveResponse = `${sdc}sdc-questionnaireresponse-adapt`;

export const coverageInformation = 'http://hl7.org/fhir/us/davinci-crd/StructureDefinition/ext-coverage-information';

/**
 * What an adaptive response carries from the package to its end, since its state is nowhere else: the order as far as
 * rules read it, and the member's numbers.
 */
export const carriedOrder = 'https://priora.health/fhir/StructureDefinition/documentation-order';

/** On a page of a plan's adaptive questionnaire: for whom its questions are, clinical | admin | patient. */
export const documentationAudience = 'https://priora.health/fhir/StructureDefinition/documentation-audience';

/** On a question: where its answer stands in the plan's own record (FHIRPath). Clients do not get it. */
export const planRecord = 'https://priora.health/fhir/StructureDefinition/documentation-plan-record';
