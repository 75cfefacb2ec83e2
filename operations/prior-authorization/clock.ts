/**
 * The clock of an authorization: 72 hours when expedited, seven calendar days otherwise, from receipt, on every rail.
 * Source: CMS-0057-F, 42 CFR 422.568(b)(1) and 422.572(a) as amended, in force from 2026-01-01.
 */
import type { Claim } from '@medplum/fhirtypes';
import { pasExtension, systemOf } from '../../profiles/pas/names.ts';

export interface AuthorizationClock {
  readonly receivedAt: Date;
  readonly expedited: boolean;
  readonly dueAt: Date;
}

const hour = 3_600_000;

export function startClock(claim: Claim, receivedAt: Date): AuthorizationClock {
  const expedited = isExpedited(claim);
  return { receivedAt, expedited, dueAt: new Date(receivedAt.getTime() + (expedited ? 72 : 7 * 24) * hour) };
}

/** Level of service "urgent" or "emergency" (X12 1338: U, 03), or a priority of "stat". */
function isExpedited(claim: Claim): boolean {
  const level = claim.extension?.find((extension) => extension.url === pasExtension.levelOfServiceCode)?.valueCodeableConcept?.coding ?? [];
  const priority = claim.priority?.coding ?? [];
  return level.some((coding) => coding.code === 'U' || coding.code === '03')
    || priority.some((coding) => coding.code === 'stat' && (coding.system === undefined || coding.system === systemOf.processPriority));
}
