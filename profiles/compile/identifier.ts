/**
 * What the definition of Identifier says in words: its system is absolute, and where that says "any URI" the value is one.
 * Source: https://hl7.org/fhir/R4/datatypes.html#Identifier
 */
import { remembered } from '../codes/remembered.ts';
import { isObject, type Session } from './check.ts';
import type { Template } from './findings.ts';
import { tellInWords } from './in-words.ts';

const wrong = (reason: string): Template => ({ code: 'identifier-system', details: { reason }, severity: 'error' });
const relative = wrong('has a system that is no absolute URI');
const noUri = wrong('has the system urn:ietf:rfc:3986, so that its value must be an absolute URI');

const absolute = /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/;
/** Of systems, which are met again and again. */
const isAbsolute = remembered((system) => absolute.test(system));

export function checkIdentifier(identifier: unknown, session: Session): void {
  if (!isObject(identifier)) return;
  const { system, value } = identifier;
  if (typeof system !== 'string' || system === '') return;
  if (system === 'urn:ietf:rfc:3986') {
    if (typeof value === 'string' && !absolute.test(value)) tellInWords(noUri, '.value', session);
  } else if (!isAbsolute(system)) tellInWords(relative, '.system', session);
}
