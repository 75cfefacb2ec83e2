/**
 * Conditions on the record, with how sure they are. A condition nobody vouches for is uncertain, never absent.
 */
import { readCodes } from './codes.ts';
import type { Entry } from './submission.ts';
import type { ConditionFact } from './types.ts';

const CLINICAL = 'http://terminology.hl7.org/CodeSystem/condition-clinical';
const VERIFICATION = 'http://terminology.hl7.org/CodeSystem/condition-ver-status';

export function conditionFacts({ reference, resource }: Entry): ConditionFact[] {
  const value = readCodes(resource['code']);
  const clinical = statusOf(resource['clinicalStatus'], CLINICAL);
  const verification = statusOf(resource['verificationStatus'], VERIFICATION);
  if (value.length === 0 || verification === 'entered-in-error') return [];
  return [{ value, standing: standingOf(verification, clinical), present: presenceOf(clinical), source: { reference, expression: 'Condition.code' } }];
}

function statusOf(concept: unknown, system: string): string | undefined {
  return readCodes(concept).find((coding) => coding.system === system)?.code;
}

// Many records leave verificationStatus out; a stated clinical status then speaks for itself.
function standingOf(verification: string | undefined, clinical: string | undefined): ConditionFact['standing'] {
  if (verification === 'refuted') return 'refuted';
  if (verification === 'confirmed') return 'confirmed';
  return verification === undefined && presenceOf(clinical) !== 'unknown' ? 'confirmed' : 'uncertain';
}

function presenceOf(clinical: string | undefined): ConditionFact['present'] {
  if (clinical === 'active' || clinical === 'recurrence' || clinical === 'relapse') return 'active';
  return clinical === 'inactive' || clinical === 'remission' || clinical === 'resolved' ? 'past' : 'unknown';
}
