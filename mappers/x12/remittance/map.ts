/**
 * 835 remittance to FHIR: one PaymentReconciliation for the payment, and an ExplanationOfBenefit for each claim that it
 * pays, with its lines and adjustments. No official crosswalk exists; categories follow CARIN Blue Button where it has
 * names, reasons are X12's claim adjustment reason codes and remittance advice remark codes, by their own systems.
 *
 * The whole set is one Bundle: the payment names every claim. What FHIR asks for and an 835 does not say is told as
 * absent: the type of the claim, for one.
 */
import type { Bundle } from '@medplum/fhirtypes';
import { Draft } from '../../draft.ts';
import type { Cursor } from '../reading/target.ts';
import { identifierSystem } from '../codes.ts';
import { decimalOf } from '../decimal.ts';
import { toFhirDate } from '../grammar/dates.ts';
import type { LoopOccurrence } from '../grammar/definition.ts';
import { SYSTEM, TRACE_SYSTEM_PREFIX, x12System } from '../pas.ts';
import { numberOf, type PartyNumber, Urns } from '../reading/frame.ts';
import { Members } from '../reading/members.ts';
import { mapOrganization } from '../reading/organizations.ts';
import { ABSENT, mapAddress, mapContacts } from '../reading/parties.ts';
import { loopsOf, type Piece, pieceOf, piecesOf, placesBelow } from '../reading/piece.ts';
import { valueAt } from '../segment.ts';
import type { SetMapper } from '../set-unit.ts';
import { mapClaimPayment } from './claim-payment.ts';
import type { PaymentFrame } from './frame.ts';
import { reasonFor } from './unmapped-reasons.ts';

export const mapRemittance: SetMapper = function* (set, origin) {
  const draft = new Draft();
  const urns = new Urns(origin);
  const [payer, payee] = [loopsOf(set, '1000A')[0], loopsOf(set, '1000B')[0]];
  const bpr = pieceOf(draft, set, 'BPR');
  const frame: PaymentFrame = {
    draft, urns, origin, set, payeeType: 'Organization', issues: [],
    payer: urns.ofParty('organization', payer?.segments[0] ?? set.segments[0]!, payerNumber(payer)), payee: urns.ofParty('organization', payee?.segments[0] ?? set.segments[0]!),
    members: new Members(urns, payerNumber(payer), payer?.segments[0] ?? set.segments[0]!),
    currency: pieceOf(draft, set, 'CUR')?.qualifier(2) || 'USD',
    day: toFhirDate(bpr?.text(16) ?? '') ?? toFhirDate(pieceOf(draft, set, 'DTM', '405')?.text(2) ?? ''),
  };
  const url = urns.ofPlace('payment', (bpr?.segment ?? set.segments[0])!);
  const payment = draft.resource('PaymentReconciliation', url);
  mapParty(frame, payer, frame.payer);
  mapParty(frame, payee, frame.payee);
  mapPayment(frame, payment, bpr);
  for (const header of loopsOf(set, '2000')) {
    pieceOf(draft, header, 'LX')?.consult(1);
    for (const claim of loopsOf(header, '2100')) mapDetail(frame, payment, claim, mapClaimPayment(frame, claim));
  }
  for (const plb of piecesOf(draft, set, 'PLB')) mapProviderAdjustments(frame, payment, plb);
  const bundle: Bundle = { resourceType: 'Bundle', type: 'collection', entry: draft.entries(url) };
  yield {
    kind: 'payment', until: Number.POSITIVE_INFINITY,
    mapping: { bundle, issues: frame.issues, get ledger() { return draft.ledger(); }, get unmapped() { return draft.unmapped(placesBelow(set), ({ source }) => reasonFor(source)); } },
  };
};

/** N104; a payer who has none there is known by the number that other sets send with PI (REF*2U). */
function payerNumber(loop: LoopOccurrence | undefined): PartyNumber | undefined {
  const further = valueAt(loop?.segments.find((segment) => segment.id === 'REF' && valueAt(segment, 1) === '2U'), 2).trim();
  return numberOf(loop?.segments[0]) ?? (further === '' ? undefined : { qualifier: 'PI', number: further });
}

function mapParty(frame: PaymentFrame, loop: LoopOccurrence | undefined, url: string): void {
  const { draft } = frame;
  const organization = mapOrganization(frame, loop, url);
  if (loop === undefined) return;
  for (const ref of piecesOf(draft, loop, 'REF')) {
    const qualifier = ref.qualifier(1);
    ref.put(organization.another('identifier').set('system', qualifier === 'TJ' ? SYSTEM.ein : identifierSystem('128', qualifier)), 'value', 2);
  }
  mapAddress(frame, loop, organization.another('address'));
  mapContacts(frame, loop, undefined, organization);
}

/** BPR and TRN. */
function mapPayment(frame: PaymentFrame, payment: Cursor, bpr: Piece | undefined): void {
  const { draft, set, payer, payee, day, currency } = frame;
  payment.set('status', 'active').set('paymentIssuer', { reference: payer }).set('requestor', { reference: payee }).set('outcome', 'complete');
  const date = bpr !== undefined && toFhirDate(bpr.text(16)) !== undefined ? bpr : undefined;
  if (date !== undefined) {
    date.put(payment, 'paymentDate', 16, undefined, toFhirDate);
    date.put(payment, 'created', 16, undefined, toFhirDate);
  } else {
    const produced = pieceOf(draft, set, 'DTM', '405');
    if (day !== undefined) for (const target of ['paymentDate', 'created']) produced?.put(payment, target, 2, undefined, toFhirDate);
    else payment.set('_paymentDate', ABSENT).set('_created', ABSENT);
  }
  pieceOf(draft, set, 'DTM', '405')?.consult(1);
  const amount = payment.within('paymentAmount');
  if (bpr?.put(amount, 'value', 2, undefined, decimalOf) === true) amount.set('currency', currency);
  else amount.set('_value', ABSENT);
  // BPR03: a debit takes money back.
  if (bpr?.text(3) === 'D') frame.issues.push({ severity: 'information', code: 'payment-debit', text: 'The payment is a debit: money goes from the provider to the payer.', ...bpr.from(3) });
  bpr?.consult(3);
  bpr?.put(payment, 'disposition', 4, undefined, (method) => `Payment method ${method} (X12 data element 591)`);
  const trn = pieceOf(draft, set, 'TRN');
  if (trn === undefined) return;
  trn.consult(1);
  const identifier = payment.within('paymentIdentifier');
  if (trn.put(identifier, 'value', 2)) trn.put(identifier, 'system', 3, undefined, (organization) => `${TRACE_SYSTEM_PREFIX}${organization}`);
}

const PAYMENT_TYPE = 'http://terminology.hl7.org/CodeSystem/payment-type';

/** A claim of the payment. */
function mapDetail({ draft, payee, currency }: PaymentFrame, payment: Cursor, claim: LoopOccurrence, url: string): void {
  const detail = payment.another('detail');
  detail.set('type', { coding: [{ system: PAYMENT_TYPE, code: 'payment' }] }).set('response', { reference: url }).set('submitter', { reference: payee }).set('payee', { reference: payee });
  const clp = pieceOf(draft, claim, 'CLP');
  if (clp?.put(detail.within('amount'), 'value', 4, undefined, decimalOf) === true) detail.within('amount').set('currency', currency);
}

/** PLB: what is kept from or added to the payment as a whole. A positive amount lowers the payment. */
function mapProviderAdjustments({ currency }: PaymentFrame, payment: Cursor, plb: Piece): void {
  for (let element = 3; element <= 13; element += 2) {
    if (plb.text(element, 1) === '') continue;
    const detail = payment.another('detail');
    const type = detail.within('type');
    type.another('coding').set('system', PAYMENT_TYPE).set('code', 'adjustment');
    plb.code(type, x12System('426'), element, 1);
    plb.put(detail.within('identifier'), 'value', element, 2);
    plb.put(detail, 'date', 2, undefined, toFhirDate);
    if (plb.put(detail.within('amount'), 'value', element + 1, undefined, (text) => decimalOf(text.startsWith('-') ? text.slice(1) : `-${text}`))) detail.within('amount').set('currency', currency);
  }
}
