/** HD: each benefit of a member as a Coverage, with its dates, its group and the order among payers. */
import type { Cursor } from '../reading/target.ts';
import { loopsOf, pieceOf, piecesOf } from '../reading/piece.ts';
import { subscriberRelationship } from '../codes.ts';
import { toFhirDate } from '../grammar/dates.ts';
import type { LoopOccurrence } from '../grammar/definition.ts';
import { SYSTEM, x12System } from '../pas.ts';
import { valueAt } from '../segment.ts';
import type { MemberFrame } from './frame.ts';

const COVERAGE_CLASS = 'http://terminology.hl7.org/CodeSystem/coverage-class';
/** Maintenance type (875) that ends a benefit. */
const TERMINATED = '024';

/** Maps every benefit; a member without one still has the Coverage that his enrollment is. */
export function mapBenefits(frame: MemberFrame): void {
  const benefits = loopsOf(frame.member, '2300');
  if (benefits.length === 0) mapBenefit(frame, undefined);
  for (const benefit of benefits) mapBenefit(frame, benefit);
}

function mapBenefit(frame: MemberFrame, benefit: LoopOccurrence | undefined): void {
  const { draft, member, urns, patient, subscriber, payer, sponsor, ins, isSubscriber } = frame;
  const hd = pieceOf(draft, benefit, 'HD');
  // A benefit is known by its member and kind; the plan may change under it.
  const url = urns.of('coverage', patient, hd?.text(3) ?? '', benefit === undefined ? '' : valueAt(benefit.segments.find((segment) => segment.id === 'REF' && valueAt(segment, 1) === '1L'), 2));
  const coverage = draft.resource('Coverage', url);
  const maintenance = hd ?? ins;
  const element = hd === undefined ? 3 : 1;
  maintenance?.put(coverage, 'status', element, undefined, (code) => (code === TERMINATED ? 'cancelled' : 'active'));
  if (coverage.peek('status') === undefined) coverage.set('status', 'active');
  if (hd !== undefined) {
    ins?.consult(3);
    hd.code(coverage.within('type'), x12System('1205'), 3);
  }
  coverage.set('beneficiary', { reference: patient }).set('payor', [{ reference: payer }]);
  if (sponsor !== undefined) coverage.set('policyHolder', { reference: sponsor });
  // The subscriber of a dependent may stand in another message: then he is told by his number.
  if (isSubscriber) coverage.set('subscriber', { reference: subscriber });
  const number = pieceOf(draft, member, 'REF', '0F');
  if (number?.put(coverage, 'subscriberId', 2) === true) number.consult(1);
  if (ins !== undefined && ins.text(2) !== '') {
    const relationship = coverage.within('relationship');
    ins.code(relationship, SYSTEM.subscriberRelationship, 2, undefined, subscriberRelationship);
    ins.code(relationship, x12System('1069'), 2);
  }
  mapPeriod(frame, benefit, coverage);
  mapClasses(frame, benefit, coverage);
  for (const cob of loopsOf(benefit ?? member, '2320').slice(0, 1)) {
    // COB01: which payer this one is beside the other (P primary, S secondary, T tertiary).
    pieceOf(draft, cob, 'COB')?.put(coverage, 'order', 1, undefined, (code) => ({ P: 1, S: 2, T: 3 })[code]);
  }
}

/** DTP 348 and 349 of the benefit; where it says nothing, those of the member's eligibility (356, 357). */
function mapPeriod({ draft, member }: MemberFrame, benefit: LoopOccurrence | undefined, coverage: Cursor): void {
  const period = coverage.within('period');
  for (const [end, ofBenefit, ofMember] of [['start', '348', '356'], ['end', '349', '357']] as const) {
    const dtp = pieceOf(draft, benefit, 'DTP', ofBenefit) ?? pieceOf(draft, member, 'DTP', ofMember);
    if (dtp === undefined) continue;
    dtp.consult(1);
    if (dtp.put(period, end, 3, undefined, toFhirDate)) dtp.consult(2);
  }
}

function mapClasses({ draft, set, member }: MemberFrame, benefit: LoopOccurrence | undefined, coverage: Cursor): void {
  const group = pieceOf(draft, benefit, 'REF', '1L') ?? pieceOf(draft, member, 'REF', '1L') ?? pieceOf(draft, set, 'REF', '38');
  const add = (code: string): Cursor => coverage.another('class').set('type', { coding: [{ system: COVERAGE_CLASS, code }] });
  if (group !== undefined && group.text(2) !== '') {
    group.consult(1);
    group.put(add('group'), 'value', 2);
  }
  const hd = pieceOf(draft, benefit, 'HD');
  if (hd !== undefined && hd.text(4) !== '') hd.put(add('plan'), 'value', 4);
  for (const policy of piecesOf(draft, benefit, 'REF', ['CE', 'E8', 'X9'])) {
    policy.consult(1);
    policy.put(add('subplan'), 'value', 2);
  }
}

