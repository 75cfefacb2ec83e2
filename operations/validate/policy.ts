/**
 * How strict a tenant is with what is written: nothing is checked (`off`), what is wrong is told (`warn`), or it is
 * refused (`enforce`). For the definitions of FHIR R4, for profiles that a resource claims, and for single profiles.
 *
 * As YAML or JSON:
 *
 *     base: enforce
 *     claimed: warn
 *     profiles:
 *       http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient: enforce
 *     require:
 *       Patient: [http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient|7.0.0]
 *     unknown: warn
 *     tenants:
 *       acme: { base: warn }
 */
import { z } from 'zod';
import { isType } from '../../fhir/element-types.ts';
import { isResourceType } from '../../fhir/resource-types.ts';

export const strictnesses = ['off', 'warn', 'enforce'] as const;
export type Strictness = typeof strictnesses[number];

export interface ValidationPolicy {
  readonly base: Strictness;
  readonly claimed: Strictness;
  /** By canonical, with a version or without. */
  readonly profiles: ReadonlyMap<string, Strictness>;
  /** Profiles of every resource of a type, claimed or not. */
  readonly require: ReadonlyMap<string, readonly string[]>;
  /** Of profiles that are claimed and not known here. */
  readonly unknown: Strictness;
}

const strictness = z.enum(strictnesses);
const canonical = z.string().regex(/^[^\s|]+(?:\|[^\s|]+)?$/, 'a canonical address is expected');
const rules = z.strictObject({
  base: strictness.optional(),
  claimed: strictness.optional(),
  profiles: z.record(canonical, strictness).optional(),
  require: z.record(z.string().refine(isResourceType, 'a resource type is expected'), z.array(canonical)).optional(),
  unknown: strictness.optional(),
});
const schema = rules.extend({ tenants: z.record(z.string(), rules).optional() });

/** The policy of a tenant, by its name. */
export type Policies = (tenant: string) => ValidationPolicy;

/** @param document what a file says, parsed; undefined: nothing @throws {RangeError} with one line that says what is wrong in it */
export function policiesOf(defaults: { readonly base: Strictness; readonly claimed: Strictness }, document: unknown): Policies {
  const read = schema.safeParse(document ?? {});
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new RangeError(`${issue!.path.join('.') || 'the document'}: ${issue!.message}`);
  }
  const { tenants = {}, ...common } = read.data;
  const shared = merged({ ...defaults, profiles: new Map(), require: new Map(), unknown: 'warn' }, common);
  const own = new Map(Object.entries(tenants).map(([name, more]) => [name, merged(shared, more)]));
  return (tenant) => own.get(tenant) ?? shared;
}

function merged(policy: ValidationPolicy, { base, claimed, profiles, require, unknown }: z.infer<typeof rules>): ValidationPolicy {
  return {
    base: base ?? policy.base,
    claimed: claimed ?? policy.claimed,
    profiles: new Map([...policy.profiles, ...Object.entries(profiles ?? {})]),
    require: new Map([...policy.require, ...Object.entries(require ?? {})]),
    unknown: unknown ?? policy.unknown,
  };
}

const core = 'http://hl7.org/fhir/StructureDefinition/';

/** @param profile canonical with version of what an issue rests on; undefined: the rules of FHIR itself */
export function strictnessOf(policy: ValidationPolicy, profile: string | undefined): Strictness {
  if (profile === undefined) return policy.base;
  const [url = ''] = profile.split('|');
  const named = policy.profiles.get(profile) ?? policy.profiles.get(url);
  if (named !== undefined) return named;
  if (url.startsWith(core) && isType(url.slice(core.length))) return policy.base;
  return [...policy.require.values()].some((required) => required.some((one) => one === profile || one === url)) ? 'enforce' : policy.claimed;
}

/** Nothing is checked at all. */
export function isOff({ base, claimed, profiles, require }: ValidationPolicy): boolean {
  return base === 'off' && claimed === 'off' && require.size === 0 && [...profiles.values()].every((one) => one === 'off');
}

/** Whether there is anything that a write may be refused for. */
export function enforcesAny({ base, claimed, profiles, require, unknown }: ValidationPolicy): boolean {
  return require.size > 0 || [base, claimed, unknown, ...profiles.values()].includes('enforce');
}
