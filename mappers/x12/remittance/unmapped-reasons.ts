/** Why an element of a remittance has no place in FHIR. */

const BY_ELEMENT: Readonly<Record<string, string>> = {
  BPR01: 'How the remittance and the money travel has no place in PaymentReconciliation.', BPR05: 'Banking details are not kept.', BPR06: 'Banking details are not kept.', BPR07: 'Banking details are not kept.', BPR08: 'Banking details are not kept.', BPR09: 'Banking details are not kept.',
  BPR10: 'Banking details are not kept.', BPR11: 'Banking details are not kept.', BPR12: 'Banking details are not kept.', BPR13: 'Banking details are not kept.', BPR14: 'Banking details are not kept.', BPR15: 'Banking details are not kept.',
  TRN04: 'The division of the payer has no place in PaymentReconciliation.', CLP08: 'The place of service is the claim\'s.', CLP09: 'The frequency of the claim is the claim\'s.', CLP11: 'The group that was paid for is not mapped.', CLP12: 'The weight of the group is not mapped.', CLP13: 'The discharge fraction is not mapped.',
  SVC06: 'The service as submitted is the claim\'s.', PLB01: 'The provider is the payee.',
};

const BY_SEGMENT: Readonly<Record<string, string>> = {
  TS2: 'Sums of the provider are not mapped.', TS3: 'Sums of the provider are not mapped.', MIA: 'Inpatient adjudication remarks are not mapped.', MOA: 'Outpatient adjudication remarks are not mapped.', AMT: 'Supplemental amounts are not mapped.', QTY: 'Supplemental quantities are not mapped.',
  RDM: 'How the remittance is delivered is not mapped.', DTM: 'No date of ExplanationOfBenefit.', REF: 'No number of ExplanationOfBenefit.', NM1: 'Others than patient, insured and rendering provider are not mapped.', PER: 'Contacts for the claim are not mapped.', LX: 'Groups of claims are not kept.',
};

/** The reason for a place such as `ST.BPR07`. */
export function reasonFor(source: string): string {
  const element = (source.split('.')[1] ?? '').replace(/[-[].*$/, '');
  return BY_ELEMENT[element] ?? BY_SEGMENT[element.slice(0, -2)] ?? 'PaymentReconciliation and ExplanationOfBenefit have no place for this element.';
}
