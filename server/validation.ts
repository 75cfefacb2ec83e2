/** The parts of validation, put together: definitions, terminology, and the policy of each tenant. */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import type { ContentSources, ReadyValidator } from '../operations/validate/content.ts';
import { writeCheckOf, type WriteCheck, type WriteVerdict } from '../operations/validate/on-write.ts';
import { policiesOf, type Policies } from '../operations/validate/policy.ts';
import type { KnownDefinitions } from '../operations/validate/known-definitions.ts';
import { keptValidators } from '../operations/validate/validators.ts';
import type { Context } from '../store/context.ts';
import type { Database } from '../store/database.ts';
import { ConfigurationError, type Configuration } from './configuration.ts';
import type { Clock } from './house.ts';
import type { Metrics } from './metrics.ts';

/** @throws {ConfigurationError} for a file that cannot be read or says something else */
export async function readValidationPolicies({ validation, validationPolicy }: Configuration): Promise<Policies> {
  if (validationPolicy === undefined) return policiesOf(validation, undefined);
  try {
    return policiesOf(validation, parse(await readFile(validationPolicy, 'utf8')));
  } catch (error) {
    // What the parser quotes of a file is the administrator's own.
    throw new ConfigurationError(`PRIORA_VALIDATION_POLICY: ${error instanceof Error ? error.message.split('\n')[0]! : 'the file cannot be read'}`);
  }
}

export interface ValidationParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly policies: Policies;
  readonly definitions: KnownDefinitions;
  readonly memberships: ContentSources['memberships'];
}

export function assembleValidation({ database, clock, metrics, policies, definitions, memberships }: ValidationParts): { content: ContentSources; checkWrite: WriteCheck; checkMessage: WriteCheck } {
  const validatorOf = keptValidators();
  const content: ContentSources = { database, now: clock.now, memberships, validatorFor: async (context) => validatorOf(await definitions.current(context)) };
  const validatorAtHand = async (context: Context, profiles: Iterable<string>): Promise<ReadyValidator> => validatorOf(await definitions.atHand(context, profiles));
  const parts = { now: clock.now, memberships, validatorAtHand, onVerdict: (verdict: WriteVerdict): void => { metrics.validations.inc({ verdict }); } };
  return {
    content, checkWrite: writeCheckOf({ ...parts, policies }),
    // What a mapper of ours makes is FHIR or is not stored, however patient a tenant is with its clients.
    checkMessage: writeCheckOf({ ...parts, policies: (tenant) => ({ ...policies(tenant), base: 'enforce' }) }),
  };
}
