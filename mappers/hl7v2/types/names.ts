/** Names of persons: XPN, and those inside XCN and CNN. Source: HL7 v2.5.1 2.A.89; v2-to-FHIR XPN[HumanName], FN[HumanName]. */
import type { Cursor } from '../../draft.ts';
import type { Part } from '../engine/part.ts';
import type { Run } from '../engine/run.ts';
import { translated } from './code-systems.ts';
import { stringOf } from './coded.ts';
import { emitPeriod } from './identifiers.ts';

const FAMILY_PARTS = [[2, 'own-prefix'], [3, 'own-name'], [4, 'partner-prefix'], [5, 'partner-name']] as const;

/** XPN. */
export function fillXpn(at: Cursor, part: Part, rule: string, run: Run): void {
  fillNameParts(at, part, 1, rule, run);
  emitUse(at, part.at(7), rule, run);
  emitPeriod(at, part.at(12), part.at(13), rule, run);
  if (part.at(10).valued && !part.at(12).valued && !part.at(13).valued) emitPeriod(at, part.at(10).at(1), part.at(10).at(2), rule, run);
  emitAssembly(at, part.at(11), rule);
  const professional = part.at(14);
  if (professional.text !== undefined) at.emitItem('suffix', stringOf(professional), professional.from, rule);
}

/** Family, given, further given, suffix, prefix and degree, in this order from component `first`. */
export function fillNameParts(at: Cursor, part: Part, first: number, rule: string, run: Run): void {
  fillFamily(at, part.at(first), rule);
  for (const offset of [1, 2]) {
    const given = part.at(first + offset);
    if (given.text !== undefined) at.emitItem('given', stringOf(given), given.from, rule);
  }
  const [suffix, prefix, degree] = [part.at(first + 3), part.at(first + 4), part.at(first + 5)];
  if (suffix.text !== undefined) at.emitItem('suffix', stringOf(suffix), suffix.from, rule);
  if (prefix.text !== undefined) at.emitItem('prefix', stringOf(prefix), prefix.from, rule);
  if (degree.text !== undefined) at.emitItem('suffix', stringOf(degree), degree.from, rule);
  void run;
}

function fillFamily(at: Cursor, family: Part, rule: string): void {
  if (family.text !== undefined) at.emit('family', stringOf(family), family.from, rule);
  if (family.component === 0) return;
  for (const [n, name] of FAMILY_PARTS) {
    const piece = family.at(n);
    if (piece.text === undefined) continue;
    const extension = at.within('_family').another('extension');
    extension.set('url', `http://hl7.org/fhir/StructureDefinition/humanname-${name}`);
    extension.emit('valueString', stringOf(piece), piece.from, rule);
  }
}

/** The use of a name, where FHIR has it. */
export function emitUse(at: Cursor, type: Part, rule: string, run: Run): void {
  const code = type.text;
  if (code === undefined) return;
  const use = translated('NameType', code);
  if (use?.system === 'http://hl7.org/fhir/name-use') at.emit('use', use.code, type.from, rule);
  else run.draft.leave(type.from, 'a use of names that FHIR does not have');
}

/** Whether the family name comes first. */
export function emitAssembly(at: Cursor, order: Part, rule: string): void {
  if (order.text !== 'G' && order.text !== 'F') return;
  const extension = at.another('extension');
  extension.set('url', 'http://hl7.org/fhir/StructureDefinition/humanname-assembly-order');
  extension.emit('valueCode', order.text, order.from, rule);
}
