/**
 * Everything a claim or a line tells by a qualifier: dates, numbers, amounts, notes, attachments, conditions. Each is a
 * supportingInfo whose category is the qualifier in the X12 code list it is from, unless FHIR has a place of its own.
 */
import type { Cursor } from '../reading/target.ts';
import { decimalOf } from '../decimal.ts';
import type { LoopOccurrence } from '../grammar/definition.ts';
import { x12System } from '../pas.ts';
import { valueAt } from '../segment.ts';
import type { Frame } from './frame.ts';
import { Piece, putWhen } from '../reading/piece.ts';

/** Code list of a segment's qualifier. */
const QUALIFIERS: Readonly<Record<string, string>> = { DTP: x12System('374'), REF: x12System('128'), AMT: x12System('522'), NTE: x12System('363'), CRC: x12System('1136'), PWK: x12System('755'), QTY: x12System('673') };

/** Qualifiers that have a place of their own, by segment. */
export type Taken = Readonly<Record<string, readonly string[]>>;

/** Maps what has no place of its own; `taken` holds the qualifiers that have one. Gives the sequences, for the line. */
export function mapInformation(frame: Frame, loop: LoopOccurrence, taken: Taken): number[] {
  const sequences: number[] = [];
  for (const segment of loop.segments) {
    const fill = FILLS[segment.id];
    if (fill === undefined || taken[segment.id]?.includes(valueAt(segment, 1)) === true) continue;
    const piece = new Piece(frame.draft, loop.id, segment);
    const list = QUALIFIERS[segment.id];
    const sequence = list === undefined ? frame.information.add({ system: FIXED_FORM, code: segment.id }, (info) => fill(piece, info, frame)) : frame.information.addQualified(piece, list, (info) => fill(piece, info, frame));
    if (sequence !== undefined) sequences.push(sequence);
  }
  return sequences;
}

/** K3, which has no qualifier. */
const FIXED_FORM = x12System('449');
const WAYS = x12System('756');
const CONDITIONS = x12System('1321');

/** What each segment puts into its supportingInfo; false where it has nothing to tell. */
const FILLS: Readonly<Record<string, (piece: Piece, info: Cursor, frame: Frame) => boolean>> = {
  DTP: (piece, info) => putWhen(piece, info, 'timing', 2, 3),
  PWK: mapAttachment,
  AMT: (piece, info, frame) => putAmount(frame, piece, info, 2),
  REF: (piece, info) => piece.put(info, 'valueString', 2),
  QTY: (piece, info) => piece.put(info.within('valueQuantity'), 'value', 2, undefined, decimalOf),
  NTE: (piece, info) => piece.put(info, 'valueString', 2),
  CRC: mapConditions,
  K3: (piece, info) => piece.put(info, 'valueString', 1),
};

/** PWK: kind, way and control number of a document that comes by another way. */
function mapAttachment(pwk: Piece, info: Cursor): boolean {
  const hasWay = pwk.codeAt(info, 'code', WAYS, 2);
  if (pwk.put(info, 'valueString', 6)) pwk.consult(5);
  return hasWay;
}

/** CRC: whether it applies, and the conditions. */
function mapConditions(crc: Piece, info: Cursor): boolean {
  for (let element = 3; element <= 7; element += 1) crc.codeAt(info, 'code', CONDITIONS, element);
  return crc.put(info, 'valueBoolean', 2, undefined, (value) => (value === 'Y' ? true : value === 'N' ? false : undefined));
}

/** An amount as a quantity of a currency. */
function putAmount(frame: Frame, piece: Piece, info: Cursor, element: number): boolean {
  const quantity = info.within('valueQuantity');
  if (!piece.put(quantity, 'value', element, undefined, decimalOf)) return false;
  quantity.set('system', 'urn:iso:std:iso:4217').set('code', frame.currency);
  return true;
}
