/** Who or what made an authorization say what it says (https://hl7.org/fhir/R4/provenance.html). */
import type { Provenance } from '@medplum/fhirtypes';
import type { Authority, DecisionEvent } from '../events.ts';

const activitySystem = 'http://terminology.hl7.org/CodeSystem/v3-DataOperation';
const agentSystem = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type';

export interface ProvenanceInput {
  readonly targets: readonly string[];
  readonly recorded: Date;
  readonly activity: 'CREATE' | 'UPDATE';
  readonly decisions: readonly DecisionEvent[];
  /** Name of the delivery in landing. */
  readonly source?: string;
  readonly patient: string;
}

export function provenanceOf(input: ProvenanceInput): Provenance {
  const agents = new Map(input.decisions.map((decision) => [nameOf(decision.authority), decision.authority]));
  return {
    resourceType: 'Provenance',
    target: [...input.targets.map((reference) => ({ reference })), { reference: input.patient }],
    recorded: input.recorded.toISOString(),
    activity: { coding: [{ system: activitySystem, code: input.activity }] },
    agent: [...agents].map(([name, authority]) => ({
      type: { coding: [{ system: agentSystem, code: authority.kind === 'person' ? 'author' : 'assembler' }] },
      who: authority.kind === 'person'
        ? { display: authority.name, ...(authority.identifier && { identifier: authority.identifier }) }
        : { identifier: { system: 'https://priora.health/fhir/rule', value: name }, display: `Rule: ${authority.rule.title}` },
    })),
    ...(input.source !== undefined && { entity: [{ role: 'source', what: { identifier: { system: 'urn:ietf:rfc:3986', value: input.source } } }] }),
  };
}

/** `pack@version#rule`, or the person's name. */
export function nameOf(authority: Authority): string {
  if (authority.kind === 'person') return authority.name;
  const { pack, packVersion, rule } = authority.rule;
  return `${pack ?? 'no-pack'}@${packVersion ?? '0'}#${rule ?? 'no-rule'}`;
}
