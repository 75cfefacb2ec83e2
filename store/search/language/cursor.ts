/**
 * Cursors: where the next page begins, handed to a client and taken back from nobody else's hands. A cursor is signed
 * and bound to what it was made for; one that was altered, or comes with another search, is refused.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Place } from '../expression.ts';
import { invalid } from './reading.ts';

/** What a cursor holds for: the tenant, the path behind the base, and what was asked there in an order of its own. */
export type CursorBinding = readonly (string | number)[];

/** `content.signature`, both base64url; the content is anything that JSON has. */
export function sealCursor(key: Uint8Array, binding: CursorBinding, content: unknown): string {
  const text = Buffer.from(JSON.stringify(content), 'utf8').toString('base64url');
  return `${text}.${signature(key, binding, text).toString('base64url')}`;
}

/**
 * The content of a cursor that `sealCursor` made with the same key for the same binding.
 * @throws {Problem} `invalid-search-value`
 */
export function openCursor(key: Uint8Array, binding: CursorBinding, cursor: string): unknown {
  const [, text = '', signed = ''] = /^([\w-]{1,16384})\.([\w-]{43})$/.exec(cursor) ?? [];
  const expected = signature(key, binding, text);
  const given = Buffer.from(signed, 'base64url');
  if (text === '' || given.length !== expected.length || !timingSafeEqual(given, expected)) throw invalid('_cursor', 'it is not one that this server made for this search');
  return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
}

function signature(key: Uint8Array, binding: CursorBinding, text: string): Buffer {
  return createHmac('sha256', key).update(JSON.stringify(binding)).update('\n').update(text).digest();
}

/** The place as it is written into a cursor. */
export function sealPlace(key: Uint8Array, binding: CursorBinding, { values, type, id }: Place): string {
  return sealCursor(key, binding, [type, id, ...values]);
}

/** @throws {Problem} `invalid-search-value` */
export function openPlace(key: Uint8Array, binding: CursorBinding, cursor: string): Place {
  const [type, id, ...values] = openCursor(key, binding, cursor) as [string, string, ...Place['values']];
  return { type, id, values };
}
