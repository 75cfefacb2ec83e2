/**
 * Results with a code of a vital sign: FHIR has a profile for each, with a unit of UCUM, whether it is claimed or not.
 * Units that mean one of those are told by its code; a value that the profile has no place for stands in a component.
 * Source: https://hl7.org/fhir/R4/observation-vitalsigns.html
 */
import { Part } from '../engine/part.ts';
import type { Run } from '../engine/run.ts';
import type { Hl7Segment } from '../syntax/message.ts';
import { codeSystemOf } from '../types/code-systems.ts';

/** Units that the profile of a code allows; none for panels. */
const UNITS: Readonly<Record<string, readonly string[]>> = {
  '85353-1': [], '9279-1': ['/min'], '8867-4': ['/min'], '2708-6': ['%'], '8310-5': ['Cel', '[degF]'], '8302-2': ['cm', '[in_i]'],
  '9843-4': ['cm', '[in_i]'], '29463-7': ['g', 'kg', '[lb_av]'], '39156-5': ['kg/m2'], '85354-9': [],
};

/** Ways of senders to write them. */
const SPELLINGS: Readonly<Record<string, string>> = {
  '/min': '/min', bpm: '/min', 'beats/min': '/min', '{beats}/min': '/min', '{beats}/minute': '/min', 'beats/minute': '/min', 'breaths/min': '/min', '{breaths}/min': '/min', 'br/min': '/min', '1/min': '/min',
  '%': '%', 'percent': '%', c: 'Cel', cel: 'Cel', degc: 'Cel', '°c': 'Cel', f: '[degF]', degf: '[degF]', '[degf]': '[degF]', '°f': '[degF]', 'deg f': '[degF]', 'deg c': 'Cel',
  cm: 'cm', in: '[in_i]', inch: '[in_i]', inches: '[in_i]', '[in_i]': '[in_i]', '[in_us]': '[in_i]', g: 'g', kg: 'kg', lb: '[lb_av]', lbs: '[lb_av]', '[lb_av]': '[lb_av]', '[lb_us]': '[lb_av]', 'kg/m2': 'kg/m2', 'kg/m^2': 'kg/m2', 'kg/m*2': 'kg/m2',
};

export interface VitalSign {
  /** The value is a number with a unit that the profile allows. */
  readonly isQuantity: boolean;
  readonly unit?: string;
}

/** What OBX-3 says of vital signs; undefined where it has no such code. */
export function vitalSignOf(segment: Hl7Segment, run: Run): VitalSign | undefined {
  const code = new Part(segment, 3);
  const found = [1, 4, 10].find((n) => codeSystemOf(code.textAt(n + 2), run) === 'http://loinc.org' && UNITS[code.textAt(n) ?? ''] !== undefined);
  if (found === undefined) return undefined;
  const unit = new Part(segment, 6);
  const spelled = [1, 2].map((n) => SPELLINGS[unit.textAt(n)?.toLowerCase() ?? '']).find((each) => each !== undefined);
  const type = new Part(segment, 2).text;
  const value = new Part(segment, 5);
  const number = type === 'SN' ? value.textAt(2) : value.textAt(1);
  const isNumber = (type === 'NM' || (type === 'SN' && value.textAt(3) === undefined)) && number !== undefined && /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/.test(number);
  const isAllowed = spelled !== undefined && UNITS[code.textAt(found)!]!.includes(spelled);
  return { isQuantity: isNumber && isAllowed, ...(isAllowed && { unit: spelled }) };
}
