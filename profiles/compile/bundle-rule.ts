/** The rules of Bundles beyond their definition (`profiles/bundle`), as part of a validation. */
import { bundleFindings } from '../bundle/rules.ts';
import type { ResourceRule } from './check.ts';

export const bundleRule: ResourceRule = (bundle, session) => {
  for (const { code, details, severity, step } of bundleFindings(bundle)) session.addAt({ code, details, severity }, step);
};
