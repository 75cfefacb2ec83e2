/**
 * MedicationRequest and MedicationStatement to Medication Activity, with the supply order of a request.
 * Source: C-CDA on FHIR, "Medications" (FC-medications); C-CDA 2.1, Medications Section
 */
import { translated } from '../codes/translate.ts';
import { writeDosage } from './dosage.ts';
import { authorsOf, organizationOf, performersOf } from './parties.ts';
import type { Source, SourceResource } from './source.ts';
import { commentsOf, indicationsOf, readSubject, related, statusCode } from './statements.ts';
import { conceptOf, idsOf, intervalOf, quantityOf, timeElement, timeOf, timeWords, wordsOf } from './values.ts';
import { ccda, textReference, type Writing, type Written } from './writing.ts';
import { el, type XmlElement } from './xml.ts';

/** States of a MedicationStatement that are not those of a request. */
const statementStates: Readonly<Record<string, string>> = { active: 'active', completed: 'completed', stopped: 'aborted', 'on-hold': 'suspended', 'not-taken': 'completed' };

export function writeMedication(c: Writing, resource: SourceResource): Written {
  const { source, type } = resource;
  const id = c.rowId('medication');
  readSubject(c, source, 'subject');
  const isStatement = type === 'MedicationStatement';
  const status = source.word('status');
  const isNegated = isStatement ? status === 'not-taken' : source.peek('doNotPerform') === true;
  const isPlan = isStatement || (source.peek('intent') === 'plan' && !isNegated);
  readIntent(source, isPlan);
  const [first, ...more] = source.all(isStatement ? 'dosage' : 'dosageInstruction');
  for (const other of more) other.leave('*', 'a medication activity has one dosage');
  const dosage = writeDosage(first);
  const when = isStatement ? effectiveOf(source) : undefined;
  const authors = authorsOf(c, resource, isStatement ? ['informationSource'] : ['requester', 'recorder'], isStatement ? 'dateAsserted' : 'authoredOn');
  const statement = el(
    'substanceAdministration', { classCode: 'SBADM', moodCode: isPlan ? 'EVN' : 'INT', negationInd: isNegated ? 'true' : undefined }, ccda('16', '2014-06-09'), idsOf(c, resource), textReference(id),
    statusCode(source, isStatement ? statementStates[status] : translated('FC-MedicationStatus', status)),
    when ?? (dosage.times.length > 0 ? undefined : el('effectiveTime', { 'xsi:type': 'IVL_TS', nullFlavor: 'UNK' })), dosage.times, dosage.repeatNumber, dosage.measures,
    el('consumable', {}, productOf(c, source)), performersOf(c, source.all('performer')), authors, dosage.related,
    indicationsOf(c, source, isStatement && isNegated ? 'statusReason' : 'reasonCode'), supplyOf(source.one('dispenseRequest')), commentsOf(source), dosage.precondition,
  );
  return { statement, rows: [{ id, cells: [`${isNegated ? 'Not taken: ' : ''}${medicationWords(c, source)}`, doseWords(first), status, isStatement ? timeWords(source, 'effective') : source.word('authoredOn')] }] };
}

function readIntent(source: Source, isPlan: boolean): void {
  if (isPlan || source.peek('intent') === 'order') source.use('intent');
  else source.leave('intent', 'a medication activity is an order or what is taken');
  source.use('doNotPerform');
}

/** An interval for what is taken for a while, a point in time for what was taken once. */
function effectiveOf(source: Source): XmlElement | undefined {
  const period = source.one('effectivePeriod');
  if (period !== undefined) return intervalOf('effectiveTime', period, 'IVL_TS');
  const value = timeOf(source.text('effectiveDateTime'));
  return value === undefined ? undefined : el('effectiveTime', { 'xsi:type': 'TS', value });
}

/** The Medication that a reference leads to, or the concept. */
function medicationOf(c: Writing, source: Source): { concept: Source | undefined; medication: SourceResource | undefined } {
  const medication = c.bundle.resolve(source.one('medicationReference'));
  return { concept: medication?.source.one('code') ?? source.one('medicationCodeableConcept'), medication };
}

function medicationWords(c: Writing, source: Source): string {
  return wordsOf(medicationOf(c, source).concept);
}

/** What is given; a Medication with a lot or maker tells these too. */
function productOf(c: Writing, source: Source): XmlElement {
  const { concept, medication } = medicationOf(c, source);
  const maker = c.bundle.resolve(medication?.source.one('manufacturer'));
  const batch = medication?.source.one('batch');
  return productElement('23', conceptOf('code', concept), batch?.text('lotNumber'), batch?.text('expirationDate'), maker === undefined ? undefined : organizationOf(c, 'manufacturerOrganization', maker));
}

/** @param last the template of a medication or a vaccine */
export function productElement(last: '23' | '54', code: XmlElement, lot: string | undefined, expires: string | undefined, maker: XmlElement | undefined): XmlElement {
  return el(
    'manufacturedProduct', { classCode: 'MANU' }, ccda(last, '2014-06-09'),
    el('manufacturedMaterial', {}, code, lot === undefined ? undefined : el('lotNumberText', {}, lot), timeOf(expires) === undefined ? undefined : timeElement('sdtc:expirationTime', expires)), maker,
  );
}

function supplyOf(dispense: Source | undefined): XmlElement | undefined {
  if (dispense === undefined) return undefined;
  const period = dispense.one('validityPeriod');
  const repeats = dispense.text('numberOfRepeatsAllowed');
  const quantity = quantityOf('quantity', dispense.one('quantity'));
  if (period === undefined && repeats === undefined && quantity === undefined) return undefined;
  // All fills are counted, the first one among them.
  const fills = repeats === undefined ? undefined : String(Number(repeats) + 1);
  return related('REFR', el('supply', { classCode: 'SPLY', moodCode: 'INT' }, ccda('17', '2014-06-09'), el('id', { nullFlavor: 'NI' }), el('statusCode', { code: 'completed' }), period === undefined ? undefined : intervalOf('effectiveTime', period, 'IVL_TS'), fills === undefined ? undefined : el('repeatNumber', { value: fills }), quantity));
}

function doseWords(dosage: Source | undefined): string {
  const text = dosage?.peek('text') ?? dosage?.peek('patientInstruction');
  if (typeof text === 'string') return text;
  const dose = dosage?.one('doseAndRate')?.one('doseQuantity');
  return [dose === undefined ? '' : `${dose.word('value')} ${dose.word('unit')}`.trim(), wordsOf(dosage?.one('route'))].filter((part) => part !== '').join(', ');
}
