/**
 * What the specification says in words of URIs: OIDs and UUIDs are written as URNs, canonicals are absolute.
 * Source: https://hl7.org/fhir/R4/datatypes.html#uri, https://hl7.org/fhir/R4/references.html#canonical
 */
import { primitiveRules } from '../../fhir/shape/primitives.ts';
import { remembered } from '../codes/remembered.ts';
import type { Session } from './check.ts';
import type { Template } from './findings.ts';
import { tellInWords } from './in-words.ts';

const wrong = (reason: string): Template => ({ code: 'uri-form', details: { reason }, severity: 'error' });
const bareOid = wrong('must not start with oid:, but with urn:oid:');
const bareUuid = wrong('must not start with uuid:, but with urn:uuid:');
const relative = wrong('is a canonical, and must be absolute or start with #');

/** Elements that hold names of few things, which are met again and again: systems, and what extensions are. */
export const holdsNames: ReadonlySet<string> = new Set(['Coding.system', 'Extension.url', 'Identifier.system', 'Quantity.system']);

/** Whether nothing at all is wrong with the form of a name; told of one that was met before without looking at it again. */
export const isGoodName = remembered((name) => primitiveRules.get('uri')!.accepts(name) && !isBare(name));

function isBare(uri: string): boolean {
  return uri.startsWith('oid:') || uri.startsWith('uuid:');
}

export function checkUri(uri: unknown, session: Session): void {
  if (typeof uri !== 'string') return;
  if (uri.startsWith('oid:')) tellInWords(bareOid, '', session);
  else if (uri.startsWith('uuid:')) tellInWords(bareUuid, '', session);
}

export function checkCanonical(canonical: unknown, session: Session): void {
  if (typeof canonical === 'string' && !canonical.includes(':') && !canonical.startsWith('#')) tellInWords(relative, '', session);
  else checkUri(canonical, session);
}
