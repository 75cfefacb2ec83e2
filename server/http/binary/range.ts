/**
 * One range of bytes (RFC 9110, section 14.1.2). Several ranges, another unit or a text that is none of this are passed
 * over, as the RFC allows: the client gets everything, and sees that from the status.
 */
import type { ByteRange } from '../../../store/objects/object-store.ts';

/** Undefined: everything. `unsatisfiable`: nothing of what is asked for is there. */
export function rangeOf(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | undefined {
  const parts = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  if (parts === null || (parts[1] === '' && parts[2] === '')) return undefined;
  const [first, last] = [parts[1]!, parts[2]!].map((text) => text === '' ? undefined : Number(text));
  if (first === undefined) return last === 0 || size === 0 ? 'unsatisfiable' : { first: Math.max(size - last!, 0), last: size - 1 };
  if (last !== undefined && last < first) return undefined;
  return first >= size ? 'unsatisfiable' : { first, last: Math.min(last ?? size - 1, size - 1) };
}
