/** The bills of a chart: a Claim, and the ExplanationOfBenefit that answers it, five times its size. */
import { concept, dateOf, money, secondOf, type Reference, type Resource } from './elements.ts';
import type { Random } from './random.ts';
import { adjudications, base, systems, terminology } from './words.ts';

export interface Service {
  readonly system: string;
  readonly code: string;
  readonly words: string;
  /** In dollars. */
  readonly price: number;
  readonly condition?: Reference;
  readonly procedure?: Reference;
}

interface Bill {
  readonly random: Random;
  readonly patient: Reference;
  readonly coverage: Reference;
  readonly encounter: Reference;
  readonly clinician: object;
  readonly payer: string;
  readonly provider: object;
  /** In milliseconds since 1970. */
  readonly start: number;
  readonly end: number;
  readonly items: readonly Service[];
  readonly prescription?: Reference;
}

/** The statement refers to the claim, so it is made when the claim has its place. */
export function claimAndStatement({ random, patient, coverage, encounter, clinician, payer, provider, start, end, items, prescription }: Bill): { claim: Resource; statement: (claim: Reference) => Resource } {
  const total = items.reduce((sum, item) => sum + item.price, 0);
  const kind = prescription ? concept(`${terminology}claim-type`, 'pharmacy', 'Pharmacy') : concept(`${terminology}claim-type`, 'institutional', 'Institutional');
  const billablePeriod = { start: secondOf(start), end: secondOf(end) };
  const diagnoses = items.flatMap((item) => (item.condition ? [item.condition] : []));
  const procedures = items.flatMap((item) => (item.procedure ? [item.procedure] : []));
  const status = random.chance(0.85) ? 'active' : 'cancelled';
  const claim: Resource = {
    resourceType: 'Claim', identifier: [{ system: systems.claim, value: random.uuid() }], status, type: kind, use: 'claim', patient, billablePeriod, created: dateOf(end), provider,
    priority: { coding: [{ system: `${terminology}processpriority`, code: 'normal' }] }, ...(prescription && { prescription }),
    ...(diagnoses.length > 0 && { diagnosis: diagnoses.map((diagnosisReference, index) => ({ sequence: index + 1, diagnosisReference })) }),
    ...(procedures.length > 0 && { procedure: procedures.map((procedureReference, index) => ({ sequence: index + 1, procedureReference })) }),
    insurance: [{ sequence: 1, focal: true, coverage }],
    item: items.map((item, index) => ({ sequence: index + 1, ...(item.condition && { diagnosisSequence: [1] }), productOrService: concept(item.system, item.code, item.words), ...(index === 0 && { encounter: [encounter] }), ...(item.price > 0 && { net: money(item.price) }) })),
    total: money(total),
  };
  const statement = (about: Reference): Resource => ({
    resourceType: 'ExplanationOfBenefit', identifier: [{ system: systems.statement, value: random.uuid() }], status: 'active', type: kind, use: 'claim', patient, billablePeriod, created: secondOf(end), insurer: { display: payer }, provider: clinician, claim: about, outcome: 'complete',
    careTeam: [{ sequence: 1, provider: clinician, role: concept(`${terminology}claimcareteamrole`, 'primary', 'Primary provider') }],
    ...(diagnoses.length > 0 && { diagnosis: diagnoses.map((diagnosisReference, index) => ({ sequence: index + 1, diagnosisReference, type: [concept(`${terminology}ex-diagnosistype`, 'principal', 'Principal Diagnosis')] })) }),
    insurance: [{ focal: true, coverage }],
    item: items.map((item, index) => ({
      sequence: index + 1, category: concept(`${base}/service-categories`, 'medical', 'Medical care'), productOrService: concept(item.system, item.code, item.words), servicedPeriod: billablePeriod,
      locationCodeableConcept: concept(`${terminology}ex-serviceplace`, '19', 'Off Campus-Outpatient Hospital'), ...(index === 0 && { encounter: [encounter] }), net: money(item.price),
      adjudication: adjudications.map(([code, words], place) => ({ category: concept(`${base}/CodeSystem/claim-line-adjudications`, `${base}/variables/line-${code}-amount`, words), amount: money(item.price * place / 5) })),
    })),
    total: [{ category: concept(`${terminology}adjudication`, 'submitted', 'Submitted Amount'), amount: money(total) }], payment: { amount: money(total * 0.8) },
  });
  return { claim, statement };
}
