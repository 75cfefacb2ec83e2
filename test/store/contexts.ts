/** A context as the edge would make it, with a clock that only tests move. */
import { randomBytes } from 'node:crypto';
import { standardParameters } from '../../fhir/search-parameters.ts';
import type { Context } from '../../store/context.ts';

export function contextFor(tenant: number, more: Partial<Context> = {}): Context {
  return {
    tenant: { id: tenant, name: `tenant-${tenant}` }, base: 'http://localhost/fhir', parameters: standardParameters, access: { tenant }, actor: 'tester', request: 'request-1',
    now: () => new Date('2026-03-02T09:00:00Z'), random: (count) => randomBytes(count), ...more,
  };
}
