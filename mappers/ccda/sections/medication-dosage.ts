/**
 * How a medication is taken: times, dose, route, site and words of a substance administration to a Dosage.
 * Source: C-CDA on FHIR, "Medications" (dosage); HL7 v3 Data Types (PIVL_TS, EIVL_TS); https://hl7.org/fhir/R4/dosage.html
 */
import type { Cursor } from '../../draft.ts';
import { type Conversion, decimal } from '../conversion.ts';
import { putConcept, saysSomething } from '../values/concept.ts';
import { putQuantity, putRange } from '../values/quantity.ts';
import { putWords } from '../values/text.ts';
import { isInterval, putPeriod, timeOf } from '../values/times.ts';
import type { Element } from '../xml/element.ts';
import { takeNested } from './nested.ts';
import { markStatement } from './statement.ts';

const freeTextSig = '2.16.840.1.113883.10.20.22.4.147';
const instruction = ['2.16.840.1.113883.10.20.22.4.20', '2.16.840.1.113883.10.20.1.49'];

/** Units of time that a Timing has. */
const units: ReadonlySet<string> = new Set(['s', 'min', 'h', 'd', 'wk', 'mo', 'a']);
/** Events of HL7 v3 that a Timing has. */
const events: ReadonlySet<string> = new Set(['HS', 'WAKE', 'C', 'CM', 'CD', 'CV', 'AC', 'ACM', 'ACD', 'ACV', 'PC', 'PCM', 'PCD', 'PCV']);
const minutes: Readonly<Record<string, number>> = { min: 1, h: 60, d: 1440 };

/** Puts what is told of the dosage. */
export function putDosage(c: Conversion, at: Cursor, statement: Element): void {
  putDosageTexts(c, at, statement);
  putTiming(c, at, statement);
  for (const precondition of statement.all('precondition')) putPrecondition(c, at, precondition);
  putConcept(c, at.within('site'), statement.child('approachSiteCode'), 'medication/site');
  putConcept(c, at.within('route'), statement.child('routeCode'), 'medication/route');
  putDose(c, at, statement);
}

function putDosageTexts(c: Conversion, at: Cursor, statement: Element): void {
  for (const sig of takeNested(statement, freeTextSig)) {
    markStatement(c, sig);
    const code = sig.child('code');
    if (code !== undefined) c.consult(code, 'code', 'codeSystem', 'codeSystemName', 'displayName');
    const consumable = sig.child('consumable');
    if (consumable !== undefined) c.leave(consumable, 'the medication is told by the statement around it');
    putWords(c, at, 'text', sig.child('text'), 'medication/sig');
  }
  const words: Element[] = takeNested(statement, ...instruction);
  for (const one of words) {
    markStatement(c, one);
    if (at.peek('patientInstruction') === undefined) putWords(c, at, 'patientInstruction', one.child('text'), 'medication/instruction');
    if (saysSomething(c, one.child('code'))) putConcept(c, at.another('additionalInstruction'), one.child('code'), 'medication/instruction');
  }
}

function putTiming(c: Conversion, at: Cursor, statement: Element): void {
  const times = statement.all('effectiveTime').flatMap((time) => (time.get('xsi:type')?.endsWith('SXPR_TS') ? [time, ...time.all('comp')] : [time]));
  const timing = at.within('timing');
  const repeat = timing.within('repeat');
  for (const time of times) {
    c.consult(time, 'xsi:type', 'operator', 'institutionSpecified', 'nullFlavor');
    const period = time.child('period');
    const event = time.child('event');
    if (period !== undefined) putPeriodicity(c, repeat, period);
    else if (event !== undefined) putEvent(c, repeat, event, time.child('offset'));
    else if (isInterval(time)) putPeriod(c, repeat.within('boundsPeriod'), time, 'medication/time');
    else putMoment(c, timing, time);
  }
  const count = statement.child('repeatNumber');
  const number = count?.get('value');
  if (count !== undefined && statement.get('moodCode') !== 'EVN' && /^[1-9]\d{0,5}$/.test(number ?? '')) {
    c.put(repeat, 'count', Number(number), count, 'value', 'medication/repeatNumber');
  }
}

/** A single moment, which a Timing has as a list. */
function putMoment(c: Conversion, timing: Cursor, time: Element): void {
  const read = timeOf(c, time);
  if (read !== undefined) c.putItem(timing, 'event', read.dateTime, time, 'value', 'medication/time');
}

function putPeriodicity(c: Conversion, repeat: Cursor, period: Element): void {
  c.consult(period, 'nullFlavor', 'xsi:type');
  const least = period.get('value') === undefined ? period.child('low') : period;
  const most = period.child('high');
  const value = decimal(least?.get('value'));
  const unit = least?.get('unit');
  if (least === undefined || value === undefined || unit === undefined || !units.has(unit) || value <= 0 || repeat.peek('period') !== undefined) return;
  repeat.set('frequency', 1);
  c.put(repeat, 'period', value, least, 'value', 'medication/period');
  const longest = decimal(most?.get('value'));
  if (longest !== undefined && most?.get('unit') === unit) {
    c.put(repeat, 'periodMax', longest, most, 'value', 'medication/period');
    c.consult(most, 'unit');
  }
  c.put(repeat, 'periodUnit', unit, least, 'unit', 'medication/period');
}

function putEvent(c: Conversion, repeat: Cursor, event: Element, offset: Element | undefined): void {
  const code = event.get('code');
  if (code === undefined || !events.has(code)) return;
  c.putItem(repeat, 'when', code, event, 'code', 'medication/event');
  c.consult(event, 'codeSystem', 'codeSystemName', 'displayName');
  const distance = offset?.child('low') ?? offset;
  const value = Number(distance?.get('value') ?? Number.NaN) * (minutes[distance?.get('unit') ?? ''] ?? Number.NaN);
  if (distance !== undefined && Number.isInteger(value) && value > 0 && !code.startsWith('C')) {
    c.put(repeat, 'offset', value, distance, 'value', 'medication/event');
    c.consult(distance, 'unit');
  }
}

function putPrecondition(c: Conversion, at: Cursor, precondition: Element): void {
  const criterion = precondition.child('criterion');
  c.consult(precondition, 'typeCode');
  for (const template of [...precondition.all('templateId'), ...(criterion?.all('templateId') ?? [])]) template.useAll();
  const value = criterion?.child('value');
  const code = criterion?.child('code');
  if (code?.get('code') === 'ASSERTION') c.consult(code, 'code', 'codeSystem', 'codeSystemName', 'displayName');
  const reason = saysSomething(c, value) ? value : code?.get('code') !== 'ASSERTION' && saysSomething(c, code) ? code : undefined;
  if (reason !== undefined) putConcept(c, at.within('asNeededCodeableConcept'), reason, 'medication/precondition');
  else if (!putWords(c, at.within('asNeededCodeableConcept'), 'text', criterion?.child('text'), 'medication/precondition') && at.peek('asNeededCodeableConcept') === undefined) at.set('asNeededBoolean', true);
}

function putDose(c: Conversion, at: Cursor, statement: Element): void {
  const dose = statement.child('doseQuantity');
  const rate = statement.child('rateQuantity');
  const unit = statement.child('administrationUnitCode');
  const holder = at.another('doseAndRate');
  if (dose !== undefined) {
    if (isBounds(dose)) putRange(c, holder.within('doseRange'), dose, 'medication/dose');
    else if (putQuantity(c, holder.within('doseQuantity'), dose.get('value') === undefined ? dose.child('low') ?? dose : dose, 'medication/dose')) {
      const quantity = holder.within('doseQuantity');
      // What is counted, where the quantity is a number of units.
      if (unit !== undefined && quantity.peek('unit') === undefined) c.put(quantity, 'unit', unit.get('displayName'), unit, 'displayName', 'medication/unit');
    }
  }
  if (rate !== undefined) {
    if (isBounds(rate)) putRange(c, holder.within('rateRange'), rate, 'medication/rate');
    else putQuantity(c, holder.within('rateQuantity'), rate.get('value') === undefined ? rate.child('low') ?? rate : rate, 'medication/rate');
  }
  const most = statement.child('maxDoseQuantity');
  if (most === undefined) return;
  c.consult(most, 'nullFlavor', 'xsi:type');
  const numerator = decimal(most.child('numerator')?.get('value'));
  const denominator = decimal(most.child('denominator')?.get('value'));
  if (numerator === undefined || denominator === undefined) return;
  putQuantity(c, at.within('maxDosePerPeriod').within('numerator'), most.child('numerator'), 'medication/maxDose');
  putQuantity(c, at.within('maxDosePerPeriod').within('denominator'), most.child('denominator'), 'medication/maxDose');
}

/** What was given of a medication: a dose or rate, without which FHIR has no dosage (mad-1). */
export function putGivenDosage(c: Conversion, at: Cursor, statement: Element): void {
  putQuantity(c, at.within('dose'), statement.child('doseQuantity'), 'medication/dose');
  putQuantity(c, at.within('rateQuantity'), statement.child('rateQuantity'), 'medication/rate');
  if (at.peek('dose') === undefined && at.peek('rateQuantity') === undefined) return;
  putConcept(c, at.within('site'), statement.child('approachSiteCode'), 'medication/site');
  putConcept(c, at.within('route'), statement.child('routeCode'), 'medication/route');
}

function isBounds(quantity: Element): boolean {
  return quantity.get('value') === undefined && quantity.child('low')?.get('value') !== undefined && quantity.child('high')?.get('value') !== undefined;
}
