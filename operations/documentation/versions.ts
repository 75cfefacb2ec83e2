/**
 * Versions of DTR: 2.2.0, and 2.0.1 at the base of PAS 2.0.1, which that version of DTR goes with. They differ in names of
 * parameters and in how a response names its coverage.
 */
import type { Context } from '../../store/context.ts';

export type GuideVersion = '2.2.0' | '2.0.1';

export function guideVersion({ pas }: Pick<Context, 'pas'>): GuideVersion {
  return pas?.version === '2.0.1' ? '2.0.1' : '2.2.0';
}

/** Output parameters of $questionnaire-package (dtr-qpackage-output-parameters). */
export const outputNames: Readonly<Record<GuideVersion, { readonly packageBundle: string; readonly outcome: string }>> = {
  '2.2.0': { packageBundle: 'packagebundle', outcome: 'outcome' },
  '2.0.1': { packageBundle: 'PackageBundle', outcome: 'operationOutcome' },
};
