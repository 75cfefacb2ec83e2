/**
 * What is told to whom of an authorization. Whoever asked for it hears of everything. Another system hears of it only as
 * the ordering or rendering provider, known by NPI, and of no care that the plan holds to be sensitive, unless it asks
 * by a number of the authorization.
 * Source: PAS 2.2.1, "Inquiry", spec-49, spec-50, spec-52 and spec-53.
 */
import { inCodeSets, readCodes } from '../../review/facts/codes.ts';
import type { PolicyPack, SensitiveCare } from '../../review/policies/pack.ts';
import { selectPack } from '../../review/policies/select.ts';
import { systemOf } from '../../profiles/pas/names.ts';
import type { LoadedAuthorization } from './load.ts';
import { identifiersOfProvider } from './request/read-request.ts';

/** Whom it may be told to: who asked for it, another who is named on it, or nobody. */
export type Relation = 'requester' | 'third-party' | 'none';

/** @param inquirer `system|value` of who asks */
export function relationTo({ request, stored }: LoadedAuthorization, inquirer: readonly string[]): Relation {
  const own = new Set(identifiersOfProvider(request.requester, request.index));
  if (inquirer.some((identifier) => own.has(identifier))) return 'requester';
  const named = new Set(stored.requester);
  return inquirer.some((identifier) => identifier.startsWith(`${systemOf.npi}|`) && named.has(identifier)) ? 'third-party' : 'none';
}

/** The care of an authorization that its plan holds to be sensitive; undefined where there is none. @param today YYYY-MM-DD */
export function sensitiveCareOf({ request, stored }: LoadedAuthorization, policies: readonly PolicyPack[], today: string): SensitiveCare | undefined {
  const sensitive = stored.plan === undefined ? undefined : selectPack(policies, stored.plan, today)?.sensitive;
  if (sensitive === undefined) return undefined;
  const concepts = [...request.items.map(({ element }) => element.productOrService), ...(request.claim.diagnosis ?? []).map(({ diagnosisCodeableConcept }) => diagnosisCodeableConcept)];
  return concepts.flatMap(readCodes).some((code) => inCodeSets(code, sensitive.in) === 'in') ? sensitive : undefined;
}
