/** Who or what made an authorization say what it says (https://hl7.org/fhir/R4/provenance.html). */
import type { Identifier, Provenance, ProvenanceAgent } from '@medplum/fhirtypes';
import type { ItemEvent } from '../events.ts';

type Authority = ItemEvent['authority'];

const activitySystem = 'http://terminology.hl7.org/CodeSystem/v3-DataOperation';
const agentSystem = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type';

export interface ProvenanceInput {
  readonly targets: readonly string[];
  readonly recorded: Date;
  readonly activity: 'CREATE' | 'UPDATE';
  readonly decisions: readonly ItemEvent[];
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
      type: { coding: [{ system: agentSystem, code: 'rule' in authority ? 'assembler' : 'author' }] },
      who: whoIs(name, authority),
    })),
    ...(input.source !== undefined && { entity: [{ role: 'source', what: { identifier: { system: 'urn:ietf:rfc:3986', value: input.source } } }] }),
  };
}

function whoIs(name: string, authority: Authority): ProvenanceAgent['who'] {
  switch (authority.kind) {
    case 'person': return { display: authority.name, ...(authority.identifier && { identifier: authority.identifier }) };
    case 'requester': return { display: 'The requester', ...(authority.identifier !== undefined && { identifier: identifierOf(authority.identifier) }) };
    default: return { identifier: { system: 'https://priora.health/fhir/rule', value: name }, display: `Rule: ${authority.rule.title}` };
  }
}

function identifierOf(text: string): Identifier {
  const at = text.indexOf('|');
  return { ...(at > 0 && { system: text.slice(0, at) }), value: text.slice(at + 1) };
}

/** `pack@version#rule`, the person's name, or `requester`. */
export function nameOf(authority: Authority): string {
  if (authority.kind === 'person') return authority.name;
  if (authority.kind === 'requester') return authority.kind;
  const { pack, packVersion, rule } = authority.rule;
  return `${pack ?? 'no-pack'}@${packVersion ?? '0'}#${rule ?? 'no-rule'}`;
}
