/**
 * What is told to whom of an authorization. Whoever asked for it hears of everything. Another system hears of it only as
 * the ordering or rendering provider, known by NPI, and of no care that the plan holds to be sensitive, unless it asks
 * by a number of the authorization.
 * Source: PAS 2.2.1, "Inquiry", spec-49, spec-50, spec-52 and spec-53.
 */
import type { CodeableConcept, Coding } from '@medplum/fhirtypes';
import type { CodeSet, PolicyPack, SensitiveCare } from '../../review/policies/pack.ts';
import { selectPack } from '../../review/policies/select.ts';
import { systemOf } from '../../profiles/pas/names.ts';
import { canonicalSystem } from '../../terminology/system-aliases.ts';
import type { LoadedAuthorization } from './load.ts';
import { identifiersOfProvider } from './request/read-request.ts';
import type { ItemState } from './state.ts';

/** Whom it may be told to: who asked for it, another who is named on it, or nobody. */
export type Relation = 'requester' | 'third-party' | 'none';

/** @param inquirer `system|value` of who asks */
export function relationTo({ request, stored }: LoadedAuthorization, inquirer: readonly string[]): Relation {
  const own = new Set(identifiersOfProvider(request.requester, request.index));
  if (inquirer.some((identifier) => own.has(identifier))) return 'requester';
  const named = new Set(stored.requester);
  return inquirer.some((identifier) => identifier.startsWith(`${systemOf.npi}|`) && named.has(identifier)) ? 'third-party' : 'none';
}

/**
 * What its plan holds to be sensitive of the care of an authorization, by the rules of today or of the day of its
 * receipt; undefined where there is none. @param today YYYY-MM-DD
 */
export function sensitiveCareOf({ request, state, stored: { plan, receivedAt } }: LoadedAuthorization, policies: readonly PolicyPack[], today: string): SensitiveCare | undefined {
  if (plan === undefined) return undefined;
  const concepts = [
    ...request.items.map(({ element }) => element.productOrService),
    ...(request.claim.diagnosis ?? []).map(({ diagnosisCodeableConcept }) => diagnosisCodeableConcept),
    ...[...state.items.values()].flatMap(approvedServices),
  ];
  return [today, receivedAt.toISOString().slice(0, 10)].flatMap((day) => selectPack(policies, plan, day)?.sensitive ?? [])
    .find((sensitive) => concepts.some((concept) => maySay(concept, sensitive.in)));
}

/** What a person certified in place of the service that was asked for. */
function approvedServices({ decision, standing }: ItemState): CodeableConcept[] {
  const certified = [decision, standing?.decision].flatMap((each) => each?.kind === 'modified' ? each.approved.productOrService ?? [] : []);
  return [...certified, ...(standing?.detail.productOrService ? [standing.detail.productOrService] : [])];
}

/** What has no code cannot be judged, and may be anything. */
function maySay(concept: CodeableConcept | undefined, sets: readonly CodeSet[]): boolean {
  const codings = (Array.isArray(concept?.coding) ? concept.coding : []).filter((coding) => typeof coding?.code === 'string' && plain(coding.code) !== '');
  return codings.length === 0 || codings.some((coding) => isListed(coding, sets));
}

/** A code of a system that no set speaks of, or of none, is held against all of them. */
function isListed({ system, code }: Coding, sets: readonly CodeSet[]): boolean {
  const value = plain(code!);
  const canonical = typeof system === 'string' ? canonicalSystem(system.trim()) : undefined;
  const ofSystem = sets.filter((set) => canonicalSystem(set.system) === canonical);
  return (ofSystem.length > 0 ? ofSystem : sets).some(({ codes, prefixes = [] }) => codes.some((listed) => plain(listed) === value) || prefixes.some((prefix) => value.startsWith(plain(prefix))));
}

/** ICD codes are written with the point in FHIR and without it in X12. */
function plain(code: string): string {
  return code.replaceAll(/[.\s]/g, '').toUpperCase();
}
