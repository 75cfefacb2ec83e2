/**
 * Dosage to the times, route, site and doses of a substance administration.
 * Source: C-CDA on FHIR, "Medications" (FC-medications); HL7 v3 Data Types (PIVL_TS, EIVL_TS)
 */
import type { Source } from './source.ts';
import { related } from './statements.ts';
import { conceptIfAny, conceptOf, decimalOf, intervalOf, quantityOf, rangeOf, timeOf } from './values.ts';
import { ccda, code } from './writing.ts';
import { el, type XmlElement } from './xml.ts';

/** The parts of a substance administration that a dosage gives, each for its place in the order of CDA. */
export interface WrittenDosage {
  readonly times: readonly XmlElement[];
  readonly repeatNumber: XmlElement | undefined;
  readonly measures: readonly (XmlElement | undefined)[];
  readonly related: readonly (XmlElement | undefined)[];
  readonly precondition: XmlElement | undefined;
}

/** Hours of a unit, to divide a period into the times it is given in. */
const divided: Readonly<Record<string, readonly [number, string]>> = { d: [24, 'h'], wk: [7, 'd'], h: [60, 'min'], min: [60, 's'] };

export function writeDosage(dosage: Source | undefined): WrittenDosage {
  const repeat = dosage?.one('timing')?.one('repeat');
  const dose = dosage?.one('doseAndRate');
  const most = dosage?.one('maxDosePerPeriod');
  const count = repeat?.text('count');
  return {
    times: timesOf(dosage?.one('timing'), repeat),
    repeatNumber: count === undefined ? undefined : el('repeatNumber', { value: count }),
    measures: [
      conceptIfAny('routeCode', dosage?.one('route')), conceptIfAny('approachSiteCode', dosage?.one('site')),
      rangeOf('doseQuantity', dose?.one('doseRange')) ?? quantityOf('doseQuantity', dose?.one('doseQuantity')),
      rangeOf('rateQuantity', dose?.one('rateRange')) ?? quantityOf('rateQuantity', dose?.one('rateQuantity')),
      most === undefined ? undefined : el('maxDoseQuantity', {}, quantityOf('numerator', most.one('numerator')), quantityOf('denominator', most.one('denominator'))),
    ],
    related: [sigOf(dosage?.text('text')), instructionOf(dosage)],
    precondition: preconditionOf(dosage),
  };
}

/** When in all, then how often, as CDA asks for. */
function timesOf(timing: Source | undefined, repeat: Source | undefined): readonly XmlElement[] {
  const bounds = repeat?.one('boundsPeriod');
  const events = (timing?.texts('event') ?? []).flatMap((event) => timeOf(event) ?? []).map((value) => el('effectiveTime', { value }));
  const whole = bounds === undefined ? [] : [intervalOf('effectiveTime', bounds, 'IVL_TS')];
  const whens = repeat?.texts('when') ?? [];
  const distance = whens.length === 0 ? undefined : repeat?.text('offset');
  const offset = distance === undefined ? undefined : el('offset', {}, el('low', { value: distance, unit: 'min' }));
  const times = [...whole, ...events, ...periodOf(repeat), ...whens.map((when) => el('effectiveTime', { 'xsi:type': 'EIVL_TS', operator: 'A' }, el('event', { code: when }), offset))];
  return times.length > 0 && whole.length === 0 && events.length === 0 ? [el('effectiveTime', { 'xsi:type': 'IVL_TS', nullFlavor: 'UNK' }), ...times] : times;
}

/** "Twice a day" is every twelve hours, as C-CDA writes it; what does not divide into a decimal stays in words. */
function periodOf(repeat: Source | undefined): readonly XmlElement[] {
  const period = decimalOf(repeat?.peek('period') === undefined ? undefined : repeat.word('period'));
  const unit = repeat?.peek('periodUnit');
  if (repeat === undefined || period === undefined || typeof unit !== 'string') return [];
  const frequency = Number(repeat.peek('frequency') ?? 1);
  const [factor, finer] = frequency === 1 ? [1, unit] : divided[unit] ?? [1, unit];
  const each = frequency === 1 ? Number(period) : (Number(period) * factor) / frequency;
  if (!Number.isInteger(each * 1000)) {
    repeat.leave('frequency', 'the times do not divide the period');
    return [];
  }
  repeat.use('period', 'periodUnit', 'frequency');
  const written = frequency === 1 ? period : String(each);
  const longest = frequency === 1 ? decimalOf(repeat.text('periodMax')) : undefined;
  const value = longest === undefined ? el('period', { value: written, unit: finer }) : el('period', {}, el('low', { value: written, unit: finer }), el('high', { value: longest, unit: finer }));
  return [el('effectiveTime', { 'xsi:type': 'PIVL_TS', operator: 'A', institutionSpecified: frequency === 1 ? undefined : 'true' }, value)];
}

function sigOf(text: string | undefined): XmlElement | undefined {
  if (text === undefined) return undefined;
  const nobody = el('manufacturedProduct', { classCode: 'MANU' }, el('manufacturedLabeledDrug', { nullFlavor: 'NA' }));
  return related('COMP', el('substanceAdministration', { classCode: 'SBADM', moodCode: 'EVN' }, ccda('147'), code('code', 'loinc', '76662-6', 'Instructions Medication'), el('text', {}, text), el('consumable', {}, nobody)));
}

function instructionOf(dosage: Source | undefined): XmlElement | undefined {
  const text = dosage?.text('patientInstruction');
  const concept = conceptIfAny('code', dosage?.one('additionalInstruction'));
  if (text === undefined && concept === undefined) return undefined;
  return related('SUBJ', el('act', { classCode: 'ACT', moodCode: 'INT' }, ccda('20', '2014-06-09'), concept ?? el('code', { nullFlavor: 'NI' }), el('text', {}, text), el('statusCode', { code: 'completed' })), true);
}

function preconditionOf(dosage: Source | undefined): XmlElement | undefined {
  const reason = dosage?.one('asNeededCodeableConcept');
  if (reason === undefined && dosage?.peek('asNeededBoolean') !== true) return undefined;
  dosage!.use('asNeededBoolean');
  const value = reason === undefined ? el('value', { 'xsi:type': 'CD', nullFlavor: 'UNK' }) : conceptOf('value', reason, 'CD');
  return el('precondition', { typeCode: 'PRCN' }, el('criterion', {}, ccda('25', '2014-06-09'), el('code', { code: 'ASSERTION', codeSystem: '2.16.840.1.113883.5.4' }), value));
}
