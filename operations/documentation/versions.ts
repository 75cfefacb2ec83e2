/**
 * Versions of DTR: 2.2.0, and 2.0.1 at the base of PAS 2.0.1, which that version of DTR goes with. They differ in names of
 * parameters and in how a response names its coverage.
 */
import type { Questionnaire } from '@medplum/fhirtypes';
import type { Context } from '../../store/context.ts';
import { isObject } from '../inputs.ts';
import { sdcExtension } from './names.ts';

export type GuideVersion = '2.2.0' | '2.0.1';

export function guideVersion({ pas }: Pick<Context, 'pas'>): GuideVersion {
  return pas?.version === '2.0.1' ? '2.0.1' : '2.2.0';
}

/** Output parameters of $questionnaire-package (dtr-qpackage-output-parameters). */
export const outputNames: Readonly<Record<GuideVersion, { readonly packageBundle: string; readonly outcome: string }>> = {
  '2.2.0': { packageBundle: 'packagebundle', outcome: 'outcome' },
  '2.0.1': { packageBundle: 'PackageBundle', outcome: 'operationOutcome' },
};

/** The ELM of an expression: an extension of DTR itself, and in 2.0.1 of the guide for case reporting. */
const elmExtension = 'http://hl7.org/fhir/us/davinci-dtr/StructureDefinition/alternativeExpression';
const elmExtensionOfOlder = 'http://hl7.org/fhir/us/ecr/StructureDefinition/us-ph-alternative-expression-extension';

/**
 * A questionnaire as a client of the version reads it. Those of 2.0.1 look for the url of a Library in the Bundle, of which
 * there is one version.
 */
export function inVersion(questionnaire: Questionnaire, guide: GuideVersion): Questionnaire {
  return guide === '2.2.0' ? questionnaire : older(questionnaire) as Questionnaire;
}

function older(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(older);
  if (!isObject(value) || Object.getPrototypeOf(value) !== Object.prototype) return value;
  if (value['url'] === elmExtension) return { ...value, url: elmExtensionOfOlder };
  if (value['url'] === sdcExtension.library && typeof value['valueCanonical'] === 'string') return { ...value, valueCanonical: value['valueCanonical'].split('|')[0] };
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, older(inner)]));
}
