/**
 * Values of FHIR as those of HL7 v3: concepts, identifiers, times, quantities, and the values of observations. What FHIR
 * says to be absent has a null flavor.
 * Source: HL7 v3 Data Types (CD, II, TS, PQ); C-CDA on FHIR, FHIR to C-CDA, "Code systems", "Missing data"
 */
import { identifierRootOf, isOid, isUuid, oidOf } from '../codes/systems.ts';
import { translated } from '../codes/translate.ts';
import type { Source, SourceResource } from './source.ts';
import type { Writing } from './writing.ts';
import { type Content, el, type XmlElement } from './xml.ts';

const absentUrl = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';

/** The null flavor of an element that is said to be absent, NI where nothing is said. */
export function flavorOf(source: Source | undefined): string {
  const found = source?.all('extension').find((extension) => extension.peek('url') === absentUrl);
  if (found === undefined) return 'NI';
  const reason = found.text('valueCode');
  found.use('url');
  return translated('FC-DataAbsentReasonNullFlavor', reason) ?? 'NI';
}

/** The name of a code system in a document; undefined where it has no OID or UUID, which is all that HL7 v3 takes. */
function codeSystemOf(system: string | undefined): string | undefined {
  if (system === undefined) return undefined;
  const root = oidOf(system) ?? system.replace(/^urn:uuid:/i, '');
  return isOid(root) || isUuid(root) ? root : undefined;
}

/** Attributes of a Coding that a document can hold; undefined where it cannot. */
function codingAttributes(coding: Source): Record<string, string | undefined> | undefined {
  const value = coding.peek('code');
  const system = coding.peek('system');
  if (typeof value !== 'string' || /^\s*$/.test(value)) return undefined;
  const codeSystem = typeof system === 'string' ? codeSystemOf(system) : undefined;
  if (typeof system === 'string' && codeSystem === undefined) {
    coding.leave('*', 'the code system has no OID');
    return undefined;
  }
  coding.use('code', 'system', 'display', 'version', 'userSelected');
  return { code: value, codeSystem, codeSystemVersion: textIn(coding, 'version'), displayName: textIn(coding, 'display') };
}

function textIn(source: Source, name: string): string | undefined {
  const value = source.peek(name);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/** A Coding as a code; undefined where it has none that a document can hold. */
export function codedOf(name: string, coding: Source | undefined): XmlElement | undefined {
  const attributes = coding === undefined ? undefined : codingAttributes(coding);
  return attributes === undefined ? undefined : el(name, attributes);
}

/**
 * A CodeableConcept with its codings as code and translations, and its text as original text.
 * @param type the `xsi:type`, where the element has not one type
 */
export function conceptOf(name: string, concept: Source | undefined, type?: string, ...more: readonly Content[]): XmlElement {
  const said = concept?.all('coding').map(codingAttributes).filter((attributes) => attributes !== undefined) ?? [];
  const words = concept?.text('text') ?? (said.length > 0 ? undefined : concept?.all('coding').map((coding) => textIn(coding, 'display') ?? textIn(coding, 'code')).find((text) => text !== undefined));
  const [first, ...others] = said;
  const attributes = first ?? { nullFlavor: words === undefined ? flavorOf(concept) : 'OTH' };
  return el(name, { ...(type !== undefined && { 'xsi:type': type }), ...attributes }, words === undefined ? undefined : el('originalText', {}, words), others.map((other) => el('translation', other)), more);
}

/** The same; nothing where there is none. */
export function conceptIfAny(name: string, concept: Source | undefined, type?: string): XmlElement | undefined {
  return concept === undefined || !concept.has('coding', 'text') ? undefined : conceptOf(name, concept, type);
}

/** Whether a concept has a code of a system. */
export function hasCode(concept: Source | undefined, system: string, value: string): boolean {
  return concept?.all('coding').some((coding) => coding.peek('system') === system && coding.peek('code') === value) ?? false;
}

/** What a reader calls a concept. */
export function wordsOf(concept: Source | undefined): string {
  if (concept === undefined) return '';
  const said = [concept, ...concept.all('coding')];
  for (const name of ['text', 'display', 'code']) for (const one of said) if (textIn(one, name) !== undefined) return textIn(one, name)!;
  return '';
}

/** An Identifier as an id; undefined where its system is no OID or UUID. */
export function idOf(identifier: Source): XmlElement | undefined {
  const system = identifier.peek('system');
  const value = textIn(identifier, 'value');
  if (value === undefined || typeof system !== 'string') {
    if (value !== undefined) identifier.leave('value', 'an id of a document has a root, which is an OID or UUID');
    return undefined;
  }
  if (system === 'urn:ietf:rfc:3986') {
    const root = value.replace(/^urn:(?:oid|uuid):/i, '');
    if (!isOid(root) && !isUuid(root)) {
      identifier.leave('value', 'an id of a document has a root, which is an OID or UUID');
      return undefined;
    }
    identifier.use('system', 'value');
    return el('id', { root });
  }
  const root = identifierRootOf(system);
  if (root === undefined) {
    identifier.leave('*', 'the system of the identifier has no OID');
    return undefined;
  }
  identifier.use('system', 'value');
  return el('id', { root, extension: value });
}

/** The ids of a resource; its own one where it has none that a document can hold. */
export function idsOf(c: Writing, resource: SourceResource): readonly XmlElement[] {
  const ids = resource.source.all('identifier').flatMap((identifier) => idOf(identifier) ?? []);
  return ids.length > 0 ? ids : [el('id', { ...c.ownId(resource) })];
}

/** A time of FHIR as HL7 v3 writes it, as precise as it is; undefined where it is none. */
export function timeOf(time: string | undefined): string | undefined {
  const parts = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/.exec(time ?? '');
  if (parts === null) return undefined;
  const zone = parts[8] === 'Z' ? '+0000' : parts[8]?.replace(':', '');
  return `${parts.slice(1, 7).join('')}${parts[7] === undefined ? '' : parts[7].slice(0, 5)}${zone ?? ''}`;
}

/** An element with a time; its null flavor where there is none. */
export function timeElement(name: string, time: string | undefined, type?: string): XmlElement {
  const value = timeOf(time);
  return el(name, { 'xsi:type': type, ...(value === undefined ? { nullFlavor: 'UNK' } : { value }) });
}

/** A Period as an interval. */
export function intervalOf(name: string, period: Source | undefined, type?: string): XmlElement {
  const [low, high] = [timeOf(period?.text('start')), timeOf(period?.text('end'))];
  if (low === undefined && high === undefined) return el(name, { 'xsi:type': type, nullFlavor: 'UNK' });
  return el(name, { 'xsi:type': type }, low === undefined ? el('low', { nullFlavor: 'UNK' }) : el('low', { value: low }), high === undefined ? undefined : el('high', { value: high }));
}

/** The time of an event, by its dateTime or Period. Undefined where it has neither. */
export function timeOrPeriod(name: string, source: Source, element: string): XmlElement | undefined {
  const period = source.one(`${element}Period`);
  if (period !== undefined) return intervalOf(name, period);
  const time = timeOf(source.text(`${element}DateTime`) ?? source.text(`${element}Instant`));
  return time === undefined ? undefined : el(name, { value: time });
}

/** What a reader sees of the time of an event. */
export function timeWords(source: Source, element: string): string {
  const period = source.peek(`${element}Period`) as { start?: string; end?: string } | undefined;
  if (period !== undefined) return [period.start ?? '', period.end ?? ''].join(' to ').trim();
  const time = source.peek(`${element}DateTime`) ?? source.peek(`${element}Instant`);
  return typeof time === 'string' ? time : '';
}

/** A decimal without an exponent, which HL7 v3 has not in all places. */
export function decimalOf(written: string | undefined): string | undefined {
  const parts = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/.exec(written ?? '');
  if (parts === null) return undefined;
  const [, sign, whole, fraction = '', exponent] = parts;
  if (exponent === undefined) return written;
  const digits = `${whole}${fraction}`;
  const point = whole!.length + Number(exponent);
  const padded = point <= 0 ? `${'0'.repeat(1 - point)}${digits}` : digits.padEnd(point, '0');
  const at = Math.max(point, 1);
  return `${sign}${padded.slice(0, at)}${at < padded.length ? `.${padded.slice(at)}` : ''}`;
}

/** A Quantity; a unit that is none for HL7 v3 (it has a blank in it) is told by a translation. */
export function quantityOf(name: string, quantity: Source | undefined, type?: string): XmlElement | undefined {
  const value = decimalOf(quantity?.text('value'));
  if (quantity === undefined || value === undefined) return undefined;
  const isUcum = quantity.peek('system') === 'http://unitsofmeasure.org';
  const sent = (isUcum ? quantity.text('code') : undefined) ?? quantity.text('unit') ?? quantity.text('code');
  if (isUcum) quantity.use('system');
  // How a unit is spelled beside its code.
  if (isUcum) quantity.use('unit');
  const isUnit = sent === undefined || /^\S+$/.test(sent);
  return el(name, { 'xsi:type': type, value, unit: isUnit ? sent : undefined }, isUnit ? undefined : el('translation', { nullFlavor: 'OTH' }, el('originalText', {}, sent)));
}

/** What a reader sees of a quantity. */
export function quantityWords(quantity: Source | undefined): string {
  if (quantity === undefined || !quantity.has('value')) return '';
  return [quantity.word('comparator'), quantity.word('value'), quantity.word('unit') || quantity.word('code')].filter((part) => part !== '').join(' ');
}

/** A Range as an interval of quantities. */
export function rangeOf(name: string, range: Source | undefined, type?: string): XmlElement | undefined {
  const [low, high] = [quantityOf('low', range?.one('low')), quantityOf('high', range?.one('high'))];
  return low === undefined && high === undefined ? undefined : el(name, { 'xsi:type': type }, low, high);
}
