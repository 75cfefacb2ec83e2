/** What cannot even be written down: `tsc` fails when one of these lines stops being an error. */
import type { AdministrativeRule, ClinicalCriterion, Denied, Modified, Person } from '../../operations/prior-authorization/events.ts';
import type { ItemDecision } from '../../operations/prior-authorization/read-decision.ts';
import type { ClinicalRecommendation } from '../../review/engine/types.ts';

const rule: AdministrativeRule = { kind: 'administrative-rule', rule: { title: 'Excluded' } };
const criterion: ClinicalCriterion = { kind: 'clinical-criterion', rule: { title: 'Oxygen' }, truth: 'not-met' };
const person: Person = { kind: 'person', name: 'Dr. Ines Moreau' };
const reason = { system: 'urn:test', code: 'x', text: 'A reason.' };

test('a clinical criterion denies or modifies nothing, a rule modifies nothing, and nobody denies without a reason', () => {
  const rows: readonly unknown[] = [
    // @ts-expect-error -- a criterion has no way to deny
    { kind: 'denied', item: 1, authority: criterion, reason } satisfies Denied,
    // @ts-expect-error -- nor to modify
    { kind: 'modified', item: 1, authority: criterion, number: 'A', period: {}, approved: {}, reason } satisfies Modified,
    // @ts-expect-error -- a rule of the contract does not reduce
    { kind: 'modified', item: 1, authority: rule, number: 'A', period: {}, approved: {}, reason } satisfies Modified,
    // @ts-expect-error -- a denial without a reason
    { kind: 'denied', item: 1, authority: person } satisfies Denied,
    // @ts-expect-error -- a reason without words
    { kind: 'denied', item: 1, authority: person, reason: { system: 'urn:test', code: 'x' } } satisfies Denied,
    // @ts-expect-error -- a person without a name
    { kind: 'person' } satisfies Person,
    // @ts-expect-error -- a decision to deny that was read without a reason
    { action: 'deny', sequence: 1, text: undefined } satisfies ItemDecision,
    // @ts-expect-error -- the engine cannot recommend a denial on clinical grounds
    { kind: 'clinical', effect: 'deny' } satisfies Partial<ClinicalRecommendation>,
    { kind: 'denied', item: 1, authority: person, reason } satisfies Denied,
    { kind: 'denied', item: 1, authority: rule, reason } satisfies Denied,
  ];
  expect(rows).toHaveLength(10);
});
