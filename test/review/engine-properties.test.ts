/**
 * What holds for every pack and every request, whatever they say.
 */
/* oxlint-disable unicorn/no-thenable -- `then` is a word of the pack format */
import type { Bundle } from '@medplum/fhirtypes';
import * as fc from 'fast-check';
import { evaluate } from '../../review/engine/evaluate.ts';
import type { AdministrativeRecommendation, ClinicalRecommendation, ItemRecommendation, ReviewRequest } from '../../review/engine/types.ts';
import { checkPack } from '../../review/policies/check.ts';
import type { AdministrativeCondition, AdministrativeFact, AdministrativeRule, Bounds, ClinicalFact, ClinicalRule, CodeSet, Condition, CriterionTree, PolicyPack, Tree } from '../../review/policies/pack.ts';
import { HCPCS, ICD10, LOINC, observation, requestBundle, UCUM } from './demo.ts';

// @ts-expect-error a clinical recommendation cannot be taken for an administrative one
const swapped = (found: ClinicalRecommendation): AdministrativeRecommendation => found;

test('the type of a clinical recommendation has no value to refuse by', () => {
  const certify: ClinicalRecommendation['effect'] = 'certify';
  const pend: ClinicalRecommendation['effect'] = 'pend';
  // @ts-expect-error a clinical recommendation cannot deny
  const deny: ClinicalRecommendation['effect'] = 'deny';
  // @ts-expect-error nor modify
  const modify: ClinicalRecommendation['effect'] = 'modify';
  // @ts-expect-error nor reduce
  const reduce: ClinicalRecommendation['effect'] = 'reduce';
  expect([certify, pend, deny, modify, reduce, typeof swapped]).toHaveLength(6);
});

// Few codes and numbers, so that rules and requests meet.
const SERVICES = ['E1390', 'E0601', 'S9090'];
const day = fc.constantFrom('2026-01-01', '2026-05-20', '2026-06-01', '2026-06-10', '2026-06-15', '2026-07-01');
const anyDay = fc.oneof(day, fc.constantFrom('2026', '2026-06', 'soon', ''));
const number = fc.constantFrom(0, 1, 12, 18, 55, 76, 88, 89);
const unit = fc.constantFrom('%', '1', 'mm[Hg]');
const set = (system: string, ...codes: string[]): fc.Arbitrary<CodeSet[]> =>
  fc.subarray(codes, { minLength: 1 }).map((chosen) => [{ system, codes: chosen }]);
const bounds: fc.Arbitrary<Bounds> = fc.oneof(
  number.map((atLeast) => ({ atLeast })), number.map((above) => ({ above })), number.map((atMost) => ({ atMost })), number.map((below) => ({ below })),
);

const administrativeFact: fc.Arbitrary<AdministrativeFact> = fc.oneof(
  set(HCPCS, ...SERVICES).map((codes) => ({ fact: 'service' as const, in: codes })),
  set('https://codesystem.x12.org/005010/1525', 'HS', 'SC').map((codes) => ({ fact: 'request-type' as const, in: codes })),
  fc.constant({ fact: 'coverage-present' as const }),
  fc.constant({ fact: 'coverage-active-on-service-date' as const }),
  fc.constant({ fact: 'duplicate' as const }),
  day.map((onOrAfter) => ({ fact: 'service-date' as const, onOrAfter })),
  bounds.map((daysFromReceipt) => ({ fact: 'service-date' as const, daysFromReceipt })),
);
const clinicalFact: fc.Arbitrary<ClinicalFact> = fc.oneof(
  set(ICD10, 'J44.9', 'G47.33').map((codes) => ({ fact: 'diagnosis' as const, in: codes })),
  bounds.map((years) => ({ fact: 'age' as const, years })),
  fc.constant({ fact: 'gender' as const, in: ['female'] }),
  bounds.map((value) => ({ fact: 'quantity' as const, value })),
  fc.record({ fact: fc.constant('observation' as const), code: set(LOINC, '59408-5', '2703-7'), value: bounds, units: unit.map((one) => [one]) }),
  set(ICD10, 'I10').map((codes) => ({ fact: 'condition' as const, in: codes })),
  fc.boolean().map((equals) => ({ fact: 'answer' as const, linkId: 'q', equals })),
  set(LOINC, '34117-2').map((codes) => ({ fact: 'document' as const, in: codes })),
);

function treeOf<Leaf>(leaf: fc.Arbitrary<Leaf>): fc.Arbitrary<Tree<Leaf>> {
  return fc.letrec<{ tree: Tree<Leaf> }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, depthIdentifier: fc.createDepthIdentifier() },
      leaf,
      fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
      fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
      tie('tree').map((not) => ({ not })),
    ),
  })).tree;
}

const administrativeCondition: fc.Arbitrary<AdministrativeCondition> = treeOf(administrativeFact);
const condition: fc.Arbitrary<Condition> = treeOf(fc.oneof(administrativeFact, clinicalFact));
const criteria: fc.Arbitrary<CriterionTree> = treeOf(fc.record({ id: fc.uuid(), text: fc.constant('text'), test: condition }));
const reason = fc.constant({ text: 'reason' });
const head = { id: fc.uuid(), title: fc.constant('title') };

const administrativeRule: fc.Arbitrary<AdministrativeRule> = fc.oneof(
  fc.record({ ...head, category: fc.constantFrom('eligibility' as const, 'benefit-exclusion' as const), when: administrativeCondition, then: fc.record({ effect: fc.constant('deny' as const), reason }) }),
  fc.record({ ...head, category: fc.constant('no-authorization-needed' as const), when: condition, then: fc.record({ effect: fc.constant('certify' as const), reason }) }),
  fc.record({
    ...head,
    category: fc.constant('duplicate' as const),
    when: condition.map((more): Condition => ({ any: [{ fact: 'duplicate' }, more] })),
    then: fc.record({ effect: fc.constant('certify' as const), certification: fc.constant('existing' as const), reason }),
  }),
);
const clinicalRule: fc.Arbitrary<ClinicalRule> = fc.record({
  ...head,
  source: fc.constant('source'),
  applies: condition,
  criteria,
  met: fc.constant({ effect: 'certify' as const, validDays: 30 }),
  otherwise: fc.constant({ effect: 'pend' as const }),
  requests: fc.constantFrom('insufficient' as const, 'not-met' as const).map((when) => [{ when, code: { system: LOINC, code: '11506-3' }, text: 'text' }]),
});
const pack: fc.Arbitrary<PolicyPack> = fc.record({
  schemaVersion: fc.constant(1 as const), plan: fc.constant('P'), pack: fc.constant('p'), version: fc.constant('1'), title: fc.constant('T'), effective: fc.constant({ from: '2026-01-01' }),
  administrative: fc.array(administrativeRule, { maxLength: 3 }),
  clinical: fc.array(clinicalRule, { maxLength: 3 }),
});

const evidence: fc.Arbitrary<object[]> = fc.array(
  fc.oneof(
    fc.tuple(fc.constantFrom('59408-5', '2703-7'), number, unit, fc.option(anyDay, { nil: undefined })).map(([code, value, one, date]) => observation(code, value, one, date, { valueQuantity: { value, code: one, system: UCUM } })),
    fc.boolean().map((valueBoolean) => ({ resourceType: 'QuestionnaireResponse', id: 'q', status: 'completed', subject: { reference: 'Patient/P' }, item: [{ linkId: 'q', answer: [{ valueBoolean }] }] })),
    fc.constant({ resourceType: 'Condition', id: 'c', subject: { reference: 'Patient/P' }, clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }] }, code: { coding: [{ system: ICD10, code: 'I10' }] } }),
  ),
  { maxLength: 4 },
);
const bundle: fc.Arbitrary<Bundle> = fc
  .record({ service: fc.constantFrom(...SERVICES), diagnosis: fc.constantFrom('J44.9', 'M54.5'), resources: evidence, quantity: number, servicedDate: fc.option(anyDay, { nil: undefined }) })
  .map(({ service, diagnosis, resources, quantity, servicedDate }) =>
    requestBundle({ service: { system: HCPCS, code: service }, diagnosis, resources, item: { quantity: { value: quantity }, ...(servicedDate === undefined ? {} : { servicedDate }) } }),
  );
const request: fc.Arbitrary<ReviewRequest> = fc.record({
  receivedOn: anyDay,
  claimBundle: bundle,
  member: fc.constantFrom({}, { birthDate: '1950-02-01', gender: 'female' }, { birthDate: '2010' }),
  coverage: fc.option(fc.record({ plan: fc.constantFrom('P', 'P', 'P', 'Q'), status: fc.constantFrom('active' as const, 'cancelled' as const, 'unknown' as const), periodStart: anyDay, periodEnd: anyDay }, { requiredKeys: ['plan', 'status'] }), { nil: undefined }),
  itemSequences: fc.constantFrom([1], [1, 2], []),
  existing: fc.array(
    fc.record({ authorizationNumber: fc.constantFrom('A-1', 'A-2'), itemSequence: fc.constant(1), services: set(HCPCS, ...SERVICES).map(([one]) => (one?.codes ?? []).map((code) => ({ system: HCPCS, code }))), servicedFrom: day, servicedTo: anyDay, requester: fc.constantFrom('1234567893', 'x'), status: fc.constantFrom('certified' as const, 'denied' as const) }),
    { maxLength: 2 },
  ),
});

/** What every recommendation owes, whichever way it came about. */
function expectSound(found: readonly ItemRecommendation[], { itemSequences }: ReviewRequest, rules: PolicyPack | undefined): void {
  expect(found.map(({ itemSequence }) => itemSequence)).toEqual(itemSequences);
  const denials = new Set(rules?.administrative.filter(({ then }) => then.effect === 'deny').map(({ id }) => id));
  for (const one of found) {
    if (one.kind === 'clinical') {
      expect(['certify', 'pend']).toContain(one.effect);
      expect(one.effect === 'certify').toBe(one.truth === 'met');
      expect(one.effect === 'certify').toBe(one.validDays !== undefined);
    } else if (one.effect === 'deny') {
      expect(denials).toContain(one.basis.rule);
    }
    expect(one.explanation).toMatch(/\S\.$|: a reviewer decides\.$/);
  }
}

test('every generated pack is a valid one', () => {
  fc.assert(fc.property(pack, (rules) => expect(checkPack(structuredClone(rules))).toHaveProperty('pack')), { numRuns: 200 });
});

test('no pack and no request make the machine say no on clinical grounds', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.option(pack, { nil: undefined }), request, (rules, asked) => {
      const found = evaluate(rules, asked);
      expectSound(found, asked, rules);
      for (const one of found) seen.add(`${one.kind} ${one.effect} ${one.kind === 'clinical' ? one.truth : ''}`.trim());
    }),
    { numRuns: 2000, seed: 20_260_610 },
  );
  // The generator reaches every outcome there is; otherwise the property would say little.
  expect([...seen].toSorted()).toEqual(['administrative certify', 'administrative deny', 'clinical certify met', 'clinical pend insufficient', 'clinical pend not-met']);
});

const denied = (found: readonly ItemRecommendation[]) => found.filter((one) => one.kind === 'administrative' && one.effect === 'deny').map(({ itemSequence, basis }) => [itemSequence, basis.rule]);

test('a denial never depends on what the record says about the patient', () => {
  fc.assert(
    fc.property(pack, request, (rules, asked) => {
      const [claim, ...others] = (asked.claimBundle.entry ?? []).filter(({ resource }) => ['Claim', 'Patient', 'Organization'].includes(resource?.resourceType ?? ''));
      if (claim?.resource?.resourceType !== 'Claim') throw new Error('Claim first');
      const { diagnosis: _diagnosis, ...rest } = claim.resource;
      // How much is asked for matters to a duplicate alone: it may be no more than was approved.
      const item = asked.existing.length > 0 ? rest.item : (rest.item ?? []).map(({ quantity: _quantity, ...line }) => line);
      const silent = { ...asked, member: {}, claimBundle: { ...asked.claimBundle, entry: [{ ...claim, resource: { ...rest, item } as typeof claim.resource }, ...others] } };
      expect(denied(evaluate(rules, silent))).toEqual(denied(evaluate(rules, asked)));
    }),
    { numRuns: 500 },
  );
});

test('same input, same answer, byte for byte, and the input is left alone', () => {
  fc.assert(
    fc.property(pack, request, (rules, asked) => {
      const before = JSON.stringify([rules, asked]);
      expect(JSON.stringify(evaluate(rules, asked))).toBe(JSON.stringify(evaluate(structuredClone(rules), structuredClone(asked))));
      expect(JSON.stringify([rules, asked])).toBe(before);
    }),
    { numRuns: 300 },
  );
});

// One place of the value is replaced; `choices` pick the way down.
function mutate(value: unknown, choices: readonly number[], replacement: unknown): unknown {
  const [choice, ...others] = choices;
  if (typeof value !== 'object' || value === null || choice === undefined) return replacement;
  const keys = Object.keys(value);
  const key = keys[choice % keys.length];
  if (key === undefined) return replacement;
  const changed = mutate((value as Record<string, unknown>)[key], others, replacement);
  return Array.isArray(value) ? value.map((element: unknown, index) => (String(index) === key ? changed : element)) : { ...value, [key]: changed };
}

test('a Bundle damaged anywhere never makes the engine throw, nor deny what it should not', () => {
  expect.hasAssertions();
  const damage = fc.array(fc.tuple(fc.array(fc.nat(50), { minLength: 1, maxLength: 9 }), fc.oneof(fc.jsonValue(), fc.constant(undefined), number)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(pack, request, damage, (rules, asked, damages) => {
      const claimBundle = damages.reduce<unknown>((value, [choices, replacement]) => mutate(value, choices, replacement), asked.claimBundle) as Bundle;
      expectSound(evaluate(rules, { ...asked, claimBundle }), asked, rules);
    }),
    { numRuns: 2000 },
  );
});

test('a clinical fact smuggled into a denial past the types denies nothing', () => {
  const when = { fact: 'age', years: { atLeast: 1 } } as unknown as AdministrativeCondition;
  const smuggled: PolicyPack = {
    schemaVersion: 1, plan: 'P', pack: 'p', version: '1', title: 'T', effective: { from: '2026-01-01' }, clinical: [],
    administrative: [{ id: 'd', title: 'D', category: 'benefit-exclusion', when, then: { effect: 'deny', reason: { text: 'too old' } } }, { id: 'e', title: 'E', category: 'benefit-exclusion', when: { not: when }, then: { effect: 'deny', reason: { text: 'too young' } } }],
  };
  const asked: ReviewRequest = { receivedOn: '2026-06-10', claimBundle: requestBundle(), member: { birthDate: '1950-02-01' }, coverage: undefined, itemSequences: [1], existing: [] };
  expect(evaluate(smuggled, asked)).toMatchObject([{ kind: 'clinical', effect: 'pend' }]);
});
