/** Notifications against the definitions of the guides that they are of. */
import { createValidator } from '../../../profiles/validator.ts';
import { definitionsFor } from '../../support/definitions.ts';

/** @returns what is wrong, as `expression: code` */
export async function validateWith(packages: readonly string[]): Promise<(resource: unknown, profile: string) => Promise<string[]>> {
  const validate = createValidator(await definitionsFor(packages));
  return async (resource, profile) => {
    const { issues } = validate(resource, { profiles: [profile], now: new Date('2026-11-22T00:00:00Z') }) as { issues: Iterable<{ severity?: string; code: string; expression: string; details: object }> };
    return [...issues].filter(({ severity }) => severity === undefined || severity === 'error').map(({ code, expression, details }) => `${expression}: ${code} ${JSON.stringify(details)}`);
  };
}
