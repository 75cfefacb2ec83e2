/**
 * Coded data types: CWE, CE, CNE, CF, IS and ID as CodeableConcept, Coding, code and text.
 * A code that is translated keeps the one that was sent beside it; one that cannot be translated stays as it was sent,
 * with its text. Source: HL7 v2.5.1 2.A.13; v2-to-FHIR CWE[CodeableConcept].
 */
import type { Cursor } from '../../draft.ts';
import type { Part } from '../engine/part.ts';
import type { Run } from '../engine/run.ts';
import { codeSystemOf, hasCode, isOid, systemOfTable, translated } from './code-systems.ts';

/** Code, display, system, version and OID of the system. */
const TRIPLETS = [[1, 2, 3, 7, 14], [4, 5, 6, 8, 17], [10, 11, 12, 13, 20]] as const;

/** CWE and its kin as a CodeableConcept. */
export function fillConcept(at: Cursor, part: Part, rule: string, run: Run, table?: string): void {
  const code = part.at(1);
  const sent = codeText(code);
  const target = table === undefined || sent === undefined ? undefined : translated(table, sent);
  const source = codeSystemOf(part.textAt(3), run) ?? (table === undefined || sent === undefined ? undefined : systemOfTable(table, sent));
  if (target !== undefined && (target.code !== sent || (target.system ?? source) !== source)) {
    const coding = at.another('coding');
    coding.set('system', target.system);
    coding.emit('code', target.code, code.from, rule);
  }
  for (const triplet of TRIPLETS) fillTriplet(at, part, triplet, rule, run, triplet === TRIPLETS[0] ? source : undefined);
  const text = part.at(9);
  if (!at.emit('text', stringOf(text), text.from, rule) && at.peek('text') === undefined && sent !== undefined && table !== undefined && target === undefined) {
    const words = part.textAt(2) === undefined ? code : part.at(2);
    at.emit('text', stringOf(words), words.from, rule);
  }
}

function fillTriplet(at: Cursor, part: Part, [c, d, s, v, o]: (typeof TRIPLETS)[number], rule: string, run: Run, source: string | undefined): void {
  // Of three that there may be most values have one.
  if (part.textAt(c) === undefined && part.textAt(d) === undefined) return;
  const [code, display, system, version] = [part.at(c), part.at(d), part.at(s), part.at(v)];
  const text = codeText(code);
  const coding = at.another('coding');
  emitSystem(coding, part, s, o, rule, run, source, text);
  if (text !== undefined) coding.emit('code', text, code.from, rule);
  // A code of HL7's own has the words that HL7 gives it; what senders write beside it is text.
  if (text === undefined || !isOfHl7(coding)) coding.emit('display', stringOf(display), display.from, rule);
  else if (part.textAt(9) === undefined && at.peek('text') === undefined) at.emit('text', stringOf(display), display.from, rule);
  coding.emit('version', stringOf(version), version.from, rule);
  if (system.text !== undefined && coding.peek('system') === undefined && codeSystemOf(system.text, run) === undefined) run.draft.leave(system.from, 'a code system that is not known by its name');
}

/** Systems whose words are checked with R4 itself. */
function isOfHl7(coding: Cursor): boolean {
  const system = coding.peek('system');
  return typeof system === 'string' && /^urn:iso:std:iso:11073|^http:\/\/dicom\.nema\.org\/|^https?:\/\/(?:terminology\.)?hl7\.org\/(?!fhir\/sid\/)/.test(system);
}

function emitSystem(coding: Cursor, part: Part, nameAt: number, oidAt: number, rule: string, run: Run, source: string | undefined, code: string | undefined): void {
  const [name, oid] = [part.at(nameAt), part.at(oidAt)];
  const named = codeSystemOf(name.text, run);
  if (named !== undefined && !hasCode(named, code)) run.draft.leave(name.from, 'the table that is named does not have the code');
  else if (named !== undefined) coding.emit('system', named, name.from, rule);
  else if (oid.text !== undefined && isOid(oid.text)) coding.emit('system', `urn:oid:${oid.text}`, oid.from, rule);
  else if (source !== undefined && hasCode(source, code)) coding.set('system', source);
}

/** CWE as a Coding: the first triplet, translated where a table says so. */
export function fillCoding(at: Cursor, part: Part, rule: string, run: Run, table?: string): void {
  const code = part.at(1);
  const sent = codeText(code);
  const target = table === undefined || sent === undefined ? undefined : translated(table, sent);
  if (target !== undefined) {
    at.set('system', target.system);
    at.emit('code', target.code, code.from, rule);
    return;
  }
  emitSystem(at, part, 3, 14, rule, run, undefined, sent);
  if (sent !== undefined) at.emit('code', sent, code.from, rule);
  if (!isOfHl7(at)) at.emit('display', stringOf(part.at(2)), part.at(2).from, rule);
  at.emit('version', stringOf(part.at(7)), part.at(7).from, rule);
}

/** IS and ID as a CodeableConcept: a code of a table. */
export function fillConceptOfTable(at: Cursor, part: Part, rule: string, run: Run, table?: string): void {
  const sent = codeText(part);
  if (sent === undefined) return;
  const target = table === undefined ? undefined : translated(table, sent);
  const coding = at.another('coding');
  coding.set('system', target?.system);
  coding.emit('code', target?.code ?? sent, part.from, rule);
  if (part.component === 0) fillRest(at, part, rule, run);
}

/** An older sender may put a CE where an IS is due. */
function fillRest(at: Cursor, part: Part, rule: string, run: Run): void {
  const text = part.at(2);
  if (text.text !== undefined) at.emit('text', stringOf(text), text.from, rule);
  const system = part.at(3);
  if (codeSystemOf(system.text, run) !== undefined) run.draft.consult(system.from);
}

/** A bare code: translated by a table, which must have it. */
export function codeOf(part: Part, run: Run, table: string | undefined, bound: boolean): { code: string; from: Part } | undefined {
  const code = part.component === 0 && part.text === undefined ? part.at(4) : part;
  const sent = codeText(code);
  if (sent === undefined) return undefined;
  const target = table === undefined ? undefined : translated(table, sent) ?? translated(table, sent.toUpperCase());
  if (target !== undefined) return { code: target.code, from: code };
  if (table === undefined && !bound) return { code: sent, from: code };
  run.draft.leave(code.from, 'a code that FHIR has no equivalent of');
  run.issue('warning', 'code-unknown', 'A code has no equivalent among those that FHIR allows here.', code.from);
  return undefined;
}

/** Text as FHIR's `code` may be: single spaces inside. */
export function codeText(part: Part): string | undefined {
  const { text } = part;
  return text !== undefined && /\s/.test(text) ? text.replaceAll(/\s+/g, ' ') : text;
}

/** Text as FHIR's `string` may be: no control characters but tab and line ends. */
export function stringOf(part: Part): string | undefined {
  const { text } = part;
  if (text === undefined || !CONTROL.test(text)) return text;
  const printable = text.replaceAll(EVERY_CONTROL, ' ').trim();
  return printable === '' ? undefined : printable;
}

// oxlint-disable-next-line no-control-regex -- it is control characters that are looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/;
// oxlint-disable-next-line no-control-regex -- as above
const EVERY_CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g;

/** The words of a CWE: CWE.9, or CWE.2, or CWE.1. */
export function wordsOf(part: Part): Part | undefined {
  return [9, 2, 1, 5, 4].map((at) => part.at(at)).find((each) => each.text !== undefined);
}

/**
 * A language: FHIR takes BCP 47, senders write ISO 639 with two or three letters, or words.
 * What is no language tag stays as text.
 */
export function fillLanguage(at: Cursor, part: Part, rule: string, run: Run): void {
  for (const n of [1, 4]) {
    const tag = languageOf(part.textAt(n));
    if (tag === undefined) continue;
    const coding = at.another('coding');
    coding.set('system', 'urn:ietf:bcp:47');
    coding.emit('code', tag, part.at(n).from, rule);
    if (part.textAt(n + 2) !== undefined) run.draft.consult(part.at(n + 2).from);
    break;
  }
  const words = [9, 2, 1].map((n) => part.at(n)).find((each) => each.text !== undefined);
  if (words !== undefined) at.emit('text', stringOf(words), words.from, rule);
}

function languageOf(text: string | undefined): string | undefined {
  if (text === undefined || !/^[A-Za-z]{2,3}(?:-[A-Za-z]{2})?$/.test(text)) return undefined;
  const known = tags.get(text);
  if (known !== undefined) return known === '' ? undefined : known;
  const [tag] = Intl.getCanonicalLocales(text.toLowerCase());
  const found = tag !== undefined && languages.of(tag) !== undefined ? tag : '';
  // Three letters: there are no more than 17,576 of them, and far fewer with a region.
  if (tags.size < 20_000) tags.set(text, found);
  return found === '' ? undefined : found;
}

const tags = new Map<string, string>();

const languages = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });
