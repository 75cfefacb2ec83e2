/**
 * Names of Da Vinci CRD 2.2.1 and 2.0.1 (http://hl7.org/fhir/us/davinci-crd): canonical URLs, names of the extensions of
 * CDS Hooks, and the codes on which this house branches. What one edition says by another shape than the other is
 * written by the edition that the client asks for.
 */

const guide = 'http://hl7.org/fhir/us/davinci-crd/';

export const crdExtension = {
  coverageInformation: `${guide}StructureDefinition/ext-coverage-information`,
  /** On a code of an order: a billing code that it may come to. */
  billingOptions: `${guide}StructureDefinition/ext-billing-options`,
} as const;

/** Reasons of coverage assertions, and types of cards. */
export const crdTemporary = `${guide}CodeSystem/temp`;

/** Extensions of CDS Hooks objects: JSON properties of `extension`. */
export const hookExtension = {
  version: 'davinci-crd.version',
  requestedVersion: 'davinci-crd.requestedVersion',
  configurationOptions: 'davinci-crd.configuration-options',
  configuration: 'davinci-crd.configuration',
  associatedResource: 'davinci-crd.associated-resource',
  ifNoneExist: 'davinci-crd.if-none-exist',
} as const;

/** Editions as a service declares them and a client asks for them. */
export const editions = ['2.0', '2.2'] as const;
export type Edition = typeof editions[number];

export const taskQuestionnaireProfile = `${guide}StructureDefinition/profile-taskquestionnaire`;

/** The hooks that CRD gives coverage information or cards at. */
export const hooks = ['appointment-book', 'encounter-start', 'encounter-discharge', 'order-dispatch', 'order-select', 'order-sign'] as const;
export type Hook = typeof hooks[number];
