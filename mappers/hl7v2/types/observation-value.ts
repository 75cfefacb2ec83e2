/**
 * OBX-5 by the data type that OBX-2 names, with the unit of OBX-6, as Observation.value[x] or that of a component.
 * A value that is not of its type becomes a string, with an issue: what was measured is not lost to a wrong OBX-2.
 * Source: v2-to-FHIR OBX[Observation], SN[Quantity], SN[Ratio], SN[Range]; HL7 v2.5.1 2.A.70.
 */
import type { Cursor } from '../../draft.ts';
import { Part } from '../engine/part.ts';
import type { Run } from '../engine/run.ts';
import type { Hl7Segment } from '../syntax/message.ts';
import { fillConcept, fillConceptOfTable, stringOf } from './coded.ts';
import { dateTimeOf, timeOf } from './date-time.ts';
import { fillPeriod } from './identifiers.ts';
import { emitUnit } from './quantities.ts';

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/;
const COMPARED = /^(<=|>=|<|>)\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+))$/;
const RULE = 'OBX[Observation]#OBX-5';

/** Puts one repetition of OBX-5 in its place; tells whether there was anything to put. */
export function fillObservationValue(at: Cursor, segment: Hl7Segment, repetition: number, run: Run, ucum?: string): boolean {
  const value = new Part(segment, 5, repetition);
  if (!value.valued) return false;
  const unit = new Part(segment, 6);
  const type = new Part(segment, 2);
  if (type.text !== undefined) run.draft.consult(type.from);
  switch (type.text?.toUpperCase()) {
    case 'NM':
      return quantity(at, value.at(1), unit, run, ucum) || text(at, value, run, true);
    case 'SN':
      return structured(at, value, unit, run, ucum) || text(at, value, run, true);
    case 'NA':
    case 'MA':
      return sampled(at, value, run);
    case 'CE':
    case 'CWE':
    case 'CNE':
    case 'CF':
      fillConcept(at.within('valueCodeableConcept'), value, RULE, run);
      return true;
    case 'IS':
    case 'ID':
      fillConceptOfTable(at.within('valueCodeableConcept'), value.at(1), RULE, run);
      return true;
    case 'DT':
    case 'DTM':
    case 'TS':
      return at.emit('valueDateTime', dateTimeOf(value.at(1), run), value.at(1).from, RULE) || text(at, value, run, false);
    case 'TM':
      return at.emit('valueTime', timeOf(value.at(1), run), value.at(1).from, RULE) || text(at, value, run, false);
    case 'DR':
      fillPeriod(at.within('valuePeriod'), value.at(1), value.at(2), RULE, run);
      return true;
    case 'NR':
      return range(at, value.at(1), value.at(2), unit, run) || text(at, value, run, true);
    case 'CQ':
      return quantity(at, value.at(1), value.at(2).valued ? value.at(2) : unit, run) || text(at, value, run, true);
    default:
      return text(at, value, run, false);
  }
}

function quantity(at: Cursor, number: Part, unit: Part, run: Run, ucum?: string): boolean {
  const sent = number.text ?? '';
  const compared = COMPARED.exec(sent);
  if ((!NUMBER.test(sent) && compared === null) || sent.length > 20) return false;
  const cursor = at.within('valueQuantity');
  if (compared !== null) cursor.set('comparator', compared[1]);
  cursor.emit('value', Number(compared?.[2] ?? sent), number.from, RULE);
  emitUnitAs(cursor, unit, ucum, run);
  return true;
}

/** The unit as it was sent, or as a code of UCUM where that is known to be meant. */
function emitUnitAs(at: Cursor, unit: Part, ucum: string | undefined, run: Run): void {
  if (!unit.valued) return;
  if (ucum === undefined) {
    emitUnit(at, unit, RULE, run);
    return;
  }
  const words = unit.textAt(2) === undefined ? unit.at(1) : unit.at(2);
  at.emit('unit', stringOf(words), words.from, RULE);
  at.set('system', 'http://unitsofmeasure.org');
  at.emit('code', ucum, unit.at(1).from, RULE);
  if (unit.textAt(3) !== undefined) run.draft.consult(unit.at(3).from);
}

/** SN: `>^100`, `^1^-^2`, `^1^:^128`, `^10^+`. */
function structured(at: Cursor, value: Part, unit: Part, run: Run, ucum?: string): boolean {
  const [comparator, first, separator, second] = [value.at(1), value.at(2), value.at(3), value.at(4)];
  const [one, two] = [first.text, second.text];
  if (one === undefined || !NUMBER.test(one) || (two !== undefined && !NUMBER.test(two))) return false;
  if (separator.text === undefined && two === undefined) {
    const sign = comparator.text;
    if (sign !== undefined && !['<', '<=', '>', '>=', '='].includes(sign)) return false;
    const cursor = at.within('valueQuantity');
    if (sign !== undefined && sign !== '=') cursor.emit('comparator', sign, comparator.from, RULE);
    cursor.emit('value', Number(one), first.from, RULE);
    emitUnitAs(cursor, unit, ucum, run);
    return true;
  }
  if (two === undefined) return false;
  if (separator.text === '-') {
    run.draft.consult(separator.from);
    return Number(one) <= Number(two) && comparator.text === undefined && range(at, first, second, unit, run);
  }
  if (separator.text !== ':' && separator.text !== '/') return false;
  run.draft.consult(separator.from);
  const ratio = at.within('valueRatio');
  const sign = comparator.text;
  if (sign !== undefined && ['<', '<=', '>', '>='].includes(sign)) ratio.within('numerator').emit('comparator', sign, comparator.from, RULE);
  ratio.within('numerator').emit('value', Number(one), first.from, RULE);
  ratio.within('denominator').emit('value', Number(two), second.from, RULE);
  if (unit.valued) emitUnit(ratio.within('numerator'), unit, RULE, run);
  return true;
}

function range(at: Cursor, low: Part, high: Part, unit: Part, run: Run): boolean {
  const sides = [['low', low], ['high', high]] as const;
  if (!sides.some(([, part]) => part.text !== undefined) || sides.some(([, part]) => part.text !== undefined && !NUMBER.test(part.text))) return false;
  const cursor = at.within('valueRange');
  for (const [side, part] of sides) {
    if (part.text === undefined) continue;
    cursor.within(side).emit('value', Number(part.text), part.from, RULE);
    if (unit.valued) emitUnit(cursor.within(side), unit, RULE, run);
  }
  return true;
}

/** NA: a series of numbers is told as it was sent; SampledData needs an origin and a period that HL7 does not give. */
function sampled(at: Cursor, value: Part, run: Run): boolean {
  return text(at, value, run, false);
}

/** Everything in the repetition as a string, components apart by spaces. */
function text(at: Cursor, value: Part, run: Run, isFault: boolean): boolean {
  const places = [...value.places()];
  const parts: string[] = [];
  const repetition = value.segment.fields[5]?.[value.repetition - 1] ?? [];
  for (const component of repetition) for (const sub of component) if (sub.trim() !== '' && sub !== '""') parts.push(sub.trim());
  if (parts.length === 0 || places.length === 0) return false;
  const first = new Part(value.segment, 5, value.repetition, 1);
  const from = first.sent === undefined ? places[0]! : first.from;
  for (const place of places) if (place.source !== from.source) run.draft.consult(place);
  // A string may be no longer than 1 MB in FHIR.
  const joined = parts.length === 1 ? (stringOf(first) ?? parts[0]!) : parts.join(' ');
  at.emit('valueString', joined.slice(0, 1_000_000), from, RULE);
  if (isFault) run.issue('warning', 'value-not-of-type', 'A value is not of the data type that OBX-2 names; it is kept as text.', from);
  return true;
}
