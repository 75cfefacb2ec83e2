/** Organizations, practitioners and persons. NM102 tells a person (1) from an organization (2). */
import type { Value } from '../../draft.ts';
import type { Cursor } from './target.ts';
import { genderOf, identifierSystem } from '../codes.ts';
import { toFhirDate } from '../grammar/dates.ts';
import type { LoopOccurrence } from '../grammar/definition.ts';
import type { Reading } from './frame.ts';
import type { Members } from './members.ts';
import { type Piece, pieceOf, piecesOf } from './piece.ts';
import { QuietCursor } from './quiet.ts';

/** Says that the source lacks what FHIR asks for. */
export const ABSENT = { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }] } as const;

/** A provider or an organization by its entry. */
export interface Party {
  url: string;
  type: 'Organization' | 'Practitioner';
}

/** A provider or an organization; the same number is the same entry. What NM101 calls it is the caller's to read. */
export function mapParty(frame: Reading, loop: LoopOccurrence): Party {
  const { draft, urns } = frame;
  const nm1 = pieceOf(draft, loop, 'NM1')!;
  const isPerson = nm1.qualifier(2) === '1';
  const url = urns.ofParty(isPerson ? 'practitioner' : 'organization', nm1.segment);
  const type = isPerson ? 'Practitioner' : 'Organization';
  const isKnown = draft.has(url);
  const cursor = draft.resource(type, url);
  // Told again, it says the same of its name and number; further numbers and addresses are only told once.
  mapNumber(nm1, cursor, isKnown);
  if (isPerson && isKnown) repeatName(nm1, cursor);
  else if (isPerson) mapName(nm1, cursor);
  else mapOrganizationName(nm1, cursor);
  mapReferences(frame, loop, cursor);
  if (!isKnown) {
    mapAddress(frame, loop, cursor.another('address'));
    mapContacts(frame, loop, isPerson ? cursor : undefined, cursor);
  }
  return { url, type };
}

function mapOrganizationName(nm1: Piece, cursor: Cursor): void {
  const there = cursor.peek('name');
  if (there === undefined || there === nm1.text(3)) nm1.put(cursor, 'name', 3);
  else nm1.leave(3, undefined, 'The same number was told with another name.');
  // An organization has a name or a number; one without both is told to lack its name.
  if (cursor.peek('name') === undefined && cursor.peek('identifier') === undefined) cursor.set('_name', ABSENT);
}

/** NM108 and NM109 as an identifier. */
export function mapNumber(nm1: Piece, cursor: Cursor, isKnown = false): void {
  const qualifier = nm1.text(8);
  if (nm1.text(9) === '') return;
  nm1.consult(8);
  if (isKnown) {
    nm1.consult(9);
    return;
  }
  nm1.putIdentifier(cursor, identifierSystem('66', qualifier), 9);
}

/** A person who is told again by his number has his name already; another name with the same number is told as unmapped. */
export function repeatName(nm1: Piece, cursor: Cursor): void {
  const [name] = (cursor.peek('name') ?? []) as { family?: string; given?: string[]; prefix?: string[]; suffix?: string[] }[];
  const there = [name?.family, name?.given?.[0], name?.given?.[1], name?.prefix?.[0], name?.suffix?.[0]];
  for (const [index, value] of there.entries()) {
    if (nm1.text(index + 3) === (value ?? '')) nm1.consult(index + 3);
    else if (nm1.text(index + 3) !== '') nm1.leave(index + 3, undefined, 'The same number was told with another name.');
  }
}

/** NM103 to NM107. */
export function mapName(nm1: Piece, cursor: Cursor): void {
  if (nm1.isQuiet) {
    cursor.setItem('name', nameOf(nm1));
    return;
  }
  const name = cursor.another('name');
  nm1.put(name, 'family', 3);
  nm1.putItem(name, 'given', 4);
  nm1.putItem(name, 'given', 5);
  nm1.putItem(name, 'prefix', 6);
  nm1.putItem(name, 'suffix', 7);
}

/** The same without an account, made whole. */
function nameOf(nm1: Piece): Value | undefined {
  const [family, first, second, prefix, suffix] = [nm1.text(3), nm1.text(4), nm1.text(5), nm1.text(6), nm1.text(7)];
  const name: { family?: string; given?: string[]; prefix?: string[]; suffix?: string[] } = {};
  if (family !== '') name.family = family;
  if (first !== '') name.given = second === '' ? [first] : [first, second];
  else if (second !== '') name.given = [second];
  if (prefix !== '') name.prefix = [prefix];
  if (suffix !== '') name.suffix = [suffix];
  return family !== '' || first !== '' || second !== '' || prefix !== '' || suffix !== '' ? name : undefined;
}

/** REF as identifiers, each with the code list its qualifier is from. */
export function mapReferences({ draft }: Pick<Reading, 'draft'>, loop: LoopOccurrence, cursor: Cursor): void {
  for (const ref of piecesOf(draft, loop, 'REF')) {
    const qualifier = ref.qualifier(1);
    const system = identifierSystem('128', qualifier);
    const there = (cursor.peek('identifier') as { system?: string; value?: string }[] | undefined) ?? [];
    if (there.some((each) => each.system === system && each.value === ref.text(2))) ref.consult(2);
    else ref.putIdentifier(cursor, system, 2);
  }
}

/** N3 and N4. */
export function mapAddress({ draft }: Pick<Reading, 'draft'>, loop: LoopOccurrence, address: Cursor): boolean {
  const n3 = pieceOf(draft, loop, 'N3');
  const n4 = pieceOf(draft, loop, 'N4');
  if (address instanceof QuietCursor) {
    const whole = addressOf(n3, n4);
    if (whole !== undefined) address.take(whole);
    return address.exists;
  }
  n3?.putItem(address, 'line', 1);
  n3?.putItem(address, 'line', 2);
  n4?.put(address, 'city', 1);
  n4?.put(address, 'state', 2);
  if (n4?.put(address, 'state', 7) === true) n4.consult(2);
  n4?.put(address, 'postalCode', 3);
  n4?.put(address, 'country', 4);
  return address.exists;
}

/** The same without an account, made whole. */
function addressOf(n3: Piece | undefined, n4: Piece | undefined): Record<string, Value> | undefined {
  const [first, second] = [n3?.text(1) ?? '', n3?.text(2) ?? ''];
  const [city, state, subdivision, postalCode, country] = [n4?.text(1) ?? '', n4?.text(2) ?? '', n4?.text(7) ?? '', n4?.text(3) ?? '', n4?.text(4) ?? ''];
  const address: { line?: string[]; city?: string; state?: string; postalCode?: string; country?: string } = {};
  if (first !== '') address.line = second === '' ? [first] : [first, second];
  else if (second !== '') address.line = [second];
  if (city !== '') address.city = city;
  if (subdivision !== '' || state !== '') address.state = subdivision === '' ? state : subdivision;
  if (postalCode !== '') address.postalCode = postalCode;
  if (country !== '') address.country = country;
  for (const _ in address) return address;
  return undefined;
}

const CHANNELS: ReadonlyMap<string, string> = new Map(Object.entries({ TE: 'phone', FX: 'fax', EM: 'email', UR: 'url' }));

/** PER: names and numbers. A person's are his own, an organization's those of a contact. */
export function mapContacts({ draft }: Pick<Reading, 'draft'>, loop: LoopOccurrence, person: Cursor | undefined, organization: Cursor | undefined): void {
  for (const per of piecesOf(draft, loop, 'PER')) {
    const contact = person ?? organization?.another('contact');
    if (contact === undefined) return;
    per.consult(1);
    if (person === undefined) per.put(contact.within('name'), 'text', 2);
    let last: Cursor | undefined;
    for (const element of [3, 5, 7]) {
      const qualifier = per.text(element);
      if (per.text(element + 1) === '') continue;
      per.consult(element);
      if (qualifier === 'EX' && last !== undefined) {
        const number = last.peek('value');
        per.put(last, 'value', element + 1, undefined, (extension) => `${String(number)} ext. ${extension}`);
        continue;
      }
      last = contact.another('telecom').set('system', CHANNELS.get(qualifier) ?? 'other');
      per.put(last, 'value', element + 1);
    }
  }
}

/** A member or patient (NM1*IL, NM1*QC): name, number, address, birth date and gender. */
export function mapPerson(frame: Pick<Reading, 'draft'>, loop: LoopOccurrence, cursor: Cursor, members: Members): void {
  const nm1 = pieceOf(frame.draft, loop, 'NM1')!;
  const isPerson = nm1.qualifier(2) !== '2';
  nm1.consult(1);
  members.mapNumber(nm1, cursor);
  // An employer may be the subscriber of a workers' compensation claim.
  if (isPerson) mapName(nm1, cursor);
  else nm1.put(cursor.another('name'), 'text', 3);
  mapReferences(frame, loop, cursor);
  mapAddress(frame, loop, cursor.another('address'));
  mapContacts(frame, loop, cursor, undefined);
  const dmg = pieceOf(frame.draft, loop, 'DMG');
  if (dmg === undefined) return;
  if (dmg.put(cursor, 'birthDate', 2, undefined, toFhirDate)) dmg.consult(1);
  dmg.put(cursor, 'gender', 3, undefined, genderOf);
}
