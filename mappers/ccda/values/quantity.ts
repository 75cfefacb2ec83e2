/** Quantities, ranges and ratios. Source: HL7 v3 Data Types (PQ, IVL_PQ, RTO); units are UCUM by their definition. */
import { isUnit } from '../../../profiles/codes/units.ts';
import type { Cursor } from '../../draft.ts';
import { type Conversion, decimal } from '../conversion.ts';
import type { Element } from '../xml/element.ts';

const ucum = 'http://unitsofmeasure.org';

/** A quantity with its unit; false where there is no number. */
export function putQuantity(c: Conversion, at: Cursor, from: Element | undefined, rule: string): boolean {
  if (from === undefined) return false;
  c.consult(from, 'xsi:type', 'nullFlavor');
  const sent = from.get('value');
  const value = decimal(sent);
  if (value === undefined) {
    if (sent !== undefined) c.tell('warning', 'number-unreadable', 'A quantity is no decimal number.', from);
    return false;
  }
  c.put(at, 'value', value, from, 'value', rule);
  const unit = from.get('unit');
  if (unit !== undefined) {
    c.put(at, 'unit', unit, from, 'unit', rule);
    if (isUnit(unit)) at.set('system', ucum).set('code', unit);
  }
  for (const translation of from.all('translation')) c.leave(translation, 'a quantity of FHIR has one unit');
  return true;
}

/** Both ends as a Range; false where none has a number. */
export function putRange(c: Conversion, at: Cursor, from: Element, rule: string): boolean {
  c.consult(from, 'xsi:type', 'nullFlavor');
  for (const end of ['low', 'high']) {
    const limit = from.child(end);
    if (limit !== undefined) c.consult(limit, 'nullFlavor', 'inclusive');
  }
  const isLow = putQuantity(c, at.within('low'), from.child('low'), rule);
  if (isLow && isBounded(from) && !isOrdered(from)) {
    c.tell('warning', 'range-reversed', 'The ends of a range cannot be compared, or the upper one is below the lower one: only the lower one is said.', from);
    return true;
  }
  return putQuantity(c, at.within('high'), from.child('high'), rule) || isLow;
}

/** Whether the ends of an interval are in their order, and of one unit (rng-2). */
function isOrdered(from: Element): boolean {
  const [low, high] = [from.child('low'), from.child('high')];
  return low?.get('unit') === high?.get('unit') && (decimal(low?.get('value')) ?? Number.NaN) <= (decimal(high?.get('value')) ?? Number.NaN);
}

/** An interval with one known end as a quantity with a comparator. */
export function putComparedQuantity(c: Conversion, at: Cursor, from: Element, rule: string): boolean {
  const low = from.child('low');
  const limit = low?.get('value') === undefined ? from.child('high') : low;
  if (limit === undefined || !putQuantity(c, at, limit, rule)) return false;
  c.consult(limit, 'inclusive');
  const sign = limit === low ? '>' : '<';
  at.set('comparator', limit.get('inclusive') === 'false' ? sign : `${sign}=`);
  return true;
}

/** Whether an interval has numbers at both of its ends. */
export function isBounded(from: Element): boolean {
  return from.at('low')?.get('value') !== undefined && from.at('high')?.get('value') !== undefined;
}
