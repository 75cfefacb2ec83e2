/** `value[x]` of an observation as its typed value. Source: HL7 v3 Data Types; C-CDA on FHIR, FHIR to C-CDA, "Results". */
import { translated } from '../codes/translate.ts';
import type { Source } from './source.ts';
import { conceptOf, intervalOf, quantityOf, quantityWords, rangeOf, timeElement, wordsOf } from './values.ts';
import { el, type XmlElement } from './xml.ts';

/** The value; a null flavor where FHIR says why there is none. Undefined where nothing is said. */
export function valueOf(source: Source): XmlElement | undefined {
  const found = typedValue(source);
  if (found !== undefined) return found;
  const absent = source.one('dataAbsentReason');
  if (absent === undefined) return undefined;
  const coding = absent.one('coding');
  coding?.use('system', 'display');
  return el('value', { 'xsi:type': 'CD', nullFlavor: translated('FC-DataAbsentReasonNullFlavor', coding?.text('code')) ?? 'NI' });
}

function typedValue(source: Source): XmlElement | undefined {
  const quantity = source.one('valueQuantity');
  if (quantity !== undefined) return comparedQuantity(quantity);
  const concept = source.one('valueCodeableConcept');
  if (concept !== undefined) return conceptOf('value', concept, 'CD');
  const words = source.text('valueString');
  if (words !== undefined) return el('value', { 'xsi:type': 'ST' }, words);
  const integer = source.text('valueInteger');
  if (integer !== undefined) return el('value', { 'xsi:type': 'INT', value: integer });
  const truth = source.text('valueBoolean');
  if (truth !== undefined) return el('value', { 'xsi:type': 'BL', value: truth });
  const range = source.one('valueRange');
  if (range !== undefined) return rangeOf('value', range, 'IVL_PQ');
  const time = source.text('valueDateTime');
  if (time !== undefined) return timeElement('value', time, 'TS');
  const period = source.one('valuePeriod');
  if (period !== undefined) return intervalOf('value', period, 'IVL_TS');
  const ratio = source.one('valueRatio');
  if (ratio === undefined) return undefined;
  return el('value', { 'xsi:type': 'RTO_PQ_PQ' }, quantityOf('numerator', ratio.one('numerator')), quantityOf('denominator', ratio.one('denominator')));
}

/** A comparator makes an interval with one end. */
function comparedQuantity(quantity: Source): XmlElement | undefined {
  const comparator = quantity.text('comparator');
  if (comparator === undefined) return quantityOf('value', quantity, 'PQ');
  const end = quantityOf(comparator.startsWith('>') ? 'low' : 'high', quantity);
  if (end === undefined) return undefined;
  const isOpen = !comparator.endsWith('=');
  return el('value', { 'xsi:type': 'IVL_PQ' }, el(end.name, { ...end.attributes, ...(isOpen && { inclusive: 'false' }) }, ...end.content));
}

/** What a reader sees of a value. */
export function valueWords(source: Source): string {
  const quantity = source.one('valueQuantity');
  if (quantity !== undefined) return quantityWords(quantity);
  const range = source.one('valueRange');
  if (range !== undefined) return [quantityWords(range.one('low')), quantityWords(range.one('high'))].join(' to ');
  const ratio = source.one('valueRatio');
  if (ratio !== undefined) return [quantityWords(ratio.one('numerator')), quantityWords(ratio.one('denominator'))].join(' : ');
  const period = source.peek('valuePeriod') as { start?: string; end?: string } | undefined;
  if (period !== undefined) return `${period.start ?? ''} to ${period.end ?? ''}`;
  for (const name of ['valueString', 'valueInteger', 'valueBoolean', 'valueDateTime']) if (source.has(name)) return source.word(name);
  return wordsOf(source.one('valueCodeableConcept') ?? source.one('dataAbsentReason'));
}
