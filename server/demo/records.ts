/**
 * The demo payer's records: one payer, three plans, a handful of members. All invented. The identifiers of the payer
 * and of the Smith family are those of the official PAS and X12 examples, so that those run here as they are.
 */
import type { Coverage, Organization, Patient } from '@medplum/fhirtypes';
import { systemOf } from '../../profiles/pas/names.ts';

export const memberNumberSystem = 'https://priora.health/demo/member-number';

export interface DemoMember {
  readonly id: string;
  readonly family: string;
  readonly given: string;
  readonly birthDate?: string;
  readonly gender: 'female' | 'male';
  readonly number: string;
  readonly plan: 'DEMO-GOLD' | 'DEMO-BASIC' | 'DEMO-SHOWCASE';
  readonly coverage: { readonly start: string; readonly end?: string };
  /** What the member is good for in the demo. */
  readonly shows: string;
}

export const demoPlans = [
  { id: 'DEMO-GOLD', name: 'Demo Gold' },
  { id: 'DEMO-BASIC', name: 'Demo Basic' },
  { id: 'DEMO-SHOWCASE', name: 'Demo Showcase' },
] as const;

export const demoMembers: readonly DemoMember[] = [
  { id: 'demo-joe-smith', family: 'Smith', given: 'Joe', gender: 'male', number: '12345678901', plan: 'DEMO-GOLD', coverage: { start: '2000-01-01' }, shows: 'the member of the official examples' },
  { id: 'demo-mary-smith', family: 'Smith', given: 'Mary', gender: 'female', number: '12345678901', plan: 'DEMO-GOLD', coverage: { start: '2000-01-01' }, shows: 'shares a family number with Joe' },
  { id: 'demo-jesse-smith', family: 'Smith', given: 'Jesse', birthDate: '1947-01-18', gender: 'female', number: '12345678902', plan: 'DEMO-GOLD', coverage: { start: '2000-01-01' }, shows: 'the beneficiary of the official examples' },
  { id: 'demo-amara-okafor', family: 'Okafor', given: 'Amara', birthDate: '1951-03-09', gender: 'female', number: 'PD1000001', plan: 'DEMO-GOLD', coverage: { start: '2021-01-01' }, shows: 'home oxygen, certified by criteria' },
  { id: 'demo-daniel-reyes', family: 'Reyes', given: 'Daniel', birthDate: '1968-11-23', gender: 'male', number: 'PD1000002', plan: 'DEMO-GOLD', coverage: { start: '2021-01-01' }, shows: 'home oxygen, pended for a person' },
  { id: 'demo-lena-fischer', family: 'Fischer', given: 'Lena', birthDate: '1990-07-02', gender: 'female', number: 'PD1000003', plan: 'DEMO-BASIC', coverage: { start: '2021-01-01' }, shows: 'a service that the plan excludes' },
  { id: 'demo-victor-lindqvist', family: 'Lindqvist', given: 'Victor', birthDate: '1979-05-30', gender: 'male', number: 'PD1000004', plan: 'DEMO-BASIC', coverage: { start: '2021-01-01', end: '2024-12-31' }, shows: 'coverage that has ended' },
  { id: 'demo-sam-tester', family: 'Tester', given: 'Sam', birthDate: '1980-01-01', gender: 'female', number: 'PD1000005', plan: 'DEMO-SHOWCASE', coverage: { start: '2000-01-01' }, shows: 'every kind of answer, by service' },
];

export const demoPayer: Organization & { id: string } = {
  resourceType: 'Organization',
  id: 'demo-payer',
  active: true,
  type: [{ coding: [{ system: systemOf.organizationType, code: 'pay' }] }],
  name: 'Demo Health Plan',
  identifier: [
    { system: systemOf.npi, value: '1234567893' },
    { type: { text: 'X12 payer identification' }, value: '789312' },
  ],
};

export function demoPatient(member: DemoMember): Patient & { id: string } {
  return {
    resourceType: 'Patient',
    id: member.id,
    active: true,
    identifier: [{ type: { coding: [{ system: systemOf.identifierType, code: 'MB' }] }, system: memberNumberSystem, value: member.number }],
    name: [{ family: member.family, given: [member.given] }],
    gender: member.gender,
    ...(member.birthDate !== undefined && { birthDate: member.birthDate }),
    managingOrganization: { reference: `Organization/${demoPayer.id}` },
  };
}

export function demoCoverage(member: DemoMember): Coverage & { id: string } {
  return {
    resourceType: 'Coverage',
    id: `${member.id}-coverage`,
    status: 'active',
    identifier: [{ type: { coding: [{ system: systemOf.identifierType, code: 'MB' }] }, system: memberNumberSystem, value: member.number }],
    subscriberId: member.number,
    beneficiary: { reference: `Patient/${member.id}` },
    relationship: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/subscriber-relationship', code: 'self' }] },
    period: member.coverage,
    payor: [{ reference: `Organization/${demoPayer.id}` }],
    class: [{ type: { coding: [{ system: systemOf.coverageClass, code: 'plan' }] }, value: member.plan, name: demoPlans.find((plan) => plan.id === member.plan)!.name }],
  };
}
