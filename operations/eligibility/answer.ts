/**
 * Is somebody covered? Answered from the plan's own records: the member is found as for a prior authorization, by number
 * and confirmed by name or birth date, and his coverage that counts on the day asked about is told. A question changes
 * nothing and is kept with its delivery alone.
 */
import type { Coverage, Patient } from '@medplum/fhirtypes';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { coverageOf, isCoveredOn, matchMember } from '../prior-authorization/member.ts';

/** Who is asked about, as the asker knows him. */
export interface Asked {
  readonly patient: Patient;
  /** Where the person is a dependent. */
  readonly subscriber: Patient | undefined;
  /** Day asked about; today unless given. */
  readonly day: string | undefined;
}

export type Eligibility =
  /** X12 data elements 901 and 889, and whose fault it is. */
  | { readonly kind: 'rejected'; readonly rejection: { readonly level: 'subscriber' | 'dependent'; readonly code: string; readonly followUp: string } }
  | { readonly kind: 'found'; readonly patient: Patient; readonly coverage: Coverage | undefined; readonly inForce: boolean; readonly day: string };

export async function eligibilityOf(database: Queryable, { patient, subscriber, day }: Asked, context: Context): Promise<Eligibility> {
  const asked = day ?? context.now().toISOString().slice(0, 10);
  const match = await matchMember(database, {
    coverage: undefined, patient: { index: 0, resource: patient }, subscriber: subscriber === undefined ? undefined : { index: 1, resource: subscriber },
  }, context);
  if ('rejection' in match) {
    const { code, followUp, element } = match.rejection;
    return { kind: 'rejected', rejection: { level: element.startsWith('2010D') ? 'dependent' : 'subscriber', code, followUp } };
  }
  const coverage = await coverageOf(database, match.patient.id, context, asked);
  return { kind: 'found', patient: match.patient, coverage, inForce: coverage !== undefined && isCoveredOn(coverage, asked), day: asked };
}
