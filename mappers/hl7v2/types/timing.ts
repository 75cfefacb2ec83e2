/** When and how often: DR, RPT, RI, TQ. Source: HL7 v2.5.1 2.A.20, 2.A.66, 2.A.81; v2-to-FHIR RPT[Timing], TQ[ServiceRequest]. */
import type { Cursor } from '../../draft.ts';
import type { Part } from '../engine/part.ts';
import type { Run } from '../engine/run.ts';
import { translated } from './code-systems.ts';
import { codeOf, codeText, fillConcept, stringOf } from './coded.ts';
import { instantOf } from './date-time.ts';
import { fillPeriod } from './identifiers.ts';
import { fillCq } from './quantities.ts';

/** DR. */
export function fillDr(at: Cursor, part: Part, rule: string, run: Run): void {
  fillPeriod(at, part.at(1), part.at(2), rule, run);
}

const TIMING_ABBREVIATIONS = new Set(['BID', 'TID', 'QID', 'AM', 'PM', 'QD', 'QOD', 'Q4H', 'Q6H', 'WK', 'MO']);

/** RPT and RI: how often, as a code of FHIR's where it is one, otherwise as it was sent. */
export function fillRpt(at: Cursor, part: Part, rule: string, run: Run): void {
  const code = part.at(1);
  const text = codeText(code.component > 0 ? code.at(1) : code);
  if (text === undefined) return;
  if (TIMING_ABBREVIATIONS.has(text.toUpperCase())) {
    const coding = at.within('code').another('coding');
    coding.set('system', 'http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation');
    coding.emit('code', text.toUpperCase(), code.at(1).from, rule);
    return;
  }
  if (part.component === 0 && code.at(2).text !== undefined) fillConcept(at.within('code'), code, rule, run);
  else at.within('code').emit('text', stringOf(code.at(1)), code.at(1).from, rule);
}

/** Start, end and priority of a TQ, into an order. */
export function fillTqOfOrder(at: Cursor, part: Part, rule: string, run: Run): void {
  const [quantity, interval, start, end, priority] = [part.at(1), part.at(2), part.at(4), part.at(5), part.at(6)];
  const isMedication = at.peek('resourceType') === 'MedicationRequest';
  if (!isMedication) {
    if (quantity.valued && at.peek('quantityQuantity') === undefined) fillCq(at.within('quantityQuantity'), quantity, rule, run);
    if ((interval.valued || start.valued || end.valued) && at.peek('occurrenceDateTime') === undefined && at.peek('occurrenceTiming') === undefined) {
      const timing = at.within('occurrenceTiming');
      if (interval.valued) fillRpt(timing, interval, rule, run);
      fillPeriod(timing.within('repeat').within('boundsPeriod'), start, end, rule, run);
    }
  }
  const urgency = priority.valued && at.peek('priority') === undefined ? codeOf(priority.at(1), run, 'ExtendedPriorityCodes', true) : undefined;
  if (urgency !== undefined) at.emit('priority', urgency.code, urgency.from.from, rule);
}

/** Start and end of a TQ, into an Appointment. */
export function fillTqOfAppointment(at: Cursor, part: Part, rule: string, run: Run): void {
  const [start, end] = [part.at(4), part.at(5)];
  if (start.valued && at.peek('start') === undefined) at.emit('start', instantOf(start, run), start.from, rule);
  if (end.valued && at.peek('end') === undefined) at.emit('end', instantOf(end, run), end.from, rule);
}

/** Units of time in UCUM that HL7 senders write in other ways, in minutes. */
export function minutesPer(unit: string | undefined): number | undefined {
  switch (unit?.toLowerCase()) {
    case undefined:
    case 'min':
    case 'm':
    case 'minute':
    case 'minutes':
      return 1;
    case 's':
    case 'sec':
    case 'seconds':
      return 1 / 60;
    case 'h':
    case 'hr':
    case 'hour':
    case 'hours':
      return 60;
    case 'd':
    case 'day':
    case 'days':
      return 1440;
    default:
      return undefined;
  }
}

/** A priority without a code of FHIR's is routine's, stat's or nobody's. */
export function priorityOf(part: Part): string | undefined {
  const code = codeText(part);
  return code === undefined ? undefined : translated('ExtendedPriorityCodes', code)?.code;
}
