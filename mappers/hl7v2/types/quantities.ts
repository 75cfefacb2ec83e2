/** Numbers and quantities: NM, CQ, SN, NR, MO, CP. Source: HL7 v2.5.1 2.A; v2-to-FHIR CQ[Quantity], CWE[Quantity], SN[*]. */
import { isUnit } from '../../../profiles/codes/units.ts';
import type { Cursor } from '../../draft.ts';
import type { Part } from '../engine/part.ts';
import type { Run } from '../engine/run.ts';
import { codeSystemOf } from './code-systems.ts';
import { codeText, stringOf } from './coded.ts';

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/;

/** NM as a FHIR decimal. */
export function decimalOf(part: Part, run: Run): number | undefined {
  const text = part.text;
  if (text === undefined) return undefined;
  if (!NUMBER.test(text) || text.length > 18) {
    run.draft.leave(part.from, 'not a number');
    run.issue('warning', 'number-unreadable', 'A number cannot be read.', part.from);
    return undefined;
  }
  return Number(text);
}

/** NM as a FHIR integer of at least `least`. */
export function integerOf(part: Part, run: Run, least: number): number | undefined {
  const value = decimalOf(part, run);
  if (value === undefined) return undefined;
  if (Number.isInteger(value) && value >= least && Math.abs(value) < 2 ** 31) return value;
  run.draft.leave(part.from, 'not a whole number that is possible here');
  return undefined;
}

/** The unit of a quantity, a CWE: with a code system it is a code, otherwise words. */
export function emitUnit(at: Cursor, unit: Part, rule: string, run: Run): void {
  const [code, words, name] = [unit.at(1), unit.at(2), unit.at(3)];
  const system = codeSystemOf(name.text, run) ?? (name.text !== undefined && /^ISO\+?$/i.test(name.text) ? 'http://terminology.hl7.org/CodeSystem/v2-0396' : undefined);
  // Senders name UCUM for whatever unit they have.
  if (code.text !== undefined && system === 'http://unitsofmeasure.org' && !isUnit(code.text)) {
    run.draft.leave(name.from, 'the unit is none of UCUM');
    run.issueOnce('warning', 'unit-unknown', 'A unit is said to be of UCUM and is none; it is kept as text.', code.from);
    at.emit('unit', stringOf(words.text === undefined ? code : words), (words.text === undefined ? code : words).from, rule);
    return;
  }
  if (code.text !== undefined && system !== undefined) {
    at.emit('code', codeText(code), code.from, rule);
    at.emit('system', system, name.from, rule);
  }
  if (words.text !== undefined) at.emit('unit', stringOf(words), words.from, rule);
  else if (code.text !== undefined) at.emit('unit', stringOf(code), code.from, rule);
}

/** CQ: a number and its unit. */
export function fillCq(at: Cursor, part: Part, rule: string, run: Run): void {
  const value = decimalOf(part.at(1), run);
  if (value === undefined) return;
  at.emit('value', value, part.at(1).from, rule);
  const unit = part.at(2);
  if (unit.valued) emitUnit(at, unit, rule, run);
}

/** NM as the value of a Quantity. */
export function fillNm(at: Cursor, part: Part, rule: string, run: Run): void {
  at.emit('value', decimalOf(part.at(1), run), part.at(1).from, rule);
}

/** CWE as the unit of a Quantity whose value another field has. */
export function fillUnit(at: Cursor, part: Part, rule: string, run: Run): void {
  if (at.peek('value') !== undefined) emitUnit(at, part, rule, run);
}

/** A number of days. */
export function fillDays(at: Cursor, part: Part, rule: string, run: Run): void {
  const value = decimalOf(part.at(1), run);
  if (value === undefined || value < 0) return;
  at.emit('value', value, part.at(1).from, rule);
  at.set('unit', 'days').set('system', 'http://unitsofmeasure.org').set('code', 'd');
}

/** MO, and CP whose first component is one: an amount of money. Without a currency it has none. */
export function fillMoney(at: Cursor, part: Part, rule: string, run: Run): void {
  const amount = part.at(1);
  const value = decimalOf(amount.component > 0 ? amount.at(1) : amount, run);
  if (value === undefined) return;
  at.emit('value', value, amount.at(1).from, rule);
  const currency = amount.at(2).text === undefined ? part.at(2) : amount.at(2);
  if (currency.text !== undefined && /^[A-Z]{3}$/.test(currency.text)) at.emit('currency', currency.text, currency.from, rule);
}
