/** What $extend and $downgrade take: the OperationDefinitions that are published, and by which their bodies are read. */
import type { OperationDefinition, OperationDefinitionParameter } from '@medplum/fhirtypes';
import { clockGrounds, type ClockGround } from '../../review/clock/rules.ts';

export type ClockDefinition = OperationDefinition & { id: string; url: string; parameter: OperationDefinitionParameter[] };

const parameter = (what: string, grounds: string): OperationDefinitionParameter[] => [
  { name: 'author', use: 'in', min: 1, max: '1', type: 'Reference', documentation: 'The person who does so: display is the name (required, with a letter in it), identifier the NPI.' },
  { name: 'specialty', use: 'in', min: 0, max: '1', type: 'CodeableConcept', documentation: 'The specialty of that person.' },
  { name: 'item', use: 'in', min: 0, max: '*', type: 'positiveInt', documentation: `Claim.item.sequence of an item ${what}; where none is named, all that are not decided.` },
  { name: 'reason', use: 'in', min: 1, max: '1', type: 'code', documentation: `Why: ${grounds}.` },
  { name: 'text', use: 'in', min: 1, max: '1', type: 'string', documentation: 'The reason in words, with a letter or digit in it.' },
  { name: 'notice', use: 'in', min: 1, max: '1', type: 'string', documentation: 'What the member and the requester are told, with a letter or digit in it: kept as a Communication, and a note in every answer.' },
  { name: 'return', use: 'out', min: 1, max: '1', type: 'Bundle', documentation: 'The PAS response Bundle as it stands then.' },
];

const common = { resourceType: 'OperationDefinition', status: 'active', kind: 'operation', affectsState: true, resource: ['Claim'], system: false, type: false, instance: true } as const;

const extendDefinition: ClockDefinition = {
  ...common, resource: ['Claim'],
  id: 'Claim-extend', url: 'https://priora.health/fhir/OperationDefinition/Claim-extend', name: 'ClaimExtend', code: 'extend',
  title: 'Take more time to decide on a prior authorization',
  description: 'A named person extends the time in which items are decided, once, by as much as the rule of their clock allows and for a reason that it knows. Not possible when they are overdue.',
  parameter: parameter('whose time is extended', 'requested-by-member | requested-by-provider | information-needed | exceptional-circumstances; the rule says which of them count'),
};

const downgradeDefinition: ClockDefinition = {
  ...common, resource: ['Claim'],
  id: 'Claim-downgrade', url: 'https://priora.health/fhir/OperationDefinition/Claim-downgrade', name: 'ClaimDowngrade', code: 'downgrade',
  title: 'Decide an expedited request in standard time',
  description: 'A named person finds that what was asked for as expedited is not urgent: it is due in standard time, counted from its receipt. Not possible when it is overdue.',
  parameter: parameter('that is not urgent', 'not-urgent'),
};

export interface ClockOperation {
  readonly definition: ClockDefinition;
  /** That may be given. Of those for more time the rule of the clock says which count. */
  readonly grounds: readonly ClockGround[];
}

export const clockOperations = {
  extend: { definition: extendDefinition, grounds: clockGrounds.filter((ground) => ground !== 'not-urgent') },
  downgrade: { definition: downgradeDefinition, grounds: ['not-urgent'] },
} as const satisfies Record<string, ClockOperation>;

export type ClockAction = keyof typeof clockOperations;
