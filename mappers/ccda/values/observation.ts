/**
 * The value of an observation as `value[x]`, by its type; what FHIR has no value for becomes a text.
 * Source: C-CDA on FHIR, "Results" (observation value); HL7 v3 Data Types
 */
import type { Cursor } from '../../draft.ts';
import { absentReason } from '../codes/translate.ts';
import { type Conversion, decimal } from '../conversion.ts';
import { type Element, ownText } from '../xml/element.ts';
import { fixedConcept, putConcept, saysSomething } from './concept.ts';
import { isBounded, putComparedQuantity, putQuantity, putRange } from './quantity.ts';
import { wordsOf } from './text.ts';
import { putPeriod, putTime } from './times.ts';

const absentSystem = 'http://terminology.hl7.org/CodeSystem/data-absent-reason';

/** The data type of a value: as it is told, else by what it holds. */
export function typeOf(value: Element): string {
  const told = value.get('xsi:type')?.replace(/^.*:/, '');
  if (told !== undefined) return told;
  if (value.get('code') !== undefined) return 'CD';
  if (value.get('unit') !== undefined) return 'PQ';
  return value.child('low') === undefined && value.child('high') === undefined ? 'ST' : 'IVL_PQ';
}

/**
 * Puts the value of an observation, or of a component of one.
 * @returns whether there is one now
 */
export function putValue(c: Conversion, at: Cursor, value: Element | undefined, rule: string): boolean {
  if (value === undefined) return false;
  c.consult(value, 'xsi:type');
  const isPlaced = putTyped(c, at, value, rule);
  if (isPlaced) return true;
  // A number with words, or a type that is not what is in it.
  const words = wordsOf(c, value.child('originalText')) ?? wordsOf(c, value);
  if (words !== undefined && at.peek('valueString') === undefined) return c.put(at, 'valueString', words.text, words.from, words.attribute, rule);
  const literal = value.get('value');
  return literal !== undefined && c.put(at, 'valueString', [literal, value.get('unit')].filter((part) => part !== undefined).join(' '), value, 'value', rule);
}

function putTyped(c: Conversion, at: Cursor, value: Element, rule: string): boolean {
  switch (typeOf(value)) {
    case 'CD': case 'CE': case 'CV': case 'CS': case 'CO': case 'SC':
      return saysSomething(c, value) && putConcept(c, at.within('valueCodeableConcept'), value, rule);
    case 'PQ': case 'MO': case 'REAL': case 'RTO_PQ_PQ':
      return putQuantity(c, at.within('valueQuantity'), value, rule);
    case 'INT': {
      const number = value.get('value');
      return number !== undefined && /^-?\d{1,9}$/.test(number) && c.put(at, 'valueInteger', decimal(number), value, 'value', rule);
    }
    case 'IVL_PQ': case 'IVL_INT': case 'IVL_REAL':
      if (isBounded(value)) return putRange(c, at.within('valueRange'), value, rule);
      return putComparedQuantity(c, at.within('valueQuantity'), value, rule) || putQuantity(c, at.within('valueQuantity'), value, rule);
    case 'BL': {
      const truth = value.get('value');
      return (truth === 'true' || truth === 'false') && c.put(at, 'valueBoolean', truth === 'true', value, 'value', rule);
    }
    case 'TS': return putTime(c, at, 'valueDateTime', value, rule);
    case 'IVL_TS': return putPeriod(c, at.within('valuePeriod'), value, rule);
    case 'RTO': return putRatio(c, at, value, rule);
    default: return false;
  }
}

function putRatio(c: Conversion, at: Cursor, value: Element, rule: string): boolean {
  const ratio = at.within('valueRatio');
  const isAbove = putQuantity(c, ratio.within('numerator'), value.child('numerator'), rule);
  return putQuantity(c, ratio.within('denominator'), value.child('denominator'), rule) && isAbove;
}

/** Says why an observation has no value, where it was sent that it has none. */
export function putAbsence(c: Conversion, at: Cursor, value: Element | undefined): void {
  const flavor = value?.get('nullFlavor');
  if (value === undefined || flavor === undefined) return;
  c.put(at.within('dataAbsentReason').another('coding').set('system', absentSystem), 'code', absentReason(flavor), value, 'nullFlavor', 'value/nullFlavor');
}

/** Of an observation that must have a value or a reason. */
export function requireValue(c: Conversion, at: Cursor, value: Element | undefined, rule: string): void {
  if (putValue(c, at, value, rule)) return;
  putAbsence(c, at, value);
  if (at.peek('dataAbsentReason') === undefined) at.set('dataAbsentReason', fixedConcept(absentSystem, 'unknown'));
  if (value !== undefined) c.consult(value, ownText);
}
