/** Instance identifiers. Source: HL7 v3 Data Types (II); C-CDA on FHIR, "Identifiers". */
import type { Cursor } from '../../draft.ts';
import { identifierSystemOf, isOid, isUuid } from '../codes/systems.ts';
import type { Conversion } from '../conversion.ts';
import type { Element } from '../xml/element.ts';

/** One id as an Identifier; false where it names nothing. */
export function putIdentifier(c: Conversion, at: Cursor, from: Element, rule: string): boolean {
  c.consult(from, 'nullFlavor', 'displayable', 'assigningAuthorityName', 'xsi:type');
  const root = from.get('root');
  const extension = from.get('extension');
  if (extension !== undefined) {
    const system = root === undefined ? undefined : identifierSystemOf(root);
    if (root !== undefined && system === undefined) c.tell('warning', 'identifier-root-unreadable', 'The root of an id is neither an OID nor a UUID: the identifier is without a system.', from);
    c.put(at, 'system', system, from, 'root', rule);
    return c.put(at, 'value', extension, from, 'extension', rule);
  }
  if (root === undefined || from.get('nullFlavor') !== undefined) return false;
  const uri = isUuid(root) ? `urn:uuid:${root.toLowerCase()}` : isOid(root) ? `urn:oid:${root}` : undefined;
  if (uri === undefined) return c.put(at, 'value', root, from, 'root', rule);
  at.set('system', 'urn:ietf:rfc:3986');
  return c.put(at, 'value', uri, from, 'root', rule);
}

/** The ids of an element as its identifiers, each once. */
export function putIdentifiers(c: Conversion, at: Cursor, from: Element, rule: string): void {
  for (const id of from.children) {
    if (id.name !== 'id') continue;
    const there = (at.peek('identifier') ?? []) as readonly { system?: string; value?: string }[];
    const root = id.get('root') ?? '';
    const value = id.get('extension');
    const isThere = value === undefined
      ? there.some((identifier) => identifier.value === `urn:uuid:${root.toLowerCase()}` || identifier.value === `urn:oid:${root}`)
      : there.some((identifier) => identifier.value === value && identifier.system === identifierSystemOf(root));
    if (isThere) id.useAll();
    else putIdentifier(c, at.another('identifier'), id, rule);
  }
}
