/** Addresses and telecommunication: XAD, SAD, XTN. Source: HL7 v2.5.1 2.A.87, 2.A.91; v2-to-FHIR XAD[Address], XTN[ContactPoint]. */
import type { Cursor } from '../../draft.ts';
import type { Part } from '../engine/part.ts';
import type { Run } from '../engine/run.ts';
import { translated } from './code-systems.ts';
import { codeText, stringOf, wordsOf } from './coded.ts';
import { emitPeriod } from './identifiers.ts';

/** XAD. */
export function fillXad(at: Cursor, part: Part, rule: string, run: Run): void {
  const street = part.at(1);
  for (const n of [1, 2, 3]) {
    const line = street.at(n);
    if (line.text !== undefined) at.emitItem('line', stringOf(line), line.from, rule);
  }
  for (const n of [2, 19]) {
    const line = part.at(n);
    if (line.text !== undefined) at.emitItem('line', stringOf(line), line.from, rule);
  }
  for (const [n, element] of [[3, 'city'], [4, 'state'], [5, 'postalCode'], [6, 'country']] as const) {
    const piece = part.at(n);
    if (piece.text !== undefined) at.emit(element, stringOf(piece), piece.from, rule);
  }
  emitAddressType(at, part.at(7), rule, run);
  const district = wordsOf(part.at(9));
  if (district !== undefined) at.emit('district', stringOf(district), district.from, rule);
  for (const tract of part.at(10).places()) run.draft.leave(tract, 'R4 has a census tract for a line of an address, not for an address');
  emitPeriod(at, part.at(13), part.at(14), rule, run);
  if (part.at(12).valued && !part.at(13).valued && !part.at(14).valued) emitPeriod(at, part.at(12).at(1), part.at(12).at(2), rule, run);
}

function emitAddressType(at: Cursor, type: Part, rule: string, run: Run): void {
  const code = type.text;
  if (code === undefined) return;
  const [use, kind] = [translated('AddressType[Use]', code), translated('AddressType[Type]', code)];
  if (isOrganization(at) && (use?.code === 'home' || code === 'P')) run.draft.leave(type.from, 'an organization has no home');
  else if (use !== undefined) at.emit('use', use.code, type.from, rule);
  else if (kind !== undefined) at.emit('type', kind.code, type.from, rule);
  else if (code === 'P') at.emit('use', 'home', type.from, rule);
  else if (code === 'HV') {
    const extension = at.another('extension');
    extension.set('url', 'http://hl7.org/fhir/StructureDefinition/iso21090-AD-use');
    extension.emit('valueCode', 'HV', type.from, rule);
  } else run.draft.leave(type.from, 'a use of addresses that FHIR does not have');
}

function extend(at: Cursor, url: string, part: Part, rule: string): void {
  const text = stringOf(part);
  if (text === undefined) return;
  const extension = at.another('extension');
  extension.set('url', url);
  extension.emit('valueString', text, part.from, rule);
}

const PIECES = [[5, 'country'], [6, 'area'], [7, 'local'], [8, 'extension']] as const;

/**
 * XTN. The number as its sender writes it (XTN.12), else put together as ITU-T E.123 writes it from country, area, local
 * number and extension; the pieces stand in extensions in any case. Without a kind of equipment it is a telephone number, as its components are defined, unless
 * there is an address only.
 */
export function fillXtn(at: Cursor, part: Part, rule: string, run: Run): void {
  const [legacy, use, equipment, email, unformatted] = [part.at(1), part.at(2), part.at(3), part.at(4), part.at(12)];
  const kind = equipment.text;
  const isAddress = kind === 'Internet' || kind === 'X.400' || ((use.text === 'NET' || kind === undefined) && email.text !== undefined && part.textAt(7) === undefined && unformatted.text === undefined);
  const local = part.at(7);
  let valued = false;
  if (isAddress && (email.text ?? legacy.text) !== undefined) {
    const address = email.text === undefined ? legacy : email;
    valued = at.emit('value', stringOf(address), address.from, rule);
  } else if (local.text !== undefined) {
    const [country, area, extension] = [part.textAt(5), part.textAt(6), part.textAt(8)];
    const number = [country === undefined ? undefined : `+${country.replace(/^\+/, '')}`, area, stringOf(local)].filter((each) => each !== undefined).join(' ');
    const put = extension === undefined ? number : `${number} ext. ${extension}`;
    valued = unformatted.text === undefined ? at.emit('value', put, local.from, rule) : at.emit('value', stringOf(unformatted), unformatted.from, rule);
    for (const [n, name] of PIECES) if (part.textAt(n) !== undefined) extend(at, `http://hl7.org/fhir/StructureDefinition/contactpoint-${name}`, part.at(n), rule);
  } else if (unformatted.text !== undefined) valued = at.emit('value', stringOf(unformatted), unformatted.from, rule);
  else if (legacy.text !== undefined) valued = at.emit('value', stringOf(legacy), legacy.from, rule);
  if (!valued) return;
  emitSystem(at, equipment, isAddress, rule, run);
  emitUse(at, use, rule, run);
  emitPeriod(at, part.at(13), part.at(14), rule, run);
  const rank = part.at(18);
  if (rank.text !== undefined && /^[1-9]\d{0,8}$/.test(rank.text)) at.emit('rank', Number(rank.text), rank.from, rule);
  if (unformatted.text !== undefined && local.text !== undefined) run.draft.consult(unformatted.from);
  if (legacy.text !== undefined && local.text !== undefined) run.draft.consult(legacy.from);
}

function emitSystem(at: Cursor, equipment: Part, isAddress: boolean, rule: string, run: Run): void {
  const code = codeText(equipment);
  const found = code === undefined ? undefined : translated('TelecommunicationEquipmentType', code);
  if (code === 'CP') {
    at.emit('system', 'phone', equipment.from, rule);
    at.set('use', 'mobile');
  } else if (found?.system === 'http://hl7.org/fhir/contact-point-system') at.emit('system', found.code, equipment.from, rule);
  else {
    at.set('system', isAddress ? 'email' : 'phone');
    if (code !== undefined) run.draft.leave(equipment.from, 'a kind of equipment that FHIR does not have');
  }
}

function emitUse(at: Cursor, use: Part, rule: string, run: Run): void {
  const code = use.text;
  if (code === undefined) return;
  const found = translated('TelecommunicationUseCode', code);
  if (found?.code === 'home' && isOrganization(at)) run.draft.leave(use.from, 'an organization has no home');
  else if (found?.system === 'http://hl7.org/fhir/contact-point-use') at.emit('use', found.code, use.from, rule);
  else if (code === 'NET') run.draft.consult(use.from);
  else run.draft.leave(use.from, 'a use that FHIR does not have');
}

/** Invariants org-2 and org-3. */
function isOrganization(at: Cursor): boolean {
  return at.root().cursor.peek('resourceType') === 'Organization';
}
