/* oxlint-disable unicorn/no-thenable -- `then` is a word of the pack format */
/** Which facts of a record could still settle what rules say: what is looked for, and what is not. */
import type { Bundle } from '@medplum/fhirtypes';
import { openFacts } from '../../review/engine/open-facts.ts';
import type { ReviewRequest } from '../../review/engine/types.ts';
import type { ClinicalRule, Condition, CriterionTree, PolicyPack } from '../../review/policies/pack.ts';

const system = 'urn:services';
const service: Condition = { fact: 'service', in: [{ system, codes: ['S1'] }] };
const observation: Condition = { fact: 'observation', code: [{ system: 'http://loinc.org', codes: ['1-8'] }], value: { atLeast: 5 }, units: ['1'] };
const condition: Condition = { fact: 'condition', in: [{ system: 'urn:conditions', codes: ['C1'] }] };
const document: Condition = { fact: 'document', in: [{ system: 'http://loinc.org', codes: ['2-6'] }] };
const answer: Condition = { fact: 'answer', linkId: '1', questionnaire: 'urn:form', equals: true };
const woman: Condition = { fact: 'gender', in: ['female'] };

const criterion = (test: Condition, id = 'c'): CriterionTree => ({ id, text: id, test });
const rule = (criteria: CriterionTree, applies: Condition = service): ClinicalRule => ({ id: 'r', title: 'R', source: 'S', applies, criteria, met: { effect: 'certify', validDays: 1 }, otherwise: { effect: 'pend' } });
const pack = (clinical: readonly ClinicalRule[], administrative: PolicyPack['administrative'] = []): PolicyPack => ({ schemaVersion: 1, plan: 'P', pack: 'p', version: '1', title: 'P', effective: { from: '2000-01-01' }, administrative, clinical });
const asks = (code: string, observed: readonly number[] = []): ReviewRequest => {
  const about = { reference: 'urn:uuid:p' };
  const claimBundle = { resourceType: 'Bundle', type: 'collection', entry: [
    { fullUrl: 'urn:uuid:c', resource: { resourceType: 'Claim', patient: about, item: [{ sequence: 1, productOrService: { coding: [{ system, code }] }, servicedDate: '2026-01-02' }] } }, { fullUrl: 'urn:uuid:p', resource: { resourceType: 'Patient' } },
    ...observed.map((value, index) => ({ fullUrl: `urn:uuid:o${index}`, resource: { resourceType: 'Observation', status: 'final', subject: about, code: { coding: [{ system: 'http://loinc.org', code: '1-8' }] }, effectiveDateTime: '2026-01-01', valueQuantity: { value, code: '1' } } })),
  ] } as unknown as Bundle;
  return { receivedOn: '2026-01-02', claimBundle, member: { gender: 'male' }, coverage: { plan: 'P', status: 'active' }, itemSequences: [1], existing: [] };
};

test.each<[string, PolicyPack, ReviewRequest]>([
  ['of a rule for another service', pack([rule(criterion(observation))]), asks('S2')],
  ['of a rule that is settled', pack([rule(criterion(observation))]), asks('S1', [6])],
  ['below a group that is settled', pack([rule({ any: [criterion(observation), criterion(condition)] })]), asks('S1', [6])],
  ['of a rule that is not met whatever comes', pack([rule({ all: [criterion(woman), criterion(observation)] })]), asks('S1')],
  ['where another rule is not met', pack([rule(criterion(observation)), rule(criterion(woman))]), asks('S1')],
  ['where the contract decides', pack([rule(criterion(observation))], [{ id: 'a', title: 'A', category: 'benefit-exclusion', when: { fact: 'service', in: [{ system, codes: ['S1'] }] }, then: { effect: 'deny', reason: { text: 'No.' } } }]), asks('S1')],
  ['of another plan\'s pack', { ...pack([rule(criterion(observation))]), plan: 'Q' }, asks('S1')],
  ['that no record of a patient holds', pack([rule(criterion({ fact: 'diagnosis', in: [{ system: 'urn:d', codes: ['D'] }] }))]), asks('S1')],
])('nothing is looked for %s', (_, rules, request) => {
  expect(openFacts(rules, request)).toEqual([]);
});

test.each<[string, PolicyPack, ReviewRequest, readonly Condition[]]>([
  ['what is open in the criteria of a rule, each once', pack([rule({ all: [criterion(observation), criterion({ any: [condition, { not: document }, observation] })] }), rule(criterion(answer))]), asks('S1'), [observation, condition, document, answer]],
  ['the rest, where a part has been shown', pack([rule({ all: [criterion(observation), criterion(condition)] })]), asks('S1', [6]), [condition]],
  ['what two measurements of a day contradict each other in', pack([rule(criterion(observation))]), asks('S1', [6, 4]), [observation]],
  ['what decides whether a rule applies', pack([rule(criterion(woman), { all: [service, condition] })]), asks('S1'), [condition]],
  ['what shows that no authorization is needed', pack([], [{ id: 'a', title: 'A', category: 'no-authorization-needed', when: { all: [service, condition] }, then: { effect: 'certify', reason: { text: 'Yes.' } } }]), asks('S1'), [condition]],
])('looked for is %s', (_, rules, request, facts) => {
  expect(openFacts(rules, request)).toEqual(facts);
});
