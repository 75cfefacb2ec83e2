/**
 * Checks on a pack that already has the right shape: what its parts say together.
 */
import {
  ADMINISTRATIVE_FACTS,
  type AdministrativeFact, type AdministrativeRule, type Bounds, type ClinicalFact, type ClinicalRule, type Condition, type PackProblem, type PolicyPack, type Tree,
} from './pack.ts';

type Fact = AdministrativeFact | ClinicalFact;
type Report = (pointer: string, message: string) => void;

export function checkMeaning(pack: PolicyPack): PackProblem[] {
  const problems: PackProblem[] = [];
  const report: Report = (pointer, message) => problems.push({ pointer, message });
  const { from, to } = pack.effective;
  if (to !== undefined && to < from) report('/effective/to', 'the pack ends before it begins');
  const ids = new Map<string, string>();
  const claimId = (id: string, pointer: string): void => {
    const first = ids.get(id);
    if (first === undefined) ids.set(id, pointer);
    else report(pointer, `id "${id}" is used already at ${first}; rules and criteria share one set of ids`);
  };
  pack.administrative.forEach((rule, index) => {
    claimId(rule.id, `/administrative/${index}/id`);
    checkAdministrative(rule, `/administrative/${index}`, report);
  });
  pack.clinical.forEach((rule, index) => {
    claimId(rule.id, `/clinical/${index}/id`);
    checkClinical(rule, `/clinical/${index}`, claimId, report);
  });
  pack.cards?.forEach((card, index) => {
    claimId(card.id, `/cards/${index}/id`);
    for (const { leaf, pointer } of leavesOf<Fact>(card.when, `/cards/${index}/when`)) checkFact(leaf, pointer, report);
    card.links?.forEach((link, place) => {
      if (link.appContext !== undefined && link.type !== 'smart') report(`/cards/${index}/links/${place}/appContext`, 'a page has no context; only an app that is launched has');
    });
  });
  return problems;
}

// The schema lets every category, effect and fact meet; the types of pack.ts do not. This check closes the difference.
function checkAdministrative(rule: AdministrativeRule, pointer: string, report: Report): void {
  const then: { effect: 'certify' | 'deny'; certification?: 'existing'; validDays?: number } = rule.then;
  const when: Condition = rule.when;
  const facts = [...leavesOf(when, `${pointer}/when`)];
  for (const { leaf, pointer: place } of facts) checkFact(leaf, place, report);

  if (then.effect === 'deny') {
    if (rule.category === 'no-authorization-needed') report(`${pointer}/then/effect`, 'a rule that no authorization is needed cannot deny');
    if (then.certification !== undefined) report(`${pointer}/then/certification`, 'a denial certifies nothing');
    if (then.validDays !== undefined) report(`${pointer}/then/validDays`, 'a denial has no validity');
    for (const { leaf, pointer: place } of facts) {
      if (ADMINISTRATIVE_FACTS.has(leaf.fact)) continue;
      report(place, `an administrative denial may rest on the contract only, and "${leaf.fact}" speaks about the patient's need: a machine never says no on clinical grounds. Make it a clinical rule, which pends`);
    }
  } else {
    if (rule.category !== 'no-authorization-needed' && rule.category !== 'duplicate') report(`${pointer}/then/effect`, `a rule of category "${rule.category}" can only deny: that it holds is no reason to certify a service`);
    if (rule.category === 'duplicate' && then.certification !== 'existing') report(`${pointer}/then`, 'a duplicate is certified under its existing number: add certification: existing');
    if (rule.category !== 'duplicate' && then.certification !== undefined) report(`${pointer}/then/certification`, 'only a duplicate has an existing certification');
    if (rule.category === 'duplicate' && then.validDays !== undefined) report(`${pointer}/then/validDays`, 'a duplicate keeps the validity of the existing certification');
  }
  if (rule.category === 'duplicate' && !facts.some(({ leaf }) => leaf.fact === 'duplicate')) report(`${pointer}/when`, 'a duplicate rule has to look at the fact "duplicate"');
}

function checkClinical(rule: ClinicalRule, pointer: string, claimId: Report, report: Report): void {
  for (const { leaf, pointer: place } of leavesOf<Fact>(rule.applies, `${pointer}/applies`)) checkFact(leaf, place, report);
  const criteria = new Set<string>();
  for (const { leaf, pointer: place } of leavesOf(rule.criteria, `${pointer}/criteria`)) {
    criteria.add(leaf.id);
    claimId(leaf.id, `${place}/id`);
    for (const inner of leavesOf<Fact>(leaf.test, `${place}/test`)) checkFact(inner.leaf, inner.pointer, report);
  }
  (rule.requests ?? []).forEach((request, index) => {
    if (request.criterion !== undefined && !criteria.has(request.criterion)) report(`${pointer}/requests/${index}/criterion`, `the rule has no criterion "${request.criterion}"`);
  });
}

function checkFact(fact: Fact, pointer: string, report: Report): void {
  if (fact.fact === 'age') checkBounds(fact.years, `${pointer}/years`, report);
  if (fact.fact === 'quantity' || fact.fact === 'observation') checkBounds(fact.value, `${pointer}/value`, report);
  if (fact.fact === 'service-date') {
    if (fact.onOrAfter !== undefined && fact.onOrBefore !== undefined && fact.onOrBefore < fact.onOrAfter) report(`${pointer}/onOrBefore`, 'the days end before they begin');
    if (fact.daysFromReceipt !== undefined) checkBounds(fact.daysFromReceipt, `${pointer}/daysFromReceipt`, report);
  }
  if (fact.fact === 'answer') {
    if ([fact.equals, fact.in, fact.value].filter((way) => way !== undefined).length !== 1) report(pointer, 'an answer is compared in exactly one way: equals, in or value');
    if (fact.units !== undefined && fact.value === undefined) report(`${pointer}/units`, 'units belong to value');
    if (fact.value !== undefined) checkBounds(fact.value, `${pointer}/value`, report);
  }
}

function checkBounds(bounds: Bounds, pointer: string, report: Report): void {
  const low = Math.max(bounds.atLeast ?? -Infinity, bounds.above ?? -Infinity);
  const high = Math.min(bounds.atMost ?? Infinity, bounds.below ?? Infinity);
  const strict = bounds.above === low || bounds.below === high;
  if (low > high || (low === high && strict)) report(pointer, 'no number lies within these bounds');
}

function* leavesOf<Leaf extends object>(tree: Tree<Leaf>, pointer: string): Generator<{ leaf: Leaf; pointer: string }> {
  if ('all' in tree) for (const [index, part] of tree.all.entries()) yield* leavesOf(part, `${pointer}/all/${index}`);
  else if ('any' in tree) for (const [index, part] of tree.any.entries()) yield* leavesOf(part, `${pointer}/any/${index}`);
  else if ('not' in tree) yield* leavesOf(tree.not, `${pointer}/not`);
  else yield { leaf: tree, pointer };
}
