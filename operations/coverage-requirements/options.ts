/**
 * What clients can switch off: coverage information, and each type of card that the loaded rule packs can give. An option
 * that is not known is passed over, and none has to be set (dev-15, dev-17).
 * Source: http://hl7.org/fhir/us/davinci-crd/2.2.1/deviations.html#configuration-options-extension (dev-4 to dev-8).
 */
import { CARD_TOPICS, type CardTopic, type PolicyPack } from '../../review/policies/pack.ts';

export interface ConfigurationOption {
  readonly code: string;
  readonly type: 'boolean' | 'integer';
  readonly name: string;
  readonly description: string;
  readonly default: boolean | number;
}

export const coverageInfo = 'coverage-info';

export const coverageInfoOption: ConfigurationOption = {
  code: coverageInfo, type: 'boolean', name: 'Coverage Information', default: true,
  description: 'Whether coverage, prior authorization and documentation needs are recorded on the orders.',
};

/** Types of cards, as people read them. */
export const topicText: Readonly<Record<CardTopic, string>> = {
  claim: 'Claim', insurance: 'Insurance', limits: 'Limits', network: 'Network', 'appropriate-use': 'Appropriate Use', cost: 'Cost',
  'therapy-alternatives-opt': 'Optional Therapy Alternatives', 'therapy-alternatives-req': 'Required Therapy Alternatives', 'clinical-reminder': 'Clinical Reminder',
  'duplicate-therapy': 'Duplicate Therapy', contraindication: 'Contraindication', guideline: 'Guideline', 'off-guideline': 'Off Guideline',
};

/** Options for the types of cards that these packs hold, and for what is offered without them: coverages as the plan has them. */
export function optionsOf(packs: readonly PolicyPack[]): ConfigurationOption[] {
  const used = new Set<CardTopic>(['insurance', ...packs.flatMap(({ cards = [] }) => cards.map(({ topic }) => topic))]);
  return CARD_TOPICS.filter((topic) => used.has(topic)).map((code): ConfigurationOption => ({
    code, type: 'boolean', name: topicText[code], description: `Whether cards of the type "${topicText[code]}" are returned.`, default: true,
  }));
}

export type Configuration = ReadonlyMap<string, boolean | number>;

/** What a call sets; values of another type than JSON booleans and integers say nothing. */
export function readConfiguration(value: unknown): Configuration {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return new Map();
  return new Map(Object.entries(value).flatMap(([code, set]): [string, boolean | number][] => typeof set === 'boolean' || Number.isInteger(set) ? [[code, set as boolean | number]] : []));
}

/** Whether answers of this type are wanted. */
export function isWanted(configuration: Configuration, code: string): boolean {
  return configuration.get(code) !== false;
}
