/** Names, addresses and telecommunication addresses. Source: HL7 v3 Data Types (PN, ON, AD, TEL); C-CDA on FHIR. */
import type { Cursor } from '../../draft.ts';
import { translated } from '../codes/translate.ts';
import type { Conversion } from '../conversion.ts';
import { type Element, ownText } from '../xml/element.ts';
import { putPeriod } from './times.ts';

/** A person's name; false where nothing of it was sent. */
export function putName(c: Conversion, at: Cursor, from: Element | undefined, rule: string): boolean {
  if (from === undefined) return false;
  c.consult(from, 'nullFlavor', 'xsi:type');
  const parts = from.children.filter((part) => part.text !== undefined);
  const isBirthName = parts.some((part) => part.name === 'family' && hasQualifier(part, 'BR'));
  let isPlaced = false;
  for (const part of parts) {
    const element = part.name;
    c.consult(part, 'qualifier', 'partType');
    if (element === 'family') isPlaced = putFamily(c, at, part, rule) || isPlaced;
    else if (element === 'given' || element === 'prefix' || element === 'suffix') isPlaced = c.putItem(at, element, part.text, part, ownText, rule) || isPlaced;
  }
  if (!isPlaced) isPlaced = c.put(at, 'text', from.text, from, ownText, rule);
  if (!isPlaced) return false;
  if (isBirthName) at.set('use', 'maiden');
  else c.put(at, 'use', firstMapped('CF-NameUse', from.get('use')), from, 'use', rule);
  putPeriod(c, at.within('period'), from.child('validTime'), rule);
  return true;
}

/** Families of several parts are one in FHIR. */
function putFamily(c: Conversion, at: Cursor, part: Element, rule: string): boolean {
  const before = at.peek('family');
  return c.put(at, 'family', typeof before === 'string' ? `${before} ${part.text!}` : part.text, part, ownText, rule);
}

function hasQualifier(part: Element, qualifier: string): boolean {
  return part.get('qualifier')?.split(/\s+/).includes(qualifier) ?? false;
}

/** The first of several uses that has one in FHIR. */
function firstMapped(map: 'CF-NameUse' | 'CF-AddressUse' | 'CF-TelecomUse', uses: string | undefined): string | undefined {
  for (const use of uses?.split(/\s+/) ?? []) {
    const found = translated(map, use);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Parts of an address that are lines in FHIR, in the order in which they were sent. */
const lineParts: ReadonlySet<string> = new Set(['streetAddressLine', 'deliveryAddressLine', 'additionalLocator', 'unitID', 'houseNumber', 'streetName', 'postBox', 'precinct', 'buildingNumberSuffix', 'houseNumberNumeric', 'direction', 'streetNameType', 'unitType', 'careOf']);
const addressParts: Readonly<Record<string, string>> = { city: 'city', state: 'state', postalCode: 'postalCode', country: 'country', county: 'district' };

/** An address; false where nothing of it was sent. */
export function putAddress(c: Conversion, at: Cursor, from: Element | undefined, rule: string, not?: 'home'): boolean {
  if (from === undefined) return false;
  c.consult(from, 'nullFlavor', 'xsi:type', 'isNotOrdered');
  let isPlaced = false;
  for (const part of from.children) {
    const element = addressParts[part.name];
    c.consult(part, 'nullFlavor', 'partType');
    if (lineParts.has(part.name)) isPlaced = c.putItem(at, 'line', part.text, part, ownText, rule) || isPlaced;
    else if (element !== undefined && at.peek(element) === undefined) isPlaced = c.put(at, element, part.text, part, ownText, rule) || isPlaced;
  }
  if (!isPlaced && from.children.length === 0) isPlaced = c.put(at, 'text', from.text, from, ownText, rule);
  if (!isPlaced) return false;
  if (from.get('use')?.split(/\s+/).includes('PST')) c.put(at, 'type', 'postal', from, 'use', rule);
  putUse(c, at, 'CF-AddressUse', from, rule, not);
  putPeriod(c, at.within('period'), from.child('useablePeriod'), rule);
  return true;
}

/** A telecommunication address; false where there is none. */
export function putTelecom(c: Conversion, at: Cursor, from: Element | undefined, rule: string, not?: 'home'): boolean {
  if (from === undefined) return false;
  c.consult(from, 'nullFlavor', 'xsi:type');
  const sent = from.get('value');
  if (sent === undefined) return false;
  const [, scheme, rest] = /^([A-Za-z][\w+.-]*):(.*)$/s.exec(sent) ?? [undefined, undefined, sent];
  const known = scheme === undefined ? undefined : scheme.toLowerCase() === 'https' ? 'url' : translated('CF-TelecomType', scheme.toLowerCase());
  const number = known === undefined || known === 'url' ? sent : rest.replace(/^\/\//, '').trim();
  if (number === '') return false;
  c.put(at, 'value', number, from, 'value', rule);
  at.set('system', known ?? (number.includes('@') ? 'email' : /^[+(]?\d[\d\s()+.x-]{5,}$/i.test(number) ? 'phone' : 'other'));
  putUse(c, at, 'CF-TelecomUse', from, rule, not);
  putPeriod(c, at.within('period'), from.child('useablePeriod'), rule);
  return true;
}

/** @param not a use that the holder cannot have: an organization has no home (org-2, org-3) */
function putUse(c: Conversion, at: Cursor, map: 'CF-AddressUse' | 'CF-TelecomUse', from: Element, rule: string, not: 'home' | undefined): void {
  const use = firstMapped(map, from.get('use'));
  if (use !== not) c.put(at, 'use', use, from, 'use', rule);
}

/** All addresses and telecommunication addresses of an element. */
export function putContacts(c: Conversion, at: Cursor, from: Element, rule: string, not?: 'home'): void {
  if (at.peek('address') === undefined) for (const address of from.all('addr')) putAddress(c, at.another('address'), address, rule, not);
  if (at.peek('telecom') === undefined) for (const telecom of from.all('telecom')) putTelecom(c, at.another('telecom'), telecom, rule, not);
}
