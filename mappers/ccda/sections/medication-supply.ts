/**
 * Supply: Medication Supply Order to MedicationRequest.dispenseRequest, Medication Dispense to MedicationDispense.
 * Source: C-CDA 2.1, Medication Supply Order, Medication Dispense; C-CDA on FHIR, "Medications"
 */
import type { Cursor } from '../../draft.ts';
import type { Conversion, Placed } from '../conversion.ts';
import { participant } from '../header/participants.ts';
import { authorOf } from '../provenance.ts';
import { putIdentifiers } from '../values/identifier.ts';
import { putQuantity } from '../values/quantity.ts';
import { putWords } from '../values/text.ts';
import { isInterval, putPeriod, putTime } from '../values/times.ts';
import type { Element } from '../xml/element.ts';
import { markProduct, productOf, putMedication } from './medication-product.ts';
import { takeNested } from './nested.ts';
import { markStatement } from './statement.ts';

const instruction = '2.16.840.1.113883.10.20.22.4.20';
const dispenseStates: Readonly<Record<string, string>> = { completed: 'completed', active: 'in-progress', aborted: 'stopped', cancelled: 'cancelled', suspended: 'on-hold', held: 'on-hold', nullified: 'entered-in-error', new: 'preparation' };

/** How much, how often and until when may be dispensed. */
export function putSupplyOrder(c: Conversion, at: Cursor, order: Element): void {
  markStatement(c, order);
  const product = productOf(order);
  if (product !== undefined) c.leave(product, 'the medication is told by the statement around it');
  for (const id of order.all('id')) c.leave(id, 'a supply within a request has no identifier');
  const until = order.child('effectiveTime');
  if (until !== undefined) putPeriod(c, at.within('validityPeriod'), until, 'supply/time');
  const repeats = order.child('repeatNumber');
  // The number of fills; all but the first one are repeats.
  const fills = /^\d{1,6}$/.test(repeats?.get('value') ?? '') ? Number(repeats?.get('value')) : Number.NaN;
  if (repeats !== undefined && Number.isInteger(fills) && fills >= 1) c.put(at, 'numberOfRepeatsAllowed', fills - 1, repeats, 'value', 'supply/repeatNumber');
  putQuantity(c, at.within('quantity'), order.child('quantity'), 'supply/quantity');
}

/** A supply order that stands alone: a request that is all about supply. */
export function supplyOrder(c: Conversion, order: Element): readonly Placed[] {
  markStatement(c, order);
  if (order.get('moodCode') === 'EVN') return dispense(c, order, undefined);
  const made = c.stated('MedicationRequest', order);
  if (made.again) return [made];
  const at = made.cursor;
  putIdentifiers(c, at, order, 'supply/id');
  const status = order.child('statusCode');
  if (status?.get('code') === 'active') c.put(at, 'status', 'active', status, 'code', 'supply/status');
  else at.set('status', status?.get('code') === 'completed' ? 'completed' : 'unknown');
  at.set('intent', 'order');
  c.refer(at, 'subject', c.patient);
  putMedication(c, at, order, 'supply/product');
  c.refer(at, 'requester', authorOf(c, order.child('author')));
  putTime(c, at, 'authoredOn', order.at('author', 'time'), 'supply/author/time');
  for (const words of takeNested(order, instruction)) {
    markStatement(c, words);
    putWords(c, at.another('dosageInstruction'), 'patientInstruction', words.child('text'), 'supply/instruction');
  }
  putSupplyOrder(c, at.within('dispenseRequest'), order);
  for (const id of order.all('id')) id.left = undefined;
  return [made];
}

/** A medication that was handed out, on a request where it stands within one. */
export function dispense(c: Conversion, supply: Element, request: Placed | undefined): readonly Placed[] {
  markStatement(c, supply);
  const made = c.stated('MedicationDispense', supply);
  if (made.again) return [made];
  const at = made.cursor;
  putIdentifiers(c, at, supply, 'dispense/id');
  const status = supply.child('statusCode');
  if (status === undefined || !c.put(at, 'status', dispenseStates[status.get('code') ?? ''], status, 'code', 'dispense/status')) at.set('status', 'unknown');
  const product = productOf(supply);
  if (product === undefined && request !== undefined) {
    at.set('medicationCodeableConcept', request.cursor.peek('medicationCodeableConcept') as never).set('medicationReference', request.cursor.peek('medicationReference') as never);
  } else {
    if (product !== undefined) markProduct(c, product);
    putMedication(c, at, supply, 'dispense/product');
  }
  c.refer(at, 'subject', c.patient);
  if (request !== undefined) at.set('authorizingPrescription', [{ reference: request.url }]);
  for (const performer of supply.all('performer')) {
    c.consult(performer, 'typeCode');
    const who = participant(c, performer.child('assignedEntity'), 'dispense/performer');
    if (who !== undefined) c.refer(at.another('performer'), 'actor', who);
  }
  const when = supply.child('effectiveTime');
  if (when !== undefined) putTime(c, at, 'whenHandedOver', isInterval(when) ? when.child('low') : when, 'dispense/time');
  putQuantity(c, at.within('quantity'), supply.child('quantity'), 'dispense/quantity');
  return [made];
}
