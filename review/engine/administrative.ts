/**
 * What the administrative rules say of an item: the first denial that is shown, else the first certification that is.
 * A rule whose condition is not shown either way says nothing.
 */
import type { AdministrativeDenialRule, AdministrativeRule, PolicyPack } from '../policies/pack.ts';
import { findAdministrative } from './administrative-facts.ts';
import { findCondition, findTree } from './conditions.ts';
import { findDuplicate } from './duplicates.ts';
import type { Finding, Subject } from './subject.ts';
import type { AdministrativeRecommendation } from './types.ts';

export function recommendAdministratively(pack: PolicyPack, subject: Subject, itemSequence: number): AdministrativeRecommendation | undefined {
  for (const rule of pack.administrative.filter(denies)) {
    // Read with the administrative facts alone, so that no other can ever bring a denial about.
    const finding = findTree(rule.when, (leaf) => findAdministrative(leaf, subject));
    if (finding.truth === 'met') return recommendation(pack, rule, finding, subject, itemSequence);
  }
  for (const rule of pack.administrative) {
    if (denies(rule)) continue;
    const finding = findCondition(rule.when, subject);
    const numbered = rule.category !== 'duplicate' || findDuplicate(subject).authorizationNumber !== undefined;
    if (finding.truth === 'met' && numbered) return recommendation(pack, rule, finding, subject, itemSequence);
  }
  return undefined;
}

function denies(rule: AdministrativeRule): rule is AdministrativeDenialRule {
  return rule.then.effect === 'deny';
}

function recommendation(pack: PolicyPack, rule: AdministrativeRule, { truth, evidence }: Finding, subject: Subject, itemSequence: number): AdministrativeRecommendation {
  const { effect, reason } = rule.then;
  const { authorizationNumber: existingNumber, itemSequence: existingItem, quantity } = rule.category === 'duplicate' ? findDuplicate(subject) : {};
  const validDays = rule.category === 'no-authorization-needed' ? rule.then.validDays : undefined;
  const under = existingNumber === undefined ? '' : ` (authorization ${existingNumber})`;
  return {
    kind: 'administrative',
    itemSequence,
    effect,
    category: rule.category,
    reason,
    basis: { pack: pack.pack, packVersion: pack.version, rule: rule.id, title: rule.title },
    explanation: `${effect === 'deny' ? 'Not certified' : 'Certified'} under the rule "${rule.title}"${under}: ${reason.text.replace(/\.$/, '')}.`,
    trace: [{ id: rule.id, text: rule.title, truth, evidence }],
    ...(existingNumber === undefined ? {} : { existingNumber }),
    ...(effect === 'certify' && existingItem !== undefined ? { takes: { existingItem, ...(quantity === undefined ? {} : { quantity }) } } : {}),
    ...(validDays === undefined ? {} : { validDays }),
  };
}
