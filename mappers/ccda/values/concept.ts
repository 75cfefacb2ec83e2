/**
 * Coded values as codings. A code that is not known here keeps its system and its words; nothing becomes another code.
 * Source: HL7 v3 Data Types (CD, CE, CV, CS); C-CDA on FHIR, "Code systems" and "Translations"
 */
import type { Cursor } from '../../draft.ts';
import { absentReason } from '../codes/translate.ts';
import { isDisplayOf, isForeign } from '../codes/hl7-systems.ts';
import { isOid, systemOf } from '../codes/systems.ts';
import { type Conversion, dataAbsent } from '../conversion.ts';
import type { Element } from '../xml/element.ts';
import { wordsOf } from './text.ts';

/** A code as FHIR allows one: no white space around it, single blanks within. */
export function codeOf(from: Element | undefined): string | undefined {
  return from?.get('code')?.replaceAll(/\s+/g, ' ');
}

/** Whether a coded value says anything at all. */
export function saysSomething(c: Conversion, from: Element | undefined): from is Element {
  if (from === undefined) return false;
  return from.get('code') !== undefined || from.get('displayName') !== undefined || from.children.some((child) => (child.name === 'translation' && codeOf(child) !== undefined) || (child.name === 'originalText' && wordsOf(c, child) !== undefined));
}

/** Code, system, version and display as a Coding; false where there is no code. */
export function putCoding(c: Conversion, at: Cursor, from: Element, rule: string): boolean {
  c.consult(from, 'xsi:type', 'codeSystemName', 'sdtc:valueSet', 'sdtc:valueSetVersion', 'nullFlavor');
  const code = codeOf(from);
  if (code === undefined) return false;
  const sent = from.get('codeSystem');
  const system = sent === undefined ? undefined : systemFor(c, from, sent, code);
  if (sent !== undefined && system === undefined) c.tell('warning', 'code-system-unreadable', 'A code system is named by what is neither an OID nor a URI: the code is without one.', from);
  c.put(at, 'system', system, from, 'codeSystem', rule);
  c.put(at, 'version', from.get('codeSystemVersion'), from, 'codeSystemVersion', rule);
  c.put(at, 'code', code, from, 'code', rule);
  const display = from.get('displayName');
  if (display !== undefined && isDisplayOf(system, code, display)) c.put(at, 'display', display, from, 'displayName', rule);
  return true;
}

/** A code that its system has not keeps the OID that was sent, so that nobody takes it for one of the system. */
function systemFor(c: Conversion, from: Element, sent: string, code: string): string | undefined {
  const system = systemOf(sent);
  if (!isForeign(system, code)) return system;
  c.tell('information', 'code-unknown', 'A code system of HL7 has no such code: the code is kept with the OID of the system.', from);
  return isOid(sent) ? `urn:oid:${sent}` : undefined;
}

/**
 * A coded value with its translations and words as a CodeableConcept.
 * @param at the concept
 * @returns whether there was anything to put
 */
export function putConcept(c: Conversion, at: Cursor, from: Element | undefined, rule: string): boolean {
  if (from === undefined) return false;
  let isPlaced = putCoding(c, at.another('coding'), from, rule);
  for (const child of from.children) {
    if (child.name === 'translation') isPlaced = putTranslation(c, at, child, rule) || isPlaced;
    else if (child.name === 'qualifier') c.leave(child, 'a concept of FHIR has no qualifiers');
  }
  const words = wordsOf(c, from.child('originalText'));
  if (words !== undefined) return c.put(at, 'text', words.text, words.from, words.attribute, rule) || isPlaced;
  // What the sender calls a code where it is not the system's own name for it.
  const name = from.get('displayName');
  const isSaid = ((at.peek('coding') ?? []) as readonly { display?: string }[]).some(({ display }) => display === name);
  if (name === undefined || isSaid) return isPlaced;
  return c.put(at, 'text', name, from, 'displayName', rule) || isPlaced;
}

/** The same code sent twice is said once. */
function putTranslation(c: Conversion, at: Cursor, from: Element, rule: string): boolean {
  const code = codeOf(from);
  const system = systemOf(from.get('codeSystem') ?? '');
  const there = (at.peek('coding') ?? []) as readonly { code?: string; system?: string }[];
  if (code !== undefined && there.some((coding) => coding.code === code && coding.system === system)) {
    from.useAll();
    return true;
  }
  return putCoding(c, at.another('coding'), from, rule);
}

/** A CodeableConcept that must be there: where nothing was sent, the reason. */
export function requireConcept(c: Conversion, at: Cursor, from: Element | undefined, rule: string): void {
  if (!putConcept(c, at, from, rule)) at.set('extension', [dataAbsent(absentReason(from?.get('nullFlavor')))]);
}

/** A concept that follows from the rule. */
export function fixedConcept(system: string, code: string, display?: string): { coding: { system: string; code: string; display?: string }[] } {
  return { coding: [{ system, code, ...(display !== undefined && { display }) }] };
}
