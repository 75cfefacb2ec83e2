/** JSON Pointer: the address of a value in JSON (RFC 6901, https://www.rfc-editor.org/rfc/rfc6901). */

/** The names and indexes on the way from the root; none for the root itself. */
export type Pointer = readonly string[];

const wrongEscape = /~(?![01])/;

/** undefined where the text is no pointer. */
export function parsePointer(text: string): Pointer | undefined {
  if (text === '') return [];
  if (!text.startsWith('/') || wrongEscape.test(text)) return undefined;
  return text.slice(1).split('/').map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Whether the second is the address of something within what the first is the address of. */
export function isWithin(outer: Pointer, inner: Pointer): boolean {
  return inner.length > outer.length && outer.every((token, index) => inner[index] === token);
}
