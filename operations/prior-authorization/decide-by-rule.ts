/** Recommendations of the rule engine become events of the log. What the types of `review/` cannot say, this cannot do. */
import type { AdministrativeRecommendation, ItemRecommendation } from '../../review/engine/types.ts';
import type { Certified, DecisionEvent, RuleName, Trace } from './events.ts';
import { validPeriod, type ServicedDays } from './valid-period.ts';

export interface RuleDecisionSettings {
  /** Day of receipt, YYYY-MM-DD. */
  readonly receivedOn: string;
  readonly certificationNumber: string;
  serviced(item: number): ServicedDays;
}

export function decisionsOf(recommendations: readonly ItemRecommendation[], settings: RuleDecisionSettings): DecisionEvent[] {
  return recommendations.flatMap((recommendation): DecisionEvent[] => {
    const item = recommendation.itemSequence;
    const rule: RuleName = recommendation.basis;
    const trace = traceOf(recommendation);
    const certified = (authority: Certified['authority'], number: string): Certified => ({
      kind: 'certified', item, authority, number, period: validPeriod(settings.serviced(item), settings.receivedOn, recommendation.validDays), explanation: recommendation.explanation, ...trace,
    });

    if (recommendation.kind === 'administrative') {
      const authority = { kind: 'administrative-rule' as const, rule, category: recommendation.category };
      if (recommendation.effect === 'certify') return [{ ...certified(authority, recommendation.existingNumber ?? settings.certificationNumber), ...takenPart(recommendation) }];
      const { code, text } = recommendation.reason;
      return [{ kind: 'denied', item, authority, reason: { system: code?.system ?? ruleSystem, code: code?.code ?? rule.rule ?? 'rule', text } }];
    }
    const authority = { kind: 'clinical-criterion' as const, rule, truth: recommendation.truth };
    if (recommendation.effect === 'certify') return [certified(authority, settings.certificationNumber)];
    const wanted = recommendation.requests.map(({ code: { system, code }, text, questionnaire, modifier }) => ({ system, code, text, ...(questionnaire !== undefined && { questionnaire }), ...(modifier && { modifier }) }));
    return [
      { kind: 'pended', item, authority, explanation: recommendation.explanation, ...trace },
      ...(wanted.length > 0 ? [{ kind: 'information-requested' as const, item, authority, wanted }] : []),
    ];
  });
}

function takenPart({ takes }: AdministrativeRecommendation): Pick<Certified, 'takes'> {
  if (!takes) return {};
  const { existingItem: item, quantity } = takes;
  return { takes: { item, ...(typeof quantity === 'object' && { quantity: quantity.value, unit: quantity.unit }) } };
}

const ruleSystem = 'https://priora.health/fhir/rule';

function traceOf(recommendation: ItemRecommendation): { trace?: readonly Trace[] } {
  if (recommendation.trace.length === 0) return {};
  // The evidence is named by where it stands; the values themselves stay in the Bundle.
  return {
    trace: recommendation.trace.map((result) => ({
      criterion: result.id, text: result.text, truth: result.truth,
      evidence: result.evidence.map(({ reference, expression }) => ({ ...(reference !== undefined && { reference }), ...(expression !== undefined && { expression }) })),
    })),
  };
}
